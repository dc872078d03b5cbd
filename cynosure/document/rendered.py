"""A document in one format, ready to be handed to a channel, and what a format is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cynosure.document.blocks import Document


@dataclass(frozen=True)
class Image:
    """A PNG that belongs to a rendered document; `name` is its content id, `alt` says what it shows."""

    name: str
    png: bytes
    alt: str


@dataclass(frozen=True)
class Rendered:
    """The body in one format with its images; `shown` counts the blocks that fit, all of them if None."""

    format: str
    body: str
    images: tuple[Image, ...] = ()
    shown: int | None = None


@dataclass(frozen=True)
class Format:
    """How documents become one kind of output, and how its visible text is read back from that output."""

    name: str
    render: Callable[[Document], Rendered]
    visible_text: Callable[[Rendered], str]
    preheader: bool = False
