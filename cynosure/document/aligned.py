"""Text in columns of equal width, for places that show only characters."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from cynosure.document.blocks import Inline, Table
from cynosure.document.figures import Figure
from cynosure.document.wording import clean

WIDTH = 78
_GAP = "  "


def wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most 78 columns; words stay whole."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [first.rstrip()]


def table_lines(table: Table, width: int) -> Iterator[str]:
    """Aligned columns under their headings; a table wider than `width` is one line of cells per row."""
    head = [[clean(c) for c in table.columns]] if table.columns else []
    cells = [*head, *([_cell(c) for c in row] for row in table.rows)]
    widths = [max(columns(row[i]) for row in cells) for i in range(len(cells[0]))]
    if sum(widths) + len(_GAP) * (len(widths) - 1) > width:
        for row in cells:
            yield from wrapped((" | " if head else ": ").join(row), rest="    ")
        return
    for n, row in enumerate(cells):
        aligned = (padded(cell, widths[i], right=table.numeric(i)) for i, cell in enumerate(row))
        yield _GAP.join(aligned).rstrip()
        if head and n == 0:
            yield _GAP.join("-" * width for width in widths)


def _cell(cell: Inline) -> str:
    return cell.text if isinstance(cell, Figure) else clean(cell)


def columns(text: str) -> int:
    """Width of a text in a terminal; wide East Asian characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """The text in a column of a width."""
    space = " " * (width - columns(text))
    return space + text if right else text + space
