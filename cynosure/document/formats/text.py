"""Plain text for 80 columns: the second part of every e-mail, complete without images or colours."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from cynosure.document.aligned import WIDTH, columns, padded, table_lines, wrapped
from cynosure.document.blocks import (
    Block,
    Chart,
    Divider,
    Document,
    Heading,
    Kpi,
    KpiGrid,
    Link,
    Note,
    Table,
    Text,
)
from cynosure.document.inline import plain, shown_change
from cynosure.document.rendered import Format, Rendered
from cynosure.document.sparkline import sparkline
from cynosure.document.wording import clean, safe_url

_INDENT = "  "
_LABEL, _VALUE, _COURSE = 36, 18, 22


def render(document: Document) -> Rendered:
    """The document as lines of at most 78 columns, words never cut."""
    paragraphs = [_masthead(document), *(_lines(block) for block in document.blocks), _closing(document)]
    body = "\n\n".join("\n".join(lines) for paragraph in paragraphs if (lines := list(paragraph)))
    return Rendered("text", body + "\n")


def _masthead(document: Document) -> Iterator[str]:
    if document.overline:
        yield from wrapped(clean(document.overline))
    yield from wrapped(clean(document.title))
    if document.subtitle:
        yield from wrapped(clean(document.subtitle))
    yield "=" * WIDTH


def _closing(document: Document) -> Iterator[str]:
    if document.footer:
        yield "-" * WIDTH
        yield from wrapped(plain(document.footer))


@singledispatch
def _lines(block: Block) -> Iterator[str]:
    raise TypeError(f"the text format has no layout for {type(block).__name__}")


@_lines.register
def _(block: Heading) -> Iterator[str]:
    yield from wrapped(clean(block.text))
    yield "-" * min(max(columns(clean(block.text)), 1), WIDTH)


@_lines.register
def _(block: Text) -> Iterator[str]:
    yield from wrapped(plain(block.parts))


@_lines.register
def _(block: Note) -> Iterator[str]:
    mark = {"info": "i", "warning": "!", "critical": "!!"}[block.level]
    yield from wrapped(plain(block.parts), first=f"[{mark}] ", rest=" " * (len(mark) + 3))


@_lines.register
def _(block: Link) -> Iterator[str]:
    url = safe_url(block.url)
    yield from wrapped(f"{clean(block.label)}: {url}" if url else clean(block.label))


@_lines.register
def _(block: Divider) -> Iterator[str]:
    yield "-" * WIDTH


@_lines.register
def _(block: Chart) -> Iterator[str]:
    yield from wrapped(clean(block.title))
    course = sparkline([point.value for point in block.points], 48) if block.kind == "line" else ""
    if course:
        yield _INDENT + course
    yield from wrapped(plain(block.alt), first=_INDENT, rest=_INDENT)


@_lines.register
def _(block: KpiGrid) -> Iterator[str]:
    for kpi in block.kpis:
        yield from _kpi(kpi)


def _kpi(kpi: Kpi) -> Iterator[str]:
    label, value = clean(kpi.label), kpi.value.text
    if columns(label) > _LABEL or columns(value) > _VALUE:
        yield from wrapped(label)
        label = ""
    yield f"{padded(label, _LABEL)}{padded(value, _VALUE, right=True)}  {sparkline(kpi.trend, _COURSE)}".rstrip()
    details = [f"{shown_change(c)} {clean(c.against)}" for c in kpi.changes]
    details += [text for text in (plain(kpi.target), clean(kpi.stamp)) if text]
    for line in _packed(details, WIDTH - 4):
        yield from wrapped(line, first="    ", rest="    ")


@_lines.register
def _(block: Table) -> Iterator[str]:
    yield from table_lines(block, WIDTH) if block.rows else wrapped(clean(block.empty))


def _packed(items: list[str], width: int) -> Iterator[str]:
    """Items joined by a wide gap, as many on a line as fit."""
    line = ""
    for item in items:
        if line and columns(line) + 3 + columns(item) > width:
            yield line
            line = ""
        line = f"{line}   {item}" if line else item
    if line:
        yield line


FORMAT = Format("text", render, lambda rendered: rendered.body)
