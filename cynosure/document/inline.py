"""A line of words and figures as text."""

from __future__ import annotations

from cynosure.document.blocks import Change, Line
from cynosure.document.figures import Figure
from cynosure.document.wording import clean_part


def plain(parts: Line) -> str:
    """The cleaned line, figures as they are shown."""
    return "".join(part.text if isinstance(part, Figure) else clean_part(part) for part in parts).strip()


def shown_change(change: Change) -> str:
    """Arrow, difference and, in brackets, the difference in proportion."""
    relative = f" ({change.relative.text})" if change.relative else ""
    return f"{change.figure.arrow} {change.figure.text}{relative}".strip()
