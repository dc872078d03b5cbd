"""Where a figure comes from when its single rows cannot be shown: the models between, and the raw streams with their batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from cynosure.reference.lineage import SqlLineage
from cynosure.warehouse import Session, WarehouseError, qualified

_TABLES = (
    "select table_schema, table_name from information_schema.tables"
    " where table_schema in ('staging', 'intermediate', 'marts', 'kpis') and table_type = 'BASE TABLE'"
)


@dataclass(frozen=True)
class Model:
    """A model on the way, how many steps from the figure, and how many rows it has; None for a view."""

    name: str
    layer: str
    distance: int
    parents: tuple[str, ...]
    rows: int | None


@dataclass(frozen=True)
class StreamRead:
    """A raw stream at the end of the way: objects, versions and tombstones, its batches, and up to when it is complete."""

    name: str
    objects: int
    versions: int
    deleted: int
    batches: int
    last_batch: str | None
    read_at: datetime | None
    as_of: datetime | None


def models_behind(session: Session, lineage: SqlLineage, kpi: str) -> list[Model]:
    """The models between a KPI and raw history, nearest first."""
    distances, waiting = {kpi: 0}, [kpi]
    for model in waiting:
        for parent in lineage.parents(model):
            if parent not in distances:
                distances[parent] = distances[model] + 1
                waiting.append(parent)
    built = {(str(schema), str(name)) for schema, name in session.rows(_TABLES)}
    found = []
    for name, distance in sorted(distances.items(), key=lambda entry: (entry[1], entry[0])):
        layer = lineage.models[name].relative_to(lineage.project / "models").parts[0]
        rows = _count(session, layer, name) if (layer, name) in built else None
        found.append(Model(name, layer, distance, tuple(lineage.parents(name)), rows))
    return found


def streams_behind(session: Session, lineage: SqlLineage, kpi: str) -> list[StreamRead]:
    """The raw streams that a KPI is made from; those that were never loaded are left out."""
    return list(_streams(session, lineage.sources_of(kpi)))


def _streams(session: Session, names: list[str]) -> Iterator[StreamRead]:
    raw = "select table_name from information_schema.tables where table_schema = 'raw'"
    tables = {str(name) for (name,) in session.rows(raw)}
    for name in names:
        source, _, stream = name.partition(".")
        if f"{source}__{stream}" not in tables:
            continue
        table = qualified("raw", f"{source}__{stream}")
        counted = session.row(
            "select coalesce(sum(case when valid_to is null and not is_deleted then 1 else 0 end), 0), count(*),"
            f" coalesce(sum(case when valid_to is null and is_deleted then 1 else 0 end), 0) from {table}"
        )
        loaded = session.row(
            "select count(*), max(batch_id), max(extracted_at), max(source_as_of) from ops.loads"
            " where source = $1 and stream = $2",
            source, stream,
        )  # fmt: skip
        if counted is None or loaded is None:
            raise WarehouseError(f"{table} cannot be counted")
        yield StreamRead(name, int(counted[0]), int(counted[1]), int(counted[2]), *loaded)


def _count(session: Session, layer: str, name: str) -> int:
    row = session.row(f"select count(*) from {qualified(layer, name)}")
    return int(row[0]) if row else 0
