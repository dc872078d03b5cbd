"""The billing engine: turns writes and the passing of time into Stripe objects, events and facts."""

from __future__ import annotations

from sandbox.stripe.billing.engine import Billing
from sandbox.stripe.billing.invoices import Dunning

__all__ = ["Billing", "Dunning"]
