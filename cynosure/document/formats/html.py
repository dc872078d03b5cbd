"""HTML for e-mail: tables and inline styles that Outlook and Gmail keep, for light, dark and small screens.

Gmail cuts messages above 102 kB, so images are attached, not inlined.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from typing import Any

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from cynosure.document.blocks import Block, Document, Inline
from cynosure.document.figures import Figure
from cynosure.document.images import drawn_images
from cynosure.document.rendered import Format, Image, Rendered
from cynosure.document.wording import clean_part, safe_url

_INVISIBLE = ("head", "style", "script", "title")
_IN_LINE = ("span", "a", "b", "strong", "em")


@dataclass(frozen=True)
class Laid:
    """A block with the images drawn for it, in the order the template places them."""

    value: Block
    images: tuple[Image | None, ...]

    @property
    def kind(self) -> str:
        """The block's class name, by which the template chooses its layout."""
        return type(self.value).__name__


def render(document: Document) -> Rendered:
    """The document as one HTML page whose images are referred to by content id."""
    laid = tuple(Laid(block, tuple(drawn_images(block, f"block-{n}"))) for n, block in enumerate(document.blocks))
    page = _template().render(document=document, blocks=laid)
    images = tuple(image for block in laid for image in block.images if image)
    return Rendered("html", _inliner().inline(page), images)


def _shown(part: Inline | Any) -> Any:
    return escape(part.text) if isinstance(part, Figure) else part


@cache
def _template() -> Any:
    loader = PackageLoader("cynosure.document.formats", ".")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, finalize=_finalized)
    environment.filters |= {"part": _shown, "url": safe_url}
    environment.globals["css"] = loader.get_source(environment, "mail.css")[0]
    return environment.get_template("mail.html.j2")


def _finalized(value: Any) -> Any:
    """Every plain text is cleaned on its way into the page; markup is the template's own."""
    return clean_part(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


class _Reader(HTMLParser):
    """Collects what a person sees."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.hidden += tag in _INVISIBLE
        if tag not in _IN_LINE:
            self.texts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in _INVISIBLE
        if tag not in _IN_LINE:
            self.texts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.texts.append(data)


def visible_text(rendered: Rendered) -> str:
    """The words of the page in reading order, with the inbox preview first."""
    reader = _Reader()
    reader.feed(rendered.body)
    reader.close()
    return "".join(reader.texts)


FORMAT = Format("html", render, visible_text, preheader=True)
