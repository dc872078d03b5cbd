"""The audit: what a source holds now against what the warehouse holds, object by object.

Incremental reading cannot notice an event that never came, a row without a time of change, or a deletion that leaves no
trace; comparing the sets can. A walk through a stream is made in slices, remembered in `ops.audits`, and may take days.
"""

from __future__ import annotations

from cynosure.check.audit.findings import audit_findings
from cynosure.check.audit.run import Auditor, StreamAudit
from cynosure.check.audit.walks import Walk, create_tables

__all__ = ["Auditor", "StreamAudit", "Walk", "audit_findings", "create_tables"]
