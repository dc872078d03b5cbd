"""Object ids that look like Stripe's and depend on the seed alone."""

from __future__ import annotations

import hashlib

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Ids:
    """A numbered sequence of random-looking ids."""

    def __init__(self, seed: int | str) -> None:
        self._seed = f"{seed}".encode()
        self._count = 0

    def new(self, prefix: str, length: int = 24) -> str:
        """The next id with this prefix."""
        self._count += 1
        digest = hashlib.blake2b(b"%s:%d" % (self._seed, self._count), digest_size=24).digest()
        return prefix + "".join(_ALPHABET[byte % 62] for byte in digest[:length])
