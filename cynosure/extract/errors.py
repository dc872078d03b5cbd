"""What can go wrong at a source, by what repairs it.

ExtractError
├── RetryLater      the source is busy, slow or broken: the same request may work soon (429, 5xx, resets, cut bodies)
├── Deferred        the allowed time or quota is used up: the next run goes on from the cursor
├── Unexpected      the source answered what its documentation excludes: nothing is kept, a person must look
├── Misconfigured   a setting is wrong: correct it
└── AccessDenied    the key is wrong, revoked or lacks a permission: give it another
"""

from __future__ import annotations


class ExtractError(Exception):
    """A stream could not be read to the end; its cursor stays where it was."""

    #: whether trying again without a person can help
    final = False


class RetryLater(ExtractError):
    """A transient failure; `retry_after` is the wait in seconds that the vendor asked for, if any."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Deferred(ExtractError):
    """The run gave up within its bounds; state is intact and the next run goes on."""


class Unexpected(ExtractError):
    """The answer contradicts the vendor's documentation; going on could lose rows."""

    final = True


class Misconfigured(ExtractError):
    """A setting cannot be right; the message names it and what is accepted."""

    final = True


class AccessDenied(ExtractError):
    """The credentials do not allow this; the message names the permission."""

    final = True
