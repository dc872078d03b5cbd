"""Looks at KPIs and findings and says, rule by rule, whether its condition holds, does not, or cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from cynosure.check.finding import Finding, Severity, latest_findings
from cynosure.document import Figure
from cynosure.register.question import Question
from cynosure.settings.alerts import AlertRule, FindingCondition, KpiCondition, LateSource
from cynosure.transform.kpis import Kpi, KpiReader, data_as_of, day_end, last_complete_day, same_day_last_month
from cynosure.warehouse import Session


@dataclass(frozen=True)
class Observation:
    """One look at one rule: `holds` is None where the data behind it is not verified and `held_back` says why.

    `subject` tells incidents of one rule apart; `period` tells successive looks at the same thing from new ones;
    `questions` are those that the figures answer, from data that are complete up to `data_as_of`.
    """

    rule: str
    subject: str
    period: str
    holds: bool | None
    labels: Mapping[str, str]
    measured: Decimal | None = None
    held_back: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    figures: tuple[tuple[str, Figure], ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    questions: tuple[Question, ...] = ()
    data_as_of: datetime | None = None


@dataclass(frozen=True)
class View:
    """What the rules look at, read once per evaluation."""

    reader: KpiReader
    kpis: Mapping[str, Kpi]
    findings: tuple[Finding, ...]
    checked_at: Mapping[str, datetime]
    as_of: Mapping[str, datetime]
    timezone: str
    currency: str
    now: datetime

    @property
    def failed(self) -> tuple[Finding, ...]:
        """Findings whose latest evaluation failed."""
        return tuple(finding for finding in self.findings if not finding.passed)


def open_view(session: Session, kpis: Mapping[str, Kpi], timezone: str, currency: str, now: datetime) -> View:
    """Reads the findings and how current the sources are."""
    checked = session.rows("select source, max(found_at) from ops.findings where kind = 'freshness' group by source")
    reader = KpiReader(session)
    return View(reader, kpis, tuple(latest_findings(session)), dict(checked), reader.source_as_of(), timezone, currency, now)


def observe(name: str, rule: AlertRule, view: View) -> Iterator[Observation]:
    """Every observation of a rule; one that holds for nothing still reports what no longer holds."""
    labels = {"alert": name, "severity": rule.severity, **rule.labels}
    if isinstance(rule.when, KpiCondition):
        yield _kpi(name, rule.when, labels, view)
    elif isinstance(rule.when, LateSource):
        yield from _late_sources(name, rule.when, labels, view)
    else:
        yield from _findings(name, rule.when, labels, view)


def _kpi(name: str, when: KpiCondition, labels: Mapping[str, str], view: View) -> Observation:
    kpi = view.kpis[when.kpi]
    complete = last_complete_day(view.timezone, view.now)
    day = complete if when.day == "complete" else complete + timedelta(days=1)
    labels = {"kind": "kpi", "kpi": kpi.name, "source": ",".join(sorted(kpi.source_names)), **labels}
    asked = Question(kpi.name, "day", day)
    value = asked.answer(view.reader)
    before_day = day - timedelta(days=1) if when.compare == "previous_day" else same_day_last_month(day)
    asked_before = None if when.compare == "value" else Question(kpi.name, "day", before_day)
    before = asked_before.answer(view.reader) if asked_before else None
    measured = value if when.compare == "value" else _relative(value, before)
    unverified = _unverified(kpi, day if when.day == "complete" else None, view)
    holds = None if unverified or measured is None else when.holds(measured)
    limit = when.above if when.above is not None else when.below
    shown = kpi.figure(f"{name}.value", value, view.currency)
    aim = kpi.figure(f"{name}.limit", limit, view.currency)
    figures = [(kpi.title, shown)]
    words = {"kpi": kpi.title, "value": shown.text, "day": _spoken(day), "before_day": _spoken(before_day)}
    if when.compare != "value":
        earlier = kpi.figure(f"{name}.before", before, view.currency)
        change = Figure(f"{name}.change", measured, "percent", signed=True)
        aim = Figure(f"{name}.limit", limit, "percent", signed=True)
        figures += [(f"On {_spoken(before_day)}", earlier), ("Change", change)]
        words |= {"before": earlier.text, "change": change.text}
    words["limit"] = aim.text
    why = unverified or ("there is no value to compare" if measured is None else "")
    return Observation(
        name, kpi.name, day.isoformat(), holds, labels, measured, why, words, (*figures, ("Limit", aim)),
        questions=(asked, asked_before) if asked_before else (asked,), data_as_of=data_as_of(view.as_of, kpi.source_names),
    )  # fmt: skip


def _relative(value: Decimal | None, before: Decimal | None) -> Decimal | None:
    return None if value is None or not before else (value - before) / abs(before)


def _unverified(kpi: Kpi, day: date | None, view: View) -> str:
    """Why a KPI cannot be trusted: a failed check that stops it, a late source, or data that ends before the day."""
    for finding in view.failed:
        if finding.severity is Severity.STOP and kpi.touched_by(finding.source, finding.stream, finding.affected_kpis):
            return finding.what
    for source in sorted(kpi.source_names):
        if source not in view.as_of:
            return f"{source} was never loaded"
        if day is not None and view.as_of[source] < day_end(view.timezone, day):
            return f"{source} does not reach the end of {_spoken(day)}"
    return ""


def _late_sources(name: str, when: LateSource, labels: Mapping[str, str], view: View) -> Iterator[Observation]:
    """One observation per source ever checked: late streams and the KPIs that depend on them."""
    for source in sorted({f.source for f in view.findings if f.source and f.kind == "freshness"}):
        late = [f for f in view.failed if f.source == source and f.kind == "freshness"]
        checked_at = view.checked_at[source]
        reasons = _named([finding.what for finding in late], 1, "more")
        if view.now - checked_at > when.unchecked_for:
            reasons.append(f"its freshness was last checked on {_at(checked_at)}")
        affected = sorted({name for finding in late for name in finding.affected_kpis})
        titles = [view.kpis[name].title for name in affected if name in view.kpis]
        facts = [
            ("Source", source),
            *(("Late", words) for words in _named([f"{f.what}; expected {f.expected}" for f in late], 3, "more")),
        ]
        if source in view.as_of:
            facts.append(("Data as of", _at(view.as_of[source])))
        facts.append(("Affected KPIs", ", ".join(_named(titles, 8, "more")) or "none"))
        words = {"source": source, "reasons": "; ".join(reasons), "affected": ", ".join(titles)}
        yield Observation(
            name, source, checked_at.isoformat(), bool(reasons), {"kind": "source", "source": source, **labels},
            Decimal(len(late)), "", words, (), tuple(facts),
        )  # fmt: skip


def _named(all_of: list[str], most: int, others: str) -> list[str]:
    """The first of many, and how many more."""
    return all_of if len(all_of) <= most else [*all_of[:most], f"{len(all_of) - most} {others}"]


def _findings(name: str, when: FindingCondition, labels: Mapping[str, str], view: View) -> Iterator[Observation]:
    for finding in (f for f in view.findings if f.kind in when.kinds and f.severity.value in when.severities):
        titles = [view.kpis[kpi].title for kpi in finding.affected_kpis if kpi in view.kpis]
        words = {"what": finding.what, "expected": finding.expected, "affected": ", ".join(titles)}
        facts = (
            ("Check", finding.check_id),
            ("Expected", finding.expected),
            ("Affected KPIs", ", ".join(_named(titles, 8, "more")) or "none"),
        )
        own = {"kind": "finding", "check": finding.check_id, "source": finding.source or "", **labels}
        # every evaluation of a check is a new look at it
        yield Observation(
            name, finding.check_id, view.now.isoformat(), not finding.passed, own, finding.measured, "", words, (), facts
        )


def _spoken(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _at(instant: datetime) -> str:
    return f"{instant.day} {instant:%b %Y, %H:%M} UTC"
