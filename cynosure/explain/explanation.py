"""An explanation: a published figure, what it is made of, and the proof that its parts give it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cynosure.explain.formula import Formula, read_formula
from cynosure.explain.models import Model, StreamRead, models_behind, streams_behind
from cynosure.explain.objects import RawHistory
from cynosure.explain.question import Question, ask, known_kpi
from cynosure.explain.scope import read_scope
from cynosure.explain.walk import Ground, Walk, days_of, walk
from cynosure.extract import connector_class, connector_names
from cynosure.landing import LandingLog
from cynosure.reference.lineage import SqlLineage
from cynosure.settings import Settings
from cynosure.warehouse import Session, qualified


@dataclass(frozen=True)
class Explanation:
    """What stands behind a figure; `walk` is None where single rows cannot be shown, and `stops` then says why."""

    question: Question
    currency: str
    walk: Walk | None
    stops: str
    models: tuple[Model, ...]
    streams: tuple[StreamRead, ...]
    customers: dict[str, str]
    history: RawHistory = field(repr=False)

    @property
    def altered(self) -> list[str]:
        """Raw objects that are not what was landed any more."""
        return sorted(key for key, object in self.history.read.items() if object.intact is False)

    @property
    def is_exact(self) -> bool:
        """Whether everything that was added up gives the figure, and every raw object is as it was landed."""
        return not self.altered and (self.walk is None or not any(proof.difference for proof in self.walk.proofs))


def explain(
    session: Session, settings: Settings, kpi: str, period: str, dimension: str = "all", member: str = "all"
) -> Explanation:
    """The explanation of a figure in the published state; raises ConfigError for one that does not exist."""
    question = ask(session, known_kpi(settings, kpi), period, dimension, member)
    lineage = SqlLineage(
        settings.sql, {(name, stream.name) for name in connector_names() for stream in connector_class(name).streams}
    )
    history = RawHistory(session, LandingLog(settings.landing))
    found, stops = _walk(session, settings, question, history, lineage.models[kpi])
    return Explanation(
        question,
        settings.company.currency,
        found,
        stops,
        tuple(models_behind(session, lineage, kpi)),
        tuple(streams_behind(session, lineage, kpi)),
        _names(session),
        history,
    )


def _walk(session: Session, settings: Settings, question: Question, history: RawHistory, model: Path) -> tuple[Walk | None, str]:
    formula = read_formula(model)
    if formula is None or not _is_of(session, formula, question):
        return None, "this figure is not a sum over the MRR ledger: its models and raw streams are shown, not its single rows"
    start, _ = days_of(formula, question.period, question.known_day)
    scope = read_scope(session, question.dimension, question.member, start if formula.window else None)
    if scope is None or question.data_as_of is None:
        return None, f"which rows belong to {question.dimension} {question.member} is decided inside its models"
    ground = Ground(session, history, settings.sql, settings.company.timezone, settings.company.currency, question.data_as_of)
    return walk(ground, formula, scope, question.period, question.known_day, question.published), ""


def _is_of(session: Session, formula: Formula, question: Question) -> bool:
    """Whether the figure stands in the table that its formula is about: some grains and dimensions come from elsewhere."""
    table = "int_retention_windows" if formula.window else "int_mrr_periods"
    columns = session.rows("select column_name from information_schema.columns where table_name = $1", table)
    asked: dict[str, object] = {"grain": question.period.grain, "period_start": question.period.start}
    if ("dimension",) in columns:
        asked |= {"dimension": question.dimension, "member": question.member}
    if formula.window:
        asked["window_kind"] = formula.window
    condition = " and ".join(f"{name} = ${number}" for number, name in enumerate(asked, 1))
    return session.row(f"select 1 from {qualified('intermediate', table)} where {condition}", *asked.values()) is not None


def _names(session: Session) -> dict[str, str]:
    query = "select customer_id, name from marts.customers where name is not null"
    return {str(id): str(name) for id, name in session.rows(query)}
