"""One DAG per report of config/reports.yaml: at its time, and when new findings may release one that was held."""

from __future__ import annotations

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.people import DeliverOperator, ReportOperator

for planned in declared.reports():
    doc = page(
        planned.report.title,
        does="""Builds the report for every group for which it is due, puts it into the outbox together with the figures as
            published, and sends it.""",
        reads="The published KPIs, their targets, and the newest findings.",
        promises="""A period is sent once per group, however often this runs. If a figure's data is late or failed a check, the
            report waits until its deadline and then goes out stamped.""",
        red="""`send` red: the log says which figure or setting; nothing went out. `deliver` red: messages stay in the outbox
            and the alert DAG tries again every few minutes; `cynosure deliver --list` shows them.""",
    )
    with house_dag(
        f"report_{planned.name}",
        schedule=declared.after(assets.FINDINGS, clock=planned.timetable),
        doc=doc,
        tags=["report"],
    ):
        send = ReportOperator(
            task_id="send", report=planned.name, inlets=[assets.FINDINGS], outlets=[assets.report(planned.name)]
        )
        send >> DeliverOperator(task_id="deliver")
