"""Checks: is the data fresh, right and complete? Every answer is a Finding, kept with its history in `ops.findings`."""

from __future__ import annotations

from cynosure.check.audit import audit_stream
from cynosure.check.finding import Dimension, Finding, Severity, latest_findings, store_findings
from cynosure.check.freshness import check_freshness
from cynosure.check.identity import check_identities
from cynosure.check.quality import QualityTargets, check_quality
from cynosure.check.run import CheckResult, run_audit, run_checks

__all__ = [
    "CheckResult", "Dimension", "Finding", "QualityTargets", "Severity", "audit_stream", "check_freshness", "check_identities",
    "check_quality", "latest_findings", "run_audit", "run_checks", "store_findings",
]  # fmt: skip
