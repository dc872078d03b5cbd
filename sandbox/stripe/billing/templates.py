"""Every field of the billing objects with its unset value (docs.stripe.com/api, version 2026-10-28.endive).

Fields that the API leaves out until they are asked for are absent here too.
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

SELF = {"type": "self"}


def template(object: str, unset: str, **preset: Any) -> Body:
    """A body with every field: those named in `unset` null, the others as given."""
    return {"id": "", "object": object, **dict.fromkeys(unset.split()), **preset, "livemode": False}


CUSTOMER = template(
    "customer",
    "address created currency customer_account default_source description discount email name phone shipping test_clock",
    balance=0,
    delinquent=False,
    invoice_prefix="",
    invoice_settings={
        "custom_fields": None,
        "default_payment_method": None,
        "footer": None,
        "rendering_options": None,
    },
    metadata={},
    preferred_locales=[],
    tax_exempt="none",
)
PRODUCT = template(
    "product",
    "created default_price description name package_dimensions shippable statement_descriptor tax_code tax_details"
    " unit_label updated url",
    active=True,
    images=[],
    marketing_features=[],
    metadata={},
    type="service",
)
PRICE = template(
    "price",
    "created currency custom_unit_amount lookup_key nickname product recurring tax_behavior tiers_mode"
    " transform_quantity unit_amount unit_amount_decimal",
    active=True,
    billing_scheme="per_unit",
    metadata={},
    tax_behavior="unspecified",
    type="recurring",
)
PLAN = template(
    "plan",
    "amount amount_decimal created currency interval meter nickname product tiers_mode transform_usage trial_period_days",
    active=True,
    billing_scheme="per_unit",
    interval_count=1,
    metadata={},
    usage_type="licensed",
)
COUPON = template(
    "coupon",
    "amount_off created currency duration_in_months max_redemptions name percent_off redeem_by",
    duration="once",
    metadata={},
    times_redeemed=0,
    valid=True,
)
PROMOTION_CODE = template(
    "promotion_code",
    "code created customer customer_account expires_at max_redemptions promotion",
    active=True,
    metadata={},
    restrictions={"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
    times_redeemed=0,
)
DISCOUNT = template(
    "discount",
    "checkout_session customer customer_account end invoice invoice_item promotion_code source start subscription"
    " subscription_item",
)
del DISCOUNT["livemode"]
SUBSCRIPTION = template(
    "subscription",
    "application application_fee_percent billing_cycle_anchor billing_cycle_anchor_config billing_thresholds cancel_at"
    " canceled_at created currency customer customer_account days_until_due default_payment_method default_source"
    " description ended_at items latest_invoice managed_payments next_pending_invoice_item_invoice on_behalf_of"
    " pause_collection pending_invoice_item_interval pending_setup_intent pending_update schedule start_date status"
    " status_details test_clock transfer_data trial_end trial_start",
    automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
    billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible"},
    billing_schedules=[],
    cancel_at_period_end=False,
    cancellation_details={"comment": None, "feedback": None, "reason": None},
    collection_method="charge_automatically",
    default_tax_rates=[],
    discounts=[],
    invoice_settings={"account_tax_ids": None, "issuer": SELF},
    metadata={},
    payment_settings={
        "payment_method_options": None,
        "payment_method_types": None,
        "save_default_payment_method": "off",
    },
    trial_settings={"end_behavior": {"billing_cycle_anchor": None, "missing_payment_method": "create_invoice"}},
)
SUBSCRIPTION_ITEM = template(
    "subscription_item",
    "billing_thresholds created current_period_end current_period_start current_trial price plan subscription",
    discounts=[],
    metadata={},
    tax_rates=[],
)
del SUBSCRIPTION_ITEM["livemode"]
SUBSCRIPTION_SCHEDULE = template(
    "subscription_schedule",
    "application canceled_at completed_at created current_phase customer customer_account released_at"
    " released_subscription subscription test_clock",
    billing_mode={"flexible": {"proration_discounts": "included"}, "type": "flexible"},
    default_settings={
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": "automatic",
        "billing_thresholds": None,
        "collection_method": "charge_automatically",
        "default_payment_method": None,
        "description": None,
        "invoice_settings": {"account_tax_ids": None, "days_until_due": None, "issuer": SELF},
        "on_behalf_of": None,
        "transfer_data": None,
    },
    end_behavior="release",
    metadata={},
    pause_schedules=[],
    phases=[],
    status="active",
)
SCHEDULE_PHASE: Body = {
    **dict.fromkeys(
        [
            "application_fee_percent",
            "billing_cycle_anchor",
            "billing_thresholds",
            "collection_method",
            "default_payment_method",
            "description",
            "invoice_settings",
            "metadata",
            "on_behalf_of",
            "transfer_data",
            "trial_end",
        ]
    ),
    "add_invoice_items": [],
    "default_tax_rates": [],
    "discounts": [],
    "metadata": {},
    "proration_behavior": "create_prorations",
}
INVOICE = template(
    "invoice",
    "account_tax_ids application automatically_finalizes_at billing_reason confirmation_secret created currency"
    " custom_fields customer customer_account customer_address customer_email customer_name customer_phone"
    " customer_shipping default_payment_method default_source description due_date effective_at ending_balance footer"
    " from_invoice hosted_invoice_url invoice_pdf last_finalization_error latest_revision lines next_payment_attempt"
    " number on_behalf_of parent period_end period_start receipt_number rendering shipping_cost shipping_details"
    " statement_descriptor status_details subtotal_excluding_tax test_clock total_excluding_tax webhooks_delivered_at",
    account_country="US",
    account_name="Northwind Software",
    **dict.fromkeys(
        [
            "amount_due",
            "amount_overpaid",
            "amount_paid",
            "amount_paid_off_stripe",
            "amount_remaining",
            "amount_shipping",
            "attempt_count",
            "post_payment_credit_notes_amount",
            "pre_payment_credit_notes_amount",
            "starting_balance",
            "subtotal",
            "total",
        ],
        0,
    ),
    attempted=False,
    auto_advance=True,
    automatic_tax={"disabled_reason": None, "enabled": False, "liability": None, "provider": None, "status": None},
    collection_method="charge_automatically",
    customer_tax_exempt="none",
    customer_tax_ids=[],
    default_tax_rates=[],
    discounts=[],
    issuer=SELF,
    metadata={},
    payment_settings={"default_mandate": None, "payment_method_options": None, "payment_method_types": None},
    status="draft",
    status_transitions={
        "finalized_at": None,
        "marked_uncollectible_at": None,
        "paid_at": None,
        "voided_at": None,
    },
    total_discount_amounts=[],
    total_pretax_credit_amounts=[],
    total_taxes=[],
)
LINE_ITEM = template(
    "line_item",
    "amount currency description invoice parent period pricing quantity quantity_decimal subscription subtotal",
    discount_amounts=[],
    discountable=True,
    discounts=[],
    metadata={},
    pretax_credit_amounts=[],
    taxes=[],
)
INVOICE_ITEM = template(
    "invoiceitem",
    "amount currency customer customer_account date description invoice parent period pricing quantity"
    " quantity_decimal test_clock",
    discountable=True,
    discounts=[],
    frozen_fields=[],
    invoicing_rules=[],
    metadata={},
    proration=False,
    tax_rates=[],
)
INVOICE_PAYMENT = template(
    "invoice_payment",
    "amount_paid amount_requested created currency invoice payment",
    is_default=True,
    status="open",
    status_transitions={"canceled_at": None, "paid_at": None},
)
METER = template(
    "billing.meter",
    "created display_name event_name event_time_window updated",
    customer_mapping={"event_payload_key": "stripe_customer_id", "type": "by_id"},
    default_aggregation={"formula": "sum"},
    status="active",
    status_transitions={"deactivated_at": None},
    value_settings={"event_payload_key": "value"},
)
METER_EVENT_SUMMARY = template("billing.meter_event_summary", "aggregated_value end_time meter start_time")
TEST_CLOCK = template("test_helpers.test_clock", "created deletes_after frozen_time name", status="ready", status_details={})


def nested_list(data: list[Any], url: str) -> Body:
    """The envelope of a list inside an object."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
