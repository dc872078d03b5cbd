"""Checks after every build and by the clock, and once a day an audit of each source."""

from __future__ import annotations

from datetime import timedelta

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.operators import WAREHOUSE_POOL, AuditOperator, CheckOperator

doc = page(
    "Check",
    does="""Evaluates freshness of every stream, quality and identities of the models, and stores one finding per check with
        the KPIs it touches.""",
    reads="The warehouse and the test results of the last build.",
    promises="""Runs after every build and by the clock, so that silence is noticed too. Green means that everything was
        evaluated; bad findings hold figures back and raise alerts, they do not make this DAG red.""",
    red="The checks themselves could not be evaluated: the log says why. Usually nothing has been built yet.",
)
with house_dag("check", schedule=declared.after(assets.MARTS, clock=declared.at("*/30 * * * *")), doc=doc, tags=["check"]):
    CheckOperator(task_id="evaluate", pool=WAREHOUSE_POOL, inlets=[assets.MARTS], outlets=[assets.FINDINGS])

for name, source in declared.sources().items():
    doc = page(
        f"Audit {name}",
        does=f"Lists the ids that `{name}` holds now and compares them with the warehouse, stream by stream.",
        reads=f"The source through the connection `{source.connection}`, and raw history.",
        promises="""Finds what incremental reading cannot: an event that never came, a deletion that nobody told. Streams that
            cannot be listed are left out; a source without any is skipped.""",
        red="""The source could not be listed: the log ends with the reason. A difference is a finding and an alert, it does
            not make a task red.""",
    )
    with house_dag(f"audit_{name}", schedule=declared.at("40 3 * * *"), doc=doc, tags=["check", name], limit=timedelta(hours=3)):
        AuditOperator(task_id="compare_ids", source=name, inlets=[assets.source(name)], outlets=[assets.FINDINGS])
