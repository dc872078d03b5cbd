"""The dbt project in `sql/`, built once after any source was loaded."""

from __future__ import annotations

from cynosure_airflow import assets, declared
from cynosure_airflow.house import TRANSFORM_PARAMETERS, house_dag, page
from cynosure_airflow.operators import WAREHOUSE_POOL, TransformOperator

raw = [assets.raw(name) for name in declared.sources()]
doc = page(
    "Transform",
    does="""Builds and tests every model in one `dbt build`, stores the result of each in `ops.model_runs`, and shows readers
        the new state in one step. Skips when nothing was loaded since the last build and that one ended well; a run started
        by hand always builds.""",
    reads="Raw history of all sources, as it is now: it looks at what was loaded, not at how many events arrived.",
    promises="""Readers see the last published state until the new one is complete. One dead source does not stop the
        others: the clock starts a run as well.""",
    red="""The log ends with the models and tests that failed and the database's own words; the slowest nodes are listed. Correct
        the model, or the data at its source, and start a run by hand: the form takes a dbt selector.""",
)
with house_dag(
    "transform",
    schedule=declared.after(*raw, clock=declared.at("37 * * * *")),
    doc=doc,
    tags=["transform"],
    params=TRANSFORM_PARAMETERS,
):
    TransformOperator(task_id="build", pool=WAREHOUSE_POOL, inlets=raw, outlets=[assets.MARTS])
