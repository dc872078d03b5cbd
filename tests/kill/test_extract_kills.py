"""An extraction that is killed anywhere goes on where it stopped: nothing lost, nothing half, nothing left over."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from forking import NOW, Forks
from simulated import DAY, HOUR, Simulated, current_objects, differences, landed_objects, simulated

from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.kill

POINTS = ("extract.after_part", "extract.before_commit", "extract.after_commit")
STREAMS = ("invoice_items", "balance_transactions")
HITS = (1, 2, 3, 5, 8)
RANDOM_KILLS = 40


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=12, months=4) as found:
        yield found


def job_of(company: Simulated, landing: Path, *streams: str, page: int = 10) -> dict[str, Any]:
    address = {"base_url": company.endpoints["stripe"], "key": company.key}
    return {"landing": f"file://{landing}", "streams": streams, "page": page, **address}


def strays(landing: Path, stream: str) -> set[str]:
    """Files of the log that no manifest lists."""
    folder = landing / "stripe" / stream
    listed = {"HEAD"}
    for manifest in LandingLog(f"file://{landing}").stream("stripe", stream).since(0):
        listed |= {f"{manifest.batch}/{name}" for name in ("manifest.json", *(part.name for part in manifest.parts))}
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - listed


def test_the_rerun_after_a_kill_at_any_boundary_holds_what_a_clean_run_holds(
    children: Forks, company: Simulated, tmp_path: Path
) -> None:
    kills = 0
    for stream in STREAMS:
        clean = tmp_path / "clean"
        assert children.run("extract", **job_of(company, clean, stream))
        expected = landed_objects(clean, stream)
        head = LandingLog(f"file://{clean}").stream("stripe", stream).head()
        assert head is not None
        for point in POINTS:
            for hit in HITS:
                folder = tmp_path / f"{stream}{point}{hit}"
                if children.run("extract", kill_at=f"{point}:{hit}", **job_of(company, folder, stream)):
                    break
                kills += 1
                assert children.run("extract", **job_of(company, folder, stream))
                assert landed_objects(folder, stream) == expected, f"{point}:{hit}"
                again = LandingLog(f"file://{folder}").stream("stripe", stream).head()
                assert again is not None
                assert (again.cursor_after, again.as_of, again.sweep_from) == (head.cursor_after, head.as_of, "00000001")
                assert strays(folder, stream) == set()
    assert kills >= 18


def test_a_storm_of_random_kills_over_changing_data_loses_nothing(
    children: Forks, company: Simulated, tmp_path: Path, warehouse: Warehouse
) -> None:
    streams = ("customers", "subscriptions", "invoices", "invoice_items")
    chance = random.Random(5)
    landing, before = tmp_path / "landing", children.killed
    while children.killed - before < RANDOM_KILLS:
        if children.run("extract", kill_after=chance.uniform(0.02, 0.4), **job_of(company, landing, *streams)):
            company.advance(chance.choice([HOUR, DAY, 3 * DAY]))
    company.settle()
    assert children.run("extract", **job_of(company, landing, *streams))
    clean = company.listed(tmp_path / "clean", streams)
    assert differences({stream: landed_objects(landing, stream) for stream in streams}, clean) == {}
    load_landing(warehouse, LandingLog(f"file://{landing}"), [("stripe", stream) for stream in streams], NOW)
    with warehouse.writing() as session:
        assert differences({stream: current_objects(session, stream) for stream in streams}, clean) == {}
        for stream in streams:
            doubled = f"select id from raw.stripe__{stream} where valid_to is null group by id having count(*) > 1"
            assert session.rows(doubled) == []
            overlapping = f"select count(*) from raw.stripe__{stream} where valid_to < valid_from"
            assert session.row(overlapping) == (0,)
