"""The publisher of exchange rates as one of the company's systems (see sandbox.vendor)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from starlette.types import ASGIApp

from sandbox.ecb.app import create_app
from sandbox.ecb.rates import ReferenceRates
from sandbox.faults import Distortion
from sandbox.story.events import Event
from sandbox.vendor import Surroundings


class EcbSystem:
    """Rates that everybody may read; nobody writes them."""

    name = "ecb"
    presets: ClassVar[dict[str, dict[str, Any]]] = {
        "rate_limit": {"status": 429, "body": "Too many requests."},
        "rate_limit_wait": {"status": 429, "headers": {"Retry-After": "1"}, "body": "Too many requests."},
        "server_error": {"status": 500, "body": "Internal error."},
        "unavailable": {"status": 503, "body": "Service unavailable."},
        "forbidden": {"status": 403, "body": "Access denied."},
        "missing": {"status": 404, "body": "No results found."},
    }
    distortions: ClassVar[dict[str, Distortion]] = {}

    def __init__(self, rates: ReferenceRates, now: Callable[[], int]) -> None:
        self.rates = rates
        self.now = now

    def hear(self, event: Event) -> None:
        """Nothing: rates do not depend on the company."""

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Refused."""
        raise LookupError("exchange rates cannot be written")

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""
        return create_app(self)

    def connection(self, base_url: str) -> dict[str, str]:
        """Where the rates are; there is no key."""
        return {"base_url": base_url}

    def streams(self) -> dict[str, dict[str, Any]]:
        """Every published rate."""
        ids = sorted(self.objects("reference_rates"))
        return {"reference_rates": {"count": len(ids), "ids": ids, "deleted": []}}

    def objects(self, stream: str) -> dict[str, Any]:
        """Every published rate by day and currency."""
        return {
            f"{day.isoformat()}/{currency}": {"date": day.isoformat(), "currency": currency, "rate": text}
            for day, texts in self.rates.published()
            for currency, text in texts.items()
        }

    def limits(self) -> dict[str, Any]:
        """None are published."""
        return {}

    def reset_limits(self) -> None:
        """Nothing was counted."""

    def revoke(self, what: str) -> None:
        """Refused: there is nothing to take away."""
        raise LookupError("exchange rates need no credentials")
