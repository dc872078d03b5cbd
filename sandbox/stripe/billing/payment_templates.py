"""Every field of payments, refunds, credits and payouts with its unset value (docs.stripe.com/api)."""

from __future__ import annotations

from sandbox.stripe.billing.templates import template

_NO_ADDRESS = dict.fromkeys(("address", "email", "name", "phone", "tax_id"))

CHARGE = template(
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
PAYMENT_INTENT = template(
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
PAYMENT_METHOD = template(
    "payment_method",
    "created customer customer_account",
    allow_redisplay="unspecified",
    billing_details=_NO_ADDRESS,
    metadata={},
    type="card",
)
REFUND = template(
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
DISPUTE = template(
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
CREDIT_NOTE = template(
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
CREDIT_NOTE_LINE = template(
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
CUSTOMER_BALANCE_TRANSACTION = template(
    "customer_balance_transaction",
    "amount checkout_session created credit_note currency customer customer_account description ending_balance invoice",
    metadata={},
    type="adjustment",
)
BALANCE_TRANSACTION = template(
    "balance_transaction",
    "amount available_on created currency description exchange_rate net reporting_category source type",
    balance_type="payments",
    fee=0,
    fee_details=[],
    status="pending",
)
del BALANCE_TRANSACTION["livemode"]
PAYOUT = template(
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
