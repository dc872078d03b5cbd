"""Published figures beside what the same question is answered now, and why the answers differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from cynosure.deliver import open_store
from cynosure.register import figures
from cynosure.register.attribution import Cause, Versions, attribute, reached_customers
from cynosure.register.parts import Parts, multiple, read_parts, unpacked
from cynosure.register.question import Question
from cynosure.settings import Settings
from cynosure.transform.kpis import KpiReader, day_end, read_kpis
from cynosure.warehouse import Session, open_warehouse


@dataclass(frozen=True)
class PublishedFigure:
    """A figure as it went out, and now; `causes` sum to the difference, and are empty where there is none.

    `shown_now` is empty if the KPI does not exist any more.
    """

    entry: Mapping[str, Any]
    value: Decimal | None
    now: Decimal | None
    shown_now: str
    causes: Mapping[Cause, Decimal]

    @property
    def is_changed(self) -> bool:
        """Whether somebody who asks now is told something else."""
        return self.value != self.now

    @property
    def difference(self) -> Decimal | None:
        """Now less then; None unless both are known."""
        return None if self.value is None or self.now is None else self.now - self.value


def published(settings: Settings) -> list[PublishedFigure]:
    """The newest publication of every figure, the newest day first, compared with the state that readers see."""
    store = figures.ensure_tables(open_store(settings.control))
    with store.begin() as tx, open_warehouse(settings.warehouse).reading() as session:
        return list(_Archive(settings, tx, session).figures())


class _Archive:
    """Asks the questions of the register again."""

    def __init__(self, settings: Settings, tx: sa.Connection, session: Session) -> None:
        self.settings, self.tx, self.session = settings, tx, session
        self.kpis = read_kpis(settings.sql)
        self.company = settings.company
        self.code = figures.code_fingerprint(settings.sql)
        self.parts_now = cache(self._parts_now)
        self.reached = cache(self._reached)

    def figures(self) -> Iterator[PublishedFigure]:
        """Every figure, compared."""
        for row in figures.newest(self.tx):
            entry, value = figures.as_row(row), None if row["value"] is None else Decimal(row["value"])
            if row["kpi"] not in self.kpis:
                yield PublishedFigure(entry, value, None, "", {})
                continue
            asked, kpi = Question(row["kpi"], row["measure"], date.fromisoformat(row["day"])), self.kpis[row["kpi"]]
            now = asked.answer(KpiReader(self.session))
            shown = kpi.figure(kpi.name, now, self.company.currency).text
            difference = Decimal(0) if now is None or value is None else now - value
            yield PublishedFigure(entry, value, now, shown, self._causes(row, asked, difference) if difference else {})

    def _causes(self, row: sa.RowMapping, asked: Question, difference: Decimal) -> dict[Cause, Decimal]:
        if row["data_as_of"] and row["data_as_of"] < day_end(self.company.timezone, asked.last_day):
            return {"incomplete period": difference}
        definition = figures.definition_fingerprint(self.settings.sql, self.kpis[row["kpi"]], self.company)
        versions = Versions(definition == row["definition"], self.code == row["code"])
        then, now = row["parts"], self.parts_now(asked)
        if then is None or now is None:
            return {versions.cause: difference}
        before = unpacked(figures.content(self.tx, then))
        by_cause = attribute(before, now, self.reached(row["loaded"], row["data_as_of"]), versions)
        found = {cause: amount * multiple(row["kpi"]) for cause, amount in by_cause.items()}
        # a KPI that says another thing now need not be the sum of its parts any more
        rest = difference - sum(found.values(), Decimal(0))
        return {**found, versions.cause: found.get(versions.cause, Decimal(0)) + rest} if rest else found

    def _parts_now(self, asked: Question) -> Parts | None:
        return read_parts(self.session, asked)

    def _reached(self, loaded: str, data_as_of: Any) -> dict[str, Cause]:
        return reached_customers(self.session, json.loads(figures.content(self.tx, loaded)), data_as_of)
