"""The operators that reach people: report, alert, deliver. What to send and to whom, the engine decides; twice is harmless."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from cynosure_airflow.operators import StageOperator


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
        self._show(context, send_due(settings, settings.now()))

    def _show(self, context: Mapping[str, Any], done: Any) -> None:
        for name, value in figures(done).items():
            self.log.info("%s: %s", name, value)
        self.tell(context, **figures(done))


class AlertOperator(StageOperator):
    """Evaluates every alert rule; a KPI whose data is not verified raises one source incident instead."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """Moves incidents on and puts what is to be told into the outbox, both in one transaction."""
        from cynosure.alert import evaluate

        settings = self.stages.settings
        done = figures(evaluate(settings, settings.now()))
        for name, value in done.items():
            self.log.info("%s: %s", name, value)
        self.tell(context, **done)


def figures(done: Any) -> dict[str, Any]:
    """The fields of a result: numbers as they are, lists of names, everything else as text."""
    return {field.name: _plain(getattr(done, field.name)) for field in fields(done)}


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple | set | frozenset):
        return [str(item) for item in value]
    return value if isinstance(value, int | str) else str(value)
