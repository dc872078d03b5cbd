"""Reads a rendered document back and compares every number with the figure it came from.

A rendering that shows another number, a number that no figure explains, or misses one is never delivered.
"""

from __future__ import annotations

import re
from decimal import Decimal

from cynosure.document.blocks import Document
from cynosure.document.figures import JOINER, MINUS, NOT_AVAILABLE, SUFFIXES, SYMBOLS, Figure
from cynosure.document.fragments import fragments
from cynosure.document.rendered import Format, Rendered
from cynosure.document.wording import clean, collapse

_CURRENCIES = {symbol: code for code, symbol in SYMBOLS.items()}
_ADDRESS = re.compile(r"(?:https?://|mailto:)\S+")
_NUMBER = re.compile(
    rf"(?P<missing>{NOT_AVAILABLE})"
    rf"|(?P<sign>[-+{MINUS}])?(?P<currency>[{''.join(_CURRENCIES)}]|[A-Z]{{3}}{JOINER})?"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    rf"(?P<suffix>%|(?:{'|'.join(words for words in SUFFIXES.values() if words != '%')})\b)?"
)


class RenderedNumberMismatch(Exception):
    """A rendered document does not show exactly the figures it was made from; it must not be delivered."""


def verify(document: Document, rendered: Rendered, format: Format) -> None:
    """Raises RenderedNumberMismatch unless every word and figure is shown, in order, and no other number."""
    visible = _comparable(format.visible_text(rendered))
    position = 0
    for fragment in fragments(document, preheader=format.preheader, shown=rendered.shown):
        if isinstance(fragment, Figure):
            position = _after_figure(visible, position, fragment, format.name)
        else:
            position = _after_words(visible, position, fragment, format.name)
    if stray := _NUMBER.search(visible, position):
        raise RenderedNumberMismatch(f"{format.name}: shows {stray.group()!r} after the end of its figures")


def _after_figure(visible: str, position: int, figure: Figure, format: str) -> int:
    if figure.unit == "status" and figure.value is not None:
        return _after_words(visible, position, figure.text, format)
    found = _NUMBER.search(visible, position)
    if found is None:
        raise RenderedNumberMismatch(f"{format}: figure {figure.name!r} is missing")
    if _read(found) != (figure.shown, _unit(figure)):
        expected = f"{figure.shown} {_unit(figure)}".rstrip()
        raise RenderedNumberMismatch(f"{format}: {figure.name!r} is {expected}, but {found.group()!r} is shown")
    return found.end()


def _after_words(visible: str, position: int, words: str, format: str) -> int:
    wanted = _comparable(clean(words))
    found = visible.find(wanted, position)
    if found < 0:
        raise RenderedNumberMismatch(f"{format}: the text {wanted[:60]!r} is missing or out of place")
    stray = _NUMBER.search(visible[position:found])
    if stray:
        raise RenderedNumberMismatch(f"{format}: {stray.group()!r} before {wanted[:60]!r} comes from no figure")
    return found + len(wanted)


def _comparable(text: str) -> str:
    """Text without addresses; spaces and quotes in one form, because formats may lay them out differently."""
    return collapse(_ADDRESS.sub("", text)).replace("`", "'")


def _read(found: re.Match[str]) -> tuple[Decimal | None, str]:
    if found["missing"]:
        return None, ""
    number = Decimal(found["digits"].replace(",", ""))
    unit = found["currency"] or found["suffix"] or ""
    return -number if found["sign"] in ("-", MINUS) else number, _CURRENCIES.get(unit, unit.strip(JOINER))


def _unit(figure: Figure) -> str:
    if figure.shown is None:
        return ""
    return figure.currency or "" if figure.unit == "currency" else SUFFIXES.get(figure.unit, "").strip(JOINER)
