"""Everything that the help desk holds arrives, whole, once, and a run with nothing new costs a handful of requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from simulated import DAY, HOUR
from vendor_account import differences
from zendesk_account import STREAMS, ZendeskAccount, landed, landed_lines, zendesk_account

from connectors.zendesk import exports, listing
from cynosure.extract import Stream


@pytest.fixture
def desk() -> Iterator[ZendeskAccount]:
    with zendesk_account() as found:
        yield found


def stream(desk: ZendeskAccount, name: str) -> Stream:
    return next(s for s in desk.connector().streams if s.name == name)


def test_every_stream_equals_the_accounts_own_truth(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path)
    assert differences(desk, tmp_path) == {}
    assert all(landed(tmp_path, name) for name in STREAMS if name != "deleted_tickets")


def test_a_run_with_nothing_new_lands_no_new_version_and_costs_nine_requests(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path)
    before = {name: landed(tmp_path, name) for name in STREAMS}
    desk.advance(HOUR)
    desk.forget_requests()
    results = desk.run(tmp_path)
    assert len(desk.requests()) == 9
    assert {name: landed(tmp_path, name) for name in STREAMS} == before
    for name in ("tickets", "users"):
        assert results[name].rows == 0
    exported = [r["path"] for r in desk.requests("/api/v2/incremental/*")]
    assert len(exported) == 5


def test_the_run_after_a_day_also_reads_the_last_day_again_and_lists_what_is_listed_daily(
    desk: ZendeskAccount, tmp_path: Path
) -> None:
    desk.run(tmp_path)
    desk.advance(DAY)
    desk.forget_requests()
    desk.run(tmp_path)
    assert len(desk.requests("/api/v2/incremental/*")) == 10
    assert len(desk.requests()) == 25
    assert differences(desk, tmp_path) == {}


def test_a_first_load_in_small_pages_is_the_same(desk: ZendeskAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 3)
    monkeypatch.setattr(listing, "LIST_PAGE", 2)
    desk.run(tmp_path)
    assert differences(desk, tmp_path) == {}


def test_a_ticket_carries_its_metric_set_and_its_fields_once(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path, ["tickets"])
    for id, body in landed(tmp_path, "tickets").items():
        assert str(body["metric_set"]["ticket_id"]) == id
        assert "custom_fields" in body
        assert "fields" not in body


def test_ids_beyond_32_bits_stay_exact(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path, ["users", "sla_policies"])
    for name in ("users", "sla_policies"):
        assert all(len(id) in (13, 14) and body["id"] == int(id) for id, body in landed(tmp_path, name).items())


def test_a_payload_keeps_the_bytes_of_the_answer(desk: ZendeskAccount) -> None:
    reader = desk.connector()
    records = [r for page in reader.read(stream(desk, "users"), None) for r in page.records]
    answer = reader._api.get("/api/v2/incremental/users/cursor.json", {"start_time": 1}).body
    assert len(records) == 8
    assert all(bytes(record.payload) in answer for record in records if record.payload is not None)


def test_schedules_hold_their_holidays(desk: ZendeskAccount, tmp_path: Path) -> None:
    schedule = desk.vendor.account.configuration.schedule
    desk.write("create_holiday", schedule=schedule, name="Founders' Day", start_date="2026-10-05", end_date="2026-10-06")
    desk.run(tmp_path, ["schedules"])
    assert [h["name"] for h in landed(tmp_path, "schedules")[str(schedule)]["holidays"]] == ["Founders' Day"]


def test_comments_are_inside_the_events_of_their_ticket(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path, ["ticket_events"])
    said = [c for e in landed(tmp_path, "ticket_events").values() for c in e["child_events"] if c["event_type"] == "Comment"]
    assert {c["body"] for c in said} >= {"Like this.", "Thanks.", "internal", "How 0?"}
    assert {c["public"] for c in said} == {True, False}
    assert not desk.requests("/api/v2/tickets/*")


def test_the_cursor_of_the_last_page_is_kept_and_the_next_run_goes_on_from_it(desk: ZendeskAccount, tmp_path: Path) -> None:
    reader = desk.connector()
    *_, last = reader.read(stream(desk, "tickets"), None)
    assert last.cursor is not None
    answer = json.loads(reader._api.get("/api/v2/incremental/tickets/cursor.json", {"start_time": 1}).body)
    assert answer["end_of_stream"] is True
    assert last.cursor["cursor"] == answer["after_cursor"]
    desk.forget_requests()
    list(reader.read(stream(desk, "tickets"), last.cursor))
    assert [r["query"].split("&")[0].startswith("cursor=") for r in desk.requests()] == [True]


@pytest.mark.parametrize(
    "name", ["tickets", "users", "organizations", "ticket_events", "ticket_metric_events", "group_memberships"]
)
def test_a_first_load_resumes_after_every_page_with_nothing_lost(
    desk: ZendeskAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 40 if "metric_events" in name else 15 if "events" in name else 1)
    monkeypatch.setattr(listing, "LIST_PAGE", 2)
    reader, wanted = desk.connector(), set(desk.truth()[name]["ids"])
    pages = list(reader.read(stream(desk, name), None))
    resumable = [n for n, page in enumerate(pages) if page.cursor is not None]
    assert len(pages) > 2
    assert resumable
    for stop in resumable:
        rest = reader.read(stream(desk, name), pages[stop].cursor)
        read = {r.id for page in (*pages[: stop + 1], *rest) for r in page.records}
        assert read == wanted


def test_only_the_end_of_a_listing_may_bury_anything(desk: ZendeskAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 2)
    monkeypatch.setattr(listing, "LIST_PAGE", 2)
    reader = desk.connector()
    for name in ("tickets", "users", "groups", "organization_memberships", "satisfaction_ratings"):
        pages = list(reader.read(stream(desk, name), None))
        assert pages[0].begins
        assert sum(page.begins for page in pages) == 1
        assert sum(page.ends for page in pages) == 1
        first_end = [page.ends for page in pages].index(True)
        assert not any(page.records for page in pages[first_end + 1 :])


def test_walk_shows_the_same_bytes_as_reading(desk: ZendeskAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 5)
    monkeypatch.setattr(listing, "LIST_PAGE", 2)
    reader = desk.connector()
    for each in reader.streams:
        read = {r.id: bytes(r.payload) for page in reader.read(each, None) for r in page.records if r.payload is not None}
        walked = list(reader.walk(each, None) or ())
        assert {r.id: bytes(r.payload) for page in walked for r in page.records if r.payload is not None} == read, each.name
        assert [page.ends for page in walked] == [False] * (len(walked) - 1) + [True]
        if len(walked) > 1:
            rest = [r.id for page in reader.walk(each, walked[0].cursor) or () for r in page.records]
            assert set(rest) | {r.id for r in walked[0].records} == set(read)


def test_fetch_shows_the_same_bytes_as_reading_and_buries_what_is_gone(desk: ZendeskAccount) -> None:
    reader = desk.connector()
    archived = desk.vendor.id_of("ticket", "t0")
    desk.write("archive_ticket", id=archived)
    for each in reader.streams:
        read = {r.id: bytes(r.payload) for page in reader.read(each, None) for r in page.records if r.payload is not None}
        again = reader.fetch(each, [*read, "99"])
        if again is None:
            assert each.name in ("ticket_events", "ticket_metric_events")
            continue
        found = [r for page in again for r in page.records]
        assert {r.id: bytes(r.payload) for r in found if r.payload is not None} == read, each.name
        assert [r.id for r in found if r.deleted] == ["99"]


def test_totals_are_zendesks_own_counts_and_not_exact(desk: ZendeskAccount) -> None:
    reader = desk.connector()
    desk.write("freeze_count", stream="tickets", value=7)
    counted = {each.name: total for each in reader.streams if (total := reader.totals(each))}
    assert counted.keys() == {
        "tickets", "users", "organizations", "groups", "satisfaction_ratings", "ticket_fields", "tags",
    }  # fmt: skip
    assert (counted["tickets"].count, counted["tickets"].exact) == (7, False)
    assert counted["users"].count == 8


def test_every_personal_field_that_has_a_name_of_its_own_is_classified(desk: ZendeskAccount) -> None:
    classified = {each.name: set(each.personal) for each in desk.connector().streams}
    assert {"name", "email", "phone", "notes"} <= classified["users"]
    assert {"subject", "description", "custom_fields"} <= classified["tickets"]
    assert {"child_events.body", "child_events.html_body"} <= classified["ticket_events"]


def test_nothing_is_read_twice_in_a_first_load(desk: ZendeskAccount, tmp_path: Path) -> None:
    desk.run(tmp_path)
    for name in STREAMS:
        ids = [line["id"] for line in landed_lines(tmp_path, name)]
        assert len(ids) == len(set(ids)), name
