"""Faults of the bench that name Intercom, or any source: no row is lost, or the run says by name what it lacks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import httpx
import pytest
from intercom_account import IntercomAccount, buried, intercom_account, landed, landed_lines
from passing import PASSING_ANYWHERE
from simulated import HOUR, MINUTE
from vendor_account import differences

from connectors.intercom import pages, transport
from cynosure.landing import LandingLog

CORE = ("contacts", "conversations", "tickets", "tags")
SEARCH, LIST = "/conversations/search", "/contacts"


@pytest.fixture(scope="module")
def standing() -> Iterator[IntercomAccount]:
    """A workspace that nobody changes."""
    with intercom_account() as found:
        yield found


@pytest.fixture
def space() -> Iterator[IntercomAccount]:
    """A workspace that the test may change."""
    with intercom_account(chats=8) as found:
        yield found


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)


class Naive:
    """A reader as it is often written: plain `updated_at >`, no retries, any failure is the end, the first page of what is nested."""

    def __init__(self, space: IntercomAccount) -> None:
        token = space.vendor.connection("")["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Intercom-Version": "2.16"}
        self._http = httpx.Client(base_url=space.url, headers=headers, timeout=0.5)

    def contacts(self) -> set[str]:
        """Ids of all contacts, it believes."""
        return set(self._walk("GET", "/contacts", "data"))

    def changed_conversations(self, since: int) -> set[str]:
        """Ids of conversations that changed since, it believes."""
        query = {"field": "updated_at", "operator": ">", "value": since}
        return set(self._walk("POST", SEARCH, "conversations", query))

    def _walk(self, method: str, path: str, field: str, query: dict[str, Any] | None = None) -> Iterator[str]:
        after = None
        for _ in range(20):
            paging = {"per_page": 3, **({"starting_after": after} if after else {})}
            given: Any = {"json": {"query": query, "pagination": paging}} if query else {"params": paging}
            try:
                body = self._http.request(method, path, **given).json()
            except (httpx.HTTPError, ValueError):
                return
            yield from (row["id"] for row in body.get(field, ()))
            after = ((body.get("pages") or {}).get("next") or {}).get("starting_after")
            if not after:
                return


ABSURD = {"preset": "rate_limit", "headers": {"X-RateLimit-Reset": "soon", "Retry-After": "later"}}
PASSING: dict[str, dict[str, Any]] = PASSING_ANYWHERE | {
    "429 without any wait": {"preset": "rate_limit"},
    "429 with an unreadable wait": ABSURD,
    "429 with Retry-After": {"preset": "rate_limit_wait"},
    "503": {"preset": "unavailable"},
    "no pages": {"json": {"drop_end": True}},
    "no rows at all": {"json": {"drop_field": "data"}, "body": {"type": "list", "pages": {}}},
    "slow": {"delay": 1.5},
}


@pytest.mark.parametrize("fault", PASSING)
def test_f26_f27_f29_f35_a_fault_that_passes_costs_time_and_no_row(standing: IntercomAccount, tmp_path: Path, fault: str) -> None:
    standing.waits.seconds.clear()
    with standing.fault(PASSING[fault], path=LIST, nth=2):
        standing.run(tmp_path, CORE)
    assert len(standing.waits.seconds) == 1
    assert differences(standing, tmp_path, CORE) == {}


@pytest.mark.parametrize("fault", PASSING)
def test_the_same_fault_makes_a_naive_reader_lose_rows_in_silence(standing: IntercomAccount, fault: str) -> None:
    assert len(Naive(standing).contacts()) == 9
    with standing.fault(PASSING[fault], path=LIST, nth=2):
        assert len(Naive(standing).contacts()) < 9


@pytest.mark.parametrize("preset", ["unavailable", "rate_limit", "server_error", "refused"])
@pytest.mark.parametrize("path", [SEARCH, "/contacts/search", "/tickets/search"])
def test_f29_searches_are_tried_again_although_they_are_posts(
    space: IntercomAccount, tmp_path: Path, path: str, preset: str
) -> None:
    space.run(tmp_path, CORE)
    space.advance(HOUR)
    space.write("update_contact", settle=0, id=space.first("contacts")["id"], name="Renamed")
    space.write("update_conversation", settle=0, id=space.first("conversations")["id"], title="Renamed")
    space.write("update_ticket", id=space.first("tickets")["id"], ticket_attributes={"x": 1})
    with space.fault({"preset": preset}, path=path, times=2):
        space.run(tmp_path, CORE)
    assert differences(space, tmp_path, CORE) == {}


STAYING = [
    "429 without any wait",
    "503",
    "200 as HTML",
    "200 cut off",
    "reset in the body",
    "promise of more without rows",
    "no pages",
]


@pytest.mark.parametrize("fault", STAYING)
def test_f20_f28_a_fault_that_stays_defers_its_stream_by_name_and_the_next_run_goes_on(
    standing: IntercomAccount, tmp_path: Path, fault: str
) -> None:
    with standing.fault(PASSING[fault], times=None, path=LIST, nth=3):
        results = standing.extract(tmp_path, CORE, retrying=standing.retrying(attempts=3))
    assert {n: r.outcome for n, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "contacts": "deferred"}
    assert results["contacts"].error.startswith("intercom.contacts: /contacts")
    assert "gave up after 3 tries; the next run goes on from here" in results["contacts"].error
    assert buried(tmp_path, "contacts") == {line["id"] for line in landed_lines(tmp_path, "contacts") if line["deleted"]}
    standing.run(tmp_path, CORE)
    assert differences(standing, tmp_path, CORE) == {}


def test_f20_a_cursor_that_does_not_advance_raises_and_keeps_the_state(standing: IntercomAccount, tmp_path: Path) -> None:
    with standing.fault({"json": {"repeat_cursor": True}}, times=None, path=LIST):
        result = standing.extract(tmp_path, ["contacts"])["contacts"]
    assert result.outcome == "failed"
    assert "paging does not advance" in result.error
    standing.run(tmp_path, ["contacts"])
    assert differences(standing, tmp_path, ["contacts"]) == {}


def test_f20_a_page_in_the_middle_that_says_it_is_the_last_raises(standing: IntercomAccount, tmp_path: Path) -> None:
    with standing.fault({"json": {"no_next": True}}, path=LIST, nth=2):
        result = standing.extract(tmp_path, ["contacts"])["contacts"]
        assert "page 2 of 3 says that nothing follows" in result.error
    assert len(Naive(standing).contacts()) == 9
    with standing.fault({"json": {"no_next": True}}, path=LIST, nth=2):
        assert len(Naive(standing).contacts()) == 6
    standing.run(tmp_path, ["contacts"])
    assert differences(standing, tmp_path, ["contacts"]) == {}


def test_f27_the_wait_until_the_window_ends_is_obeyed_on_the_vendors_clock(standing: IntercomAccount, tmp_path: Path) -> None:
    standing.waits.seconds.clear()
    wait = {
        "preset": "rate_limit",
        "headers": {"X-RateLimit-Reset": str(standing.now + 7), "Date": formatdate(standing.now, usegmt=True)},
    }
    with standing.fault(wait, path="/tags"):
        standing.run(tmp_path, ["tags"])
    assert len(standing.waits.seconds) == 1
    assert 7 <= standing.waits.seconds[0] <= 8


def test_f34_an_allowance_that_others_use_up_defers_at_once(standing: IntercomAccount, tmp_path: Path) -> None:
    standing.waits.seconds.clear()
    standing.run(tmp_path, CORE)
    standing.advance(HOUR)
    with standing.fault({"preset": "quota"}, times=None, path=SEARCH):
        results = standing.extract(tmp_path, CORE)
    assert {n: r.outcome for n, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "conversations": "deferred"}
    assert standing.waits.seconds == []
    standing.run(tmp_path, CORE)
    assert differences(standing, tmp_path, CORE) == {}


@pytest.mark.parametrize("preset", ["unauthorized", "expired_token"])
def test_f33_a_token_that_is_revoked_in_mid_run_fails_loudly_without_trying_again(
    standing: IntercomAccount, tmp_path: Path, preset: str
) -> None:
    standing.waits.seconds.clear()
    with standing.fault({"preset": preset}, times=None, path=LIST, after_id="*") as struck:
        results = standing.extract(tmp_path, CORE)
        assert struck() == 1
    assert {n: r.outcome for n, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "contacts": "failed"}
    assert "Intercom refused the access token" in results["contacts"].error
    assert standing.waits.seconds == []
    standing.run(tmp_path, CORE)
    assert differences(standing, tmp_path, CORE) == {}


@pytest.mark.parametrize("preset", ["forbidden", "plan"])
def test_f30_a_stream_that_is_forbidden_fails_by_name_and_the_others_go_on(
    standing: IntercomAccount, tmp_path: Path, preset: str
) -> None:
    with standing.fault({"preset": preset}, times=None, path="/conversations*"):
        results = standing.extract(tmp_path, CORE)
        assert Naive(standing).changed_conversations(0) == set()
    assert {n: r.outcome for n, r in results.items()} == {**dict.fromkeys(CORE, "ok"), "conversations": "failed"}
    assert "conversations needs 'Read conversations'" in results["conversations"].error
    assert LandingLog(f"file://{tmp_path}").stream("intercom", "conversations").head() is None


def test_f22_a_row_that_moves_between_pages_is_there_exactly_once(space: IntercomAccount, tmp_path: Path) -> None:
    order = sorted(space.objects("conversations").values(), key=lambda talk: (talk["updated_at"], int(talk["id"])), reverse=True)
    moved = order[-1]["id"]
    moves = {"operation": "update_conversation", "arguments": {"id": moved, "title": "To the front"}}
    with space.fault({"put": moves}, path="/conversations", nth=2):
        space.run(tmp_path, ["conversations"])
    assert differences(space, tmp_path, ["conversations"]) == {}
    assert list(landed(tmp_path, "conversations")).count(moved) == 1


def test_f22_rows_that_are_updated_while_changes_are_read_arrive(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path, ["contacts"])
    space.advance(HOUR)
    ids = list(space.objects("contacts"))
    for number, id in enumerate(ids):
        space.write("update_contact", settle=1, id=id, name=f"{number}")
    moves = {"operation": "update_contact", "arguments": {"id": ids[0], "name": "Again"}}
    with space.fault({"put": moves, "json": {"duplicate": True}}, path="/contacts/search", nth=2):
        space.run(tmp_path, ["contacts"])
    space.advance()
    space.run(tmp_path, ["contacts"])
    assert differences(space, tmp_path, ["contacts"]) == {}


def test_f06_rows_of_one_second_at_the_bookmark_and_over_pages_all_arrive(space: IntercomAccount, tmp_path: Path) -> None:
    space.advance(MINUTE)
    space.run(tmp_path, CORE)
    for n in range(10):
        contact = space.write("create_contact", settle=0, role="lead", email=f"tie{n}@tie.example")["id"]
        space.write("create_conversation", settle=0, **{"from": {"id": contact}, "body": "Tie"})
    space.advance(MINUTE)  # the second of the ties is now the bookmark
    space.run(tmp_path, CORE)
    space.advance(HOUR)
    space.run(tmp_path, CORE)
    assert differences(space, tmp_path, CORE) == {}


@pytest.mark.parametrize("skew", [-120, 120])
@pytest.mark.parametrize("phase", ["first run", "second run"])
def test_f46_a_clock_that_is_wrong_by_two_minutes_loses_nothing(
    space: IntercomAccount, tmp_path: Path, skew: int, phase: str
) -> None:
    wrong = {"clock_skew": skew}
    if phase == "first run":
        with space.fault(wrong, times=None):
            space.run(tmp_path, CORE)
    else:
        space.run(tmp_path, CORE)
        space.advance(10 * MINUTE)
        with space.fault(wrong, times=None):
            space.run(tmp_path, CORE)
    contacts, talks = list(space.objects("contacts")), list(space.objects("conversations"))
    for minute in range(4):
        space.write("update_contact", settle=0, id=contacts[minute], name=f"{skew} {minute}")
        space.write("update_conversation", settle=MINUTE, id=talks[minute], title=f"{skew} {minute}")
    space.advance(20 * MINUTE)
    space.run(tmp_path, CORE)
    assert differences(space, tmp_path, CORE) == {}


DRIFTING: dict[str, tuple[str, dict[str, Any]]] = {
    "id as a number": ("/conversations/2*", {"change_type": "id"}),
    "assignee of another type": ("/conversations/2*", {"change_type": "admin_assignee_id"}),
    "time as text": ("/conversations/2*", {"change_type": "updated_at"}),
    "no statistics": ("/conversations/2*", {"set": {"statistics": None, "source": None, "conversation_rating": None}}),
    "an unknown state": ("/conversations/2*", {"set": {"state": "hibernating", "priority": "none"}}),
    "a new field": ("/conversations/2*", {"add_field": "brand_new"}),
    "a field that is gone": ("/conversations/2*", {"drop_field": "waiting_since"}),
    "no time of change": ("/conversations/2*", {"drop_field": "updated_at"}),
    "a number beyond floats": ("/conversations/2*", {"big_number": "admin_assignee_id"}),
    "hostile text": ("/conversations/2*", {"hostile_text": "title"}),
    "ids of the list as numbers": ("/conversations", {"change_type": "id"}),
    "the list twice": ("/conversations", {"duplicate": True}),
    "the list turned round": ("/conversations", {"swap": True}),
}


@pytest.mark.parametrize("case", DRIFTING)
def test_f36_f37_f38_f40_what_comes_in_another_shape_is_kept_as_it_came(
    standing: IntercomAccount, tmp_path: Path, case: str
) -> None:
    path, distortion = DRIFTING[case]
    with standing.fault({"json": distortion}, times=None, path=path):
        standing.run(tmp_path, ["conversations"])
    found = landed(tmp_path, "conversations")
    assert sorted(found) == standing.truth()["conversations"]["ids"]
    if path == "/conversations":
        assert differences(standing, tmp_path, ["conversations"]) == {}
        return
    rows = list(found.values())
    if (name := distortion.get("drop_field")) is not None:
        assert all(name not in row for row in rows)
    for name, value in distortion.get("set", {}).items():
        assert {row[name] for row in rows} == {value}
    if "big_number" in distortion:
        assert {row["admin_assignee_id"] for row in rows} == {2**53 + 1}
    if "hostile_text" in distortion:
        assert all("drop table contacts" in row["title"] and "�" in row["title"] for row in rows)


def test_f42_killed_after_a_page_nothing_is_skipped_and_nothing_is_read_twice(space: IntercomAccount, tmp_path: Path) -> None:
    with space.fault({"preset": "server_error"}, times=None, path=LIST, nth=3):
        space.extract(tmp_path, ["contacts"])
    space.write("update_contact", id=space.first("contacts")["id"], name="Meanwhile")
    space.forget_requests()
    space.run(tmp_path, ["contacts"])
    assert len(space.requests(LIST)) == 1
    assert differences(space, tmp_path, ["contacts"]) == {}


def test_f44_f45_two_runs_at_once_leave_one_state(space: IntercomAccount, tmp_path: Path) -> None:
    outcomes: list[str] = []
    runs = [
        threading.Thread(
            target=lambda: outcomes.extend(r.outcome for r in space.extract(tmp_path, ["contacts", "tags"]).values())
        )
        for _ in range(2)
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert outcomes.count("ok") >= 2
    assert set(outcomes) <= {"ok", "failed", "deferred"}
    assert differences(space, tmp_path, ["contacts", "tags"]) == {}


def test_a_conversation_that_goes_between_search_and_read_is_buried(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path, ["conversations"])
    space.advance(HOUR)
    id = space.first("conversations")["id"]
    space.write("update_conversation", id=id, title="Last words")
    gone = {"put": {"operation": "delete_conversation", "arguments": {"id": id}}}
    with space.fault(gone, path=f"/conversations/{id}"):
        space.run(tmp_path, ["conversations"])
    assert buried(tmp_path, "conversations") == {id}
    assert differences(space, tmp_path, ["conversations"]) == {}


def test_the_vendors_clock_is_needed_and_nothing_is_kept_when_nothing_works(standing: IntercomAccount, tmp_path: Path) -> None:
    with standing.fault({"preset": "unavailable"}, times=None):
        results = standing.extract(tmp_path, retrying=standing.retrying(attempts=2))
    assert {r.outcome for r in results.values()} == {"deferred"}
    assert not list(tmp_path.rglob("manifest.json"))
