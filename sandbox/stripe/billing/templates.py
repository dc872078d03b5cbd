"""Every field of the billing objects with its unset value (docs.stripe.com/api, version 2026-10-28.endive).

Fields that the API leaves out until they are asked for are absent here too.
"""

from __future__ import annotations

from typing import Any

Body = dict[str, Any]

SELF = {"type": "self"}


def _template(object: str, unset: str, **preset: Any) -> Body:
    return {"id": "", "object": object, **dict.fromkeys(unset.split()), **preset, "livemode": False}


_NO_ADDRESS = {
    "address": None, "email": None, "name": None, "phone": None, "tax_id": None,
}  # fmt: skip

CUSTOMER = _template(
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
PRODUCT = _template(
    "product",
    "created default_price description name package_dimensions shippable statement_descriptor tax_code tax_details"
    " unit_label updated url",
    active=True,
    images=[],
    marketing_features=[],
    metadata={},
    type="service",
)
PRICE = _template(
    "price",
    "created currency custom_unit_amount lookup_key nickname product recurring tax_behavior tiers_mode"
    " transform_quantity unit_amount unit_amount_decimal",
    active=True,
    billing_scheme="per_unit",
    metadata={},
    tax_behavior="unspecified",
    type="recurring",
)
PLAN = _template(
    "plan",
    "amount amount_decimal created currency interval meter nickname product tiers_mode transform_usage"
    " trial_period_days",
    active=True,
    billing_scheme="per_unit",
    interval_count=1,
    metadata={},
    usage_type="licensed",
)
COUPON = _template(
    "coupon",
    "amount_off created currency duration_in_months max_redemptions name percent_off redeem_by",
    duration="once",
    metadata={},
    times_redeemed=0,
    valid=True,
)
PROMOTION_CODE = _template(
    "promotion_code",
    "code created customer customer_account expires_at max_redemptions promotion",
    active=True,
    metadata={},
    restrictions={"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None},
    times_redeemed=0,
)
DISCOUNT = _template(
    "discount",
    "checkout_session customer customer_account end invoice invoice_item promotion_code source start subscription"
    " subscription_item",
)
del DISCOUNT["livemode"]
SUBSCRIPTION = _template(
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
SUBSCRIPTION_ITEM = _template(
    "subscription_item",
    "billing_thresholds created current_period_end current_period_start current_trial price plan subscription",
    discounts=[],
    metadata={},
    tax_rates=[],
)
del SUBSCRIPTION_ITEM["livemode"]
SUBSCRIPTION_SCHEDULE = _template(
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
        "application_fee_percent billing_cycle_anchor billing_thresholds collection_method default_payment_method"
        " description invoice_settings metadata on_behalf_of transfer_data trial_end".split()
    ),
    "add_invoice_items": [],
    "default_tax_rates": [],
    "discounts": [],
    "metadata": {},
    "proration_behavior": "create_prorations",
}
INVOICE = _template(
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
        "amount_due amount_overpaid amount_paid amount_paid_off_stripe amount_remaining amount_shipping attempt_count"
        " post_payment_credit_notes_amount pre_payment_credit_notes_amount starting_balance subtotal total".split(),
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
LINE_ITEM = _template(
    "line_item",
    "amount currency description invoice parent period pricing quantity quantity_decimal subscription subtotal",
    discount_amounts=[],
    discountable=True,
    discounts=[],
    metadata={},
    pretax_credit_amounts=[],
    taxes=[],
)
INVOICE_ITEM = _template(
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
INVOICE_PAYMENT = _template(
    "invoice_payment",
    "amount_paid amount_requested created currency invoice payment",
    is_default=True,
    status="open",
    status_transitions={"canceled_at": None, "paid_at": None},
)
CHARGE = _template(
    "charge",
    "amount application application_fee application_fee_amount authorization_code balance_transaction created currency"
    " customer description failure_balance_transaction failure_code failure_message level3 on_behalf_of outcome"
    " payment_intent payment_method payment_method_details receipt_email receipt_number receipt_url review shipping"
    " source source_transfer statement_descriptor statement_descriptor_suffix status transfer_data transfer_group",
    amount_captured=0,
    amount_refunded=0,
    billing_details=_NO_ADDRESS,
    calculated_statement_descriptor="NORTHWIND SOFTWARE",
    captured=True,
    disputed=False,
    fraud_details={},
    metadata={},
    paid=True,
    radar_options={},
    refunded=False,
)
PAYMENT_INTENT = _template(
    "payment_intent",
    "allowed_payment_method_types amount application application_fee_amount automatic_payment_methods canceled_at"
    " cancellation_reason client_secret created currency customer customer_account description"
    " excluded_payment_method_types last_payment_error latest_charge managed_payments next_action on_behalf_of"
    " payment_method payment_method_configuration_details payment_record processing receipt_email review"
    " setup_future_usage shipping source statement_descriptor statement_descriptor_suffix status transfer_data"
    " transfer_group",
    amount_capturable=0,
    amount_details={"tip": {}},
    amount_received=0,
    capture_method="automatic",
    confirmation_method="automatic",
    metadata={},
    payment_method_options={},
    payment_method_types=["card"],
)
PAYMENT_METHOD = _template(
    "payment_method",
    "created customer customer_account",
    allow_redisplay="unspecified",
    billing_details=_NO_ADDRESS,
    metadata={},
    type="card",
)
REFUND = _template(
    "refund",
    "amount balance_transaction charge created currency customer customer_account payment_intent payment_method reason"
    " receipt_number source_transfer_reversal transfer_reversal",
    metadata={},
    status="succeeded",
)
del REFUND["livemode"]
_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal"
    " customer_communication customer_email_address customer_name customer_purchase_ip customer_signature"
    " duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt"
    " refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation"
    " shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number"
    " uncategorized_file uncategorized_text"
)
DISPUTE = _template(
    "dispute",
    "amount charge created currency evidence_details network_reason_code payment_intent",
    balance_transactions=[],
    enhanced_eligibility_types=[],
    evidence={**dict.fromkeys(_EVIDENCE.split()), "enhanced_evidence": {}},
    is_charge_refundable=False,
    metadata={},
    reason="general",
    status="needs_response",
)
CREDIT_NOTE = _template(
    "credit_note",
    "amount created currency customer customer_account customer_balance_transaction effective_at invoice lines memo"
    " number out_of_band_amount pdf reason shipping_cost subtotal subtotal_excluding_tax total total_excluding_tax"
    " voided_at",
    amount_shipping=0,
    discount_amount=0,
    discount_amounts=[],
    metadata={},
    post_payment_amount=0,
    pre_payment_amount=0,
    pretax_credit_amounts=[],
    refunds=[],
    status="issued",
    total_taxes=[],
    type="post_payment",
)
CREDIT_NOTE_LINE = _template(
    "credit_note_line_item",
    "amount description quantity unit_amount unit_amount_decimal",
    discount_amount=0,
    discount_amounts=[],
    metadata={},
    pretax_credit_amounts=[],
    tax_rates=[],
    taxes=[],
    type="custom_line_item",
)
CUSTOMER_BALANCE_TRANSACTION = _template(
    "customer_balance_transaction",
    "amount checkout_session created credit_note currency customer customer_account description ending_balance invoice",
    metadata={},
    type="adjustment",
)
BALANCE_TRANSACTION = _template(
    "balance_transaction",
    "amount available_on created currency description exchange_rate net reporting_category source type",
    balance_type="payments",
    fee=0,
    fee_details=[],
    status="pending",
)
del BALANCE_TRANSACTION["livemode"]
PAYOUT = _template(
    "payout",
    "amount application_fee application_fee_amount arrival_date balance_transaction created currency description"
    " destination failure_balance_transaction failure_code failure_message original_payout payout_method reversed_by"
    " statement_descriptor trace_id",
    automatic=True,
    metadata={},
    method="standard",
    reconciliation_status="completed",
    source_type="card",
    status="in_transit",
    type="bank_account",
)
METER = _template(
    "billing.meter",
    "created display_name event_name event_time_window updated",
    customer_mapping={"event_payload_key": "stripe_customer_id", "type": "by_id"},
    default_aggregation={"formula": "sum"},
    status="active",
    status_transitions={"deactivated_at": None},
    value_settings={"event_payload_key": "value"},
)
METER_EVENT_SUMMARY = _template("billing.meter_event_summary", "aggregated_value end_time meter start_time")


def nested_list(data: list[Any], url: str) -> Body:
    """The envelope of a list inside an object."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
