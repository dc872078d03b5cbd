"""Evaluates all checks, stores the findings and publishes them to readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from cynosure.check.audit import Auditor, audit_findings
from cynosure.check.finding import store_findings
from cynosure.check.freshness import check_freshness
from cynosure.check.identity import check_identities
from cynosure.check.lineage import Lineage
from cynosure.check.quality import check_quality, read_targets
from cynosure.check.result import AuditResult, CheckResult, data_as_of
from cynosure.extract import Stream
from cynosure.settings import Source
from cynosure.settings.faultpoint import reach
from cynosure.transform import DbtProject, NodeResult
from cynosure.warehouse import Session, Warehouse


def run_checks(
    warehouse: Warehouse,
    dbt: DbtProject,
    config: Path,
    sources: Mapping[str, Source],
    declared: Mapping[str, Sequence[Stream]],
    now: datetime,
) -> CheckResult:
    """Freshness, quality, identities, and what the audit knows; `declared` are the enabled streams of each source."""
    streams = {source: [stream.name for stream in found] for source, found in declared.items()}
    manifest = dbt.manifest
    lineage = Lineage(manifest)
    with warehouse.writing() as session:
        results = _last_tests(session)
        findings = [
            *check_freshness(session, sources, streams, lineage, now),
            *check_quality(session, manifest, results, read_targets(config)),
            *check_identities(session, lineage),
            *audit_findings(session, declared, lineage, now),
        ]
        as_of = data_as_of(session, streams)
        store_findings(session, findings, now, as_of)
    reach("check.after_store")
    warehouse.publish()
    return CheckResult(tuple(findings), as_of)


def run_audit(
    auditors: Sequence[Auditor], dbt: DbtProject, declared: Mapping[str, Sequence[Stream]], now: datetime
) -> AuditResult:
    """Runs the auditors of some sources, and stores and publishes what is known of their streams then."""
    done = tuple(audit for auditor in auditors for audit in auditor.run(declared[auditor.source]))
    if not auditors:
        return AuditResult((), None)
    warehouse = auditors[0].warehouse
    # before the first build nobody knows which figures depend on what
    is_built = (dbt.target / "manifest.json").exists()
    lineage = Lineage(dbt.manifest if is_built else {})
    with warehouse.writing() as session:
        found = audit_findings(session, {auditor.source: declared[auditor.source] for auditor in auditors}, lineage, now)
        as_of = data_as_of(session, {source: [stream.name for stream in streams] for source, streams in declared.items()})
        store_findings(session, found, now, as_of)
    if is_built:
        warehouse.publish()
    return AuditResult(tuple(found), as_of, done)


def _last_tests(session: Session) -> list[NodeResult]:
    """The newest result of every test."""
    rows = session.rows(
        "select node, resource_type, status, seconds, affected_rows, failures, message from"
        " (select *, row_number() over (partition by node order by started_at desc, run_id) as newest"
        " from ops.model_runs) as runs"
        " where newest = 1 and resource_type = 'test'"
    )
    return [
        NodeResult(node, kind, status, float(seconds), affected, failures, message or "")
        for node, kind, status, seconds, affected, failures, message in rows
    ]
