"""The ledger of the truth: sums of movements and balances by period and member, and what they lead to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from revenue_truth import DAY, Customer, Part, RevenueTruth, by_plan, money, start_of

Sums = dict[tuple[date, str], int]


class Waterfall:
    """Sums of the ledger by period and member, and what they lead to."""

    def __init__(self, truth: RevenueTruth) -> None:
        self.truth = truth
        self._days: dict[str, dict[tuple[date, str], list[Part]]] = {}
        self._ends: dict[tuple[str, str], tuple[Sums, Sums]] = {}
        self._holdings: dict[tuple[str, date], dict[tuple[str, str], int]] = {}

    def parts(self, dimension: str) -> dict[tuple[date, str], list[Part]]:
        """Movements by day and member of a dimension; what stays inside a customer moves plans and currencies alone."""
        if dimension not in self._days:
            member, found = self.truth.member(dimension), defaultdict(list)
            for part in self.truth.parts:
                if dimension in ("plan", "currency") or not part.kind.startswith("transfer"):
                    found[part.day, member(part)].append(part)
            self._days[dimension] = found
        return self._days[dimension]

    def members(self, dimension: str) -> set[str]:
        """Every member that anything ever happened to."""
        return {member for _, member in self.parts(dimension)} | ({"all"} if dimension == "all" else set())

    def moved(self, grain: str, dimension: str, amount: Callable[[Part], int]) -> Sums:
        """Sums of movements; zero where there are none."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for (day, member), parts in self.parts(dimension).items():
            sums[start_of(day, grain), member] += sum(map(amount, parts))
        return sums

    def encounters(self, grain: str, dimension: str, kind: str) -> Sums:
        """How often customers moved in a way, at most once a day."""
        sums = {(start, member): 0 for start in self.truth.periods(grain) for member in self.members(dimension)}
        for (day, member), parts in self.parts(dimension).items():
            sums[start_of(day, grain), member] += len({part.customer for part in parts if part.kind == kind})
        return sums

    def closing(self, grain: str, dimension: str) -> Sums:
        """MRR at the end of periods, from balances and not from movements."""
        return self._at_ends(grain, dimension)[0]

    def customers(self, grain: str, dimension: str) -> Sums:
        """Who pays at the end of periods; in several plans or currencies, in each."""
        return self._at_ends(grain, dimension)[1]

    def _at_ends(self, grain: str, dimension: str) -> tuple[Sums, Sums]:
        if (grain, dimension) not in self._ends:
            member = self.truth.member(dimension)
            worth = {(start, name): 0 for start in self.truth.periods(grain) for name in self.members(dimension)}
            customers = dict(worth)
            for start, last in self.truth.periods(grain).items():
                for customer in self.truth.paying:
                    held = self._held(customer, last)
                    members = {key: member(Part(last, customer.id, "", *key, 0, 0)) for key in held}
                    for key, micros in held.items():
                        worth[start, members[key]] += micros
                    for name in set(members.values()):
                        customers[start, name] += 1
            self._ends[grain, dimension] = worth, customers
        return self._ends[grain, dimension]

    def _held(self, customer: Customer, day: date) -> dict[tuple[str, str], int]:
        if (customer.id, day) not in self._holdings:
            self._holdings[customer.id, day] = self.truth.spread(by_plan(customer.at(day)), day)
        return self._holdings[customer.id, day]

    def opening(self, grain: str, dimension: str) -> Sums:
        """MRR at the end of the periods before."""
        return earlier(self.closing(grain, dimension), grain)


def earlier(sums: Sums, grain: str) -> Sums:
    """What there was in the period before; before the first, nothing."""
    return {(start, member): sums.get((start_of(start - DAY, grain), member), 0) for start, member in sums}


def of_money(sums: Sums) -> dict[tuple[date, str], Decimal]:
    """Millionths as amounts."""
    return {key: money(micros) for key, micros in sums.items()}
