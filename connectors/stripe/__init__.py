"""Stripe: billing. See the connector's class for what it brings and which key it needs."""

from __future__ import annotations

from connectors.stripe.connector import Stripe, StripeSettings

__all__ = ["Stripe", "StripeSettings"]
