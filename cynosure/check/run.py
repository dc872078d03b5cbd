"""Evaluates all checks, stores the findings and publishes them to readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cynosure.check.audit import audit_stream
from cynosure.check.finding import Finding, Severity, store_findings
from cynosure.check.freshness import check_freshness
from cynosure.check.identity import check_identities
from cynosure.check.lineage import Lineage
from cynosure.check.quality import check_quality, read_targets
from cynosure.extract import Connector
from cynosure.settings import Source
from cynosure.settings.faultpoint import reach
from cynosure.transform import DbtProject, NodeResult
from cynosure.warehouse import Session, Warehouse


@dataclass(frozen=True)
class CheckResult:
    """All findings of one evaluation."""

    findings: tuple[Finding, ...]
    data_as_of: datetime | None

    @property
    def failed(self) -> list[Finding]:
        """Findings that did not pass."""
        return [finding for finding in self.findings if not finding.passed]

    @property
    def stopping(self) -> list[Finding]:
        """Failed findings that hold figures back."""
        return [finding for finding in self.failed if finding.severity is Severity.STOP]


def run_checks(
    warehouse: Warehouse,
    dbt: DbtProject,
    config: Path,
    sources: Mapping[str, Source],
    streams: Mapping[str, Sequence[str]],
    now: datetime,
) -> CheckResult:
    """Freshness, quality and identities of the present state; `streams` are the enabled ones of each source."""
    manifest = dbt.manifest
    lineage = Lineage(manifest)
    with warehouse.writing() as session:
        results = _last_tests(session)
        findings = [
            *check_freshness(session, sources, streams, lineage, now),
            *check_quality(session, manifest, results, read_targets(config)),
            *check_identities(session, lineage),
        ]
        as_of = data_as_of(session, streams)
        store_findings(session, findings, now, as_of)
    reach("check.after_store")
    warehouse.publish()
    return CheckResult(tuple(findings), as_of)


def run_audit(
    warehouse: Warehouse,
    dbt: DbtProject,
    connectors: Mapping[str, Connector],
    streams: Mapping[str, Sequence[str]],
    now: datetime,
    progress: Callable[[str], None] = lambda stream: None,
) -> CheckResult:
    """Compares ids of source and warehouse for every stream whose source can list them."""
    lineage = Lineage(dbt.manifest)
    findings = []
    # asking the source takes long: nobody must wait for the writer's turn meanwhile
    with warehouse.reading() as session:
        for source, connector in connectors.items():
            for stream in [stream for stream in connector.streams if stream.name in streams[source]]:
                progress(f"{source}.{stream.name}")
                finding = audit_stream(session, source, connector, stream, lineage)
                findings += [finding] if finding else []
        as_of = data_as_of(session, streams)
    with warehouse.writing() as session:
        store_findings(session, findings, now, as_of)
    warehouse.publish()
    return CheckResult(tuple(findings), as_of)


def data_as_of(session: Session, streams: Mapping[str, Sequence[str]]) -> datetime | None:
    """The instant up to which all of these streams have been read: the oldest of their newest; None before that."""
    newest = {
        (source, stream): at
        for source, stream, at in session.rows("select source, stream, max(source_as_of) from ops.loads group by 1, 2")
    }
    read = [newest.get((source, stream)) for source, names in streams.items() for stream in names]
    known = [at for at in read if at is not None]
    return min(known) if known and len(known) == len(read) else None


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
