"""Reports: what a group reads at its own hour, held back while its data is late, kept as it was published."""

from __future__ import annotations

from cynosure.report.publish import Publication, preview, send, send_due

__all__ = ["Publication", "preview", "send", "send_due"]
