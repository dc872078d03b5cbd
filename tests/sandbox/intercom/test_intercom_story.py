"""The workspace as the story leaves it: who is known under which name, what merges and removals leave, and its own books."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from intercom_account import START, STREAMS, ZONE, told_story
from simulated import DAY, HOUR

from sandbox.intercom.hours import office_seconds
from sandbox.intercom.vendor import VENDOR, Intercom
from sandbox.story import events as story
from sandbox.story.people import Person
from sandbox.vendor import Setting


def heard(*more: story.Event, chats: int = 12) -> Intercom:
    vendor = Intercom(Setting(7, START - 90 * DAY, START, ZONE, "usd"))
    for event in (*told_story(chats), *more):
        vendor.hear(event)
    return vendor


def named(vendor: Intercom, stream: str, **values: Any) -> dict[str, Any]:
    return next(o for o in vendor.objects(stream).values() if all(o.get(k) == v for k, v in values.items()))


def test_the_same_story_makes_the_same_workspace() -> None:
    one, two = heard(), heard()
    assert json.dumps([one.objects(s) for s in STREAMS]) == json.dumps([two.objects(s) for s in STREAMS])


@pytest.mark.parametrize("stream", STREAMS)
def test_the_books_and_the_records_agree_although_they_are_kept_apart(stream: str) -> None:
    vendor = heard(story.Removed(START, "intercom", "person", "p3", "delete"), story.Removed(START, "intercom", "chat", "c1", "erase"),
                   story.Removed(START, "intercom", "organization", "o1-copy", "delete"))  # fmt: skip
    told = vendor.streams()[stream]
    assert told["ids"] == sorted(vendor.objects(stream))
    assert told["count"] == len(told["ids"])
    assert not set(told["ids"]) & set(told["deleted"])


def test_customers_are_companies_with_their_own_spelling_and_stripe_id_where_they_are_linked() -> None:
    companies = heard().objects("companies").values()
    by_name = {company["name"]: company for company in companies}
    assert set(by_name) == {"Alpha Ltd", "BETA", "Beta"}  # Gamma is unknown here, Delta no customer, Beta a duplicate
    assert by_name["Alpha Ltd"]["company_id"] == "cus_0Ab"
    assert not by_name["BETA"]["company_id"].startswith("cus_")
    assert by_name["Alpha Ltd"]["plan"]["name"] == "Team"


def test_people_of_customers_are_users_and_the_others_leads() -> None:
    contacts = heard().objects("contacts").values()
    roles = {contact["email"]: contact["role"] for contact in contacts}
    assert roles["p0@mail.example"] == roles["p4@mail.example"] == "user"
    assert roles["p3@mail.example"] == "lead"
    assert roles["pia1@home.example"] == "lead"


def test_a_merged_copy_is_gone_and_known_to_the_one_that_took_it_in() -> None:
    vendor = heard()
    winner = named(vendor, "contacts", email="p0@mail.example")
    assert len(winner["merge_history"]) == 1
    loser = winner["merge_history"][0]["source_contact_id"]
    assert vendor.streams()["contacts"]["deleted"] == [loser]
    assert f"contacts/{loser}/companies" in vendor.streams()["contact_companies"]["deleted"]


def test_archived_people_come_back_and_deleted_ones_do_not() -> None:
    vendor = heard(
        story.Removed(START, "intercom", "person", "p0", "archive"), story.Removed(START, "intercom", "person", "p1", "delete")
    )
    assert not {"p0@mail.example", "p1@mail.example"} & {c["email"] for c in vendor.objects("contacts").values()}
    for key in ("p0", "p1"):
        vendor.hear(story.Restored(START + HOUR, "intercom", "person", key))
    emails = {c["email"]: c for c in vendor.objects("contacts").values()}
    assert emails["p0@mail.example"]["updated_at"] == START + HOUR
    assert "p1@mail.example" not in emails


def test_another_systems_slips_are_not_ours() -> None:
    before = heard()
    after = heard(story.Duplicated(START, "hubspot", "p2", "x", "X", "x@x.example"), story.Removed(START, "zendesk", "person", "p2", "delete"),
                  story.Merged(START, "salesforce", "p1", "p1-copy"))  # fmt: skip
    assert after.objects("contacts") == before.objects("contacts")


def test_a_person_who_changes_is_described_anew() -> None:
    renamed = Person("p0", "o0", "Pia0", "Married", "new@mail.example", "CEO", "+9", "GB", "Europe/London",
                     emails={"intercom": "still-old@mail.example"})  # fmt: skip
    vendor = heard(story.PersonMet(START, renamed))
    found = named(vendor, "contacts", name="Pia0 Married")
    assert (found["email"], found["custom_attributes"]["job_title"]) == ("still-old@mail.example", "CEO")


def test_urgent_tickets_of_the_help_desk_are_escalated_and_follow_it() -> None:
    tickets = list(heard().objects("tickets").values())
    assert [(t["category"], t["ticket_state"]["category"]) for t in tickets] == [
        ("Back-office", "in_progress"),
        ("Back-office", "resolved"),
    ]


def test_staff_are_teammates_in_their_teams_and_leave_them() -> None:
    vendor = heard(story.StaffLeft(START, "a1"))
    assert {admin["name"] for admin in vendor.objects("admins").values()} == {"Abe Agent", "Ann Rep"}
    support = named(vendor, "teams", name="Support")
    assert support["admin_ids"] == []
    assert [entry["activity_type"] for entry in vendor.objects("activity_logs").values()][-1] == "admin_deletion"


def test_statistics_count_office_hours_where_they_say_so() -> None:
    zone = ZoneInfo("UTC")
    monday = 1_767_571_200  # 2026-01-05T00:00:00Z
    assert office_seconds(monday, monday + DAY, zone) == 9 * HOUR
    assert office_seconds(monday + 10 * HOUR, monday + 11 * HOUR, zone) == HOUR
    assert office_seconds(monday + 17 * HOUR, monday + DAY + 10 * HOUR, zone) == 2 * HOUR
    assert office_seconds(monday + 5 * DAY, monday + 7 * DAY, zone) == 0


def test_numbers_of_teammates_are_integers_in_some_records_and_text_in_others() -> None:
    talks = heard().objects("conversations").values()
    assert {type(talk["admin_assignee_id"]) for talk in talks} == {int, str}
    assert {type(talk["waiting_since"]) for talk in talks} <= {int, str, type(None)}


def test_every_vendor_preset_and_distortion_that_the_bench_asks_for_is_there() -> None:
    assert {
        "rate_limit",
        "rate_limit_wait",
        "quota",
        "server_error",
        "unavailable",
        "unauthorized",
        "expired_token",
        "forbidden",
        "missing",
    } <= set(VENDOR.presets)
    assert {
        "empty_page", "repeat_cursor", "drop_end", "duplicate", "swap", "add_field", "drop_field", "change_type", "big_number", "hostile_text",
    } <= set(VENDOR.distortions)  # fmt: skip
