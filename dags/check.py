"""Checks after every build and by the clock."""

from __future__ import annotations

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.operators import WAREHOUSE_POOL, CheckOperator

doc = page(
    "Check",
    does="""Evaluates freshness of every stream, quality and identities of the models, and what the audit has found so far, and
        stores one finding per check with the KPIs it touches.""",
    reads="The warehouse and the test results of the last build.",
    promises="""Runs after every build and by the clock, so that silence is noticed too. Green means that everything was
        evaluated; bad findings hold figures back and raise alerts, they do not make this DAG red.""",
    red="The checks themselves could not be evaluated: the log says why. Usually nothing has been built yet.",
)
with house_dag("check", schedule=declared.after(assets.MARTS, clock=declared.at("*/30 * * * *")), doc=doc, tags=["check"]):
    CheckOperator(task_id="evaluate", pool=WAREHOUSE_POOL, inlets=[assets.MARTS], outlets=[assets.FINDINGS])
