"""Later runs: what changed arrives although searches compare days, what is gone is buried, what is unchanged costs nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from intercom_account import START, STREAMS, IntercomAccount, buried, intercom_account, landed, landed_lines
from simulated import DAY, HOUR, MINUTE
from vendor_account import differences

from connectors.intercom import pages
from cynosure.landing import LandingLog
from sandbox.story import events as story
from sandbox.story.people import Person


@pytest.fixture
def space() -> Iterator[IntercomAccount]:
    with intercom_account() as found:
        yield found


def rows(results: dict[str, Any]) -> dict[str, int]:
    return {name: r.rows for name, r in results.items() if r.rows}


def everything_happens(space: IntercomAccount) -> None:
    """One of each: words, turns, ratings, tags, attributes, merges, deletions, arrivals."""
    user, lead = space.first("contacts", role="user"), space.first("contacts", role="lead")
    first, second, third, fourth = list(space.objects("conversations"))[:4]
    admin = space.first("admins")["id"]
    company = space.first("companies")["id"]
    made = space.write("create_contact", settle=0, role="user", email="new@new.example", owner_id=admin)["id"]
    space.write("attach_company", settle=0, contact=made, id=company)
    space.write("create_conversation", settle=0, **{"from": {"id": made}, "body": "Hello"})
    space.write("reply_conversation", id=first, intercom_user_id=user["id"], body="Again")
    space.write("manage_conversation", settle=0, id=second, admin_id=admin, message_type="snoozed")
    space.write("manage_conversation", settle=0, id=third, admin_id=admin, message_type="close", body="Done")
    space.write("rate_conversation", settle=0, id=third, rating=5)
    space.write("tag_conversation", settle=0, conversation=third, id="7522901", admin_id=admin)
    space.write("delete_conversation", settle=0, id=fourth)
    space.write("merge_contacts", settle=0, **{"from": lead["id"], "into": user["id"]})
    space.write("update_company", settle=0, id=company, plan="Pro", name="Renamed")
    ticket = space.first("tickets")["id"]
    space.write("update_ticket", settle=0, id=ticket, admin_id=admin, ticket_state_id="8272")
    space.write("create_tag", settle=0, name="Brand new")
    space.write("delete_tag", settle=0, id="7522902")
    space.write("join_admin", name="Ali", email="ali@northwind.example", title="Agent", team="Support")


def test_after_everything_that_can_happen_the_landed_state_equals_the_workspace(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    everything_happens(space)
    space.run(tmp_path)
    hourly = ["contacts", "contact_companies", "conversations", "handling_events", "tickets", "activity_logs"]
    assert differences(space, tmp_path, hourly) == {}
    space.advance(DAY)
    space.run(tmp_path)
    assert differences(space, tmp_path) == {}
    for stream in STREAMS:
        assert buried(tmp_path, stream) >= set(space.truth()[stream]["deleted"]), stream


def test_a_second_run_with_nothing_new_writes_nothing(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    everything_happens(space)
    for _ in range(2):
        space.run(tmp_path)
        space.advance(HOUR)
    assert rows(space.run(tmp_path)) == {}


def test_only_what_changed_is_fetched(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    id = space.first("conversations")["id"]
    space.write("update_conversation", id=id, title="Renamed")
    space.forget_requests()
    results = space.run(tmp_path)
    assert rows(results) == {"conversations": 1, "handling_events": 1}
    assert len(space.requests()) == 9


def instant(day: str, clock: str, zone: str) -> int:
    return int(datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)).timestamp())


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kolkata"])
def test_f09_a_contact_changed_later_on_the_day_of_the_bookmark_arrives(tmp_path: Path, zone: str) -> None:
    with intercom_account(zone=zone) as space:
        space.advance(instant("2026-10-05", "09:00", zone) - START)
        space.run(tmp_path, ["contacts"])
        space.advance(6 * HOUR)
        id = space.first("contacts", role="user")["id"]
        space.write("update_contact", id=id, name="Renamed at three")
        assert naive_search(space, space.now - space.settled - 6 * HOUR) == []
        space.run(tmp_path, ["contacts"])
        assert landed(tmp_path, "contacts")[id]["name"] == "Renamed at three"


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "Pacific/Honolulu", "Asia/Kolkata"])
@pytest.mark.parametrize("clock", ["23:59", "00:01"])
def test_f09_contacts_changed_around_midnight_of_the_workspace_arrive(tmp_path: Path, zone: str, clock: str) -> None:
    with intercom_account(zone=zone) as space:
        day = "2026-10-05" if clock == "23:59" else "2026-10-06"
        changed = instant(day, clock, zone)
        space.advance(changed - 3 * MINUTE - START)
        space.run(tmp_path, ["contacts", "contact_companies"])
        space.advance(3 * MINUTE)
        id = space.first("contacts", role="user")["id"]
        space.write("update_contact", settle=0, id=id, name=clock)
        for _ in range(2):
            space.advance(2 * MINUTE)
            space.run(tmp_path, ["contacts", "contact_companies"])
        assert landed(tmp_path, "contacts")[id]["name"] == clock
        assert differences(space, tmp_path, ["contacts", "contact_companies"]) == {}


def naive_search(space: IntercomAccount, bookmark: int) -> list[Any]:
    """What a plain `updated_at > bookmark` finds."""
    connector = space.connector()
    body = {"query": {"field": "updated_at", "operator": ">", "value": bookmark}}
    found = [row for page in pages.searched(connector._api, "/contacts/search", "data", body) for row in page.rows]
    connector.close()
    return found


def test_f07_a_contact_that_searches_find_five_minutes_late_arrives(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path, ["contacts"])
    space.advance(HOUR)
    id = space.write("create_contact", settle=3 * MINUTE, role="lead", email="late@late.example")["id"]
    with space.fault({"hide": id, "until": space.now + 2 * MINUTE}, times=None):
        space.run(tmp_path, ["contacts"])
        assert id not in landed(tmp_path, "contacts")
        space.advance(10 * MINUTE)
        space.run(tmp_path, ["contacts"])
    assert id in landed(tmp_path, "contacts")


def test_f14_a_merged_contact_is_buried_and_found_again_in_the_one_that_took_it_in(
    space: IntercomAccount, tmp_path: Path
) -> None:
    loser = space.first("contacts", role="lead")["id"]
    winner = space.first("contacts", role="user")["id"]
    talk = space.write("create_conversation", **{"from": {"id": loser}, "body": "As a lead"})["id"]
    space.run(tmp_path)
    before = len(landed(tmp_path, "contacts"))
    space.advance(HOUR)
    space.write("merge_contacts", **{"from": loser, "into": winner})
    space.run(tmp_path)
    found = landed(tmp_path, "contacts")
    assert len(found) == before - 1
    assert next(entry["source_contact_id"] for entry in found[winner]["merge_history"]) == loser
    assert {loser} <= buried(tmp_path, "contacts")
    assert {f"contacts/{loser}/companies"} <= buried(tmp_path, "contact_companies")
    talked = landed(tmp_path, "conversations")[talk]["contacts"]["contacts"]
    assert [entry["id"] for entry in talked] == [winner]
    tombstone = [line for line in landed_lines(tmp_path, "contacts") if line["id"] == loser][-1]
    assert (tombstone["deleted"], tombstone["changed"]) == (True, space.now - space.settled)
    assert differences(space, tmp_path, ["contacts", "contact_companies", "conversations"]) == {}


def test_f14_a_chain_of_three_merges_between_two_runs_leaves_nobody_behind(space: IntercomAccount, tmp_path: Path) -> None:
    chain = [space.write("create_contact", role="user", email=f"{n}@chain.example")["id"] for n in range(4)]
    space.run(tmp_path)
    space.advance(HOUR)
    for loser, winner in itertools.pairwise(chain):
        space.write("merge_contacts", settle=60, **{"from": loser, "into": winner})
    space.run(tmp_path)
    assert set(chain[:3]) <= buried(tmp_path, "contacts")
    assert differences(space, tmp_path, ["contacts", "contact_companies"]) == {}
    connector = space.connector()
    contacts = next(s for s in connector.streams if s.name == "contacts")
    fetched = [(r.id, r.deleted) for page in connector.fetch(contacts, [chain[0]]) or () for r in page.records]
    assert fetched[:2] == [(chain[0], True), (chain[3], False)]
    connector.close()


def test_f16_a_deleted_conversation_becomes_a_tombstone_at_the_time_of_its_deletion(
    space: IntercomAccount, tmp_path: Path
) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    gone, rewritten = list(space.objects("conversations"))[:2]
    space.write("delete_conversation", settle=0, id=gone, retain_metrics=False)
    at = space.now
    space.write("update_conversation", id=rewritten, title="Written, then gone")
    space.write("delete_conversation", id=rewritten)
    space.run(tmp_path)
    lines = {line["id"]: line for line in landed_lines(tmp_path, "conversations")}
    assert (lines[gone]["deleted"], lines[gone]["changed"], lines[rewritten]["deleted"]) == (True, at, True)
    assert f"conversations/{gone}/handling_events" in buried(tmp_path, "handling_events")
    assert buried(tmp_path, "conversations") == set(space.truth()["conversations"]["deleted"])
    assert differences(space, tmp_path, ["conversations", "handling_events"]) == {}


def test_more_deletions_than_a_page_are_all_found(
    space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    space.run(tmp_path, ["conversations"])
    for id in list(space.objects("conversations"))[:9]:
        space.write("delete_conversation", settle=1, id=id)
    monkeypatch.setattr(pages, "PAGE_SIZE", 2)
    monkeypatch.setattr(pages.numbered, "__kwdefaults__", {"size": 2})
    space.advance()
    space.run(tmp_path, ["conversations"])
    assert len(space.requests("/conversations/deleted")) >= 5
    assert len(buried(tmp_path, "conversations")) == 9


def test_a_conversation_that_only_got_a_part_is_read_again_with_all_of_them(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    talk = space.first("conversations")
    before = talk["conversation_parts"]["total_count"]
    for n in range(3):
        space.write(
            "reply_conversation",
            settle=60,
            id=talk["id"],
            admin_id=space.first("admins")["id"],
            body=f"More {n}",
            message_type="note",
        )
    space.advance()
    space.run(tmp_path)
    found = landed(tmp_path, "conversations")[talk["id"]]["conversation_parts"]
    assert found["total_count"] == len(found["conversation_parts"]) == before + 3


def test_f21_the_501st_part_is_announced_and_what_was_read_stays_in_the_history(space: IntercomAccount, tmp_path: Path) -> None:
    talk, admin = space.first("conversations")["id"], space.first("admins")["id"]
    held = len(space.objects("conversations")[talk]["conversation_parts"]["conversation_parts"])

    def say(count: int) -> None:
        for n in range(count):
            space.on_server(
                lambda n=n: space.vendor.write("reply_conversation", {"id": talk, "admin_id": admin, "body": f"{n}"}, space.now)
            )
        space.advance(HOUR)

    say(500 - held)
    assert space.run(tmp_path)["conversations"].notices == ()
    whole = landed(tmp_path, "conversations")[talk]["conversation_parts"]
    assert whole["total_count"] == len(whole["conversation_parts"]) == 500
    say(1)
    results = space.run(tmp_path)
    assert [f"{talk} (1 missing)" in notice for notice in results["conversations"].notices] == [True]
    kept = {p["id"] for line in landed_lines(tmp_path, "conversations") if line["id"] == talk
            for p in line["payload"]["conversation_parts"]["conversation_parts"]}  # fmt: skip
    assert len(kept) == 501


@pytest.mark.parametrize("how", ["archive", "delete"])
def test_contacts_and_tickets_that_vanish_without_a_word_are_found_within_a_day(
    space: IntercomAccount, tmp_path: Path, how: str
) -> None:
    space.run(tmp_path)
    space.advance(HOUR)
    contact, ticket = space.first("contacts", role="lead")["id"], space.first("tickets")["id"]
    space.write(f"{how}_contact", id=contact)
    space.write("delete_ticket", id=ticket)
    space.run(tmp_path)
    assert contact in landed(tmp_path, "contacts")
    space.advance(DAY)
    space.run(tmp_path)
    assert {contact} <= buried(tmp_path, "contacts")
    assert buried(tmp_path, "tickets") == {ticket}
    assert differences(space, tmp_path) == {}
    if how == "archive":
        space.write("unarchive_contact", id=contact)
        space.run(tmp_path)
        assert contact in landed(tmp_path, "contacts")


def test_a_large_workspace_is_listed_weekly(space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.intercom.connector._SMALL_CONTACTS", 5)
    space.run(tmp_path, ["contacts"])
    contact = space.first("contacts", role="lead")["id"]
    space.write("delete_contact", id=contact)
    for day in range(1, 8):
        space.advance(DAY)
        space.run(tmp_path, ["contacts"])
        assert (contact in landed(tmp_path, "contacts")) == (day < 7)


def test_an_interrupted_listing_buries_nobody(space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    space.run(tmp_path, ["contacts"])
    gone = space.first("contacts", role="lead")["id"]
    space.write("delete_contact", id=gone)
    space.advance(DAY)
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    with space.fault({"preset": "server_error"}, times=None, path="/contacts", nth=3):
        assert space.extract(tmp_path, ["contacts"])["contacts"].outcome == "deferred"
    assert len(landed(tmp_path, "contacts")) == space.truth()["contacts"]["count"] + 1
    space.run(tmp_path, ["contacts"])
    assert differences(space, tmp_path, ["contacts"]) == {}


@pytest.mark.parametrize("kind", ["contact", "conversation"])
def test_f05_rows_without_a_time_of_change_arrive(space: IntercomAccount, tmp_path: Path, kind: str) -> None:
    stream = f"{kind}s"
    old = space.first(stream)["id"]
    space.write("set", kind=kind, id=old, values={"updated_at": None})
    space.run(tmp_path, [stream])
    assert landed(tmp_path, stream)[old]["updated_at"] is None
    space.advance(HOUR)
    if kind == "contact":
        new = space.write("create_contact", settle=0, role="lead", email="null@null.example")["id"]
    else:
        new = space.write("create_conversation", settle=0, **{"from": {"id": space.first("contacts")["id"]}, "body": "Hm"})["id"]
    space.write("set", kind=kind, id=new, values={"updated_at": None})
    space.run(tmp_path, [stream])
    assert differences(space, tmp_path, [stream]) == {}


def test_f36_ids_that_are_numbers_in_one_row_and_text_in_the_next_are_kept_as_they_came(
    space: IntercomAccount, tmp_path: Path
) -> None:
    space.run(tmp_path)
    found = landed(tmp_path, "conversations").values()
    assert {type(talk["admin_assignee_id"]) for talk in found} == {int, str}
    owners = {type(contact["owner_id"]) for contact in landed(tmp_path, "contacts").values()}
    assert owners == {int, str, type(None)}
    assert {type(ticket["admin_assignee_id"]) for ticket in landed(tmp_path, "tickets").values()} == {int}


def test_f43_a_bookmark_of_other_code_or_from_the_future_costs_a_listing_and_no_row(
    space: IntercomAccount, tmp_path: Path
) -> None:
    connector = space.connector()
    contacts = next(s for s in connector.streams if s.name == "contacts")
    for cursor in ({"page": 3}, {"since": space.now + DAY, "listed": space.now, "held": 9}):
        read = list(connector.read(contacts, cursor))
        assert len({record.id for page in read for record in page.records if not record.deleted}) == 9
        assert read[-1].ends
        assert [page.notice for page in read if page.notice] == (
            ["contacts: the bookmark lies 1441 minutes after Intercom's clock: listing everything again"]
            if "since" in cursor
            else []
        )
    connector.close()


def test_the_bookmark_stays_behind_the_vendors_clock(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    for stream in ("contacts", "conversations", "tickets", "activity_logs"):
        head = LandingLog(f"file://{tmp_path}").stream("intercom", stream).head()
        assert head is not None
        assert head.cursor_after is not None
        assert (head.cursor_after["since"], head.as_of) == (space.now - 60, space.now - 60)


def test_the_story_goes_on_and_the_runs_follow(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    person = Person("new", "o3", "Nia", "New", "nia@delta.example", "CFO", "+2", "US", "America/New_York")
    for step in range(4):
        space.advance(6 * HOUR)
        at = space.now
        space.tell(
            story.PersonMet(at, person),
            story.ChatStarted(at, f"n{step}", "new", "o3", "Hello?", "messenger"),
            story.ChatReplied(at, f"n{step}", "a1", "Hello!", True),
            story.ChatTurned(at, f"n{step}", "closed", "a1"),
            story.Removed(at, "intercom", "chat", f"c{step}", "delete"),
        )
        space.advance()
        space.run(tmp_path)
        assert differences(space, tmp_path, ["contacts", "contact_companies", "conversations", "handling_events"]) == {}
    space.tell(story.CustomerBegan(space.now, "o3", "new", "cus_3", "Team"))
    space.advance(timedelta(hours=25) // timedelta(seconds=1))
    space.run(tmp_path)
    assert differences(space, tmp_path) == {}
