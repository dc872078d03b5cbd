"""The documents of alerts: what happened, the numbers, what it affects, and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cynosure import document as doc
from cynosure.alert.incidents import Incident
from cynosure.alert.observe import Observation
from cynosure.alert.summary import render_summary
from cynosure.settings.alerts import AlertRule

Kind = Literal["firing", "resolved", "escalated"]
_LEVELS: dict[str, Literal["info", "warning", "critical"]] = {"critical": "critical", "high": "critical", "warning": "warning"}


@dataclass(frozen=True)
class Case:
    """An incident with its rule and what was last seen of it; either may be gone by the time it is resolved."""

    incident: Incident
    rule: AlertRule | None
    seen: Observation | None

    @property
    def title(self) -> str:
        """The rule's title, or its name if the rule was removed."""
        return self.rule.title if self.rule else self.incident.rule

    @property
    def summary(self) -> str:
        """What is seen now, in the rule's words."""
        if self.rule is None or self.seen is None:
            return f"{self.incident.subject} is no longer watched."
        return render_summary(self.rule.summary, self.seen.words)


def subject(kind: Kind, cases: Sequence[Case]) -> str:
    """The subject line: severity or outcome, then what it is about."""
    word = {"resolved": "resolved", "escalated": "not acknowledged"}.get(kind, cases[0].incident.severity)
    return f"[{word}] {title(cases)}"


def title(cases: Sequence[Case]) -> str:
    """The title of one incident, or of the first and how many more."""
    named = f"{cases[0].title}: {cases[0].incident.subject}" if _several_subjects(cases[0]) else cases[0].title
    return named if len(cases) == 1 else f"{named} and {len(cases) - 1} more"


def _several_subjects(case: Case) -> bool:
    return case.incident.labels.get("kind") != "kpi"


def build(kind: Kind, cases: Sequence[Case], company: str, now: datetime) -> doc.Document:
    """One document for one or more incidents of a group."""
    said = {"firing": "Alert", "resolved": "Resolved", "escalated": "Nobody has acknowledged this alert yet"}[kind]
    blocks = tuple(block for case in cases for block in _case(kind, case, alone=len(cases) == 1))
    return doc.Document(
        title=title(cases),
        overline=f"{company} · {said}",
        subtitle=f"{cases[0].incident.severity.capitalize()}, {_at(now)}",
        preheader=(cases[0].summary,),
        blocks=blocks,
    )


def _case(kind: Kind, case: Case, *, alone: bool) -> Iterator[doc.Block]:
    if not alone:
        yield doc.Heading(f"{case.title}: {case.incident.subject}")
    level = "info" if kind == "resolved" else _LEVELS.get(case.incident.severity, "info")
    opening = "Resolved. " if kind == "resolved" else ""
    yield doc.Note((f"{opening}{case.summary}",), level)
    yield doc.Table((), tuple(_rows(case)))
    if case.rule and case.rule.runbook and kind != "resolved":
        yield doc.Heading("What to do")
        yield doc.Text((case.rule.runbook,))


def _rows(case: Case) -> Iterator[tuple[doc.Inline, doc.Inline]]:
    if case.seen:
        yield from case.seen.figures
        yield from case.seen.facts
    incident = case.incident
    if incident.fired_at:
        yield ("Since", _at(incident.fired_at))
    if incident.resolved_at:
        yield ("Until", _at(incident.resolved_at))
    yield ("Incident", incident.incident_id)


def _at(instant: datetime) -> str:
    return f"{instant.day} {instant:%b %Y, %H:%M} UTC"
