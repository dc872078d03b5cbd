"""Sales as the story knows them, as far as Salesforce's living records show them: what KPIs of sales are compared with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

import kpi_oracle
from known_customers import once
from kpi_oracle import GRAINS, period_start
from segments import segment
from told_requests import day

from sandbox.currencies import decimals
from sandbox.story.people import Deal, Employee, Organization
from sandbox.story.record import DealRecord, Deed, Record
from sandbox.truth.rates import Rates

STAGES = {"qualification": "0.10", "discovery": "0.25", "proposal": "0.50", "negotiation": "0.75"}
"""Open stages in their order with the probability that the company gives them."""
ROLES = {"rep": "Sales Representative", "manager": "Sales Manager"}
TYPES = {"new": "new_business", "expansion": "expansion", "renewal": "renewal"}
REGIONS = {
    "north_america": ("US", "CA"),
    "europe": ("AT", "BE", "CH", "DE", "DK", "ES", "FR", "GB", "IE", "IT", "NL", "NO", "PL", "SE"),
    "asia_pacific": ("JP", "AU", "SG"),
}
Values = dict[tuple[date, str], Decimal | None]
Dimension = Callable[[Any], str | None]
_CENT = Decimal("0.000001")


def end_of(grain: str, start: date) -> date:
    """The last day of a period."""
    return next(start + timedelta(days=n) for n in range(400) if period_start(start + timedelta(days=n + 1), grain) != start)


def ratio(numerator: Decimal | int, denominator: Decimal | int) -> Decimal | None:
    """Six places, half away from zero; None over zero."""
    return kpi_oracle.ratio(numerator, denominator) if denominator else None


@dataclass(frozen=True)
class Sale:
    """A deal that has a living opportunity."""

    id: str
    record: DealRecord
    organization: Organization
    owner: Employee
    segment: str

    @property
    def deal(self) -> Deal:
        """As it is now described."""
        return self.record.deal

    @property
    def created(self) -> date:
        """When it was opened."""
        return day(self.record.stages[0][1])

    @property
    def closed(self) -> date | None:
        """When it was won or lost."""
        return None if self.record.closed is None else day(self.record.closed)

    @property
    def outcome(self) -> str:
        """open, won or lost."""
        return "open" if self.record.closed is None else "won" if self.record.won else "lost"

    @property
    def type(self) -> str:
        """New business, expansion or renewal."""
        return TYPES[self.deal.kind]

    @property
    def region(self) -> str:
        """Of the organization's country."""
        return next(region for region, countries in REGIONS.items() if self.organization.country in countries)

    def stage_on(self, when: date) -> str:
        """The stage at the end of a day on which it was open."""
        return next(stage for stage, at in reversed(self.record.stages) if day(at) <= when)

    def told_on(self, when: date) -> Deal:
        """How it was described at the end of a day."""
        return next(deal for at, deal in reversed(self.record.told) if day(at) <= when)

    def open_on(self, when: date) -> bool:
        """Whether it was open at the end of a day."""
        return self.created <= when and (self.closed is None or self.closed > when)

    def visits(self) -> Iterator[tuple[str, int, int | None, bool, bool]]:
        """Stays in open stages: stage, instants of entering and leaving, whether the first, whether it ever got further."""
        order = list(STAGES)
        steps = [*self.record.stages, *([(self.outcome, self.record.closed)] if self.record.closed else [])]
        seen: set[str] = set()
        for number, (stage, entered) in enumerate(self.record.stages):
            later = [name for name, _ in steps[number + 1 :]]
            left = steps[number + 1][1] if later else None
            further = any(name == "won" or (name in order and order.index(name) > order.index(stage)) for name in later)
            yield stage, entered or 0, left, stage not in seen, further
            seen.add(stage)


