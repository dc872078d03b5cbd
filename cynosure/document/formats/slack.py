"""Slack blocks: headers, sections of mrkdwn, fields, context (https://docs.slack.dev/reference/block-kit/blocks).

Limits: 50 blocks, 3,000 characters a section, 2,000 a field, 150 a header, about 13,000 in a message. Every
text from outside is escaped, which disarms mentions such as <!channel>; `verbatim` keeps Slack from linking.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import singledispatch
from typing import Any

from cynosure.document.aligned import table_lines
from cynosure.document.blocks import (
    Block,
    Change,
    Chart,
    Divider,
    Document,
    Heading,
    Kpi,
    KpiGrid,
    Line,
    Link,
    Note,
    Table,
    Text,
)
from cynosure.document.images import drawn_images
from cynosure.document.inline import plain, shown_change
from cynosure.document.rendered import Format, Image, Rendered
from cynosure.document.sparkline import sparkline
from cynosure.document.wording import clean, safe_url

MAX_BLOCKS, MAX_SECTION, MAX_HEADER, MAX_TOTAL, MAX_FIELDS = 50, 3000, 150, 12_000, 10
_SHORTENED = "_Shortened to what fits into one message._"
_MARKS = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}
Json = dict[str, Any]


def render(document: Document) -> Rendered:
    """The document as the JSON of one message: fallback `text` and `blocks`."""
    blocks, images = [*_masthead(document)], []
    shown: int | None = None
    for n, block in enumerate(document.blocks):
        laid = list(_laid(block, f"block-{n}"))
        if len(blocks) + len(laid) > MAX_BLOCKS - 2 or _size(blocks + laid) > MAX_TOTAL:
            blocks.append(_context(_SHORTENED))
            shown = n
            break
        blocks += laid
        images += _images(block, f"block-{n}")
    if shown is None and document.footer:
        blocks.append(_context(mrkdwn(document.footer)))
    body = {"text": escape(document.title), "blocks": blocks}
    return Rendered("slack", json.dumps(body, ensure_ascii=False), tuple(images), shown)


def escape(text: str) -> str:
    """Text from outside as Slack shows it literally."""
    return _entities(clean(text))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")


def mrkdwn(parts: Line) -> str:
    """Words and figures as one escaped line."""
    return _entities(plain(parts))


def _masthead(document: Document) -> Iterator[Json]:
    if document.overline:
        yield _context(escape(document.overline))
    yield from _header(document.title)
    if document.subtitle:
        yield _context(escape(document.subtitle))


def _images(block: Block, name: str) -> list[Image]:
    return [image for image in drawn_images(block, name) if image] if isinstance(block, Chart) else []


@singledispatch
def _laid(block: Block, name: str) -> Iterator[Json]:
    raise TypeError(f"the Slack format has no layout for {type(block).__name__}")


@_laid.register
def _(block: Heading, name: str) -> Iterator[Json]:
    yield from _sections([f"*{escape(block.text)}*"])


@_laid.register
def _(block: Text, name: str) -> Iterator[Json]:
    yield from _sections([mrkdwn(block.parts)])


@_laid.register
def _(block: Note, name: str) -> Iterator[Json]:
    yield from _sections([f"{_MARKS[block.level]} {mrkdwn(block.parts)}"])


@_laid.register
def _(block: Link, name: str) -> Iterator[Json]:
    url, label = safe_url(block.url).replace("|", "%7C"), escape(block.label)
    yield from _sections([f"<{_entities(url)}|{label}>" if url else label])


@_laid.register
def _(block: Divider, name: str) -> Iterator[Json]:
    yield {"type": "divider"}


@_laid.register
def _(block: Chart, name: str) -> Iterator[Json]:
    course = sparkline([point.value for point in block.points], 40) if block.kind == "line" else ""
    *rest, last = _sections([f"*{escape(block.title)}*", mrkdwn(block.alt)])
    yield from (*rest, last | {"block_id": name})
    if course:
        yield _context(course) | {"block_id": f"{name}-course"}


@_laid.register
def _(block: KpiGrid, name: str) -> Iterator[Json]:
    for start in range(0, len(block.kpis), MAX_FIELDS):
        yield {"type": "section", "fields": [_mrkdwn(_tile(kpi)) for kpi in block.kpis[start : start + MAX_FIELDS]]}


@_laid.register
def _(block: Table, name: str) -> Iterator[Json]:
    if not block.rows:
        yield _context(escape(block.empty))
        return
    lines = [_entities(line) for line in table_lines(block, 60)]
    for chunk in _chunks(lines, MAX_SECTION - 8):
        yield _section(f"```\n{chunk}\n```")


def _tile(kpi: Kpi) -> str:
    lines = [escape(kpi.label), f"*{_entities(kpi.value.text)}*", *(_change(c) for c in kpi.changes)]
    return "\n".join([*lines, *_remarks(kpi)])


def _remarks(kpi: Kpi) -> list[str]:
    return [text for text in (mrkdwn(kpi.target), f"_{escape(kpi.stamp)}_" if kpi.stamp else "") if text]


def _change(change: Change) -> str:
    return f"{_entities(shown_change(change))} {escape(change.against)}"


def _sections(lines: list[str]) -> Iterator[Json]:
    yield from (_section(chunk) for chunk in _chunks(lines, MAX_SECTION))


def _chunks(lines: list[str], limit: int) -> Iterator[str]:
    """Lines joined up to the limit; a longer line is parted at a space, never inside an entity."""
    chunk = ""
    for line in (part for whole in lines for part in _parted(whole, limit)):
        if chunk and len(chunk) + 1 + len(line) > limit:
            yield chunk
            chunk = ""
        chunk = f"{chunk}\n{line}" if chunk else line
    if chunk:
        yield chunk


def _parted(line: str, limit: int) -> Iterator[str]:
    while len(line) > limit:
        cut = line.rindex(" ", 0, limit + 1)
        yield line[:cut]
        line = line[cut + 1 :]
    yield line


def _header(text: str) -> Iterator[Json]:
    if len(escape(text)) > MAX_HEADER:
        yield from _sections([f"*{escape(text)}*"])
    else:
        yield {"type": "header", "text": {"type": "plain_text", "text": escape(text), "emoji": False}}


def _section(text: str) -> Json:
    return {"type": "section", "text": _mrkdwn(text)}


def _context(text: str) -> Json:
    return {"type": "context", "elements": [_mrkdwn(text)]}


def _mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text or " ", "verbatim": True}


def _size(blocks: list[Json]) -> int:
    return sum(len(text) for block in blocks for text in _texts(block))


def _texts(block: Json) -> Iterator[str]:
    for item in (block.get("text"), *block.get("fields", ()), *block.get("elements", ())):
        if item:
            yield item["text"]


def visible_text(rendered: Rendered) -> str:
    """The words of the message in reading order, as Slack shows them."""
    joined = "\n".join(text for block in json.loads(rendered.body)["blocks"] for text in _texts(block))
    labels = re.sub(r"<[^|>]*\|([^>]*)>", r"\1", joined.replace("```", " "))
    return labels.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


FORMAT = Format("slack", render, visible_text)
