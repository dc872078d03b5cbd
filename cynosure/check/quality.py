"""Quality as measured rates: every dbt test is a rule, its failing rows against the rows of its model are the rate.

The rules stand beside the tables they are about (`sql/models/**/_*.yml`); the targets stand in `config/quality.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from cynosure.check.finding import Dimension, Finding, Severity
from cynosure.check.lineage import Lineage
from cynosure.settings import read_yaml
from cynosure.transform import NodeResult
from cynosure.warehouse import Session, qualified

_DIMENSION_OF_TEST = {
    "not_null": Dimension.COMPLETENESS,
    "unique": Dimension.UNIQUENESS,
    "accepted_values": Dimension.VALIDITY,
    "relationships": Dimension.CONSISTENCY,
}


class QualityTargets(BaseModel):
    """The least acceptable rate of each dimension, as a fraction of rows (1 means every row)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    completeness: Decimal = Field(default=Decimal("0.95"), ge=0, le=1)
    validity: Decimal = Field(default=Decimal("0.99"), ge=0, le=1)
    uniqueness: Decimal = Field(default=Decimal(1), ge=0, le=1)
    consistency: Decimal = Field(default=Decimal("0.98"), ge=0, le=1)

    def of(self, dimension: Dimension) -> Decimal:
        """The target of a dimension; rules of other dimensions must hold for every row."""
        return Decimal(getattr(self, dimension.value, 1))


def read_targets(config: Path) -> QualityTargets:
    """Targets of `config/quality.yaml`."""
    return read_yaml(config / "quality.yaml", QualityTargets)


def check_quality(
    session: Session, manifest: Mapping[str, Any], results: Sequence[NodeResult], targets: QualityTargets
) -> list[Finding]:
    """A finding per dbt test that ran."""
    lineage = Lineage(manifest)
    counts: dict[str, int] = {}
    return [
        finding
        for result in results
        if result.resource_type == "test" and result.status != "skipped"
        for finding in _test(session, manifest, result, targets, lineage, counts)
    ]


def _test(
    session: Session,
    manifest: Mapping[str, Any],
    result: NodeResult,
    targets: QualityTargets,
    lineage: Lineage,
    counts: dict[str, int],
) -> Iterator[Finding]:
    node = manifest["nodes"].get(result.node)
    if node is None:
        return
    rule = (node.get("test_metadata") or {}).get("name", node["name"])
    model = node.get("attached_node") or next(iter(node["depends_on"]["nodes"]), "")
    dimension = _DIMENSION_OF_TEST.get(rule, Dimension.ACCURACY)
    relation = _relation(manifest, model)
    column = node.get("column_name") or ""
    broken = result.failures if result.failures is not None else int(result.status not in ("pass", "success"))
    rows = _rows(session, relation, counts)
    rate = 1 - Decimal(min(broken, rows)) / rows if rows else Decimal(1)
    target = targets.of(dimension)
    yield Finding(
        check_id=f"quality:{node['name']}",
        kind="quality",
        what=f"{relation}{'.' + column if column else ''} {rule.replace('_', ' ')}: {broken} of {rows} rows break the rule",
        expected=f"{target:.2%} of rows hold",
        passed=result.status in ("pass", "success") or (result.status in ("fail", "warn") and rate >= target),
        dimension=dimension,
        severity=Severity.STOP if node["config"]["severity"].lower() == "error" else Severity.WARN,
        measured=rate.quantize(Decimal("0.000001")),
        relation=relation,
        affected_kpis=lineage.kpis_of(model) if model else (),
        detail={"rule": rule, "column": column, "failures": broken, "rows": rows, "message": result.message},
    )


def _relation(manifest: Mapping[str, Any], model: str) -> str:
    node = manifest["nodes"].get(model) or manifest["sources"].get(model)
    return f"{node['schema']}.{node.get('alias') or node.get('identifier')}" if node else ""


def _rows(session: Session, relation: str, counts: dict[str, int]) -> int:
    if relation and relation not in counts:
        schema, _, name = relation.partition(".")
        counts[relation] = int((session.row(f"select count(*) from {qualified(schema, name)}") or (0,))[0])
    return counts.get(relation, 0)
