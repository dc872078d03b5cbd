"""One dbt build in the writer's turn; its results go into `ops.model_runs`; then readers see the new state."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cynosure.settings import Company, Identity
from cynosure.settings.faultpoint import reach
from cynosure.settings.targets import Targets
from cynosure.transform.attainment import goals
from cynosure.transform.dbt import DbtProject, NodeResult, Progress, TransformError
from cynosure.transform.kpis import read_kpis
from cynosure.transform.need import PARTIAL, fingerprint
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
    arguments: Sequence[str] = (),
    progress: Progress = lambda done, of, node, status: None,
) -> TransformResult:
    """Builds and tests all models, records every node's result as of `now`, and publishes the state to readers.

    Raises TransformError if dbt cannot run at all. Models keep their last good state when a build is killed.
    """
    with warehouse.exclusive():
        nodes = dbt.build(arguments, progress)
    reach("transform.after_build")
    kind = PARTIAL if arguments else fingerprint(dbt)
    result = TransformResult(f"{kind}-{uuid.uuid4().hex}", tuple(nodes))
    _record(warehouse, result, now)
    reach("transform.after_record")
    warehouse.publish()
    return result


def _record(warehouse: Warehouse, result: TransformResult, now: datetime) -> None:
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


_COLUMNS = ("text", "text", "text", "text", "bigint", "bigint", "double precision", "timestamp with time zone", "text")

__all__ = ["TransformError", "TransformResult", "project", "transform"]
