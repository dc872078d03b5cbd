"""One audit per source: a slice of the walk through everything it holds, compared with the warehouse when it is through."""

from __future__ import annotations

from datetime import timedelta

from cynosure_airflow import assets, declared
from cynosure_airflow.house import house_dag, page
from cynosure_airflow.operators import AuditOperator

for name, source in declared.sources().items():
    doc = page(
        f"Audit {name}",
        does=f"""Walks through everything that `{name}` holds now, stream by stream and a slice at a time, remembers how far it
            came, and compares ids, contents, counts and sums with the warehouse when a walk is through. Every difference is
            asked for once more before it counts. Where `config/sources.yaml` says so, it is repaired.""",
        reads=f"The source through the connection `{source.connection}`, and raw history.",
        promises="""Everything is compared within the period of its stream, seven days unless it says otherwise, with no more
            requests than `audit.requests` allows; a walk that does not get there is a finding. What changed after the last
            load is in flight and not a difference. Killed anywhere, the next run goes on.""",
        red="""The source or the warehouse could not be used at all: the log ends with the reason. A stream that is refused, and a
            difference, are findings and alerts, they do not make a task red.""",
    )
    with house_dag(
        f"audit_{name}", schedule=declared.at(source.audit.schedule), doc=doc, tags=["audit", name], limit=timedelta(hours=3)
    ):
        AuditOperator(task_id="compare", source=name, inlets=[assets.source(name)], outlets=[assets.FINDINGS])
