"""Repair puts the warehouse right by a batch of its own, which a replay keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from audited import Audited, Shelf

from cynosure.check.audit import repairing
from cynosure.extract import Unexpected
from cynosure.extract.repair import RepairBatch
from cynosure.landing import BatchTaken
from cynosure.load import load_landing
from cynosure.warehouse import open_warehouse

ALIKE: dict[str, Any] = {"size": 1, "score": 5, "owner": {"name": "Ann", "mood": "fine"}}


def drift(shelf: Shelf) -> None:
    """One object of each kind that a repair can put right."""
    shelf.put("never", told=False, **ALIKE)
    shelf.put("t01", told=False, **{**ALIKE, "size": 2})
    shelf.put("t02", told=False, **{**ALIKE, "score": 9})
    shelf.remove("t05")


def test_both_sides_are_equal_afterwards_and_the_finding_says_what_was_done(everywhere: Audited) -> None:
    drift(everywhere.shelf)
    everywhere.audit(full=True)
    everywhere.ingest()
    assert everywhere.audit(repair=True).repaired == 4
    assert everywhere.current() == everywhere.shelf.bodies
    found = everywhere.findings()
    assert "2 of them repaired by batch 00000003" in found["ids"].what
    assert [found[part].passed for part in ("ids", "content")] == [False, False]
    assert [everywhere.findings(later=1)[part].passed for part in ("ids", "content")] == [True, True]
    again = everywhere.settle(repair=True)
    assert (again.missing, again.extra, again.different, again.repaired) == (0, 0, 0, 0)


def test_a_tombstone_says_that_the_audit_found_it(audited: Audited) -> None:
    audited.shelf.remove("t05")
    audited.settle(repair=True)
    assert audited.rows(
        "select raw.id, raw.payload is not null, loads.mode from raw.shelf__things as raw inner join ops.loads as loads"
        " on loads.source = 'shelf' and loads.stream = 'things' and raw.batch_id = loads.batch_id where raw.is_deleted"
    ) == [("t05", True, "repair")]


def test_a_replay_of_the_log_keeps_the_repair_and_the_cursor_is_where_it_was(audited: Audited, tmp_path: Path) -> None:
    drift(audited.shelf)
    log = audited.landing.stream("shelf", "things")
    audited.audit(full=True)
    audited.ingest()
    before = log.head()
    audited.audit(repair=True)
    after = log.head()
    assert before is not None
    assert after is not None
    assert (after.mode, after.cursor_after, after.as_of) == ("repair", before.cursor_after, before.as_of)
    replayed = open_warehouse(f"duckdb://{tmp_path}/replayed.duckdb")
    load_landing(replayed, audited.landing, [("shelf", "things")], audited.now)
    columns = (
        "select id, cast(payload as text), extracted_at, batch_id, valid_to, is_deleted from raw.shelf__things order by 1, 4"
    )
    with replayed.writing() as session:
        assert session.rows(columns) == audited.rows(columns)


def test_drift_that_was_found_earlier_is_repaired_when_asked_for(audited: Audited) -> None:
    drift(audited.shelf)
    assert audited.settle().repaired == 0
    assert audited.audit(repair=True).repaired == 4
    assert audited.current() == audited.shelf.bodies


def test_fields_that_are_not_shown_any_more_are_not_taken_from_the_warehouse(audited: Audited) -> None:
    audited.shelf.put("t04", told=False, size=1, score=5)
    assert audited.settle(repair=True).repaired == 0
    assert audited.current()["t04"]["owner"] == ALIKE["owner"]


def test_f15_no_tombstone_comes_from_a_walk_that_broke_off(audited: Audited) -> None:
    audited.shelf.broken = {2: Unexpected("page 2 is not a list")}
    assert "page 2" in audited.audit(full=True, repair=True).error
    audited.shelf.ends = False
    assert "without saying that it was at its end" in audited.audit(full=True, repair=True).error
    audited.ingest()
    assert len(audited.current()) == 12


def test_a_run_that_lands_something_meanwhile_wins_over_the_repair(audited: Audited) -> None:
    log = audited.landing.stream("shelf", "things")
    batch = RepairBatch(audited.connector, log)
    record, *_ = next(iter(audited.connector.fetch(audited.connector.streams[0], ["t01"]) or ())).records
    audited.shelf.put("t01", **{**ALIKE, "size": 3})
    audited.ingest()
    batch.add(record, audited.shelf.clock)
    with pytest.raises(BatchTaken):
        batch.commit()
    audited.ingest()
    assert audited.current()["t01"]["size"] == 3


def test_an_object_that_is_gone_by_the_time_of_the_repair_needs_none(audited: Audited) -> None:
    audited.shelf.put("never", told=False, **ALIKE)
    assert audited.settle().missing == 1
    audited.shelf.remove("never")
    assert audited.audit(repair=True).repaired == 0
    assert "never" not in audited.current()


def test_killed_between_landing_and_loading_the_repair_is_complete_after_the_next_run(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(point: str) -> None:
        raise Killed

    drift(audited.shelf)
    audited.audit(full=True)
    audited.ingest()
    monkeypatch.setattr(repairing, "reach", die)
    with pytest.raises(Killed):
        audited.audit(repair=True)
    monkeypatch.undo()
    audited.ingest()
    assert audited.current() == audited.shelf.bodies
    assert audited.audit(repair=True).repaired == 0
    assert audited.findings(later=1)["ids"].passed
