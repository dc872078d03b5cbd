"""One dbt build in the writer's turn; its results go into `ops.model_runs`; then readers see the new state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cynosure.load import create_schema
from cynosure.settings import Company, Identity
from cynosure.settings.faultpoint import reach
from cynosure.settings.targets import Targets
from cynosure.transform.attainment import goals
from cynosure.transform.dbt import DbtProject, NodeResult, Progress, TransformError
from cynosure.transform.kpis import read_kpis
from cynosure.transform.need import PARTIAL, Need, begins_anew, fingerprint, newest_batches
from cynosure.warehouse import Warehouse

# what a model or test may end with without anything being wrong
_GOOD = {"success", "pass", "no-op"}


@dataclass(frozen=True)
class TransformResult:
    """What a build did; `failed` are models and tests that stop what depends on them, `warned` those that only tell."""

    run_id: str
    nodes: tuple[NodeResult, ...]

    @property
    def failed(self) -> list[NodeResult]:
        """Models in error and tests of severity error that did not pass."""
        return [node for node in self.nodes if node.status in ("error", "fail", "runtime error")]

    @property
    def warned(self) -> list[NodeResult]:
        """Tests of severity warn that did not pass."""
        return [node for node in self.nodes if node.status == "warn"]

    @property
    def skipped(self) -> list[NodeResult]:
        """Nodes not built because something before them failed."""
        return [node for node in self.nodes if node.status == "skipped"]


def project(
    sql: Path,
    home: Path,
    warehouse: Warehouse,
    company: Company,
    identity: Identity | None = None,
    targets: Targets | None = None,
) -> DbtProject:
    """The dbt project against this warehouse, with what the company decided: zone, currency, groups, who is whom, targets."""
    decided = identity or Identity()
    return DbtProject(
        sql=sql,
        target=home / "dbt",
        environment=warehouse.dbt_environment(),
        variables={
            "timezone": company.timezone,
            "reporting_currency": company.currency,
            **company.rules(),
            "targets": goals(read_kpis(sql), targets or {}),
            "identity_overrides": [{"record": link.record, "customer": link.customer} for link in decided.links],
            "further_free_mail_domains": list(decided.free_mail_domains),
        },
    )


def transform(
    dbt: DbtProject,
    warehouse: Warehouse,
    now: datetime,
    *,
    need: Need | None = None,
    select: Sequence[str] = (),
    anew: bool = False,
    progress: Progress = lambda done, of, node, status: None,
) -> TransformResult:
    """Builds and tests all models, or what is needed, or what somebody has selected; then publishes them to readers.

    Every node's result is recorded as of `now`. Incremental models begin from nothing if `anew`, and whenever the project
    has changed. Raises TransformError if dbt cannot run at all. Models keep their last good state when a build is killed.
    """
    with warehouse.writing() as session:
        create_schema(session)
        # read before anything is built: what arrives in between is built once more
        batches, anew = newest_batches(session), anew or begins_anew(session, dbt)
    chosen = [*select, *(need.select if need else ())]
    with warehouse.exclusive():
        nodes = dbt.build([*(["--select", *chosen] if chosen else []), *(["--full-refresh"] if anew else [])], progress)
    reach("transform.after_build")
    kind = PARTIAL if select else fingerprint(dbt)
    result = TransformResult(f"{kind}-{uuid.uuid4().hex}", tuple(nodes))
    _record(warehouse, result, now, () if select else batches)
    reach("transform.after_record")
    warehouse.publish()
    return result


def _record(warehouse: Warehouse, result: TransformResult, now: datetime, batches: Sequence[tuple[str, str, str]]) -> None:
    rows = [
        [
            result.run_id,
            n.node,
            n.resource_type,
            n.status,
            n.rows,
            n.failures,
            n.seconds,
            now.isoformat(),
            n.message[:2000],
        ]
        for n in result.nodes
    ]
    read = {
        "duckdb": "select cast(r as json) as r from (select unnest(json_extract(cast($1 as json), '$[*]')) as r)",
        "postgres": "select r from json_array_elements(cast($1 as json)) as r",
    }[warehouse.dialect]
    columns = ", ".join(f"cast(r->>{i} as {kind})" for i, kind in enumerate(_COLUMNS))
    with warehouse.writing() as session, session.transaction():
        session.execute(f"insert into ops.model_runs select {columns} from ({read}) as rows", json.dumps(rows))
        for source, stream, batch in batches:
            session.execute("delete from ops.built_batches where source = $1 and stream = $2", source, stream)
            session.execute("insert into ops.built_batches values ($1, $2, $3)", source, stream, batch)


_COLUMNS = ("text", "text", "text", "text", "bigint", "bigint", "double precision", "timestamp with time zone", "text")

__all__ = ["TransformError", "TransformResult", "project", "transform"]
