"""`docs/reference/kpis.md`: the handbook of KPIs, by area, each with its definition and what it is built from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from os.path import relpath
from pathlib import Path

from cynosure.document import STATUSES, KpiUnit
from cynosure.extract import connector_class, connector_names
from cynosure.reference.lineage import SqlLineage
from cynosure.reference.markdown import anchor, bullets, code, link, page, table
from cynosure.transform.kpis import Kpi, read_kpis
from cynosure.transform.periods import GRAINS
from cynosure.transform.planned import Planned, PlannedKpis, read_planned

_UNITS: dict[KpiUnit, str] = {
    "currency": "reporting currency",
    "percent": "percent (kept as a fraction: 0.05 is 5 %)",
    "count": "count",
    "ratio": "ratio",
    "hours": "hours",
    "days": "days",
    "minutes": "minutes",
    "score": "score",
    "status": f"status ({', '.join(f'{number} is {word}' for number, word in enumerate(STATUSES))})",
}
_OVER_TIME = {
    "sum": "days add up to longer periods",
    "last": "a longer period has the value of its last day",
    "none": "each period is computed by itself",
}
_BETTER = {"up": "up", "down": "down", "none": "neither"}


def kpi_page(project: Path, sql: Path) -> str:
    """The handbook."""
    kpis = read_kpis(sql)
    streams = {(name, stream.name) for name in connector_names() for stream in connector_class(name).streams}
    lineage = SqlLineage(sql, streams)
    by_area: dict[str, list[Kpi]] = defaultdict(list)
    for kpi in kpis.values():
        by_area[kpi.area or "other"].append(kpi)
    intro = (
        "Every KPI has the columns `period_start, grain, dimension, member, value, numerator, denominator, sample_size`;"
        " `dimension = 'all'` is the total. A rate is null where its denominator is zero. Arguable choices are explained in"
        " [sql/DECISIONS.md](../../sql/DECISIONS.md)."
    )
    contents = bullets(f"**{_title(area)}**: {_links(by_area[area])}" for area in sorted(by_area))
    sections = [part for area in sorted(by_area) for part in _area(area, by_area[area], project, lineage)]
    return page("KPI handbook", intro, contents, *sections, *_planned(read_planned(sql)))


def _links(kpis: Iterable[Kpi]) -> str:
    return " · ".join(link(kpi.title, f"#{anchor(kpi.title)}") for kpi in kpis)


def _area(area: str, kpis: Iterable[Kpi], project: Path, lineage: SqlLineage) -> list[str]:
    return [f"## {_title(area)}", *(_kpi(kpi, project, lineage) for kpi in kpis)]


def _kpi(kpi: Kpi, project: Path, lineage: SqlLineage) -> str:
    if kpi.name not in lineage.models:
        return f"### {kpi.title}\n\n{kpi.definition}"
    query = lineage.models[kpi.name]
    file = _path(query, project)
    rows = [
        ("Formula", code(kpi.formula)),
        ("Unit", _UNITS[kpi.unit]),
        ("Better", _BETTER[kpi.better]),
        ("Over time", _OVER_TIME[kpi.over_time]),
        ("Grains", ", ".join(kpi.grains or GRAINS)),
        ("Dimensions", ", ".join(map(code, kpi.dimensions))),
        ("Owner", kpi.owner),
        ("Classification", kpi.classification),
        ("Sources", ", ".join(kpi.sources)),
        (
            "Built from",
            ", ".join(link(code(name), f"../../{_path(lineage.models[name], project)}") for name in lineage.parents(kpi.name)),
        ),
        ("Raw streams", ", ".join(map(code, lineage.sources_of(kpi.name)))),
        ("SQL", link(code(file), f"../../{file}")),
    ]
    facts = table(("", ""), [row for row in rows if row[1]])
    text = query.read_text(encoding="utf-8").strip()
    sql = f"<details><summary>The query</summary>\n\n```sql\n{text}\n```\n\n</details>"
    return f"### {kpi.title}\n\n{code(kpi.name)}: {kpi.definition}\n\n{facts}\n\n{sql}"


def _planned(planned: PlannedKpis) -> list[str]:
    """What is defined but lacks a source, by area."""
    if not planned.kpis:
        return []
    intro = "These are defined; each is computed once its model is written, which needs the sources named."
    by_area: dict[str, list[Planned]] = defaultdict(list)
    for kpi in planned.kpis:
        by_area[kpi.area].append(kpi)
    parts = [f"## Needs a further source\n\n{intro}"]
    for area in sorted(by_area):
        rows = [
            (f"{kpi.title}<br>{code(kpi.name)}", kpi.definition, kpi.unit, _BETTER[kpi.better], planned.lacking(kpi))
            for kpi in by_area[area]
        ]
        parts.append(f"### {_title(area)}: planned\n\n{table(('KPI', 'Definition', 'Unit', 'Better', 'Needs'), rows)}")
    return parts


def _title(area: str) -> str:
    return area.replace("_", " ").capitalize()


def _path(file: Path, project: Path) -> str:
    return Path(relpath(file, project)).as_posix()
