"""What can go wrong with a delivery, by what to do next.

DeliveryError
├── RetryLater   refused for now: try again, not before the wait the other side asked for
├── Refused      refused for good: dead, and raised through another channel
└── Ambiguous    handed over, answer lost: unknown, then at most one more try
"""

from __future__ import annotations

from datetime import timedelta


class DeliveryError(Exception):
    """A message was not, or perhaps not, accepted; the text never holds a secret."""


class RetryLater(DeliveryError):
    """The other side cannot take the message now."""

    def __init__(self, reason: str, wait: timedelta | None = None) -> None:
        """`wait` is what the other side asked for, if it did."""
        super().__init__(reason)
        self.wait = wait


class Refused(DeliveryError):
    """The other side will never take this message for this recipient."""


class Ambiguous(DeliveryError):
    """The message was handed over but no answer came back."""
