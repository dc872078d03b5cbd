"""MRR and customers under each definition, and what leads from the house's figure to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cynosure.explain.periods import parse_period
from cynosure.settings import ConfigError
from cynosure.warehouse import Session

#: what is compared: money, then numbers of customers
MEASURES = ("mrr", "customers", "start_customers", "lost_customers")
HOUSE = "house"


@dataclass(frozen=True)
class Bridge:
    """One definition in a month: the house's figures, what every switch changes in its order, and the definition's own.

    Each maps a measure to an exact amount; the house and the causes add up to the result.
    """

    definition: str
    house: Mapping[str, Decimal]
    causes: Mapping[str, Mapping[str, Decimal]]

    @property
    def result(self) -> dict[str, Decimal]:
        """The definition's figures."""
        return {measure: sum((causes[measure] for causes in self.causes.values()), self.house[measure]) for measure in MEASURES}

    @property
    def churn_rate(self) -> Decimal | None:
        """Customers of the start lost by the end, as a fraction; None where there were none."""
        figures = self.result
        return figures["lost_customers"] / figures["start_customers"] if figures["start_customers"] else None


@dataclass(frozen=True)
class Comparison:
    """A month under every definition, the house first."""

    month: date
    last_day: date
    data_as_of: datetime | None
    bridges: tuple[Bridge, ...]


def compare_definitions(session: Session, period: str | None) -> Comparison:
    """A month, the newest if none is named; raises ConfigError for one without data."""
    asked = parse_period(period) if period else None
    if asked and asked.grain != "month":
        raise ConfigError(f"definitions are compared as months end: {period} is a {asked.grain}; write a month, e.g. 2026-06")
    reach = session.row("select min(period_start), max(period_start) from marts.mrr_definition_bridge")
    if reach is None or reach[0] is None:
        raise ConfigError("there is nothing to compare yet: no subscription has been loaded and built")
    first, newest = reach
    month = asked.start if asked else newest
    if not first <= month <= newest:
        raise ConfigError(f"there are no data for {period}; there are from {first:%Y-%m} to {newest:%Y-%m}")
    query = (
        "select definition, cause, measure, amount, period_end from marts.mrr_definition_bridge"
        " where period_start = $1 order by definition <> 'house', definition, position"
    )
    found: dict[str, dict[str, dict[str, Decimal]]] = {}
    rows = session.rows(query, month)
    for definition, cause, measure, amount, _ in rows:
        found.setdefault(definition, {}).setdefault(cause, {})[measure] = Decimal(str(amount))
    as_of = session.row("select as_of_at from intermediate.int_data_as_of")
    bridges = [Bridge(name, causes.pop(HOUSE), causes) for name, causes in found.items()]
    return Comparison(month, rows[0][4], as_of[0] if as_of else None, tuple(bridges))
