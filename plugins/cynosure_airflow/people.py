"""The operators that reach people: report, alert, deliver. What to send and to whom, the engine decides; twice is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from cynosure_airflow.log_table import log_table
from cynosure_airflow.operators import StageOperator
from cynosure_airflow.outcome import NotEvaluated, NotPublished


class DeliverOperator(StageOperator):
    """Works off the outbox: everything due is sent, failures are tried again later, the dead are told to the operators."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """One pass over the outbox."""
        from cynosure.deliver import deliver_pending

        settings = self.stages.settings
        done = deliver_pending(settings, settings.now())
        told = {state: len(keys) for state, keys in done.outcomes.items() if keys}
        self.log.info("%s", ", ".join(f"{count} {state}" for state, count in sorted(told.items())) or "nothing is due")
        self.tell(context, **told)


class ReportOperator(StageOperator):
    """Sends a report where it is due and its figures can be trusted, or stamped when it may wait no longer."""

    def __init__(self, *, report: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.report = report

    def execute(self, context: Mapping[str, Any]) -> None:
        """Puts what is due into the outbox; a period that was sent is not sent again."""
        from cynosure.report import send_due

        settings = self.stages.settings
        done = send_due(settings, settings.now(), [self.report])
        log_table(self.log, ("group", "day", "outcome", "reason"), [(d.group, d.day, d.outcome, d.reason) for d in done])
        if not done:
            self.log.info("nothing is due")
        self.tell(context, **{found.group: f"{found.day}: {found.outcome}" for found in done})
        if failed := [f"{found.group}: {found.reason}" for found in done if found.outcome == "failed"]:
            raise NotPublished("; ".join(failed))


class AlertOperator(StageOperator):
    """Evaluates every alert rule; a KPI whose data is not verified raises one source incident instead."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """Moves incidents on and puts what is to be told into the outbox, both in one transaction."""
        from cynosure.alert import evaluate

        settings = self.stages.settings
        done = evaluate(settings, settings.now())
        lists = {name: list(found) for name, found in asdict(done).items() if found}
        for name, found in lists.items():
            self.log.info("%s: %s", name.replace("_", " "), "; ".join(map(str, found)))
        if not lists:
            self.log.info("nothing to tell")
        self.tell(context, **{name: len(found) for name, found in lists.items()})
        if done.failed:
            raise NotEvaluated("; ".join(done.failed))
