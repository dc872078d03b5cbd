"""Texts from outside made safe to lay out: no control characters, no direction overrides."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

_SPACES = re.compile(r"[ \t\r\n\f\v\x85\u2028\u2029]+")
_LONG_WORD = re.compile(r"(\S{200})(?=\S)")
_ALLOWED_SCHEMES = ("http", "https", "mailto")


def clean(text: str) -> str:
    """One line of visible characters; control and format characters are dropped, endless words are parted."""
    spaced = _SPACES.sub(" ", text.replace("\N{NO-BREAK SPACE}", " ")).strip()
    return _LONG_WORD.sub(r"\1 ", "".join(c for c in spaced if _visible(c)))


def _visible(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")


def clean_part(text: str) -> str:
    """Cleaned words of a line that keep one space at either end, apart from the figures beside them."""
    words = clean(text)
    if not words:
        return " " if text else ""
    return (" " if text[0].isspace() else "") + words + (" " if text[-1].isspace() else "")


def collapse(text: str) -> str:
    """Line breaks and runs of spaces become one space; no-break spaces stay."""
    return _SPACES.sub(" ", text).strip()


def safe_url(url: str) -> str:
    """The address if its scheme is http, https or mailto; otherwise nothing."""
    allowed = urlsplit(url).scheme.lower() in _ALLOWED_SCHEMES
    return url if allowed and all(_visible(c) and not c.isspace() for c in url) else ""
