"""Every source at once: rows, deletions and bodies in the warehouse equal what exists in each system.

Once after the first load, and again after thirty days with runs in between: one a day, or one every
CYNOSURE_TEST_HOURS hours (1 is what a real installation does; it takes long). CYNOSURE_TEST_SOURCES names some of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from simulated import DAY, HOUR, MINUTE, Simulated, simulated

from cynosure.extract import connector_class, connector_names
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Session, Warehouse, open_warehouse
from sandbox.demo.streams import Compared, difference
from sandbox.discovery import system_names

EVERY = int(os.environ.get("CYNOSURE_TEST_HOURS", "24")) * HOUR
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800 * DAY // EVERY)]

DAYS = 30
# the longest that any vendor takes to show a change
SHOWN = 15 * MINUTE
# after so long every sweep that finds what no cursor shows has been due
SWEPT = 25 * HOUR
SOURCES = tuple(
    name
    for name in os.environ.get("CYNOSURE_TEST_SOURCES", ",".join(connector_names())).split(",")
    if name in connector_names() and name in system_names()
)


@dataclass
class Outcome:
    """What came of one source: runs that failed, how the streams compare, and bodies that differ."""

    failed: list[str] = field(default_factory=list)
    streams: list[Compared] = field(default_factory=list)
    bodies: dict[str, list[str]] = field(default_factory=dict)

    @property
    def wrong(self) -> dict[str, Any]:
        """Everything that is not as it should be, by stream; empty if nothing is."""
        ids = {
            s.stream: {"missing": s.missing[:3], "extra": s.extra[:3], "buried": s.buried[:3]}
            for s in self.streams
            if not s.is_met
        }
        return {**ids, **{f"{stream} bodies": found[:3] for stream, found in self.bodies.items() if found}}


class Deployment:
    """All sources into one warehouse, without pace."""

    def __init__(self, company: Simulated, folder: Path) -> None:
        self._company = company
        self._landing = folder / "landing"
        self._warehouse: Warehouse = open_warehouse(f"duckdb://{folder}/warehouse.duckdb")
        self._declared = [(name, stream.name) for name in SOURCES for stream in connector_class(name).streams]

    def run(self) -> dict[str, list[str]]:
        """One run of every source and a load; the errors by source."""
        failed = {}
        for name in SOURCES:
            results = self._company.extract(self._landing, connector=self._company.connector(name))
            failed[name] = [result.error for result in results.values() if result.outcome != "ok"]
            # without it the stream counts as late for ever
            failed[name] += [
                f"{name}.{stream} says not until when it is complete" for stream, r in results.items() if r.as_of is None
            ]
        now = datetime.fromtimestamp(self._company.now, UTC)
        load_landing(self._warehouse, LandingLog(f"file://{self._landing}"), self._declared, now)
        return failed

    def compared(self, before: dict[str, Any]) -> dict[str, Outcome]:
        """How the warehouse compares with the books; `before` is what they said before the last run."""
        after = books(self._company)
        with self._warehouse.writing() as session:
            return {name: _outcome(session, name, before[name], after[name]) for name in SOURCES}


def books(company: Simulated) -> dict[str, Any]:
    """Per source and stream: ids, deleted ids, and bodies where the system tells them."""
    return {name: company.books(name) for name in SOURCES}


def _outcome(session: Session, source: str, before: dict[str, Any], after: dict[str, Any]) -> Outcome:
    found = Outcome()
    for stream, told in after.items():
        rows = session.rows(f'select id, is_deleted, payload from raw."{source}__{stream}" where valid_to is null')
        known = before.get(stream, {"ids": [], "deleted": []})
        found.streams.append(difference(source, stream, known, told, [(id, gone) for id, gone, _ in rows]))
        found.bodies[stream] = _changed({id: payload for id, gone, payload in rows if not gone}, known, told)
    return found


def _changed(held: dict[str, str], before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Rows whose body is another than the one that was true before and after the run."""
    then, now = before.get("bodies", {}), after.get("bodies", {})
    return [id for id, body in now.items() if id in held and then.get(id) == body and json.loads(held[id]) != body]


@dataclass
class Story:
    """What came of the first load, of all runs in between, and at the end."""

    first: dict[str, Outcome]
    runs: int
    failed: dict[str, list[str]]
    later: dict[str, Outcome]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=20, months=8, systems=SOURCES, story=0.5) as found:
        yield found


@pytest.fixture(scope="module")
def story(company: Simulated, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """A first load, thirty days of runs, and a last run after which nothing is left to be found."""
    deployment = Deployment(company, tmp_path_factory.mktemp("deployment"))
    before = books(company)
    company.advance(SHOWN)
    failed = deployment.run()
    first = deployment.compared(before)
    runs = DAYS * DAY // EVERY
    for _ in range(runs):
        company.advance(EVERY)
        for name, errors in deployment.run().items():
            failed[name] += errors
    before = books(company)
    company.advance(SWEPT)
    for name, errors in deployment.run().items():
        failed[name] += errors
    return Story(first, runs, failed, deployment.compared(before))


@pytest.mark.parametrize("source", SOURCES)
def test_the_first_load_equals_the_truth(story: Story, source: str) -> None:
    assert {stream.stream for stream in story.first[source].streams} >= {s.name for s in connector_class(source).streams}
    assert story.first[source].wrong == {}


@pytest.mark.parametrize("source", SOURCES)
def test_after_thirty_days_of_runs_it_still_does(story: Story, source: str) -> None:
    assert story.later[source].wrong == {}


@pytest.mark.parametrize("source", SOURCES)
def test_no_run_of_any_stream_failed(story: Story, source: str) -> None:
    assert story.failed[source] == []


@pytest.mark.parametrize("source", [name for name in SOURCES if name != "ecb"])
def test_the_thirty_days_were_worth_the_name(story: Story, company: Simulated, source: str) -> None:
    """Rows came, and some went."""
    rows = [sum(stream.rows for stream in outcome[source].streams) for outcome in (story.first, story.later)]
    assert rows[1] > rows[0] > 100
    assert any(told["deleted"] for told in company.books(source).values())
