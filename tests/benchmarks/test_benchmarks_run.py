"""The benchmarks run from beginning to end on tiny sizes, and say what they measured."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.__main__ import SECTIONS, main
from benchmarks.content import Content, content_of
from benchmarks.measuring import Cost, Sample, Table, interleaved
from benchmarks.pages import pages

PROJECT = Path(__file__).parents[2]
MARKS = dict.fromkeys(("postgres", "builds"), pytest.mark.postgres)
# without `airflow`: what it starts takes minutes, and tests/end_to_end/test_demo_whole.py starts it already
EXPECTED = {
    "pages_to_raw": ("| Cynosure ", "| dlt, parquet files ", "| dlt, Arrow, history (scd2) ", "| DuckDB bulk read "),
    "postgres": ("| Cynosure, load only ", "| PostgreSQL's COPY ", "payload as text"),
    "memory": ("| 100 ", "| 1,000 "),
    "pace": ("| 0.2 ", "reached"),
    "sources_pace": ("| hubspot ", "| zendesk ", "| intercom "),
    "faults": ("| Cynosure ", "| dlt ", "| F01 "),
    "builds": ("| DuckDB: everything from nothing ", "| PostgreSQL: an hour later: load "),
    "first_load": ("| stripe ", "| salesforce "),
    "hourly": ("| first run: load ", "| nothing new: together ", "| an hour later: extract "),
}


@pytest.mark.slow
@pytest.mark.timeout(660)
@pytest.mark.parametrize("section", [pytest.param(name, marks=MARKS.get(name, ())) for name in EXPECTED])
def test_every_section_runs(section: str) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", section]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "far too small to mean anything" in done.stdout
    assert [row for row in EXPECTED[section] if row not in done.stdout] == []


def test_an_unknown_section_is_refused_and_the_known_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["speed"])
    said = capsys.readouterr().err
    assert [name for name in SECTIONS if name not in said] == []


def test_pages_hold_as_many_objects_as_asked_and_change_as_asked() -> None:
    first, other = content_of(pages(250)), content_of(pages(250, changed=1))
    assert first.objects == other.objects == 250
    assert first.checksum != other.checksum
    assert content_of(pages(250)) == first


def test_a_contender_that_stored_something_else_stops_the_benchmark() -> None:
    with pytest.raises(SystemExit, match="would not be of equal work"):
        Content(2, 10, 5).require(Content(2, 10, 6))


def test_contenders_take_turns_and_the_first_round_does_not_count() -> None:
    order: list[str] = []

    def contender(name: str) -> Cost:
        order.append(name)
        return Cost(float(len(order)), 1.0)

    found = interleaved({name: lambda name=name: contender(name) for name in "ab"}, repetitions=2)
    assert order == ["a", "b"] * 3
    assert found["a"].seconds("wall") == [3.0, 5.0]


def test_ratios_are_taken_pair_by_pair() -> None:
    slow, fast = (Sample(tuple(Cost(wall, 0.0) for wall in walls)) for walls in ((2.0, 9.0, 4.0), (1.0, 3.0, 4.0)))
    assert slow.over(fast, "wall") == "1.00 / 2.00 / 3.00"


def test_tables_are_aligned_markdown() -> None:
    text = Table("Title", ("", "a"), [("long name", 1)], ["a note"]).markdown()
    assert text.splitlines() == ["### Title", "", "|           | a |", "| --------- | - |", "| long name | 1 |", "", "- a note"]
