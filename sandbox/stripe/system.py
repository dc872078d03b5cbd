"""The Stripe account as one of the company's systems (see sandbox.vendor); the company itself bills through it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp

from sandbox.limits import RATES, WINDOW_SECONDS, Limits
from sandbox.story.events import Event
from sandbox.stripe.account import ACCOUNT_ID, Account
from sandbox.stripe.app import StripeApi
from sandbox.stripe.auth import Keys, secret_for
from sandbox.stripe.billing.books import STREAMS
from sandbox.stripe.distortions import DISTORTIONS
from sandbox.stripe.presets import PRESETS
from sandbox.stripe.reading import READ_PERMISSIONS
from sandbox.vendor import Surroundings

_KINDS = {"events": "event", **{stream: kind for kind, stream in STREAMS.items()}}
_PERMISSIONS = {"customer_balance_transaction": "customer_read", "meter_event_summary": "meter_read"}
"""The permission for a stream that is read below another object."""

Write = Callable[[str, dict[str, Any], int], Any]


class StripeSystem:
    """One account with two keys: a secret one, and a restricted one that may read everything."""

    name = "stripe"
    presets = PRESETS
    distortions = DISTORTIONS

    def __init__(self, account: Account, write: Write, streams: Callable[[], dict[str, Any]], seed: int, currency: str) -> None:
        self._account = account
        self._write = write
        self._streams = streams
        self._currency = currency
        self.keys = Keys(ACCOUNT_ID)
        self.rates = Limits(RATES["off"])
        self.secret, self.restricted = secret_for("sk_test_", seed), secret_for("rk_test_", seed)
        self.keys.add(self.secret)
        self.keys.add(self.restricted, set(READ_PERMISSIONS))

    def hear(self, event: Event) -> None:
        """Nothing: what the story tells of customers happened here first."""

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out a write of the API by the name of its operation."""
        return self._write(operation, arguments, at)

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""
        self.rates.rates = RATES[surroundings.limits]

        def is_hidden(id: str) -> bool:
            return surroundings.faults.hides(id, surroundings.now())

        return StripeApi(self._account, self.keys, self.rates, is_hidden, self._currency).app()

    def connection(self, base_url: str) -> dict[str, str]:
        """The restricted key, and where the account is."""
        return {"api_key": self.restricted, "base_url": base_url}

    def streams(self) -> dict[str, dict[str, Any]]:
        """What exists of each stream, and what was deleted."""
        return self._streams()

    def objects(self, stream: str) -> dict[str, Any]:
        """Not told: how a body looks depends on what the reader asks to be expanded; compare with a complete reading."""
        raise LookupError(f"bodies of stripe.{stream} depend on the expansions asked for; compare with a complete reading")

    def limits(self) -> dict[str, Any]:
        """Requests of the account and of each endpoint."""
        report: Any = self.rates.report()
        counted = {"account": report["account"], **report["endpoints"]}
        return {
            name: {
                "allowed": report["limits"]["account" if name == "account" else "endpoint"],
                "seconds": WINDOW_SECONDS,
                "requests": window["requests"],
                "peak": window["peak_per_second"],
                "violations": window["violations"],
            }
            for name, window in counted.items()
        }

    def reset_limits(self) -> None:
        """Forgets what was counted so far."""
        self.rates.reset()

    def revoke(self, what: str) -> None:
        """The restricted key is revoked (`key`), or loses the permission for a stream."""
        key = self.keys.known[self.restricted]
        if what == "key":
            key.is_revoked = True
        elif what in _KINDS:
            kind = _KINDS[what]
            key.permissions = (key.permissions or set()) - {_PERMISSIONS.get(kind, f"{kind}_read")}
        else:
            raise LookupError(f"stripe has no stream {what!r}; known are {', '.join(sorted(_KINDS))}")
