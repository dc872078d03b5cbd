"""Documents: what reports and alerts say, independent of how it is shown and of who receives it."""

from __future__ import annotations

from cynosure.document.blocks import (
    Block,
    Change,
    Chart,
    Divider,
    Document,
    Heading,
    Inline,
    Kpi,
    KpiGrid,
    Line,
    Link,
    Note,
    Point,
    Table,
    Text,
    Tone,
)
from cynosure.document.figures import NOT_AVAILABLE, STATUSES, Figure, KpiUnit, Unit
from cynosure.document.formats import formats
from cynosure.document.fragments import figures
from cynosure.document.rendered import Format, Image, Rendered
from cynosure.document.verify import RenderedNumberMismatch, verify

__all__ = [
    "NOT_AVAILABLE",
    "STATUSES",
    "Block",
    "Change",
    "Chart",
    "Divider",
    "Document",
    "Figure",
    "Format",
    "Heading",
    "Image",
    "Inline",
    "Kpi",
    "KpiGrid",
    "KpiUnit",
    "Line",
    "Link",
    "Note",
    "Point",
    "Rendered",
    "RenderedNumberMismatch",
    "Table",
    "Text",
    "Tone",
    "Unit",
    "figures",
    "formats",
    "render",
    "verify",
]


def render(document: Document, format: str) -> Rendered:
    """The document in a format; raises RenderedNumberMismatch if a number differs from its figure."""
    chosen = formats()[format]
    rendered = chosen.render(document)
    verify(document, rendered, chosen)
    return rendered
