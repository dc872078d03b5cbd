"""Pieces of Markdown: tables, links, anchors as GitHub makes them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `cynosure docs`; change what it describes instead. -->"


def page(title: str, *parts: str) -> str:
    """A page of paragraphs; empty ones are left out."""
    return "\n\n".join((f"# {title}", GENERATED, *(part.strip() for part in parts if part))) + "\n"


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown and may hold pipes and line breaks."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def bullets(items: Iterable[str]) -> str:
    """A list."""
    return "\n".join(f"- {item}" for item in items)


def code(text: str) -> str:
    """A text in the type of code; nothing if it is empty."""
    return f"`{text}`" if text else ""


def plain(text: str) -> str:
    """A sentence whose angle brackets are not markup."""
    return text.replace("<", "&lt;")


def link(text: str, target: str) -> str:
    """A link; the plain text without a target."""
    return f"[{text}]({target})" if target else text


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def docstring(documented: object) -> str:
    """The docstring without its indentation."""
    return inspect.getdoc(documented) or ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
