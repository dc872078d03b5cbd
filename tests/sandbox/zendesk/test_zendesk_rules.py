"""The account keeps history by Zendesk's rules: minutes, service levels, ratings, archiving, and imperfect identities."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from simulated import DAY, HOUR, MINUTE
from zendesk_account import START, told_story

from sandbox.story import events as story
from sandbox.vendor import Setting
from sandbox.zendesk.hours import Schedule
from sandbox.zendesk.vendor import Zendesk

WEEKDAYS = [(day * 1440 + 9 * 60, day * 1440 + 17 * 60) for day in range(1, 6)]


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def made(events: list[story.Event] | None = None, timezone: str = "UTC") -> Zendesk:
    vendor = Zendesk(Setting(7, START - 90 * DAY, START, timezone, "usd"))
    for event in told_story() if events is None else events:
        vendor.hear(event)
    return vendor


def opened(vendor: Zendesk, when: int, **values: Any) -> int:
    owner = vendor.account.owner
    given = {"subject": "s", "comment": {"body": "b"}, "requester_id": requester(vendor), **values}
    assert owner
    return int(vendor.write("create_ticket", {"ticket": given}, when)["id"])


def requester(vendor: Zendesk) -> int:
    known = vendor.account.people.by_email("req@mail.example")
    return int((known or vendor.write("create_user", {"user": {"name": "Req", "email": "req@mail.example"}}, START))["id"])


def metrics(vendor: Zendesk, id: int) -> dict[str, Any]:
    body: dict[str, Any] = vendor.objects("tickets")[str(id)]["metric_set"]
    return body


def events_of(vendor: Zendesk, id: int, type: str) -> list[dict[str, Any]]:
    return [e for e in vendor.objects("ticket_metric_events").values() if e["ticket_id"] == id and e["type"] == type]


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2026-03-06T17:00", "2026-03-09T14:00", 5 + 1),  # Friday noon in New York to Monday 10:00, one hour earlier in UTC
        ("2026-03-07T00:00", "2026-03-08T23:00", 0),
        ("2026-10-30T13:00", "2026-11-02T15:00", 8 + 1),  # the clock goes back in between
        ("2026-03-09T13:00", "2026-03-09T13:00", 0),
    ],
)
def test_business_hours_follow_the_clock_across_its_changes(since: str, until: str, hours: int) -> None:
    schedule = Schedule(1, "Eastern Time (US & Canada)", WEEKDAYS)
    assert schedule.worked(at(since), at(until)) == hours * HOUR


def test_a_schedule_over_the_hour_that_does_not_exist_counts_what_exists() -> None:
    sunday = [(0, 1440)]
    schedule = Schedule(1, "Eastern Time (US & Canada)", sunday)
    assert schedule.worked(at("2026-03-07T00:00"), at("2026-03-10T00:00")) == 23 * HOUR
    assert schedule.worked(at("2026-10-31T00:00"), at("2026-11-03T00:00")) == 25 * HOUR


def test_holidays_do_not_count_and_targets_skip_them() -> None:
    schedule = Schedule(1, "UTC", WEEKDAYS, [(date(2026, 9, 22), date(2026, 9, 23))])
    monday, friday = at("2026-09-21T16:00"), at("2026-09-25T00:00")
    assert schedule.worked(monday, friday) == 9 * HOUR
    assert schedule.when(monday, 2 * HOUR) == at("2026-09-24T10:00")


def test_business_minutes_of_a_ticket_cross_a_change_of_the_clock() -> None:
    vendor = made([], "Europe/London")
    friday = at("2026-10-23T15:00")  # 16:00 in London, summer time
    id = opened(vendor, friday)
    reply = {"comment": {"body": "r", "author_id": vendor.account.owner}, "status": "open"}
    vendor.write("update_ticket", {"id": id, "ticket": reply}, at("2026-10-26T10:00"))
    found = metrics(vendor, id)["reply_time_in_minutes"]
    assert found == {"calendar": 67 * 60, "business": 120}


def test_minutes_run_over_every_schedule_that_a_ticket_had() -> None:
    vendor = made([])
    id = opened(vendor, at("2026-09-21T10:00"))
    vendor.write("set_schedule", {"id": id, "schedule": vendor.account.configuration.us_schedule}, at("2026-09-21T12:00"))
    vendor.write("update_ticket", {"id": id, "ticket": {"status": "solved"}}, at("2026-09-21T16:00"))
    assert metrics(vendor, id)["full_resolution_time_in_minutes"] == {"calendar": 360, "business": 120 + 180}


def test_durations_are_null_until_they_happen() -> None:
    vendor = made([])
    id = opened(vendor, START)
    found = metrics(vendor, id)
    nothing = {"calendar": None, "business": None}
    assert {name for name, value in found.items() if value == nothing} == {
        "reply_time_in_minutes", "first_resolution_time_in_minutes", "full_resolution_time_in_minutes",
        "agent_wait_time_in_minutes", "requester_wait_time_in_minutes", "on_hold_time_in_minutes",
    }  # fmt: skip
    assert found["solved_at"] is None


def test_a_target_that_is_missed_is_a_breach_at_its_instant() -> None:
    vendor = made([])
    monday = at("2026-09-21T09:30")
    id = opened(vendor, monday, priority="urgent")
    vendor.account.advance(monday + 59 * MINUTE)
    assert events_of(vendor, id, "breach") == []
    vendor.account.advance(monday + DAY)
    (reply,) = [e for e in events_of(vendor, id, "breach") if e["metric"] == "reply_time"]
    assert reply["time"] == "2026-09-21T10:30:00Z"
    (applied,) = [e for e in events_of(vendor, id, "apply_sla") if e["metric"] == "reply_time"]
    assert applied["sla"]["target"] == 60
    assert applied["sla"]["policy"]["title"] == "Standard"


def test_an_answer_in_time_fulfills_and_nothing_is_breached() -> None:
    vendor = made([])
    monday = at("2026-09-21T09:30")
    id = opened(vendor, monday, priority="urgent")
    reply = {"comment": {"body": "r", "author_id": vendor.account.owner}}
    vendor.write("update_ticket", {"id": id, "ticket": reply}, monday + 59 * MINUTE)
    vendor.account.advance(monday + HOUR + MINUTE)
    assert [e["metric"] for e in events_of(vendor, id, "fulfill")] == ["reply_time"]
    assert [e for e in events_of(vendor, id, "breach") if e["metric"] == "reply_time"] == []


def test_a_lower_priority_withdraws_a_breach_that_it_would_not_have_had() -> None:
    vendor = made([])
    monday = at("2026-09-21T09:30")
    id = opened(vendor, monday, priority="urgent")
    vendor.account.advance(monday + 2 * HOUR)
    vendor.write("update_ticket", {"id": id, "ticket": {"priority": "low"}}, monday + 2 * HOUR)
    (breach,) = [e for e in events_of(vendor, id, "breach") if e["metric"] == "reply_time"]
    assert breach["deleted"] is True


def test_waiting_for_the_requester_pauses_the_timers() -> None:
    vendor = made([])
    monday = at("2026-09-21T09:00")
    id = opened(vendor, monday, priority="urgent")
    vendor.write("update_ticket", {"id": id, "ticket": {"status": "pending"}}, monday + HOUR)
    vendor.account.advance(monday + 5 * DAY)
    assert {e["metric"] for e in events_of(vendor, id, "pause")} == {"agent_work_time", "requester_wait_time"}
    assert not [e for e in events_of(vendor, id, "breach") if e["metric"] == "agent_work_time"]
    assert metrics(vendor, id)["requester_wait_time_in_minutes"]["calendar"] == 60


def test_a_policy_applies_to_those_whom_its_filter_names() -> None:
    vendor = made([])
    id = opened(vendor, START, priority="urgent", tags=["enterprise"])
    applied = {e["metric"]: e["sla"] for e in events_of(vendor, id, "apply_sla")}
    assert applied["reply_time"]["policy"]["title"] == "Enterprise"
    assert applied["reply_time"]["target"] == 30


def test_a_rating_is_offered_a_day_after_solving_without_moving_updated_at() -> None:
    vendor = made([])
    id = opened(vendor, START)
    vendor.write("update_ticket", {"id": id, "ticket": {"status": "solved"}}, START + HOUR)
    before = vendor.objects("tickets")[str(id)]
    vendor.account.advance(START + HOUR + DAY)
    after = vendor.objects("tickets")[str(id)]
    assert (before["satisfaction_rating"], after["satisfaction_rating"]) == ({"score": "unoffered"}, {"score": "offered"})
    assert before["updated_at"] == after["updated_at"]
    assert after["generated_timestamp"] == START + HOUR + DAY
    (rating,) = vendor.objects("satisfaction_ratings").values()
    assert rating["score"] == "offered"


def test_closed_tickets_are_archived_and_deleted_ones_scrubbed() -> None:
    vendor = made([])
    closed, deleted = opened(vendor, START), opened(vendor, START)
    vendor.write("update_ticket", {"id": closed, "ticket": {"status": "closed"}}, START)
    vendor.write("delete_ticket", {"id": deleted}, START)
    assert vendor.streams()["deleted_tickets"]["ids"] == [str(deleted)]
    vendor.account.advance(START + 30 * DAY)
    assert vendor.streams()["deleted_tickets"]["ids"] == []
    assert deleted not in vendor.account.tickets.by_id
    assert not vendor.account.tickets.by_id[closed].archived
    vendor.account.advance(START + 120 * DAY)
    assert vendor.account.tickets.by_id[closed].archived


def test_the_account_knows_people_as_imperfectly_as_the_story_says() -> None:
    vendor = made()
    organizations = {body["name"]: body for body in vendor.objects("organizations").values()}
    assert organizations.keys() == {"Alpha Ltd", "BETA"}
    assert organizations["Alpha Ltd"]["external_id"].lower() == "cus_1ab"
    assert (organizations["BETA"]["external_id"] or "crm-").startswith("crm-")
    unknown = [t for t in vendor.objects("tickets").values() if t["organization_id"] is None]
    assert unknown, "tickets of an organization that has no record here have none"


def test_a_duplicate_is_a_second_record_and_a_merge_leaves_one() -> None:
    vendor = made()
    before = vendor.streams()["users"]["count"]
    vendor.hear(story.Duplicated(START, "zendesk", "p1", "p1-copy", "P. One", "p.one@mail.example"))
    assert vendor.streams()["users"]["count"] == before + 1
    copy = vendor.id_of("person", "p1-copy")
    vendor.hear(story.Merged(START + 1, "zendesk", "p1", "p1-copy"))
    assert vendor.streams()["users"]["count"] == before
    assert str(copy) in vendor.streams()["users"]["deleted"]
    vendor.hear(story.Duplicated(START + 2, "hubspot", "p1", "p1-other", "P. One", "x@mail.example"))
    assert vendor.streams()["users"]["count"] == before


@pytest.mark.parametrize(
    ("kind", "key", "stream"), [("ticket", "t1", "tickets"), ("person", "p1", "users"), ("organization", "o1", "organizations")]
)
@pytest.mark.parametrize("how", ["archive", "delete", "erase"])
def test_what_the_story_removes_is_gone_by_the_books_and_comes_back_if_restored(
    kind: str, key: str, stream: str, how: str
) -> None:
    vendor = made()
    id = str(vendor.id_of(kind, key))
    vendor.hear(story.Removed(START, "zendesk", kind, key, how))
    assert id in vendor.streams()[stream]["deleted"]
    assert id not in vendor.objects(stream)
    vendor.hear(story.Restored(START + 1, "zendesk", kind, key))
    assert (id in vendor.streams()[stream]["ids"]) == (how != "erase")


def test_an_agent_who_leaves_leaves_the_groups_and_stays_a_user() -> None:
    vendor = made()
    agent = vendor.id_of("staff", "a2")
    vendor.hear(story.StaffLeft(START, "a2"))
    body = vendor.objects("users")[str(agent)]
    assert (body["role"], body["suspended"], body["active"]) == ("end-user", True, True)
    assert not [m for m in vendor.objects("group_memberships").values() if m["user_id"] == agent]


def test_the_books_agree_with_what_is_served_for_every_stream() -> None:
    vendor = made()
    for name, state in vendor.streams().items():
        assert sorted(vendor.objects(name)) == state["ids"], name
        assert state["count"] == len(state["ids"])


def test_the_same_story_makes_the_same_account() -> None:
    one, two = made(), made()
    assert {name: one.objects(name) for name in one.streams()} == {name: two.objects(name) for name in two.streams()}


def test_ids_are_long_except_those_of_tickets() -> None:
    vendor = made()
    for name in vendor.streams():
        if name in ("tickets", "deleted_tickets", "tags"):
            continue
        assert all(len(id) in (13, 14) for id in vendor.objects(name)), name
