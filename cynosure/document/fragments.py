"""The words and figures of a document in reading order: what every format must show."""

from __future__ import annotations

from collections.abc import Iterator
from functools import singledispatch

from cynosure.document.blocks import (
    Block,
    Chart,
    Document,
    Heading,
    Inline,
    Kpi,
    KpiGrid,
    Link,
    Note,
    Table,
    Text,
)
from cynosure.document.figures import Figure


def fragments(document: Document, *, preheader: bool, shown: int | None = None) -> Iterator[Inline]:
    """Everything visible in order; with `shown`, only the first blocks and no closing line."""
    if preheader:
        yield from document.preheader
    yield from (document.overline, document.title, document.subtitle)
    for block in document.blocks[:shown]:
        yield from block_fragments(block)
    if shown is None:
        yield from document.footer


@singledispatch
def block_fragments(block: Block) -> Iterator[Inline]:
    """The words and figures of one block; a block without any yields nothing."""
    yield from ()


@block_fragments.register
def _(block: Heading) -> Iterator[Inline]:
    yield block.text


@block_fragments.register
def _(block: Text) -> Iterator[Inline]:
    yield from block.parts


@block_fragments.register
def _(block: Note) -> Iterator[Inline]:
    yield from block.parts


@block_fragments.register
def _(block: Link) -> Iterator[Inline]:
    yield block.label


@block_fragments.register
def _(block: Chart) -> Iterator[Inline]:
    yield block.title
    yield from block.alt


@block_fragments.register
def _(block: Table) -> Iterator[Inline]:
    if not block.rows:
        yield block.empty
        return
    yield from block.columns
    for row in block.rows:
        yield from row


@block_fragments.register
def _(block: KpiGrid) -> Iterator[Inline]:
    for kpi in block.kpis:
        yield from _kpi_fragments(kpi)


def _kpi_fragments(kpi: Kpi) -> Iterator[Inline]:
    yield kpi.label
    yield kpi.value
    for change in kpi.changes:
        yield change.figure
        if change.relative:
            yield change.relative
        yield change.against
    yield from kpi.target
    yield kpi.stamp


def figures(document: Document) -> tuple[Figure, ...]:
    """Every figure of a document in reading order."""
    return tuple(f for f in fragments(document, preheader=True) if isinstance(f, Figure))
