"""Coupons, promotion codes and the discounts they give."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import add_months
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError, missing
from sandbox.truth.facts import DiscountGiven, DiscountRemoved


class Coupons:
    """Writes on coupons."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, params: Params, *, at: int) -> Body:
        """A new coupon: a percentage or an amount off."""
        percent, amount = read.decimal(params, "percent_off"), read.integer(params, "amount_off")
        if (percent is None) == (amount is None):
            raise StripeError("Must provide percent_off or amount_off, and not both.", param="percent_off")
        duration = read.choice(params, "duration", ("forever", "once", "repeating"), "once")
        body = {
            **templates.COUPON,
            "id": params.get("id") or self._books.ids.new("", 8),
            "amount_off": amount,
            "created": at,
            "currency": read.required(params, "currency").lower() if amount is not None else None,
            "duration": duration,
            "duration_in_months": read.integer(params, "duration_in_months") if duration == "repeating" else None,
            "max_redemptions": read.integer(params, "max_redemptions"),
            "metadata": read.merged_metadata({}, params),
            "name": params.get("name") or None,
            "percent_off": None if percent is None else float(percent),
            "redeem_by": read.integer(params, "redeem_by"),
        }
        products = read.rows(read.nested(params, "applies_to"), "products")
        if products:
            body["applies_to"] = {"products": products}
        return self._books.add("coupon", body, at, "coupon.created")

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed name or metadata."""
        body = self._books.need("coupon", id)
        body["name"] = params.get("name", body["name"]) or None
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        return self._books.change("coupon", body, at, "coupon.updated")

    def delete(self, id: str, params: Params, *, at: int) -> Body:
        """No new discount from it; those it gave stay in force."""
        return self._books.drop("coupon", id, at, "coupon.deleted")


class PromotionCodes:
    """Writes on promotion codes."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, params: Params, *, at: int) -> Body:
        """A new code for a coupon."""
        promotion = read.nested(params, "promotion") or {"coupon": read.required(params, "coupon")}
        self._books.need("coupon", promotion["coupon"], "promotion[coupon]")
        body = {
            **templates.PROMOTION_CODE,
            "id": self._books.ids.new("promo_"),
            "code": params.get("code") or self._books.ids.new("", 8).upper(),
            "created": at,
            "customer": params.get("customer") or None,
            "expires_at": read.integer(params, "expires_at"),
            "max_redemptions": read.integer(params, "max_redemptions"),
            "metadata": read.merged_metadata({}, params),
            "promotion": {"coupon": promotion["coupon"], "type": "coupon"},
        }
        return self._books.add("promotion_code", body, at, "promotion_code.created")

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed state or metadata."""
        body = self._books.need("promotion_code", id)
        body["active"] = read.boolean(params, "active", body["active"])
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        return self._books.change("promotion_code", body, at, "promotion_code.updated")


class Discounts:
    """Discounts in force; one row of `discounts` in a write names a coupon, a promotion code or a discount."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def give(self, row: Params, target: dict[str, Any], level: str, *, at: int) -> str:
        """Redeem for a customer, subscription or item (`target`: its ids) and return the discount's id."""
        if row.get("discount"):
            return str(row["discount"])
        code, coupon = self._redeem(row, at)
        end = None
        if coupon["duration"] == "repeating":
            end = add_months(at, coupon["duration_in_months"])
        body = {
            **templates.DISCOUNT,
            "id": self._books.ids.new("di_"),
            "customer": target["customer"],
            "end": end,
            "promotion_code": code,
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": at,
            "subscription": target.get("subscription"),
            "subscription_item": target.get("subscription_item"),
        }
        self._books.add("discount", body, at, "customer.discount.created")
        self._report(body, coupon, level)
        return str(body["id"])

    def _redeem(self, row: Params, at: int) -> tuple[str | None, Body]:
        code = row.get("promotion_code")
        if code:
            promotion = self._books.need("promotion_code", code, "discounts[0][promotion_code]")
            promotion["times_redeemed"] += 1
            self._books.change("promotion_code", promotion, at, "promotion_code.updated")
            row = promotion["promotion"]
        coupon = self._books.store.get("coupon", row.get("coupon", ""))
        if coupon is None:
            raise missing("coupon", str(row.get("coupon")), param="discounts[0][coupon]")
        coupon["times_redeemed"] += 1
        spent = coupon["max_redemptions"] is not None and coupon["times_redeemed"] >= coupon["max_redemptions"]
        coupon["valid"] = coupon["valid"] and not spent
        return code, self._books.change("coupon", coupon, at, "coupon.updated")

    def _report(self, discount: Body, coupon: Body, level: str) -> None:
        percent, amount = coupon["percent_off"], coupon["amount_off"]
        self._books.facts.report(
            discount["customer"],
            DiscountGiven(
                at=discount["start"],
                end=discount["end"],
                discount=discount["id"],
                level=level,
                target=discount[level],
                percent=None if percent is None else Fraction(str(percent)),
                amount=None if amount is None else Fraction(amount),
                currency=coupon["currency"],
                products=frozenset(coupon.get("applies_to", {}).get("products", ())),
                once=coupon["duration"] == "once",
            ),
        )

    def terms(self, id: str) -> tuple[Body, Body]:
        """A discount and its coupon, which may be deleted by now."""
        discount = self._books.store.get("discount", id) or self._books.store.deleted("discount", id)
        if discount is None:
            raise missing("discount", id, param="discounts")
        coupon_id = discount["source"]["coupon"]
        coupon = self._books.store.get("coupon", coupon_id) or self._books.store.deleted("coupon", coupon_id)
        assert coupon is not None, coupon_id
        return discount, coupon

    def end(self, id: str, *, at: int) -> None:
        """Stop a discount: taken away, used up or past its end."""
        discount, _ = self.terms(id)
        if self._books.store.get("discount", id) is None:
            return
        self._books.facts.report(discount["customer"], DiscountRemoved(at, id))
        self._books.store.remove("discount", id, at=at, event="customer.discount.deleted")
