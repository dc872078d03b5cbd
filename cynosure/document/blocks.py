"""What a document is made of: plain frozen values that know neither formats nor who sends them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from cynosure.document.figures import Figure, Unit

Inline = str | Figure
Line = tuple[Inline, ...]
Tone = Literal["good", "bad", "neutral"]


@dataclass(frozen=True)
class Heading:
    """A section title."""

    text: str


@dataclass(frozen=True)
class Text:
    """A paragraph: words and figures."""

    parts: Line


@dataclass(frozen=True)
class Change:
    """A difference of a KPI, what it is measured against, and the same in proportion where that makes sense."""

    figure: Figure
    against: str
    tone: Tone = "neutral"
    relative: Figure | None = None


@dataclass(frozen=True)
class Kpi:
    """One KPI: its value, its changes, its target in words and figures, its recent course for a sparkline."""

    label: str
    value: Figure
    changes: tuple[Change, ...] = ()
    target: Line = ()
    trend: tuple[Decimal | None, ...] = ()
    stamp: str = ""


@dataclass(frozen=True)
class KpiGrid:
    """KPIs side by side: `tiles` for the few that lead, `rows` for the many that follow."""

    kpis: tuple[Kpi, ...]
    layout: Literal["tiles", "rows"] = "tiles"


@dataclass(frozen=True)
class Table:
    """Rows of words and figures, under column headings unless there are none; figures are right-aligned."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    empty: str = "Nothing to show."

    def numeric(self, column: int) -> bool:
        """Whether a column holds figures."""
        return any(isinstance(row[column], Figure) for row in self.rows)


@dataclass(frozen=True)
class Point:
    """One value of a chart at a labelled position; dates are ISO texts."""

    at: str
    value: Decimal | None


@dataclass(frozen=True)
class Chart:
    """A line over time, or a waterfall between two totals; `alt` says in words what it shows."""

    name: str
    title: str
    kind: Literal["line", "waterfall"]
    points: tuple[Point, ...]
    alt: Line
    unit: Unit = "count"
    currency: str | None = None


@dataclass(frozen=True)
class Note:
    """A remark that must not be overlooked: a data-as-of stamp, an open finding, a warning."""

    parts: Line
    level: Literal["info", "warning", "critical"] = "info"


@dataclass(frozen=True)
class Link:
    """A labelled address; only http, https and mailto addresses are rendered."""

    label: str
    url: str


@dataclass(frozen=True)
class Divider:
    """A pause between sections."""


Block = Heading | Text | KpiGrid | Table | Chart | Note | Link | Divider


@dataclass(frozen=True)
class Document:
    """A title, a line for the inbox preview, an overline and a subtitle, the blocks, and a closing line."""

    title: str
    blocks: tuple[Block, ...]
    preheader: Line = ()
    overline: str = ""
    subtitle: str = ""
    footer: Line = ()
    language: str = "en"
