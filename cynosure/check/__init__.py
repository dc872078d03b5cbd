"""Checks: is the data fresh, right and complete? Every answer is a Finding, kept with its history in `ops.findings`."""

from __future__ import annotations

from cynosure.check.audit import Auditor, StreamAudit, Walk, audit_findings, create_tables
from cynosure.check.finding import Dimension, Finding, Severity, latest_findings, store_findings
from cynosure.check.freshness import check_freshness
from cynosure.check.identity import check_identities
from cynosure.check.quality import QualityTargets, check_quality
from cynosure.check.result import AuditResult, CheckResult, data_as_of
from cynosure.check.run import run_audit, run_checks

__all__ = [
    "AuditResult", "Auditor", "CheckResult", "Dimension", "Finding", "QualityTargets", "Severity", "StreamAudit", "Walk",
    "audit_findings", "check_freshness", "check_identities", "check_quality", "create_tables", "data_as_of", "latest_findings",
    "run_audit", "run_checks", "store_findings",
]  # fmt: skip
