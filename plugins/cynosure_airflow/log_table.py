"""Tables in task logs: one log line per row, aligned for the log's fixed-width type."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence


def log_table(log: logging.Logger, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Logs a table; numbers are aligned to the right."""
    body = [list(row) for row in rows]
    if not body:
        return
    text = [list(columns), *([_cell(value) for value in row] for row in body)]
    widths = [max(len(line[i]) for line in text) for i in range(len(columns))]
    right = {i for i in range(len(columns)) if all(isinstance(row[i], int | float) for row in body)}
    for line in text:
        cells = (cell.rjust(w) if i in right else cell.ljust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True)))
        log.info("%s", "  ".join(cells).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "" if value is None else str(value)
    if isinstance(value, float):
        return f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
