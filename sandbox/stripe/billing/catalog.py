"""Products, prices with their legacy plans, and the tariffs that prices stand for."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.money import decimal_text
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import Tariff, Tier

_INTERVALS = ("day", "week", "month", "year")


class Products:
    """Writes on products."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, params: Params, *, at: int) -> Body:
        """A new product."""
        body = {
            **templates.PRODUCT,
            "id": params.get("id") or self._books.ids.new("prod_", 14),
            "active": read.boolean(params, "active", True),
            "created": at,
            "updated": at,
            "name": read.required(params, "name"),
            "description": params.get("description") or None,
            "unit_label": params.get("unit_label") or None,
            "metadata": read.merged_metadata({}, params),
        }
        return self._books.add("product", body, at, "product.created")

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed name, description, state or metadata."""
        body = self._books.need("product", id)
        for name in ("name", "description", "unit_label", "default_price"):
            if name in params:
                body[name] = params[name] or None
        body["active"] = read.boolean(params, "active", body["active"])
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        body["updated"] = at
        return self._books.change("product", body, at, "product.updated")

    def delete(self, id: str, params: Params, *, at: int) -> Body:
        """Gone for good; refused while a price uses it."""
        if any(price["product"] == id for price in self._books.store.where("price", "product", id)):
            raise StripeError("This product cannot be deleted because it has one or more user-created prices.")
        return self._books.drop("product", id, at, "product.deleted")


class Prices:
    """Writes on prices, and the tariff of each."""

    def __init__(self, books: Books, products: Products) -> None:
        self._books = books
        self._products = products
        self._tariffs: dict[str, Tariff] = {}
        self._plans: dict[str, Body] = {}

    def create(self, params: Params, *, at: int) -> Body:
        """A new price; a recurring one is listed as a plan too."""
        product = params.get("product") or self._products.create(read.nested(params, "product_data"), at=at)["id"]
        self._books.need("product", product, "product")
        recurring = _recurring(read.nested(params, "recurring"))
        body = {
            **templates.PRICE,
            "id": self._books.ids.new("price_"),
            "active": read.boolean(params, "active", True),
            "created": at,
            "currency": read.required(params, "currency").lower(),
            "lookup_key": params.get("lookup_key") or None,
            "nickname": params.get("nickname") or None,
            "metadata": read.merged_metadata({}, params),
            "product": product,
            "recurring": recurring,
            "tax_behavior": params.get("tax_behavior") or "unspecified",
            "type": "recurring" if recurring else "one_time",
            **_amounts(params),
        }
        self._books.add("price", body, at, "price.created")
        if recurring:
            self._books.add("plan", _plan(body), at, "plan.created")
        return body

    def update(self, id: str, params: Params, *, at: int) -> Body:
        """Changed state, nickname, lookup key or metadata; amounts never change."""
        body = self._books.need("price", id)
        for name in ("nickname", "lookup_key"):
            if name in params:
                body[name] = params[name] or None
        body["active"] = read.boolean(params, "active", body["active"])
        body["metadata"] = read.merged_metadata(body["metadata"], params)
        self._books.change("price", body, at, "price.updated")
        if body["recurring"]:
            self._books.change("plan", _plan(body), at, "plan.updated")
            self._plans.pop(id, None)
        return body

    def tariff(self, id: str, param: str = "price") -> Tariff:
        """What the price charges."""
        found = self._tariffs.get(id)
        if found is None:
            found = self._tariffs[id] = _tariff(self._books.need("price", id, param))
        return found

    def plan(self, id: str) -> Body:
        """The plan that mirrors the price, as a subscription item shows it."""
        found = self._plans.get(id)
        if found is None:
            plan = _plan(self._books.need("price", id))
            found = self._plans[id] = {key: value for key, value in plan.items() if key != "tiers"}
        return found


class Plans:
    """Writes on legacy plans: each is the price of the same id."""

    def __init__(self, books: Books, prices: Prices) -> None:
        self._books = books
        self._prices = prices

    def create(self, params: Params, *, at: int) -> Body:
        """A new plan and the price it mirrors."""
        product = params.get("product")
        recurring = {key: params[key] for key in ("interval", "interval_count", "usage_type") if key in params}
        renamed: dict[str, Any] = {"product_data": product} if isinstance(product, dict) else {"product": product}
        renamed |= {"unit_amount": params.get("amount"), "unit_amount_decimal": params.get("amount_decimal")}
        price = self._prices.create({**params, **renamed, "recurring": recurring}, at=at)
        return self._books.need("plan", price["id"])

    def delete(self, id: str, params: Params, *, at: int) -> Body:
        """The plan is gone; its price is archived."""
        price = self._books.need("price", id)
        self._books.change("price", {**price, "active": False}, at, "price.updated")
        return self._books.drop("plan", id, at, "plan.deleted")


def _recurring(params: Params) -> Body | None:
    if not params:
        return None
    metered = params.get("usage_type") == "metered"
    if metered and not params.get("meter"):
        raise StripeError("A metered price needs a meter.", param="recurring[meter]")
    return {
        "interval": read.choice(params, "interval", _INTERVALS, ""),
        "interval_count": read.integer(params, "interval_count") or 1,
        "meter": params.get("meter") or None,
        "trial_period_days": read.integer(params, "trial_period_days"),
        "usage_type": "metered" if metered else "licensed",
    }


def _amounts(params: Params) -> Body:
    if params.get("billing_scheme") == "tiered":
        return {
            "billing_scheme": "tiered",
            "tiers_mode": read.choice(params, "tiers_mode", ("graduated", "volume"), ""),
            "tiers": [_tier(row) for row in read.rows(params, "tiers")],
        }
    transform = read.nested(params, "transform_quantity")
    packages = transform and {
        "divide_by": read.integer(transform, "divide_by"),
        "round": read.choice(transform, "round", ("up", "down"), ""),
    }
    return {**_amount(params, "unit_amount"), "transform_quantity": packages or None}


def _amount(params: Params, name: str) -> Body:
    value = read.decimal(params, f"{name}_decimal")
    value = read.decimal(params, name) if value is None else value
    if value is None:
        return {name: None, f"{name}_decimal": None}
    exact = Fraction(value)
    return {name: int(exact) if exact.denominator == 1 else None, f"{name}_decimal": decimal_text(exact)}


def _tier(params: Params) -> Body:
    last = params.get("up_to") in ("inf", "", None)
    return {
        **_amount(params, "flat_amount"),
        **_amount(params, "unit_amount"),
        "up_to": None if last else read.integer(params, "up_to"),
    }


def _plan(price: Body) -> Body:
    recurring = price["recurring"]
    plan = {
        **templates.PLAN,
        **{key: price[key] for key in ("id", "active", "billing_scheme", "created", "currency", "metadata")},
        **{key: price[key] for key in ("nickname", "product", "tiers_mode")},
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "transform_usage": price["transform_quantity"],
        **recurring,
    }
    return {**plan, "tiers": price["tiers"]} if "tiers" in price else plan


def _tariff(price: Body) -> Tariff:
    recurring = price["recurring"] or {"interval": None, "interval_count": 1, "meter": None}
    transform = price["transform_quantity"] or {"divide_by": 1, "round": "up"}
    tiers = (
        Tier(row["up_to"], _exact(row["unit_amount_decimal"]), _exact(row["flat_amount_decimal"]))
        for row in price.get("tiers", ())
    )
    return Tariff(
        price=price["id"],
        product=price["product"],
        currency=price["currency"],
        interval=recurring["interval"],
        interval_count=recurring["interval_count"],
        unit=_exact(price["unit_amount_decimal"]),
        tiers=tuple(tiers),
        graduated=price["tiers_mode"] == "graduated",
        divide_by=transform["divide_by"],
        round_up=transform["round"] == "up",
        meter=recurring["meter"],
        inclusive=price["tax_behavior"] == "inclusive",
    )


def _exact(amount: str | None) -> Fraction:
    return Fraction(amount or 0)
