"""Subscription items: building them, moving their periods, billing them."""

from __future__ import annotations

from fractions import Fraction

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import period_end
from sandbox.stripe.billing.catalog import Prices
from sandbox.stripe.billing.coupons import Discounts
from sandbox.stripe.billing.customers import Customers
from sandbox.stripe.billing.lines import item_lines
from sandbox.stripe.billing.params import Params
from sandbox.stripe.billing.usage import Meters
from sandbox.stripe.errors import StripeError
from sandbox.truth.facts import ItemPriced, Tariff


class Items:
    """What a subscription consists of."""

    def __init__(self, books: Books, prices: Prices, customers: Customers, discounts: Discounts, meters: Meters) -> None:
        self._books = books
        self._prices = prices
        self._customers = customers
        self._discounts = discounts
        self._meters = meters

    def new(self, row: Params, subscription: str, customer: str, *, at: int) -> Body:
        """An item for a row of `items`; its period is not set yet."""
        price = row.get("price") or row.get("plan")
        if not price:
            price = self._prices.create(read.nested(row, "price_data"), at=at)["id"]
        tariff = self._prices.tariff(price, "items[0][price]")
        if tariff.interval is None:
            raise StripeError("The price specified is set to type=one_time.", param="items[0][price]")
        id = self._books.ids.new("si_")
        target = {"customer": customer, "subscription": subscription, "subscription_item": id}
        body = {
            **templates.SUBSCRIPTION_ITEM,
            "id": id,
            "created": at,
            "discounts": [
                self._discounts.give(discount, target, "subscription_item", at=at) for discount in read.rows(row, "discounts")
            ],
            "metadata": read.merged_metadata({}, row),
            "plan": self._prices.plan(price),
            "price": price,
            "subscription": subscription,
        }
        quantity = read.integer(row, "quantity")
        if tariff.meter is None:
            body["quantity"] = 1 if quantity is None else quantity
        return body

    def tariff(self, item: Body) -> Tariff:
        """What the item's price charges."""
        return self._prices.tariff(item["price"])

    def reprice(self, item: Body, price: str) -> None:
        """Give an item another price."""
        self._prices.tariff(price, "items[0][price]")
        item |= {"price": price, "plan": self._prices.plan(price)}

    def renew(self, item: Body, start: int, anchor: int) -> None:
        """Move an item to the period that starts now."""
        tariff = self.tariff(item)
        item["current_period_start"] = start
        item["current_period_end"] = period_end(anchor, start, tariff.interval or "month", tariff.interval_count)
        item["_anchor"] = anchor

    def report(self, item: Body, customer: str, *, at: int) -> None:
        """Tell the truth what the item is from now on."""
        tariff = self.tariff(item)
        percent = self._customers.tax_percent(customer) if tariff.inclusive else Fraction(0)
        quantity = item.get("quantity", 0)
        fact = ItemPriced(at, item["subscription"], item["id"], tariff, quantity, percent)
        self._books.facts.report(customer, fact)

    def lines(self, item: Body, *, free: bool = False) -> list[Body]:
        """The lines that bill an item's current period in advance; none for metered items."""
        tariff = self.tariff(item)
        if tariff.meter is not None:
            return []
        period = (item["current_period_start"], item["current_period_end"])
        return item_lines(self._books.ids, item, tariff, period, item["quantity"], free)

    def usage_lines(self, item: Body, customer: str, end: int) -> list[Body]:
        """The lines that bill what a metered item used in its period so far."""
        tariff = self.tariff(item)
        if tariff.meter is None:
            return []
        period = (item["current_period_start"], end)
        used = self._meters.used(tariff.meter, customer, *period)
        return item_lines(self._books.ids, item, tariff, period, used)
