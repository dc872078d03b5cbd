"""One DAG per enabled source of config/sources.yaml: extract what is new, load what was landed."""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import TriggerRule, chain

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.operators import WAREHOUSE_POOL, ExtractOperator, LoadOperator

for name, source in declared.sources().items():
    doc = page(
        f"Ingest {name}",
        does=f"""Reads every enabled stream of `{name}` into the landing log, several at a time, then applies everything
            landed to raw history in the warehouse.""",
        reads=f"""The source through the Airflow connection `{source.connection}`; without that connection,
            `CYNOSURE_{name.upper()}_*` variables.""",
        promises="""Objects are kept as the API sent them. A stream that fails is named and the others go on; what was landed
            is loaded all the same. Killed anywhere, the next run goes on: nothing is lost, nothing comes twice.""",
        red=f"""`extract` red: its log ends with one sentence per failed stream. A refused key is not retried: correct the
            connection `{source.connection}`, then clear the task. `load` red: the log names the batch; nothing of it was
            applied. `complete` only repeats that one of the two failed. `cynosure check-connection {name}` asks again.""",
    )
    with house_dag(
        f"ingest_{name}", schedule=declared.at(source.schedule), doc=doc, tags=["ingest", name], limit=timedelta(hours=3)
    ):
        extract = ExtractOperator(task_id="extract", source=name, inlets=[assets.source(name)], outlets=[assets.landed(name)])
        load = LoadOperator(
            task_id="load",
            pool=WAREHOUSE_POOL,
            trigger_rule=TriggerRule.ALL_DONE,
            inlets=[assets.landed(name)],
            outlets=[assets.raw(name)],
        )
        # load runs after a failed extract as well, so the run's outcome needs a task that looks at both
        complete = EmptyOperator(task_id="complete")
        chain(extract, load, complete)
        chain(extract, complete)
