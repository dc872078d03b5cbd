"""Stripe's bracket encoding of queries and form bodies: `created[gte]=1`, `items[0][price]=price_1`, `expand[]=data`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl

Params = dict[str, Any]

_SEGMENT = re.compile(r"\[([^\]]*)\]")
_FREE_FORM = ("metadata",)


def decode(text: str) -> Params:
    """Nested parameters of an encoded query or form; indexed and `[]` keys become lists in their order."""
    return decode_pairs(parse_qsl(text, keep_blank_values=True))


def decode_pairs(pairs: Iterable[tuple[str, str]]) -> Params:
    """Nested parameters of decoded key and value pairs."""
    root: Params = {}
    for key, value in pairs:
        name = key.split("[", 1)[0]
        _place(root, [name, *_SEGMENT.findall(key[len(name) :])], value)
    return {name: value if name in _FREE_FORM else _with_lists(value) for name, value in root.items()}


def _place(node: Params, path: list[str], value: str) -> None:
    for depth, segment in enumerate(path[:-1]):
        key = segment or _open_index(node, path[depth + 1])
        if not isinstance(node.get(key), dict):
            node[key] = {}
        node = node[key]
    node[path[-1] or str(len(node))] = value


def _open_index(node: Params, next_segment: str) -> str:
    """`items[][price]` starts a new row when the last row already has a price."""
    last = str(len(node) - 1)
    row = node.get(last)
    return last if isinstance(row, dict) and next_segment not in row else str(len(node))


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: child if key in _FREE_FORM else _with_lists(child) for key, child in value.items()}
