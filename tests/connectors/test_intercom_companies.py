"""Companies: one scroll in the workspace, believed only when complete, walked once a day and when their number changes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from intercom_account import IntercomAccount, buried, intercom_account, landed, landed_lines
from simulated import DAY, HOUR
from vendor_account import differences

from connectors.intercom import companies
from cynosure.landing import LandingLog

SCROLL = "/companies/scroll"


def grow(space: IntercomAccount, count: int) -> None:
    """So many more companies, each with the same user."""

    def act() -> None:
        writing, contacts = space.vendor.operations.companies, space.vendor.workspace.contacts
        user = next(c["id"] for c in contacts if c["role"] == "user")
        for n in range(count):
            made = writing.create_or_update({"company_id": f"many-{n}", "name": f"Many {n}"}, space.now)
            space.vendor.workspace.members[made["id"]] = {user: None}
            made["user_count"] = 1
            space.vendor.workspace.existence.begin("companies", made["id"])
        space.vendor.workspace.companies.changed()

    space.on_server(act)


@pytest.fixture
def space() -> Iterator[IntercomAccount]:
    with intercom_account(chats=0) as found:
        grow(found, 950)
        yield found


@pytest.fixture
def large(space: IntercomAccount, monkeypatch: pytest.MonkeyPatch) -> IntercomAccount:
    """The same workspace with more companies than the list shows."""
    monkeypatch.setattr(companies, "LISTED", 900)
    return space


def test_f23_a_scroll_that_expires_after_page_seven_begins_anew_and_only_the_whole_walk_counts(
    large: IntercomAccount, tmp_path: Path
) -> None:
    space = large
    with space.fault({"preset": "scroll_over"}, path=SCROLL, nth=8):
        space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}
    begun = [r for r in space.requests(SCROLL) if not r["query"]]
    assert [r["status"] for r in begun] == [200, 400, 200]
    assert sum(1 for _ in LandingLog(f"file://{tmp_path}").stream("intercom", "companies").since(0)) == 1


@pytest.mark.parametrize("preset", ["scroll_lost", "unavailable", "bad_gateway", "html", "truncated", "reset", "refused"])
def test_f23_a_page_that_was_lost_on_the_way_is_not_asked_for_again_but_the_walk_is(
    space: IntercomAccount, tmp_path: Path, preset: str
) -> None:
    with space.fault({"preset": preset}, path=SCROLL, nth=4):
        space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}
    assert len([r for r in space.requests(SCROLL) if not r["query"]]) >= 2


def test_a_naive_reader_that_tries_the_page_again_loses_a_hundred_companies(space: IntercomAccount) -> None:
    connector = space.connector()
    seen: set[str] = set()
    param: dict[str, str] = {}
    with space.fault({"preset": "reset"}, path=SCROLL, nth=4):
        while True:
            body = connector._api.get(SCROLL, param).body
            page = json.loads(body)
            if not page["data"]:
                break
            seen |= {company["id"] for company in page["data"]}
            param = {"scroll_param": page["scroll_param"]}
    connector.close()
    assert len(seen) == space.truth()["companies"]["count"] - 100


def test_f23_a_walk_that_always_breaks_is_deferred_and_publishes_nothing(large: IntercomAccount, tmp_path: Path) -> None:
    space = large
    space.run(tmp_path, ["companies"])
    before = landed(tmp_path, "companies")
    space.advance(DAY)
    with space.fault({"preset": "scroll_lost"}, times=None, path=SCROLL, after_id="*"):
        result = space.extract(tmp_path, ["companies"])["companies"]
    assert result.outcome == "deferred"
    assert "the next run begins anew" in result.error or "gave up" in result.error
    assert landed(tmp_path, "companies") == before
    space.advance()
    space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}


def test_f23_a_404_at_the_end_is_the_end(space: IntercomAccount, tmp_path: Path) -> None:
    count = space.truth()["companies"]["count"]
    with space.fault({"preset": "scroll_over"}, path=SCROLL, nth=-(-count // 100) + 1):
        space.run(tmp_path, ["companies"])
    assert len([r for r in space.requests(SCROLL) if not r["query"]]) == 1
    assert differences(space, tmp_path, ["companies"]) == {}


def test_an_empty_page_in_the_middle_is_no_end(space: IntercomAccount, tmp_path: Path) -> None:
    with space.fault({"json": {"empty_page": True}}, path=SCROLL, nth=3):
        space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}


def test_f23_a_scroll_that_somebody_else_has_open_is_waited_for_where_there_is_no_other_way(
    large: IntercomAccount, tmp_path: Path
) -> None:
    space = large
    space.on_server(lambda: space.vendor.scroll.occupy(space.now))
    space.run(tmp_path, ["companies"])
    assert [round(seconds) for seconds in space.waits.seconds] == [61]
    assert differences(space, tmp_path, ["companies"]) == {}


def test_f23_a_scroll_that_somebody_else_has_open_is_no_obstacle_while_the_list_shows_all(
    space: IntercomAccount, tmp_path: Path
) -> None:
    space.on_server(lambda: space.vendor.scroll.occupy(space.now))
    space.run(tmp_path, ["companies"])
    assert space.waits.seconds == []
    assert differences(space, tmp_path, ["companies"]) == {}


def test_a_list_that_moves_while_it_is_read_is_not_believed(space: IntercomAccount, tmp_path: Path) -> None:
    doomed = min(space.objects("companies").values(), key=lambda c: (c["created_at"], c["id"]))["id"]
    delete = {"put": {"operation": "delete_company", "arguments": {"id": doomed}}}
    space.on_server(lambda: space.vendor.scroll.occupy(space.now))
    with space.fault(delete, path="/companies/list", nth=5):
        space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}


def test_a_scroll_that_stays_taken_defers_the_stream_by_name(large: IntercomAccount, tmp_path: Path) -> None:
    space = large
    with space.fault({"preset": "scroll_exists"}, times=None, path=SCROLL):
        results = space.extract(tmp_path, ["companies", "tags"])
    assert {name: r.outcome for name, r in results.items()} == {"companies": "deferred", "tags": "ok"}
    assert "another program is walking the companies" in results["companies"].error


def test_f45_two_runs_at_once_wait_for_each_other(space: IntercomAccount, tmp_path: Path) -> None:
    runs = [
        threading.Thread(target=space.run, args=(tmp_path / name, ["companies"]), kwargs={"state": tmp_path / "state"})
        for name in ("one", "two")
    ]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert {r["status"] for r in space.requests(SCROLL)} == {200}
    for name in ("one", "two"):
        assert differences(space, tmp_path / name, ["companies"]) == {}


def test_without_the_lock_two_walks_disturb_each_other(space: IntercomAccount) -> None:
    connector = space.connector()
    connector._api.get(SCROLL)
    with pytest.raises(Exception, match="another program is walking"):
        connector._api.get_once(SCROLL)
    connector.close()


def test_more_companies_than_the_list_shows_are_all_read(tmp_path: Path) -> None:
    with intercom_account(chats=0) as space:
        grow(space, 10_050)
        space.run(tmp_path, ["companies"])
        assert len(landed(tmp_path, "companies")) == space.truth()["companies"]["count"] > 10_000
        connector = space.connector()
        totals = connector.totals(next(s for s in connector.streams if s.name == "companies"))
        assert totals is not None
        assert not totals.exact
        connector.close()


def test_companies_are_walked_when_their_number_changes_and_otherwise_once_a_day(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path, ["companies"])
    renamed = space.first("companies", name="BETA")["id"]
    space.write("update_company", id=renamed, name="BETA AG")
    space.advance(HOUR)
    space.forget_requests()
    space.run(tmp_path, ["companies"])
    assert space.requests(SCROLL) == []
    gone = next(id for id, body in landed(tmp_path, "companies").items() if body["name"] == "Many 7")
    space.on_server(lambda: space.vendor.write("delete_company", {"id": gone}, space.now))
    space.run(tmp_path, ["companies"])
    assert buried(tmp_path, "companies") == {gone}
    assert landed(tmp_path, "companies")[renamed]["name"] == "BETA AG"
    space.write("update_company", id=renamed, name="BETA SE")
    space.advance(DAY)
    space.run(tmp_path, ["companies"])
    assert differences(space, tmp_path, ["companies"]) == {}


def test_a_company_that_vanished_while_a_scroll_broke_is_buried_all_the_same(space: IntercomAccount, tmp_path: Path) -> None:
    first = max(space.objects("companies").values(), key=lambda c: (c["created_at"], c["id"]))["id"]
    delete = {"operation": "delete_company", "arguments": {"id": first}}
    with space.fault({"preset": "scroll_lost", "put": delete}, path=SCROLL, nth=3):
        space.run(tmp_path, ["companies"])
    assert [line["deleted"] for line in landed_lines(tmp_path, "companies") if line["id"] == first] == [False, True]
    assert differences(space, tmp_path, ["companies"]) == {}
