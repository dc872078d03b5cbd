"""The writing endpoints as a table: which operation of the billing engine each path carries out."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe.collection import Body
from sandbox.stripe.expand import read_expansions
from sandbox.stripe.reading import Call
from sandbox.stripe.render import render


@dataclass(frozen=True)
class Writer:
    """A POST or DELETE endpoint: `kind` is what it answers with, `operation` what it does."""

    method: str
    path: str
    kind: str
    operation: str

    @property
    def permission(self) -> str:
        """The permission a restricted key needs."""
        return f"{_PERMISSION_OF.get(self.kind, self.kind)}_write"

    def answer(self, call: Call) -> Body:
        """Carry the operation out and render the object it answers with."""
        tree = read_expansions(call.params, self.kind, is_list=False)
        body = call.account.write(self.operation, {**call.path, "params": call.params})
        return body if body.get("deleted") else render(call.store, self.kind, body, tree)


_PERMISSION_OF = {"subscription_item": "subscription", "customer_balance_transaction": "customer"}

_TABLE = """
POST   /v1/customers                            customer           create_customer
POST   /v1/customers/{id}                       customer           update_customer
DELETE /v1/customers/{id}                       customer           delete_customer
DELETE /v1/customers/{id}/discount              customer           delete_customer_discount
POST   /v1/customers/{id}/balance_transactions  customer_balance_transaction  create_customer_balance_transaction
POST   /v1/products                             product            create_product
POST   /v1/products/{id}                        product            update_product
DELETE /v1/products/{id}                        product            delete_product
POST   /v1/prices                               price              create_price
POST   /v1/prices/{id}                          price              update_price
POST   /v1/plans                                plan               create_plan
DELETE /v1/plans/{id}                           plan               delete_plan
POST   /v1/coupons                              coupon             create_coupon
POST   /v1/coupons/{id}                         coupon             update_coupon
DELETE /v1/coupons/{id}                         coupon             delete_coupon
POST   /v1/promotion_codes                      promotion_code     create_promotion_code
POST   /v1/promotion_codes/{id}                 promotion_code     update_promotion_code
POST   /v1/subscriptions                        subscription       create_subscription
POST   /v1/subscriptions/{id}                   subscription       update_subscription
DELETE /v1/subscriptions/{id}                   subscription       cancel_subscription
POST   /v1/subscriptions/{id}/resume            subscription       resume_subscription
DELETE /v1/subscriptions/{id}/discount          subscription       delete_subscription_discount
POST   /v1/subscription_items                   subscription_item  create_subscription_item
POST   /v1/subscription_items/{id}              subscription_item  update_subscription_item
DELETE /v1/subscription_items/{id}              subscription_item  delete_subscription_item
POST   /v1/subscription_schedules               subscription_schedule  create_subscription_schedule
POST   /v1/subscription_schedules/{id}          subscription_schedule  update_subscription_schedule
POST   /v1/subscription_schedules/{id}/cancel   subscription_schedule  cancel_subscription_schedule
POST   /v1/subscription_schedules/{id}/release  subscription_schedule  release_subscription_schedule
POST   /v1/invoiceitems                         invoice_item       create_invoice_item
POST   /v1/invoiceitems/{id}                    invoice_item       update_invoice_item
DELETE /v1/invoiceitems/{id}                    invoice_item       delete_invoice_item
POST   /v1/invoices                             invoice            create_invoice
POST   /v1/invoices/{id}                        invoice            update_invoice
DELETE /v1/invoices/{id}                        invoice            delete_invoice
POST   /v1/invoices/{id}/finalize               invoice            finalize_invoice
POST   /v1/invoices/{id}/pay                    invoice            pay_invoice
POST   /v1/invoices/{id}/void                   invoice            void_invoice
POST   /v1/invoices/{id}/mark_uncollectible     invoice            mark_invoice_uncollectible
POST   /v1/refunds                              refund             create_refund
POST   /v1/credit_notes                         credit_note        create_credit_note
POST   /v1/credit_notes/{id}/void               credit_note        void_credit_note
POST   /v1/billing/meters                       meter              create_meter
POST   /v1/billing/meters/{id}/deactivate       meter              deactivate_meter
POST   /v1/billing/meters/{id}/reactivate       meter              reactivate_meter
POST   /v1/billing/meter_events                 meter_event        create_meter_event
POST   /v1/payment_methods                      payment_method     create_payment_method
POST   /v1/payment_methods/{id}/attach          payment_method     attach_payment_method
POST   /v1/payouts                              payout             create_payout
POST   /v1/test_helpers/test_clocks             test_clock         create_test_clock
POST   /v1/test_helpers/test_clocks/{id}/advance  test_clock       advance_test_clock
POST   /v1/disputes/{id}/close                  dispute            close_dispute
"""

WRITERS: tuple[Writer, ...] = tuple(Writer(*line.split()) for line in _TABLE.strip().splitlines())
"""Every endpoint that changes something."""
