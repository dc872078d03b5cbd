"""What somebody may have meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def meant(given: str, known: Iterable[str]) -> str:
    """The closest known word as ` (did you mean 'x'?)`, or nothing if none is close."""
    close = get_close_matches(given, list(known), 1)
    return f" (did you mean {close[0]!r}?)" if close else ""
