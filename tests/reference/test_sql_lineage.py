"""What the handbook says a KPI is built from is what dbt says."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cynosure.extract import connector_class, connector_names
from cynosure.reference.lineage import SqlLineage

SQL = Path(__file__).parents[2] / "sql"
STREAMS = {(name, stream.name) for name in connector_names() for stream in connector_class(name).streams}


def test_a_macro_counts_as_what_it_reads(tmp_path: Path) -> None:
    (tmp_path / "macros").mkdir()
    (tmp_path / "models").mkdir()
    (tmp_path / "macros/m.sql").write_text(
        "{% macro rows(a, b) %}select * from {{ source(a, b) }}{% endmacro %}{% macro sums() %}{{ ref('days') }}{% endmacro %}"
    )
    (tmp_path / "models/days.sql").write_text("{{ rows('stripe', 'events') }} {# {{ ref('ghost') }} #}")
    (tmp_path / "models/total.sql").write_text("{{ sums() }}")
    lineage = SqlLineage(tmp_path, {("stripe", "events")})
    assert (lineage.parents("total"), lineage.sources_of("total")) == (["days"], ["stripe.events"])


@pytest.mark.slow
def test_every_model_reads_what_dbt_says(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "--quiet", "parse", "--project-dir", SQL, "--profiles-dir", SQL,
         "--target-path", tmp_path, "--log-path", tmp_path],
        env={**os.environ, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "CYNOSURE_DUCKDB_PATH": str(tmp_path / "w.duckdb")},
        check=True, capture_output=True,
    )  # fmt: skip
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    lineage = SqlLineage(SQL, STREAMS)
    models = {
        node["name"]: node["depends_on"]["nodes"] for node in manifest["nodes"].values() if node["resource_type"] == "model"
    }
    expected = {name: sorted(n.split(".")[-1] for n in reads if n.startswith("model.")) for name, reads in models.items()}
    assert {name: lineage.parents(name) for name in models} == expected
    raw = {name for name, source in manifest["sources"].items() if source["schema"] == "raw"}

    def upstream(node: str, seen: set[str]) -> set[str]:
        seen.add(node)
        for parent in manifest["parent_map"].get(node, ()):
            if parent not in seen:
                upstream(parent, seen)
        return seen

    for name in models:
        streams = {
            ".".join(node.split(".")[-2:])
            for node in upstream(f"model.{manifest['metadata']['project_name']}.{name}", set()) & raw
        }
        assert lineage.sources_of(name) == sorted(streams), name
