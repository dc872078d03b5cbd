"""Object ids that look like Stripe's and depend on the seed alone."""

from __future__ import annotations

import hashlib

_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = bytes(_ALPHABET[byte % 62] for byte in range(256))


class Ids:
    """A numbered sequence of random-looking ids."""

    def __init__(self, seed: int | str) -> None:
        self._seed = f"{seed}".encode()
        self._count = 0

    def new(self, prefix: str, length: int = 24) -> str:
        """The next id with this prefix."""
        self._count += 1
        digest = hashlib.blake2b(b"%s:%d" % (self._seed, self._count), digest_size=24).digest()
        return prefix + digest[:length].translate(_LETTERS).decode()
