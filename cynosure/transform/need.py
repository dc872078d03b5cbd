"""What a build would change: an hourly run rebuilds what follows from what has changed, and nothing if nothing has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cynosure.transform.dbt import DbtProject
from cynosure.warehouse import Session, qualified

#: begins the run id of a build that somebody chose models for, which says nothing about the others
PARTIAL = "partial"
#: how a node may end that has to be built again
_BAD = "('error', 'fail', 'runtime error', 'skipped')"
_FINGERPRINT = 12
_PARTS = ("dbt_project.yml", "models", "macros", "tests", "seeds")


@dataclass(frozen=True, slots=True)
class Need:
    """Why to build, in words, and what: dbt selectors, or all models if there are none. False if there is no reason."""

    reason: str = ""
    select: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.reason)


def fingerprint(dbt: DbtProject) -> str:
    """Changes when any file of the dbt project does, or what the configuration tells it."""
    digest = hashlib.sha256(json.dumps(dict(dbt.variables), sort_keys=True).encode())
    for part in _PARTS:
        for path in sorted((dbt.sql / part).rglob("*")) if (dbt.sql / part).is_dir() else [dbt.sql / part]:
            if path.is_file():
                digest.update(str(path.relative_to(dbt.sql)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_FINGERPRINT]


def newest_batches(session: Session) -> list[tuple[str, str, str]]:
    """Source, stream and the newest batch that changed rows, of every stream that has one."""
    return session.rows(
        "select source, stream, max(batch_id) from ops.loads where rows_new + rows_changed + rows_deleted > 0"
        " group by source, stream order by source, stream"
    )


def last_build(session: Session) -> tuple[str, datetime] | None:
    """Run id and beginning of the last build that the engine chose the models of."""
    row = session.row(
        "select run_id, min(started_at) from ops.model_runs where run_id not like $1 group by run_id order by 2 desc limit 1",
        f"{PARTIAL}-%",
    )
    return (row[0], row[1]) if row else None


def begins_anew(session: Session, dbt: DbtProject) -> bool:
    """Whether what incremental models hold was made by another project or configuration, or by none."""
    last = last_build(session)
    return last is None or not last[0].startswith(fingerprint(dbt))


def needed(session: Session, dbt: DbtProject, timezone: str, now: datetime) -> Need:
    """What should be built now: what follows from streams with new rows, from a day that a source has reached, and from
    models that did not end well; everything on a new day, and when the project has changed."""
    last = last_build(session)
    if last is None:
        return Need("nothing has been built yet" if newest_batches(session) else "")
    run_id, began = last
    if not run_id.startswith(fingerprint(dbt)):
        return Need("the dbt project or the configuration has changed")
    zone = ZoneInfo(timezone)
    if now.astimezone(zone).date() > began.astimezone(zone).date():
        return Need("a new day has begun")
    graph = _Graph(dbt)
    streams, moved, bad = graph.streams(_moved_on(session)), graph.moved_clocks(session), graph.names(_bad(session))
    reasons = {
        f"rows have arrived since the last build in {len(streams)} streams": streams,
        "the data reach a new day": moved,
        f"{len(bad)} models or tests did not end well": bad,
    }
    reason = "; ".join(reason for reason, found in reasons.items() if found)
    return Need(reason, (*streams, *moved, *bad) if graph.is_known else ())


def _moved_on(session: Session) -> list[tuple[str, str]]:
    """Streams with rows that the models do not contain yet."""
    built = {(source, stream): batch for source, stream, batch in session.rows("select * from ops.built_batches")}
    return [(source, stream) for source, stream, batch in newest_batches(session) if batch > built.get((source, stream), "")]


def _bad(session: Session) -> list[str]:
    """Nodes whose last build did not end well."""
    rows = session.rows(
        "select node from (select node, status, row_number() over (partition by node order by started_at desc, run_id) as newest"
        f" from ops.model_runs where run_id not like $1) as runs where newest = 1 and status in {_BAD} order by node",
        f"{PARTIAL}-%",
    )
    return [node for (node,) in rows]


class _Graph:
    """dbt's graph as the last run left it; without one everything is selected."""

    def __init__(self, dbt: DbtProject) -> None:
        self._dbt = dbt
        self.is_known = (dbt.target / "manifest.json").exists()
        manifest: dict[str, Any] = dbt.manifest if self.is_known else {}
        self._nodes, self._sources = manifest.get("nodes", {}), manifest.get("sources", {})
        self._children = manifest.get("child_map", {})

    def streams(self, names: list[tuple[str, str]]) -> list[str]:
        """Selectors of everything downstream of these streams, without those that no model reads."""
        if not self.is_known:
            return [f"source:{source}.{stream}+" for source, stream in names]
        read = {(entry["source_name"], entry["name"]) for id, entry in self._sources.items() if self._children.get(id)}
        return [f"source:{source}.{stream}+" for source, stream in names if (source, stream) in read]

    def names(self, ids: list[str]) -> list[str]:
        """Selectors of these nodes and what is downstream of them; those that are no more are left out."""
        if not self.is_known:
            return ids
        found = [self._nodes[id] for id in ids if id in self._nodes]
        return [f"{node['name']}+" if node["resource_type"] == "model" else node["name"] for node in found]

    def moved_clocks(self, session: Session) -> list[str]:
        """Selectors of the tables that are made of the engine's own records and would say something else now."""
        return [f"{node['name']}+" for node in self._tables_of_records() if self._differs(session, node)]

    def _tables_of_records(self) -> Iterator[Any]:
        records = {id for id, entry in self._sources.items() if entry["source_name"] == "ops"}
        for node in self._nodes.values():
            is_table = node["resource_type"] == "model" and node["config"]["materialized"] == "table"
            if is_table and records & set(node["depends_on"]["nodes"]):
                yield node

    def _differs(self, session: Session, node: Any) -> bool:
        # the manifest has the compiled text of the nodes of the last run only
        path = self._dbt.target / "compiled" / node["package_name"] / node["original_file_path"]
        if not path.exists():
            return True
        text, table = path.read_text(encoding="utf-8"), qualified(node["schema"], node["name"])
        return bool(session.rows(f"select * from ({text}) as now_said except select * from {table}"))
