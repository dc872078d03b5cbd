"""Items valued once more, from the raw objects that told of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from cynosure.explain.items import Item
from cynosure.explain.objects import RawHistory, RawObject
from cynosure.explain.pricing import Discount, Priced, discounted, net_share, priced, rounded
from cynosure.explain.statement import statement
from cynosure.warehouse import Session

_EXPONENTS = re.compile(r"in \(([^)]*)\)\s*then (\d)")


@dataclass(frozen=True)
class Recomputed:
    """An item's native monthly amount from raw objects, how it came about, and which objects were used.

    `amount` is the models' own where an object is missing; `missing` then says which.
    """

    amount: Decimal
    arithmetic: tuple[str, ...]
    objects: tuple[str, ...]
    missing: str = ""


@dataclass
class _Evidence:
    told: dict[str, RawObject] = field(default_factory=dict)
    prices: dict[str, RawObject] = field(default_factory=dict)
    coupons: dict[str, RawObject] = field(default_factory=dict)
    tax_lines: dict[str, tuple[RawObject, Any]] = field(default_factory=dict)
    shown_coupons: dict[str, Any] = field(default_factory=dict)
    steps: dict[tuple[str, datetime], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    together: dict[tuple[str, datetime], list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))

    def coupon(self, id: str) -> Any:
        """A coupon from its own stream; one that was deleted before the first reading as a discount carries it."""
        return self.coupons[id].body if id in self.coupons else self.shown_coupons[id]


class Recomputation:
    """Values items from raw history; `sql` is the dbt project, which knows the minor units of currencies."""

    def __init__(self, session: Session, history: RawHistory, sql: Path) -> None:
        self._session, self._history = session, history
        text = (sql / "macros" / "money.sql").read_text(encoding="utf-8")
        self._exponents = {code: int(n) for codes, n in _EXPONENTS.findall(text) for code in re.findall(r"[A-Z]{3}", codes)}

    def values(self, items: Collection[Item]) -> dict[str, Recomputed]:
        """Each item's value by its id."""
        evidence = self._evidence(items)
        return {item.id: self._value(item, evidence) for item in items}

    def _evidence(self, items: Collection[Item]) -> _Evidence:
        found = _Evidence()
        found.told = self._told({name for item in items for name in (item.told_by, item.status_by) if name})
        subscriptions = sorted({item.subscription for item in items})
        for subscription, at, coupon, only, shown in self._session.rows(statement("discount_steps"), subscriptions):
            found.steps[subscription, at].append((coupon, only or ""))
            if shown and shown.startswith("{"):
                found.shown_coupons[coupon] = msgspec.json.decode(shown)
        lowered = sorted({subscription for subscription, _ in found.steps})
        for subscription, at, *row in self._session.rows(statement("segment_items"), lowered):
            found.together[subscription, at].append(tuple(row))
        prices = {item.price for item in items} | {row[1] for rows in found.together.values() for row in rows}
        found.prices = self._history.current("stripe", "prices", prices)
        coupons = {coupon for steps in found.steps.values() for coupon, _ in steps}
        found.coupons = self._history.current("stripe", "coupons", coupons)
        found.tax_lines = self._invoice_lines({item.taxed_by for item in items if item.taxed_by})
        return found

    def _told(self, names: set[str]) -> dict[str, RawObject]:
        """The objects by which something became known: versions of subscriptions, events, invoices, pending items, customers."""
        found = self._history.versions("stripe", "subscriptions", {name for name in names if "@" in name})
        found |= self._history.current("stripe", "events", names - found.keys())
        found |= {line: invoice for line, (invoice, _) in self._invoice_lines(names - found.keys()).items()}
        for stream in ("invoice_items", "customers"):
            found |= self._history.current("stripe", stream, names - found.keys())
        return found

    def _invoice_lines(self, ids: set[str]) -> dict[str, tuple[RawObject, Any]]:
        query = "select invoice_line_id, invoice_id from staging.stg_stripe__invoice_lines where invoice_line_id in"
        rows = self._session.rows(f"{query} (select unnest(cast($1 as text[])))", sorted(ids))
        invoices = self._history.current("stripe", "invoices", {invoice for _, invoice in rows})
        return {id: (invoices[invoice], _by_id(invoices[invoice].body["lines"]["data"], id)) for id, invoice in rows}

    def _value(self, item: Item, evidence: _Evidence) -> Recomputed:
        used = [found for name in (item.told_by, item.status_by) if (found := evidence.told.get(name or ""))]
        try:
            amount, arithmetic, more = self._monthly(item, evidence)
        except KeyError as missing:
            keys = tuple(dict.fromkeys(found.key for found in used))
            return Recomputed(item.monthly_amount, (), keys, f"raw history does not show {missing.args[0]}")
        return Recomputed(amount, tuple(arithmetic), tuple(dict.fromkeys(found.key for found in [*used, *more])))

    def _monthly(self, item: Item, evidence: _Evidence) -> tuple[Decimal, list[str], list[RawObject]]:
        at = (item.subscription, item.from_at)
        steps = evidence.steps.get(at, [])
        price, quantity = _shown(item, evidence.told.get(item.told_by or ""))
        rows = [row for row in evidence.together.get(at, []) if row[0] != item.item] if steps else []
        items = {row[0]: priced(evidence.prices[row[1]].body, row[3], int(row[4] or 0)) for row in rows}
        items[item.item] = priced(evidence.prices[price].body, item.currency, quantity)
        used = [evidence.prices[price], *(evidence.coupons[coupon] for coupon, _ in steps if coupon in evidence.coupons)]
        monthly = items[item.item].monthly
        words = [self._price_words(evidence.prices[price].body, items[item.item], quantity, item.currency)]
        applied: list[Discount] = []
        for coupon, only in steps:
            body = evidence.coupon(coupon)
            applied.append(Discount(body, only))
            after = discounted(items, applied, item.currency)[item.item]
            if after != monthly:
                words.append(f"coupon {coupon}: {_off(body)} leaves {self._money(after, item.currency)}")
            monthly = after
        if item.taxed_by:
            invoice, line = evidence.tax_lines[item.taxed_by]
            monthly *= net_share(line)
            words.append(f"without the tax of {item.taxed_by}: {self._money(monthly, item.currency)}")
            used.append(invoice)
        return rounded(monthly / self._minor(item.currency)), words, used

    def _price_words(self, price: Mapping[str, Any], item: Priced, quantity: int, currency: str) -> str:
        unit = price["recurring"]["interval"]
        count = int(price["recurring"]["interval_count"])
        period = f"a {unit}" if count == 1 else f"every {count} {unit}s"
        billed = self._money(item.monthly * item.months, currency)
        monthly = "" if item.months == 1 else f" = {self._money(item.monthly, currency)} a month"
        return f"{quantity:,} at {price['id']}: {billed} {period}{monthly}"

    def _money(self, minor: Fraction, currency: str) -> str:
        text = f"{rounded(minor / self._minor(currency)):,f}".rstrip("0")
        whole, _, decimals = text.partition(".")
        return f"{whole}.{decimals:0<2} {currency}"

    def _minor(self, currency: str) -> int:
        return int(10 ** self._exponents.get(currency, 2))


def _shown(item: Item, told: RawObject | None) -> tuple[str, int]:
    """Price and quantity as the object shows them that told of them; the models' where it was a bill."""
    body = told.body.get("data", {}).get("object", told.body) if told else {}
    entries: Sequence[Any] = (body.get("items") or {}).get("data") or () if isinstance(body.get("items"), dict) else ()
    shown = _by_id(entries, item.item)
    if shown is None:
        return item.price, int(item.quantity or 0)
    price = shown["price"]
    return str(price if isinstance(price, str) else price["id"]), int(shown.get("quantity") or 0)


def _by_id(entries: Iterable[Any], id: str) -> Any:
    return next((entry for entry in entries if entry["id"] == id), None)


def _off(coupon: Mapping[str, Any]) -> str:
    percent = coupon.get("percent_off")
    return f"{percent} % off" if percent is not None else "an amount off"