class Sales:
    """Everything that a company's Salesforce can tell, by the story's own record."""

    def __init__(self, company: Any) -> None:
        world = company.world
        self.record: Record = world.storyteller.record
        self.today = day(company.simulated.now)
        self._known = next(iter(world.systems["salesforce"]._hears.values())).__self__._known
        self._shown = {
            stream: set(world.systems["salesforce"].objects(stream)) for stream in ("opportunities", "tasks", "events")
        }
        self._rates = Rates(world.rates.published, world.origin.currency)
        self._rates.refresh()
        bounds = company.rows("select grain, period_start, last_day from intermediate.int_activity_periods")
        self.periods = {grain: sorted((start, last) for g, start, last in bounds if g == grain) for grain in GRAINS}
        ((self._first_rate,),) = company.rows("select min(day) from intermediate.int_days")

    @cached_property
    def sales(self) -> list[Sale]:
        """Deals that Salesforce shows."""
        found = []
        for key, (kind, id) in self._known.found.items():
            if kind == "Opportunity" and id in self._shown["opportunities"]:
                record = self.record.deals[key]
                organization = self._known.organizations[record.deal.organization]
                owner = self._known.employees[record.deal.owner]
                found.append(Sale(id, record, organization, owner, segment(organization.employees)))
        return found

    @cached_property
    def closed(self) -> list[Sale]:
        """Won and lost."""
        return [sale for sale in self.sales if sale.closed]

    @cached_property
    def won(self) -> list[Sale]:
        """Signed."""
        return [sale for sale in self.sales if sale.outcome == "won"]

    @cached_property
    def lost(self) -> list[Sale]:
        """Lost."""
        return [sale for sale in self.sales if sale.outcome == "lost"]

    @cached_property
    def activities(self) -> list[Deed]:
        """What was done, as far as Salesforce has a record of it."""
        shown = self._shown["tasks"] | self._shown["events"]
        return [deed for key, deed in self.record.deeds.items() if deed.done and self._known.found.get(key, ("", ""))[1] in shown]

    def employee(self, key: str) -> Employee:
        """As described last."""
        employee: Employee = self._known.employees[key]
        return employee

    def organization(self, key: str) -> Organization:
        """As described last."""
        organization: Organization = self._known.organizations[key]
        return organization

    def worth(self, deal: Deal, when: date) -> Decimal:
        """Its amount in dollars, at the rate of a day."""
        micros = deal.amount * 10 ** (6 - decimals(deal.currency.lower()))
        rated = max(when, self._first_rate)
        return Decimal(self._rates.convert(micros, rated, deal.currency.lower())).scaleb(-6)

    def signed(self, sale: Sale) -> Decimal:
        """What a won or lost sale was worth on its day."""
        return self.worth(sale.deal, sale.closed or self.today)

    def stalled(self, sale: Sale, when: date) -> bool:
        """Whether nothing had moved for two weeks at the end of a day."""
        return (when - max(moved for moved in self._moves[sale.id] if moved <= when)).days >= 14

    @cached_property
    def _moves(self) -> dict[str, set[date]]:
        moves: dict[str, set[date]] = {}
        by_deal: dict[str | None, list[Deed]] = defaultdict(list)
        for deed in self.activities:
            by_deal[deed.deal].append(deed)
        for sale in self.sales:
            told = sale.record.told
            revised = {
                day(at)
                for (_, before), (at, after) in pairwise(told)
                if (before.amount, day(before.close)) != (after.amount, day(after.close))
            }
            done = {day(began(deed)) for deed in by_deal[sale.deal.key]}
            moves[sale.id] = {day(at) for _, at in sale.record.stages} | revised | done
        return moves

    def flow(self, facts: Iterable[Any], when: Callable[[Any], date], of: Dimension | None, grain: str) -> dict[Any, list[Any]]:
        """Facts by period and member; in total every period is there."""
        found: dict[Any, list[Any]] = {(start, "all"): [] for start, _ in self.periods[grain]} if of is None else {}
        for fact in facts:
            found.setdefault((period_start(when(fact), grain), "all" if of is None else of(fact) or "unknown"), []).append(fact)
        return found

    def stock(self, of: Dimension | None, grain: str, where: Callable[[Sale], bool] = lambda sale: True) -> dict[Any, list[Any]]:
        """Open sales at the end of each period, as (sale, day), by period and member; `of` is asked about such a pair."""
        found: dict[Any, list[Any]] = {(start, "all"): [] for start, _ in self.periods[grain]} if of is None else {}
        for start, last in self.periods[grain]:
            for sale in self.sales:
                if sale.open_on(last) and where(sale):
                    member = "all" if of is None else of((sale, last)) or "unknown"
                    found.setdefault((start, member), []).append((sale, last))
        return found

    def quota(self, grain: str, start: date) -> dict[str, Decimal]:
        """What each rep is to win in a period: a quota is spread evenly over the days of its quarter."""
        last, found = end_of(grain, start), defaultdict(Decimal)
        for (employee, text), amount in self.record.quotas.items():
            first = date.fromisoformat(text)
            until = end_of("quarter", period_start(first, "quarter"))
            shared = (min(last, until) - max(start, first)).days + 1
            if shared > 0:
                found[employee] += ratio(Decimal(amount).scaleb(-2) * shared, (until - first).days + 1) or Decimal(0)
        return found


@once
def sales_of(company: Any) -> Sales:
    """The truth of a company, found out once."""
    return Sales(company)


def began(deed: Deed) -> int:
    """When an activity is on the calendar: meetings are told of when they end."""
    assert deed.done is not None
    return deed.done - deed.minutes * 60 if deed.kind == "meeting" else deed.done


def totals(groups: Mapping[Any, list[Any]], amount: Callable[[Any], Decimal | int]) -> Values:
    """Sums by period and member."""
    return {key: Decimal(sum(amount(fact) for fact in facts)) for key, facts in groups.items()}


def shares(
    groups: Mapping[Any, list[Any]], top: Callable[[Any], Decimal | int], bottom: Callable[[Any], Decimal | int]
) -> Values:
    """Ratios of sums by period and member."""
    return {key: ratio(sum(map(top, facts)), sum(map(bottom, facts))) for key, facts in groups.items()}


def rounded(amount: Decimal) -> Decimal:
    """Six places, half away from zero."""
    return amount.quantize(_CENT, ROUND_HALF_UP)


def expect(
    company: Any, kpi: str, dimensions: str, truth: Callable[[str, str], Values], grains: tuple[str, ...] = GRAINS
) -> None:
    """A KPI has these dimensions and no other, and the true values everywhere."""
    found = {dimension for (dimension,) in company.rows(f"select distinct dimension from kpis.{kpi}")}
    assert found <= set(dimensions.split())
    for grain in grains:
        for dimension in dimensions.split():
            company.compare(kpi, grain, dimension, truth(dimension, grain))
