"""What revenue and customers are in truth, by every dimension: computed from the facts of the simulation alone.

Money is in millionths of the reporting currency. Who a record stands for is taken as given, since that is measured elsewhere;
what the record says is read from the system that holds it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from segments import segment

from sandbox.truth.facts import ItemPriced
from sandbox.truth.rates import Rates
from sandbox.truth.timeline import NOTHING, Worth, build_timeline

DAY = timedelta(days=1)
#: of the countries that the simulated customers are in
REGIONS = {
    "US": "north_america",
    "CA": "north_america",
    "DE": "europe",
    "GB": "europe",
    "FR": "europe",
    "NL": "europe",
    "JP": "asia_pacific",
}
Key = tuple[date, str]


@dataclass(frozen=True)
class Part:
    """What a movement did to one plan of one currency of a customer; transfers sum to nothing."""

    day: date
    customer: str
    kind: str
    currency: str
    plan: str
    micros: int
    signed: int


@dataclass
class Customer:
    """A customer's worth at the end of every day, and the groups that it belongs to."""

    id: str
    days: list[date]
    worths: list[Worth]
    groups: dict[str, str] = field(default_factory=dict)

    def at(self, day: date) -> Worth:
        """The worth at the end of a day."""
        place = bisect_right(self.days, day)
        return self.worths[place - 1] if place else NOTHING

    def pays(self, day: date) -> bool:
        """Whether it pays at the end of a day."""
        return any(self.at(day).native.values())


