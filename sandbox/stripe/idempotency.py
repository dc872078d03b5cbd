"""Idempotency keys: the same POST again gets the first answer (docs.stripe.com/api/idempotent_requests)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.stripe.collection import Body
from sandbox.stripe.errors import StripeError

Request = tuple[str, str]
"""Path and form of a POST."""


@dataclass(frozen=True)
class _First:
    request: Request
    outcome: Body | StripeError


class Idempotency:
    """First outcomes by (API key, idempotency key)."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str], _First] = {}

    def once(self, keys: tuple[str, str], request: Request, act: Callable[[], Body]) -> tuple[Body, bool]:
        """The outcome of an operation and whether it is a replay.

        Declined cards are replayed as well; a request that was refused for any other reason may be tried again.
        """
        first = self._first.get(keys)
        if first is None:
            return self._carry_out(keys, request, act), False
        if first.request != request:
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{keys[1]}'.",
                type="idempotency_error",
            )
        if isinstance(first.outcome, StripeError):
            raise first.outcome
        return first.outcome, True

    def _carry_out(self, keys: tuple[str, str], request: Request, act: Callable[[], Body]) -> Body:
        try:
            body = act()
        except StripeError as error:
            if error.status == 402:
                self._first[keys] = _First(request, error)
            raise
        self._first[keys] = _First(request, body)
        return body
