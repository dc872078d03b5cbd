"""What an evaluation found, and up to when the data behind it is complete."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cynosure.check.audit import StreamAudit
from cynosure.check.finding import Finding, Severity
from cynosure.warehouse import Session


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


@dataclass(frozen=True)
class AuditResult(CheckResult):
    """All findings about the audited streams, and what was done with each stream."""

    streams: tuple[StreamAudit, ...] = ()

    @property
    def errors(self) -> list[str]:
        """Why streams could not be walked, compared or repaired."""
        return [stream.error for stream in self.streams if stream.error]


def data_as_of(session: Session, streams: Mapping[str, Sequence[str]]) -> datetime | None:
    """The instant up to which all of these streams have been read: the oldest of their newest; None before that."""
    newest = {
        (source, stream): at
        for source, stream, at in session.rows("select source, stream, max(source_as_of) from ops.loads group by 1, 2")
    }
    read = [newest.get((source, stream)) for source, names in streams.items() for stream in names]
    known = [at for at in read if at is not None]
    return min(known) if known and len(known) == len(read) else None
