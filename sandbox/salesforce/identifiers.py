"""Record ids: 15 case-sensitive characters that begin with the object's key prefix, and the 18-character form.

The three extra characters say which of the fifteen are capitals, so that software that ignores case keeps ids apart.
"""

from __future__ import annotations

from functools import lru_cache

_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_POD = "5g00"


def checksum(short: str) -> str:
    """The three characters that follow a 15-character id."""
    parts = (short[0:5], short[5:10], short[10:15])
    return "".join(_CHECK[sum(1 << bit for bit, char in enumerate(part) if char.isascii() and char.isupper())] for part in parts)


@lru_cache(maxsize=65_536)
def long_id(id: str) -> str:
    """The 18-character form of either form; anything else is given back as it is."""
    return id + checksum(id) if len(id) == 15 else id


def record_id(prefix: str, number: int) -> str:
    """The 18-character id of the n-th record of an object."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return long_id(prefix + _POD + digits.rjust(8, "0"))
