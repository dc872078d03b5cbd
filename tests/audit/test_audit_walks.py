"""A walk reaches everything in slices, whatever interrupts it, and says so when it does not get there in time."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from audited import PAGE, THINGS, Audited

from cynosure.check.audit import slices
from cynosure.check.audit.pace import LEAST_PAGES, is_due, pages_due
from cynosure.check.audit.walks import Walk
from cynosure.extract import AccessDenied, Deferred, Unexpected

PAGES = 3


def test_a_budget_stops_the_walk_and_the_next_run_goes_on_from_there(everywhere: Audited) -> None:
    seen = []
    for _ in range(PAGES):
        done = everywhere.audit(budget=1)
        seen.append((done.pages, done.walk.phase))
    assert seen[:2] == [(1, "walking"), (1, "walking")]
    assert everywhere.shelf.requests == PAGES
    everywhere.ingest()
    assert everywhere.audit(budget=1).walk.phase == "complete"
    assert everywhere.shelf.requests == PAGES


@pytest.mark.parametrize("page", [1, 2, 3])
def test_a_walk_that_breaks_off_goes_on_where_it_was(audited: Audited, page: int) -> None:
    audited.shelf.broken = {page: Deferred("503")}
    assert "503" in audited.audit(full=True).error
    finding = audited.findings()["walk"]
    assert (finding.passed, "503" in finding.what) == (False, True)
    audited.audit(full=True)
    assert audited.shelf.requests == PAGES + 1
    audited.ingest()
    done = audited.audit()
    assert (done.walk.phase, done.walk.there, done.error) == ("complete", 12, "")
    assert audited.findings()["walk"].passed


def test_a_position_that_the_source_does_not_know_any_more_begins_the_walk_anew(audited: Audited) -> None:
    audited.audit(budget=1)
    audited.shelf.broken = {2: Unexpected("scroll expired")}
    done = audited.audit(full=True)
    assert done.error == ""
    audited.ingest()
    assert audited.audit().walk.there == 12


def test_what_was_seen_is_kept_at_checkpoints(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "CHECKPOINT_ROWS", PAGE)

    class Killed(BaseException):
        pass

    kept: Counter[str] = Counter()
    keep = slices._Keeper.keep

    def counted(self: Any) -> Walk:
        kept["times"] += 1
        if kept["times"] == 3:
            raise Killed
        return keep(self)

    monkeypatch.setattr(slices._Keeper, "keep", counted)
    with pytest.raises(Killed):
        audited.audit(full=True)
    monkeypatch.setattr(slices._Keeper, "keep", keep)
    assert audited.rows("select phase, pages from ops.audits") == [("walking", 2)]
    audited.audit(full=True)
    assert audited.shelf.requests == PAGES + 1


def test_a_new_walk_begins_after_half_of_the_period(audited: Audited) -> None:
    audited.settle()
    asked = audited.shelf.requests
    audited.pass_time(days=3)
    audited.audit()
    assert audited.shelf.requests == asked
    audited.pass_time(days=1)
    audited.audit()
    assert audited.shelf.requests == asked + PAGES


def test_a_stream_that_was_never_walked_and_a_walk_that_is_late_are_findings(audited: Audited) -> None:
    assert audited.findings()["walk"].passed
    audited.pass_time(days=8)
    finding = audited.findings()["walk"]
    assert (finding.passed, finding.what) == (False, "shelf.things was never compared as a whole with the source")
    audited.ingest()
    audited.settle()
    assert audited.findings()["walk"].passed
    audited.pass_time(days=8)
    assert not audited.findings()["walk"].passed


def test_a_refused_stream_is_told_and_nothing_is_concluded(audited: Audited) -> None:
    audited.shelf.broken = {1: AccessDenied("the key may not read things; grant crm.things.read")}
    assert "grant crm.things.read" in audited.audit(repair=True).error
    assert "grant crm.things.read" in audited.findings()["walk"].what
    assert len(audited.current()) == 12


def test_a_source_that_cannot_be_enumerated_is_said_not_to_be_audited(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(audited.connector), "walk", lambda self, stream, after: None)
    assert audited.audit().walk.phase == "impossible"
    assert audited.findings()["walk"].what == "shelf.things cannot be enumerated at the source and is not audited"
    monkeypatch.undo()
    assert audited.audit().walk.phase != "impossible"


def test_nothing_is_audited_that_was_never_loaded(audited: Audited) -> None:
    with audited.warehouse.writing() as session:
        session.execute("delete from ops.loads")
    assert audited.findings() == {}


def test_the_pace_reaches_everything_within_half_of_the_period_whatever_the_schedule(audited: Audited) -> None:
    for every_hours in (1, 6, 24):
        walk = Walk("shelf", "things", 1, "walking", audited.now)
        last = Walk("shelf", "things", 0, "complete", audited.now, pages=10_000)
        runs, most, done = 0, 0, 0
        while done < 10_000:
            due = pages_due(
                Walk("shelf", "things", 1, "walking", walk.started_at, pages=done), last, 0, 7,
                walk.started_at.fromtimestamp(audited.shelf.clock + runs * every_hours * 3600, walk.started_at.tzinfo),
            )  # fmt: skip
            runs, most, done = runs + 1, max(most, due), done + due
        assert (runs - 1) * every_hours <= 3.5 * 24
        assert most <= 10_000 / 3


def test_a_small_stream_is_walked_at_once_and_one_that_turns_out_larger_goes_on(audited: Audited) -> None:
    fresh = Walk("shelf", "things", 1, "walking", audited.now)
    assert pages_due(fresh, None, 5, 7, audited.now) == LEAST_PAGES
    assert is_due(None, THINGS.walked_within_days, audited.now)
    grown = Walk("shelf", "things", 1, "walking", audited.now, pages=500)
    assert pages_due(grown, None, 100, 7, audited.now) >= LEAST_PAGES
