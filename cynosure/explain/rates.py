"""Exchange rates of the days that a figure needs: as the models have them, and once more from what the ECB published."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from cynosure.warehouse import Session

_PLACES = Decimal("0.00000001")
_AMOUNT = Decimal("0.000001")


def converted(amount: Decimal, rate: Decimal) -> Decimal:
    """An amount at a rate, to six places, half away from zero."""
    with localcontext(prec=60):
        return (amount * rate).quantize(_AMOUNT, rounding=ROUND_HALF_UP)


class Rates:
    """Rates between two days, into one reporting currency."""

    def __init__(self, session: Session, reporting: str, first: date, last: date) -> None:
        self.reporting = reporting
        query = "select currency, rate_date, rate from marts.exchange_rates where rate_date between $1 and $2"
        self._rates = {(str(currency), day): Decimal(rate) for currency, day, rate in session.rows(query, first, last)}
        self._published: dict[str, list[tuple[date, Decimal, str]]] = defaultdict(list)
        for currency, day, units, id in session.rows(
            "select currency, published_date, units_per_euro, reference_rate_id from staging.stg_ecb__reference_rates"
            " order by published_date"
        ):
            self._published[str(currency)].append((day, Decimal(units), str(id)))
        self.used: set[tuple[str, date]] = set()

    def modelled(self, currency: str, day: date) -> Decimal:
        """The rate that the models convert with."""
        return self._rates[currency, day]

    def published(self, currency: str, day: date) -> Decimal:
        """The same rate from the published ones: the latest by that day, before the first the first, crossed over the euro."""
        if currency == self.reporting:
            return Decimal(1)
        with localcontext(prec=60):
            return (self._units(self.reporting, day) / self._units(currency, day)).quantize(_PLACES, rounding=ROUND_HALF_UP)

    def objects(self, currency: str, day: date) -> list[str]:
        """Ids of the published rates behind a rate; none for the reporting currency itself."""
        if currency == self.reporting:
            return []
        return [self._latest(code, day)[2] for code in (currency, self.reporting) if code != "EUR"]

    def _units(self, currency: str, day: date) -> Decimal:
        return Decimal(1) if currency == "EUR" else self._latest(currency, day)[1]

    def _latest(self, currency: str, day: date) -> tuple[date, Decimal, str]:
        known = self._published[currency]
        return known[max(bisect_right(known, day, key=lambda row: row[0]) - 1, 0)]
