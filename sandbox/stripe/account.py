"""What the API needs of the simulated account behind it, and the account object itself."""

from __future__ import annotations

from typing import Any, Protocol

from sandbox.stripe.collection import Body
from sandbox.stripe.store import Store

ACCOUNT_ID = "acct_1SandboxCompany0"


class Account(Protocol):
    """The simulated company's Stripe account."""

    store: Store

    def now(self) -> int:
        """The sandbox's time in epoch seconds."""

    def catch_up(self) -> None:
        """Let everything happen that is due by now."""

    def write(self, operation: str, arguments: dict[str, Any]) -> Body:
        """Carry out a write of the API and return the object it answers with."""


def account_object(created: int, currency: str) -> Body:
    """The body of `GET /v1/account`."""
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": None,
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "US",
        "created": created,
        "default_currency": currency,
        "details_submitted": True,
        "email": "billing@example.com",
        "external_accounts": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/accounts/{ACCOUNT_ID}/external_accounts",
        },
        "metadata": {},
        "payouts_enabled": True,
        "settings": None,
        "tos_acceptance": {"date": created},
        "type": "standard",
    }
