"""What the audit finds, why, and what it does not take for drift."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from audited import Audited

from cynosure.check import Severity
from cynosure.extract import AccessDenied, Deferred, Totals

ALIKE: dict[str, Any] = {"size": 1, "score": 5, "owner": {"name": "Ann", "mood": "fine"}}


def reasons(audited: Audited) -> dict[str, str]:
    """id -> reason of all that is open."""
    found = audited.findings()
    examples = [example for part in ("ids", "content") for example in found[part].detail["examples"]]
    return {example["id"]: example["reason"] for example in examples}


def test_equal_sides_pass_and_say_how_much_was_compared(audited: Audited) -> None:
    done = audited.settle()
    assert (done.walk.phase, done.walk.there, done.walk.here) == ("complete", 12, 12)
    found = audited.findings()
    assert {part: finding.passed for part, finding in found.items()} == {"walk": True, "ids": True, "content": True}
    assert found["ids"].what == "shelf.things: 12 at the source, 12 in the warehouse, 0 missing, 0 extra"
    assert audited.rows("select count(*) from ops.audit_seen") == [(0,)]


def test_every_kind_of_drift_is_found_with_its_reason(everywhere: Audited) -> None:
    shelf = everywhere.shelf
    everywhere.pass_time(days=2)
    shelf.put("never", told=False, **ALIKE)
    shelf.put("null", told=False, changed=None, **ALIKE)
    everywhere.pass_time(days=2)
    shelf.put("late", told=False, **ALIKE)
    shelf.put("t01", told=False, **{**ALIKE, "size": 2})
    shelf.put("t02", told=False, changed=None, **{**ALIKE, "score": 6})
    shelf.put("t03", told=False, changed=None, **{**ALIKE, "owner": {"name": "Ann", "mood": "grim"}})
    shelf.put("t04", told=False, size=1, score=5)
    shelf.remove("t05")
    done = everywhere.settle()
    assert (done.missing, done.extra, done.different) == (3, 1, 4)
    assert reasons(everywhere) == {
        "never": "never_arrived", "null": "null_cursor", "late": "late", "t01": "changed", "t02": "computed", "t03": "computed",
        "t04": "lost_fields", "t05": "hard_deleted",
    }  # fmt: skip
    found = everywhere.findings()
    assert [(found[part].passed, found[part].severity) for part in ("ids", "content")] == [(False, Severity.STOP)] * 2
    assert found["ids"].measured == (1 - Decimal(4) / 14).quantize(Decimal("0.000001"))
    named = {example["id"]: example.get("fields") for example in found["content"].detail["examples"]}
    assert named == {"t01": ["size"], "t02": ["score"], "t03": ["owner"], "t04": ["owner"]}


def test_a_tombstone_of_something_that_exists_is_found(audited: Audited) -> None:
    audited.shelf.remove("t00", told=True)
    audited.ingest()
    audited.shelf.put("t00", told=False, **ALIKE)
    audited.settle()
    assert reasons(audited) == {"t00": "buried"}


def test_only_computed_differences_warn(audited: Audited) -> None:
    audited.shelf.put("t02", told=False, **{**ALIKE, "score": 6})
    audited.settle()
    content = audited.findings()["content"]
    assert (content.passed, content.severity) == (False, Severity.WARN)


def test_what_changed_after_the_last_load_is_in_flight_and_not_drift(audited: Audited) -> None:
    audited.pass_time(seconds=5)
    audited.shelf.put("new", **ALIKE)
    audited.shelf.put("t01", **{**ALIKE, "size": 2})
    audited.pass_time(seconds=5)
    done = audited.audit(full=True)
    assert (done.walk.phase, done.walk.in_flight, done.missing, done.different) == ("comparing", 2, 0, 0)
    assert audited.findings()["ids"].passed
    audited.ingest()
    done = audited.audit()
    assert (done.walk.phase, done.missing, done.different) == ("complete", 0, 0)


def test_a_difference_of_unknown_age_is_decided_after_the_next_load(audited: Audited) -> None:
    audited.shelf.put("null", told=False, changed=None, **ALIKE)
    audited.pass_time(seconds=5)
    done = audited.audit(full=True)
    assert (done.walk.undecided, done.missing) == (1, 0)
    audited.ingest()
    assert audited.audit().missing == 1


def test_what_is_deleted_or_created_while_the_walk_is_under_way_is_not_drift(everywhere: Audited) -> None:
    everywhere.audit(full=True, budget=1)
    everywhere.shelf.remove("t00", told=True)
    everywhere.shelf.put("a_new", **ALIKE)
    everywhere.shelf.put("t01", **{**ALIKE, "size": 2})
    everywhere.ingest()
    done = everywhere.settle()
    assert (done.walk.phase, done.missing, done.extra, done.different) == ("complete", 0, 0, 0)
    assert reasons(everywhere) == {}


def test_ids_alone_are_compared_where_the_walk_has_no_bodies(audited: Audited) -> None:
    audited.shelf.with_bodies = False
    audited.shelf.put("t01", told=False, **{**ALIKE, "size": 2})
    audited.shelf.put("never", told=False, **ALIKE)
    done = audited.settle()
    assert (done.missing, done.different) == (1, 0)


def test_a_body_with_other_bytes_and_the_same_content_is_not_drift(audited: Audited) -> None:
    audited.shelf.put("t01", told=False, **dict(reversed(ALIKE.items())))
    done = audited.settle()
    assert (done.walk.phase, done.different) == ("complete", 0)


def test_what_cannot_be_asked_for_is_drift_by_the_walk_alone(audited: Audited) -> None:
    audited.shelf.can_fetch = False
    audited.shelf.remove("t05")
    assert audited.settle(repair=True).repaired == 0
    assert reasons(audited) == {"t05": "unconfirmed"}
    assert "t05" in audited.current()


@pytest.mark.parametrize("error", [AccessDenied("no scope crm.read"), Deferred("busy")])
def test_nothing_is_concluded_when_the_source_refuses_to_confirm(audited: Audited, error: Exception) -> None:
    audited.shelf.remove("t05")
    audited.shelf.refuses_fetch = error
    done = audited.settle(repair=True)
    assert (done.extra, done.repaired) == (0, 0)
    assert str(error) in done.error
    assert "t05" in audited.current()
    walk = audited.findings()["walk"]
    assert (walk.passed, str(error) in walk.what) == (False, True)
    audited.shelf.refuses_fetch = None
    assert audited.audit(repair=True).repaired == 1
    assert audited.findings(later=1)["walk"].passed


def test_more_drift_than_is_named_is_counted(audited: Audited) -> None:
    audited.shelf.put(*(f"x{number:03d}" for number in range(30)), told=False, **ALIKE)
    assert audited.settle().missing == 30
    detail = audited.findings()["ids"].detail
    assert (detail["missing"], len(detail["examples"]), detail["reasons"]) == (30, 20, {"late": 30})


@pytest.mark.parametrize(
    ("totals", "passed"),
    [
        (Totals(12, {"size": Decimal(12)}), True),
        (Totals(13), False),
        (Totals(12, {"size": Decimal(13)}), False),
        (Totals(None, {"size": Decimal(12)}), True),
        (Totals(1_300, exact=False), False),
    ],
)
def test_count_and_sums_are_compared_with_what_the_source_tells(audited: Audited, totals: Totals, passed: bool) -> None:
    audited.shelf.totals = totals
    audited.settle()
    assert audited.findings()["totals"].passed is passed


def test_an_estimate_has_a_tolerance_that_is_stated(audited: Audited) -> None:
    audited.shelf.put(*(f"x{number:03d}" for number in range(188)), **ALIKE)
    audited.ingest()
    audited.shelf.totals = Totals(203, exact=False)
    audited.settle()
    finding = audited.findings()["totals"]
    assert (finding.passed, "2%" in finding.expected, finding.severity) == (True, True, Severity.WARN)


def test_a_nul_in_a_text_is_no_difference_although_it_is_landed_replaced(audited: Audited) -> None:
    audited.shelf.put("nul", text="a\u0000b", **ALIKE)
    audited.ingest()
    assert audited.settle().different == 0
