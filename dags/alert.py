"""Alert rules after every check and by the clock; the clock also works off the outbox."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TriggerRule, chain

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.people import AlertOperator, DeliverOperator

doc = page(
    "Alert",
    does="""Evaluates every rule of `config/alerts.yaml`, moves incidents on (pending, firing, resolved), routes what is to be
        told by `config/routes.yaml`, and sends everything that waits in the outbox: reports too.""",
    reads="The published KPIs, the newest findings, and the incidents that are open.",
    promises="""A KPI alert fires only on verified data; otherwise one source incident is raised instead. One message per
        incident and route, repeated only after its interval; a crash may repeat one message, it never loses one.""",
    red="""`evaluate` red: the log names the rule or the missing data. `deliver` runs all the same, and `complete` only repeats
        that one of the two failed. `cynosure deliver --list`
        shows what could not be sent and why.""",
)
with house_dag("alert", schedule=declared.after(assets.FINDINGS, clock=declared.at("*/5 * * * *")), doc=doc, tags=["alert"]):
    evaluate = AlertOperator(task_id="evaluate", inlets=[assets.FINDINGS], outlets=[assets.ALERTS])
    deliver = DeliverOperator(task_id="deliver", trigger_rule=TriggerRule.ALL_DONE)
    # deliver runs after a failed evaluation as well, so the run's outcome needs a task that looks at both
    complete = EmptyOperator(task_id="complete")
    chain(evaluate, deliver, complete)
    chain(evaluate, complete)
