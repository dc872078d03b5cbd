"""What Slack accepts as blocks, with its size limits (docs.slack.dev/reference/block-kit/blocks)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Block = dict[str, Any]

MOST_BLOCKS = 50
LONGEST_TOTAL = 13_200
"""Characters of text in all blocks together; Slack names the error but no number, this one is from experience."""

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
MOST_FIELDS = 10
LONGEST_FIELD = 2000
MOST_CONTEXT_ELEMENTS = 10
MOST_ACTIONS = 25
LONGEST_BUTTON = 75
LONGEST_URL = 3000
LONGEST_ALT_TEXT = 2000
LONGEST_BLOCK_ID = 255


class BlocksError(ValueError):
    """Blocks that Slack refuses: `code` as in its answer, the message as in `response_metadata.messages`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def check_blocks(blocks: Any) -> None:
    """BlocksError for the first thing that Slack would refuse."""
    if not isinstance(blocks, list):
        raise _invalid("must be an array", "/blocks")
    if len(blocks) > MOST_BLOCKS:
        raise _invalid(f"no more than {MOST_BLOCKS} items allowed", "/blocks")
    for number, block in enumerate(blocks):
        at = f"/blocks/{number}"
        if not isinstance(block, dict) or block.get("type") not in _CHECKS:
            raise _invalid(f"unsupported type: {block.get('type') if isinstance(block, dict) else block}", at)
        if len(str(block.get("block_id", ""))) > LONGEST_BLOCK_ID:
            raise _invalid(f"must be less than {LONGEST_BLOCK_ID + 1} characters", f"{at}/block_id")
        _CHECKS[block["type"]](block, at)
    if sum(len(text) for text in _texts(blocks)) > LONGEST_TOTAL:
        raise BlocksError("msg_blocks_too_long", "the text of all blocks together is too long")


def _invalid(message: str, pointer: str) -> BlocksError:
    return BlocksError("invalid_blocks", f"[ERROR] {message} [json-pointer:{pointer}]")


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)


def _text(node: Any, at: str, longest: int, types: tuple[str, ...] = ("mrkdwn", "plain_text")) -> None:
    if not isinstance(node, dict) or node.get("type") not in types:
        raise _invalid(f"must be a text object of type {' or '.join(types)}", at)
    text = node.get("text")
    if not isinstance(text, str) or not text:
        raise _invalid("must be more than 0 characters", f"{at}/text")
    if len(text) > longest:
        raise _invalid(f"must be less than {longest + 1} characters", f"{at}/text")


def _items(block: Block, name: str, most: int, at: str) -> list[Any]:
    items = block.get(name)
    if not isinstance(items, list) or not items:
        raise _invalid("must provide at least 1 item", f"{at}/{name}")
    if len(items) > most:
        raise _invalid(f"no more than {most} items allowed", f"{at}/{name}")
    return items


def _header(block: Block, at: str) -> None:
    _text(block.get("text"), f"{at}/text", LONGEST_HEADER, ("plain_text",))


def _section(block: Block, at: str) -> None:
    if "text" not in block and "fields" not in block:
        raise _invalid("missing required field: text or fields", at)
    if "text" in block:
        _text(block["text"], f"{at}/text", LONGEST_SECTION)
    if "fields" in block:
        for number, field in enumerate(_items(block, "fields", MOST_FIELDS, at)):
            _text(field, f"{at}/fields/{number}", LONGEST_FIELD)
    if "accessory" in block:
        _element(block["accessory"], f"{at}/accessory")


def _context(block: Block, at: str) -> None:
    for number, element in enumerate(_items(block, "elements", MOST_CONTEXT_ELEMENTS, at)):
        place = f"{at}/elements/{number}"
        if isinstance(element, dict) and element.get("type") == "image":
            _image(element, place)
        else:
            _text(element, place, LONGEST_SECTION)


def _actions(block: Block, at: str) -> None:
    for number, element in enumerate(_items(block, "elements", MOST_ACTIONS, at)):
        _element(element, f"{at}/elements/{number}")


def _element(element: Any, at: str) -> None:
    if not isinstance(element, dict) or "type" not in element:
        raise _invalid("missing required field: type", at)
    if element["type"] == "button":
        _text(element.get("text"), f"{at}/text", LONGEST_BUTTON, ("plain_text",))
        if len(str(element.get("url", ""))) > LONGEST_URL:
            raise _invalid(f"must be less than {LONGEST_URL + 1} characters", f"{at}/url")
    if element["type"] == "image":
        _image(element, at)


def _image(block: Block, at: str) -> None:
    source = block.get("image_url") or block.get("slack_file")
    if not source:
        raise _invalid("missing required field: image_url or slack_file", at)
    if isinstance(source, str) and (len(source) > LONGEST_URL or not source.startswith(("http://", "https://"))):
        raise _invalid("must be a valid URL", f"{at}/image_url")
    if not block.get("alt_text"):
        raise _invalid("missing required field: alt_text", at)
    if len(block["alt_text"]) > LONGEST_ALT_TEXT:
        raise _invalid(f"must be less than {LONGEST_ALT_TEXT + 1} characters", f"{at}/alt_text")
    if "title" in block:
        _text(block["title"], f"{at}/title", LONGEST_FIELD, ("plain_text",))


def _anything(block: Block, at: str) -> None: ...


_CHECKS: dict[str, Callable[[Block, str], None]] = {
    "header": _header,
    "section": _section,
    "divider": _anything,
    "context": _context,
    "actions": _actions,
    "image": _image,
    "rich_text": _anything,
}
