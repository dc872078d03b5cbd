"""KPIs that wait for a source: each says what it means and what it lacks, and none is planned and built at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import call

from cynosure.settings import ConfigError
from cynosure.transform.kpis import read_kpis
from cynosure.transform.planned import PlannedKpis, read_planned

SQL = Path(__file__).parents[2] / "sql"


def test_a_planned_kpi_has_no_model_and_no_namesake() -> None:
    names = [kpi.name for kpi in read_planned(SQL).kpis]
    assert len(names) == len(set(names))
    assert not set(names) & set(read_kpis(SQL))


def test_each_means_something_and_lacks_something() -> None:
    for kpi in read_planned(SQL).kpis:
        assert kpi.lacks, kpi.name
        assert kpi.definition.endswith("."), kpi.name


def test_every_kind_of_source_is_lacked_by_some_kpi() -> None:
    planned = read_planned(SQL)
    assert {source for kpi in planned.kpis for source in kpi.lacks} == set(planned.sources)


def test_a_source_without_explanation_is_refused(tmp_path: Path) -> None:
    entry = "{name: x, area: a, title: X, definition: d, unit: count, better: up, lacks: [crystal_ball]}"
    (tmp_path / "planned_kpis.yml").write_text(f"sources: {{accounting: books}}\nkpis: [{entry}]\n")
    with pytest.raises(ConfigError, match="x: lacks 'crystal_ball'; allowed: accounting"):
        read_planned(tmp_path)


def test_a_project_need_not_plan(tmp_path: Path) -> None:
    assert read_planned(tmp_path) == PlannedKpis()


def test_asking_for_a_planned_kpi_says_what_it_needs(tmp_path: Path) -> None:
    ended = call("kpis", "cac", env={"CYNOSURE_HOME": str(tmp_path)})
    assert ended.code == 2
    assert "cac is defined but cannot be computed yet: it needs the accounting system" in ended.said
