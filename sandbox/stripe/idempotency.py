"""Idempotency keys: the same POST again gets the first answer (docs.stripe.com/api/idempotent_requests)."""

from __future__ import annotations

from starlette.responses import Response

from sandbox.stripe.errors import StripeError


class Idempotency:
    """First answers by idempotency key."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[tuple[str, str], Response]] = {}

    def find(self, key: str, path: str, form: str) -> Response | None:
        """The first answer to this request; an idempotency error when the key came with another request."""
        known = self._first.get(key)
        if known is None:
            return None
        request, response = known
        if request != (path, form):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used "
                f"with. Try using a key other than '{key}'.",
                type="idempotency_error",
            )
        return response

    def keep(self, key: str, path: str, form: str, response: Response) -> Response:
        """Remember an answer of an operation that was carried out; refusals before it may be tried again."""
        if response.status_code in (200, 402):
            replayed = {name: value for name, value in response.headers.items()}
            replayed["idempotent-replayed"] = "true"
            copy = Response(response.body, response.status_code, replayed)
            self._first[key] = ((path, form), copy)
        return response
