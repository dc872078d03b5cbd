"""What changes at the help desk reaches the warehouse: by exports, by lookback, and by listing everything again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from simulated import DAY, HOUR, MINUTE
from vendor_account import differences
from zendesk_account import START, ZendeskAccount, landed, landed_lines, zendesk_account

from connectors.zendesk import exports, snapshots
from sandbox.story import events as story


@dataclass
class Loaded:
    """A help desk that was read completely an hour ago."""

    desk: ZendeskAccount
    landing: Path

    def ticket(self, key: str) -> dict[str, Any]:
        return landed(self.landing, "tickets")[str(self.id(key))]

    def id(self, key: str, kind: str = "ticket") -> int:
        return self.desk.vendor.id_of(kind, key)

    def run(self, *streams: str) -> Any:
        return self.desk.run(self.landing, streams or None)

    def tombstones(self, stream: str) -> list[str]:
        return [line["id"] for line in landed_lines(self.landing, stream) if line.get("deleted")]


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Loaded]:
    with zendesk_account() as desk:
        desk.run(tmp_path)
        desk.advance(HOUR)
        yield Loaded(desk, tmp_path)


def test_every_kind_of_change_arrives_and_every_stream_equals_the_truth(loaded: Loaded) -> None:
    desk, at, t7 = loaded.desk, loaded.desk.now, loaded.id("t7")
    desk.tell(
        story.TicketOpened(at, "n1", "p1", "o2", "New", "Help", "high", "form", ("new_tag",)),
        story.TicketAssigned(at + 60, "n1", "Engineering", "a1"),
        story.TicketReplied(at + 120, "n1", "a1", "On it", True),
        story.TicketPrioritized(at + 180, "n1", "urgent"),
        story.TicketTurned(at + 240, "n1", "hold"),
        story.TicketTurned(at + 300, "t1", "open"),
        story.TicketRated(at + 360, "t3", "bad", "changed my mind"),
        story.Removed(at + 400, "zendesk", "ticket", "t5", "delete"),
        story.Removed(at + 420, "zendesk", "ticket", "t7", "erase"),
        story.Duplicated(at + 440, "zendesk", "p2", "p2-copy", "Pia Two", "pia.two@mail.example"),
        story.Removed(at + 500, "zendesk", "person", "p4", "delete"),
        story.StaffLeft(at + 520, "a2"),
    )
    loaded.run()
    desk.advance(DAY)
    desk.tell(story.Merged(desk.now, "zendesk", "p2", "p2-copy"))
    desk.advance(HOUR)
    loaded.run()
    found = differences(desk, loaded.landing)
    erased = str(t7)
    assert found == {"tickets": {"extra": [erased]}}, "an erased ticket is found by the next listing"
    desk.advance(28 * DAY)
    loaded.run()
    assert differences(desk, loaded.landing) == {}


def test_thirty_days_of_runs_end_in_the_truth(loaded: Loaded) -> None:
    desk = loaded.desk
    for day in range(30):
        at = desk.now
        desk.tell(
            story.TicketOpened(at, f"d{day}", f"p{day % 5}", None, f"Day {day}", "text", "normal", "form", ("daily",)),
            story.TicketAssigned(at + 5 * MINUTE, f"d{day}", "Support", "a1"),
            story.TicketTurned(at + 10 * MINUTE, f"d{day}", "solved"),
        )
        desk.advance(DAY)
        loaded.run("tickets", "ticket_events", "ticket_metric_events", "users")
    desk.advance(2 * MINUTE)
    loaded.run()
    assert differences(desk, loaded.landing) == {}


def test_a_system_update_that_leaves_updated_at_alone_is_loaded(loaded: Loaded) -> None:
    before = loaded.ticket("t1")
    loaded.desk.write("system_update", id=loaded.id("t1"), external_id="erp-7")
    loaded.run("tickets")
    after = loaded.ticket("t1")
    assert (after["external_id"], after["updated_at"]) == ("erp-7", before["updated_at"])
    assert after["generated_timestamp"] > before["generated_timestamp"]


def test_a_deleted_ticket_is_buried_and_the_bin_says_when_and_by_whom(loaded: Loaded) -> None:
    loaded.desk.write("delete_ticket", id=loaded.id("t2"))
    loaded.run("tickets", "deleted_tickets")
    assert loaded.tombstones("tickets") == [str(loaded.id("t2"))]
    (entry,) = landed(loaded.landing, "deleted_tickets").values()
    assert entry["id"] == loaded.id("t2")
    assert entry["deleted_at"] == "2026-09-21T15:13:20Z"
    assert entry["actor"]["name"] == "Olivia Owner"
    tombstone = landed_lines(loaded.landing, "tickets")[-1]
    assert tombstone.get("payload") is None, "the warehouse keeps the last body, with the metrics"
    assert tombstone["changed"] == START + HOUR


def test_a_restored_ticket_is_back(loaded: Loaded) -> None:
    loaded.desk.write("delete_ticket", id=loaded.id("t2"))
    loaded.run()
    loaded.desk.write("restore_ticket", id=loaded.id("t2"))
    loaded.run()
    assert differences(loaded.desk, loaded.landing) == {}
    assert str(loaded.id("t2")) in landed(loaded.landing, "tickets")
    assert landed(loaded.landing, "deleted_tickets") == {}


def test_archived_tickets_keep_their_metrics_which_still_change(loaded: Loaded) -> None:
    desk = loaded.desk
    closed = [loaded.id(f"t{n}") for n in (0, 4)]
    desk.advance(121 * DAY)
    assert all(desk.vendor.account.tickets.by_id[id].archived for id in closed)
    listed = json.loads(desk.connector()._api.get("/api/v2/tickets.json").body)["tickets"]
    assert listed
    assert not {t["id"] for t in listed} & set(closed)
    desk.write("system_update", id=closed[0], external_id="later")
    loaded.run("tickets")
    bodies = landed(loaded.landing, "tickets")
    assert all(bodies[str(id)]["metric_set"]["solved_at"] for id in closed)
    assert bodies[str(closed[0])]["external_id"] == "later"
    assert differences(desk, loaded.landing, ["tickets"]) == {}


def test_events_of_archived_tickets_are_read_like_all_others(loaded: Loaded, tmp_path: Path) -> None:
    loaded.desk.write("archive_ticket", id=loaded.id("t0"))
    loaded.desk.run(tmp_path / "later", ["ticket_events"])
    said = [e for e in landed(tmp_path / "later", "ticket_events").values() if e["ticket_id"] == loaded.id("t0")]
    assert len(said) == len(loaded.desk.vendor.account.tickets.by_id[loaded.id("t0")].audits)


def test_a_rating_that_turns_from_good_to_bad_weeks_later_is_corrected(loaded: Loaded) -> None:
    desk = loaded.desk
    desk.write("rate_ticket", id=loaded.id("t1"), score="good")
    loaded.run("satisfaction_ratings")
    desk.advance(21 * DAY)
    desk.write("rate_ticket", id=loaded.id("t1"), score="bad", comment="broke again")
    loaded.run("satisfaction_ratings")
    (rating,) = [r for r in landed(loaded.landing, "satisfaction_ratings").values() if r["ticket_id"] == loaded.id("t1")]
    assert (rating["score"], rating["comment"]) == ("bad", "broke again")


def test_a_rating_older_than_the_lookback_is_corrected_within_a_week_where_ratings_are_many(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshots, "CHEAP_PAGES", 0)
    desk = loaded.desk
    desk.advance(50 * DAY)
    loaded.run("satisfaction_ratings")
    desk.write("rate_ticket", id=loaded.id("t3"), score="bad")
    loaded.run("satisfaction_ratings")
    assert differences(desk, loaded.landing, ["satisfaction_ratings"])
    desk.advance(7 * DAY)
    loaded.run("satisfaction_ratings")
    assert differences(desk, loaded.landing, ["satisfaction_ratings"]) == {}


def test_a_breach_that_is_withdrawn_later_says_so(loaded: Loaded) -> None:
    desk = loaded.desk
    breaches = [e for e in landed(loaded.landing, "ticket_metric_events").values() if e["type"] == "breach"]
    assert breaches
    assert not any("deleted" in e for e in breaches)
    desk.write("withdraw_breach", event=breaches[0]["id"])
    loaded.run("ticket_metric_events")
    after = landed(loaded.landing, "ticket_metric_events")[str(breaches[0]["id"])]
    assert after == {**breaches[0], "deleted": True}


def test_a_withdrawn_breach_is_found_by_the_daily_lookback_where_changes_are_not_exported(loaded: Loaded) -> None:
    desk = loaded.desk
    desk.tell(story.TicketOpened(desk.now, "late", "p1", None, "Urgent", "now", "urgent", "form", ("enterprise",)))
    desk.advance(2 * DAY)
    loaded.run("ticket_metric_events")
    known = landed(loaded.landing, "ticket_metric_events").values()
    breach = next(e for e in known if e["type"] == "breach" and e["ticket_id"] == loaded.id("late"))
    stamps = desk.vendor.account.store.changes["ticket_metric_events"]
    stamp = stamps.stamp(breach["id"])
    desk.write("withdraw_breach", event=breach["id"])
    desk.on_server(lambda: stamps.touch(breach["id"], stamp))
    loaded.run("ticket_metric_events")
    assert "deleted" not in landed(loaded.landing, "ticket_metric_events")[str(breach["id"])]
    desk.advance(DAY)
    loaded.run("ticket_metric_events")
    assert landed(loaded.landing, "ticket_metric_events")[str(breach["id"])]["deleted"] is True


def test_a_merged_user_is_buried_and_the_tickets_name_the_winner(loaded: Loaded) -> None:
    loser, winner = loaded.id("p1", "person"), loaded.id("p2", "person")
    mine = [id for id, body in landed(loaded.landing, "tickets").items() if body["requester_id"] == loser]
    loaded.desk.write("merge_users", id=loser, into=winner)
    loaded.run()
    assert str(loser) not in landed(loaded.landing, "users")
    assert mine
    assert all(landed(loaded.landing, "tickets")[id]["requester_id"] == winner for id in mine)
    assert differences(loaded.desk, loaded.landing) == {}


def test_a_permanently_deleted_user_is_buried_even_if_no_export_told_of_it(loaded: Loaded) -> None:
    desk, user = loaded.desk, loaded.id("p4", "person")
    loaded.run("users")
    desk.write("erase_user", id=user)
    desk.advance(DAY)
    loaded.run("users")
    assert str(user) in loaded.tombstones("users")
    assert differences(desk, loaded.landing, ["users"]) == {}


def test_an_organization_that_says_deleted_at_is_buried(loaded: Loaded) -> None:
    organization = loaded.id("o2", "organization")
    loaded.desk.write("delete_organization", id=organization)
    loaded.run()
    assert loaded.tombstones("organizations") == [str(organization)]
    assert differences(loaded.desk, loaded.landing) == {}


@pytest.mark.parametrize(
    ("stream", "operation", "arguments"),
    [
        ("tickets", "scrub", {"key": "t5"}),
        ("organizations", "delete_organization", {"kind": "organization", "key": "o2", "erase": True}),
    ],
)
def test_what_vanishes_without_a_trace_is_found_when_everything_is_read_again(
    loaded: Loaded, stream: str, operation: str, arguments: dict[str, Any]
) -> None:
    id = loaded.id(arguments.pop("key"), arguments.pop("kind", "ticket"))
    if operation == "scrub":
        loaded.desk.write("delete_ticket", id=id, settle=0)
        loaded.desk.write("scrub_ticket", id=id)
    else:
        loaded.desk.write(operation, id=id, **arguments)
    loaded.run(stream)
    assert differences(loaded.desk, loaded.landing, [stream])[stream]["extra"] == [str(id)]
    for _ in range(4):
        loaded.desk.advance(7 * DAY)
        loaded.run(stream)
    assert differences(loaded.desk, loaded.landing, [stream]) == {}


def test_a_gap_longer_than_zendesks_memory_of_deletions_reads_everything_again_and_says_so(loaded: Loaded) -> None:
    loaded.desk.write("delete_ticket", id=loaded.id("t6"))
    loaded.desk.advance(31 * DAY)
    results = loaded.run()
    assert results["tickets"].notices == ("tickets: last read 31 days ago: reading everything again",)
    assert differences(loaded.desk, loaded.landing) == {}


def test_a_listing_that_is_interrupted_goes_on_and_buries_at_its_end_only(
    loaded: Loaded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "EXPORT_PAGE", 3)
    desk, id = loaded.desk, loaded.id("t6")
    desk.write("delete_ticket", id=id, settle=0)
    desk.write("scrub_ticket", id=id)
    desk.advance(28 * DAY)
    with desk.fault({"preset": "server_error"}, times=None, path="*/tickets/cursor.json", nth=5):
        result = desk.extract(loaded.landing, ["tickets"])["tickets"]
    assert result.outcome == "deferred"
    assert str(id) in landed(loaded.landing, "tickets")
    desk.forget_requests()
    loaded.run("tickets")
    assert not [r for r in desk.requests() if "start_time=1167609600" in r["query"]], "the listing went on where it stopped"
    assert differences(desk, loaded.landing, ["tickets"]) == {}


def test_two_runs_with_nothing_new_land_the_same(loaded: Loaded) -> None:
    loaded.run()
    before = {name: landed(loaded.landing, name) for name in ("tickets", "users", "organizations", "ticket_events")}
    loaded.run()
    assert {name: landed(loaded.landing, name) for name in before} == before


def test_a_field_that_is_deleted_leaves_the_tickets_and_the_list(loaded: Loaded) -> None:
    field = loaded.desk.vendor.account.configuration.fields[0]
    loaded.desk.write("delete_catalogue", stream="ticket_fields", id=field)
    loaded.desk.write("system_update", id=loaded.id("t1"), external_id="x")
    loaded.desk.advance(DAY)
    loaded.run()
    assert str(field) not in landed(loaded.landing, "ticket_fields")
    assert field not in [f["id"] for f in loaded.ticket("t1")["custom_fields"]]


def test_a_catalogue_is_read_again_after_a_day_and_not_before(loaded: Loaded) -> None:
    policy = landed(loaded.landing, "sla_policies")
    loaded.desk.write("delete_policy", id=int(next(iter(policy))))
    loaded.run("sla_policies", "users")
    assert landed(loaded.landing, "sla_policies") == policy
    loaded.desk.advance(DAY)
    loaded.run("users", "sla_policies")
    assert differences(loaded.desk, loaded.landing, ["sla_policies"]) == {}
    assert len(landed(loaded.landing, "sla_policies")) == 1