class RevenueTruth:
    """Balances, movements and groups of every customer of a simulated company, whose days are UTC's."""

    def __init__(self, world: Any, identities: Iterable[tuple[str, str, str, str, Decimal]], first: date) -> None:
        self.world = world
        self.first, self.last = first, datetime.fromtimestamp(world.now(), UTC).date()
        self.rates = Rates(world.rates.published, world.origin.currency)
        self.rates.refresh()
        self.identities = list(identities)
        self.products = {body["id"]: body["name"] for body in world.store.all("product")}
        self.customers = [self._customer(id, facts) for id, facts in world.facts.by_customer.items()]
        self.paying = [customer for customer in self.customers if any(any(w.native.values()) for w in customer.worths)]
        for customer in self.paying:
            first_day = next(day for day in customer.days if customer.pays(day))
            customer.groups = {**self.groups_of(customer.id, self._peak(customer)), "cohort": f"{first_day:%Y-%m}"}

    def _customer(self, id: str, facts: Any) -> Customer:
        by_day: dict[date, Worth] = {}
        for instant, worth in build_timeline(facts):
            if instant <= self.world.now():
                by_day[datetime.fromtimestamp(instant, UTC).date()] = worth
        return Customer(id, list(by_day), list(by_day.values()))

    # groups -----------------------------------------------------------------------------------------------------------

    def _records(self, customer: str, system: str, kind: str, created: str) -> list[Any]:
        """Living records of a customer, the surest and oldest first."""
        bodies = self.shown(system, kind)
        found = [(-sure, id) for s, k, id, whose, sure in self.identities if (s, k, whose) == (system, kind, customer)]
        within = [(sure, _at(bodies[id], created), id) for sure, id in found if id in bodies]
        return [bodies[id] for _, _, id in sorted(within)]

    @cached_property
    def _shown(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {}

    def shown(self, system: str, stream: str) -> dict[str, Any]:
        """What a system shows of a stream, by id as text."""
        if (system, stream) not in self._shown:
            objects = self.world.systems[system].objects(stream)
            self._shown[system, stream] = {str(id): body for id, body in objects.items()}
        return self._shown[system, stream]

    def _peak(self, customer: Customer) -> int:
        """The MRR that it reached at most, at the end of any day."""
        days = ((self.first + n * DAY) for n in range((self.last - self.first).days + 1))
        return max(self.mrr(customer, day) for day in days)

    def groups_of(self, customer: str, peak: int = 0) -> dict[str, str]:
        """What a customer belongs to, by its records and what it has paid at most."""
        sales = self._records(customer, "salesforce", "accounts", "CreatedDate")
        marketing = self._records(customer, "hubspot", "companies", "properties.createdate")
        counts = [r["NumberOfEmployees"] for r in sales] + [r["properties"].get("numberofemployees") for r in marketing]
        employees = next((int(count) for count in counts if count not in (None, "")), None)
        stripe = self.world.store.get("customer", customer) or {}
        countries = [(stripe.get("address") or {}).get("country")]
        countries += [r["BillingCountry"] for r in sales] + [r["properties"].get("country") for r in marketing]
        country = next((country for country in countries if country), "")
        owners = [self.shown("salesforce", "users").get(r["OwnerId"], {}).get("Name") for r in sales]
        owners += [self._owner(r["properties"].get("hubspot_owner_id")) for r in marketing]
        return {
            "segment": segment(employees, peak),
            "region": REGIONS.get(country, "unknown"),
            "channel": self._channel(customer),
            "rep": next((owner for owner in owners if owner), "unknown"),
        }

    def _owner(self, id: str | None) -> str | None:
        owner = self.shown("hubspot", "owners").get(id or "")
        return f"{owner['firstName']} {owner['lastName']}" if owner else None

    def _channel(self, customer: str) -> str:
        """Of the first person whose source is known: in HubSpot, else in Salesforce."""
        people = self._records(customer, "hubspot", "contacts", "properties.createdate")
        came = [(r["properties"]["createdate"], r["properties"].get("hs_analytics_source")) for r in people]
        found = sorted((at, source.lower()) for at, source in came if source)
        if not found:
            accounts = {r["Id"] for r in self._records(customer, "salesforce", "accounts", "CreatedDate")}
            leads = self.shown("salesforce", "leads").values()
            contacts = self.shown("salesforce", "contacts").values()
            known = [
                (r["CreatedDate"], r["LeadSource"]) for r in leads if r["ConvertedAccountId"] in accounts and r["LeadSource"]
            ]
            known += [(r["CreatedDate"], r["LeadSource"]) for r in contacts if r["AccountId"] in accounts and r["LeadSource"]]
            found = sorted((at, source.lower().replace(" ", "_")) for at, source in known)
        return found[0][1] if found else "unknown"

    # the ledger -------------------------------------------------------------------------------------------------------

    @cached_property
    def parts(self) -> list[Part]:
        """Every movement, split over the currencies and plans that it touched."""
        return [part for customer in self.paying for part in self._parts_of(customer)]

    def _parts_of(self, customer: Customer) -> Iterator[Part]:
        ever, day = False, self.first
        before: dict[tuple[str, str], int] = {}
        while day <= self.last:
            now = by_plan(customer.at(day))
            yield from self._of_day(customer.id, day, before, now, ever)
            ever, before = ever or any(now.values()), now
            day += DAY

    def _of_day(self, customer: str, day: date, before: dict[Any, int], now: dict[Any, int], ever: bool) -> Iterator[Part]:
        opening, yesterday = self.spread(before, day), self.spread(before, day - DAY)
        for (currency, plan), micros in opening.items():
            if micros != yesterday[currency, plan]:
                drift = micros - yesterday[currency, plan]
                yield Part(day, customer, "fx", currency, plan, drift, drift)
        if before == now:
            return
        closing = self.spread(now, day)
        changes = {key: closing.get(key, 0) - opening.get(key, 0) for key in sorted({*opening, *closing})}
        total, had, has = sum(changes.values()), any(before.values()), any(now.values())
        kind = ("reactivation" if ever else "new") if has and not had else "churn" if had and not has else ""
        kind = kind or ("expansion" if total > 0 else "contraction")
        gained, lost = (sum(abs(c) for c in changes.values() if c * sign > 0) for sign in (1, -1))
        moved = {1: min(gained, lost), -1: min(gained, lost)}
        for (currency, plan), change in changes.items():
            sign = 1 if change > 0 else -1
            inside = min(abs(change), moved[sign])
            moved[sign] -= inside
            if inside:
                yield Part(day, customer, "transfer_in" if sign > 0 else "transfer_out", currency, plan, inside, sign * inside)
            if abs(change) > inside:
                rest = abs(change) - inside
                yield Part(day, customer, kind, currency, plan, rest, sign * rest)

    def spread(self, money: dict[tuple[str, str], int], day: date) -> dict[tuple[str, str], int]:
        """Plans at a day's rates: differences of the converted running total, so that they add up to the currency."""
        below: dict[str, int] = defaultdict(int)
        found = {}
        for currency, plan in sorted(money):
            through = below[currency] + money[currency, plan]
            found[currency, plan] = self.convert(through, day, currency) - self.convert(below[currency], day, currency)
            below[currency] = through
        return found

    def convert(self, micros: int, day: date, currency: str) -> int:
        """At the rate of a day."""
        return self.rates.convert(micros, day, currency.lower())

    def mrr(self, customer: Customer, day: date, rates_of: date | None = None) -> int:
        """MRR at the end of a day, at its rates or another day's."""
        return self.rates.total(customer.at(day).native, rates_of or day)

    def main_plan(self, customer: Customer, day: date) -> str:
        """The plan that was worth most when the balances last changed, at the end of a day."""
        held = by_plan(customer.at(day))
        since = day
        while by_plan(customer.at(since - DAY)) == held:
            since -= DAY
        worth: dict[str, int] = defaultdict(int)
        for (currency, plan), micros in held.items():
            worth[plan] += self.convert(micros, since, currency)
        return self.products[min(worth, key=lambda plan: (-worth[plan], plan))]

    # periods and members ----------------------------------------------------------------------------------------------

    def periods(self, grain: str) -> dict[date, date]:
        """First day of the calendar period and last day so far, of every period."""
        found: dict[date, date] = {}
        day = self.first
        while day <= self.last:
            found[start_of(day, grain)] = day
            day += DAY
        return found

    def member(self, dimension: str) -> Callable[[Part], str]:
        """The member of a dimension that a part of a movement belongs to."""
        if dimension == "plan":
            return lambda part: self.products[part.plan]
        if dimension == "currency":
            return lambda part: part.currency
        if dimension == "all":
            return lambda part: "all"
        groups = {customer.id: customer.groups for customer in self.paying}
        return lambda part: groups[part.customer][dimension]

    def of_customer(self, dimension: str, customer: Customer, day: date) -> str:
        """The member that a customer paying at a day's end is counted under."""
        if dimension == "plan":
            return self.main_plan(customer, day)
        return "all" if dimension == "all" else customer.groups[dimension]

    @cached_property
    def priced(self) -> dict[str, list[ItemPriced]]:
        """What is known of every item, by customer."""
        return {id: [f for f in facts if isinstance(f, ItemPriced)] for id, facts in self.world.facts.by_customer.items()}


def by_plan(worth: Worth) -> dict[tuple[str, str], int]:
    """Native worth by currency, in capitals, and product."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (_, product, currency), micros in worth.by_price.items():
        if micros:
            found[currency.upper(), product] += micros
    return dict(found)


def start_of(day: date, grain: str) -> date:
    """The first day of the calendar period in which a day is."""
    match grain:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        case "year":
            return day.replace(month=1, day=1)
    return day


def money(micros: int) -> Decimal:
    """In units of the reporting currency."""
    return Decimal(micros).scaleb(-6)


def ratio(numerator: int, denominator: int) -> Decimal | None:
    """Six places, half away from zero; None over zero."""
    if not denominator:
        return None
    size = (2 * abs(numerator) * 10**6 + abs(denominator)) // (2 * abs(denominator))
    return Decimal(size if (numerator < 0) == (denominator < 0) or not size else -size).scaleb(-6)


def _at(body: Any, path: str) -> str:
    for name in path.split("."):
        body = body.get(name) or {}
    return str(body)
