"""Requests for help as the story knows them, of those that the help desks still show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from known_customers import identities, plans, segments
from kpi_oracle import Fact

from sandbox.story.record import Request

_ZENDESK_CHANNELS = {"email": "email", "web": "web", "api": "api", "phone": "web"}
_INTERCOM_CHANNELS = {"messenger": "conversation", "email": "email"}
_HOURS = {"zendesk": (9, 17), "intercom": (9, 18)}


@dataclass(frozen=True)
class Ask:
    """A ticket or conversation, with what its system shows of it."""

    system: str
    id: str
    told: Request
    members: dict[str, str | None]
    urgent_at_once: bool

    @property
    def opened(self) -> date:
        """The day on which it began."""
        return day(self.told.opened)

    @property
    def resolved(self) -> date | None:
        """The day on which it was resolved, unless it is open again."""
        turns = self.told.turns
        return day(turns[-1][0]) if turns and turns[-1][1] else None

    @property
    def good(self) -> bool | None:
        """Whether it was rated well."""
        rating = self.told.rating
        return None if rating is None else rating == "good" or (isinstance(rating, int) and rating >= 4)

    @property
    def escalated(self) -> bool:
        """Whether it became urgent."""
        return self.told.escalated and not self.urgent_at_once

    def seconds(self, until: int, business: bool) -> int:
        """From its beginning to an instant, by the calendar or in opening hours."""
        return opening_seconds(self.told.opened, until, *_HOURS[self.system]) if business else until - self.told.opened

    def fact(self, on: date, numerator: int | bool = 1, denominator: int = 1) -> Fact:
        """Something about it that happened on a day."""
        return Fact(on, self.members, int(numerator), denominator)


def day(at: int) -> date:
    """The company's date of an instant; it lives by UTC."""
    return datetime.fromtimestamp(at, UTC).date()


def opening_seconds(begin: int, end: int, opens: int, closes: int, zone: str = "UTC", off: tuple[date, ...] = ()) -> int:
    """Seconds between two instants that lie in the hours of working days, which are Monday to Friday without days off."""
    total, here = 0, ZoneInfo(zone)
    at = datetime.fromtimestamp(begin, here).date()
    while at <= datetime.fromtimestamp(end, here).date():
        if at.weekday() < 5 and at not in off:
            start, stop = (int(datetime.combine(at, time(hour), here).timestamp()) for hour in (opens, closes))
            total += max(0, min(end, stop) - max(begin, start))
        at += timedelta(days=1)
    return total


def requests(company: Any) -> list[Ask]:
    """All that are still there."""
    return [*_tickets(company), *_conversations(company)]


def _tickets(company: Any) -> list[Ask]:
    zendesk = company.world.systems["zendesk"]
    shown, record = zendesk.objects("tickets"), company.record
    at_once = {
        str(update["ticket_id"])
        for update in zendesk.objects("ticket_events").values()
        for event in update["child_events"]
        if event["event_type"] == "Create" and event.get("priority") == "urgent"
    }
    found = []
    for (kind, key), number in zendesk._listener.ids.items():
        if kind == "ticket" and str(number) in shown:
            told = record.tickets[key]
            agent = record.employees[told.agent].name if told.agent else None
            organization = shown[str(number)]["organization_id"]
            members = {
                "system": "zendesk", "category": told.category, "priority": told.priority, "agent": agent,
                "channel": _ZENDESK_CHANNELS[told.channel], **_customer(company, "zendesk", "organizations", organization),
            }  # fmt: skip
            found.append(Ask("zendesk", str(number), told, members | _complexity(told), str(number) in at_once))
    return found


def _conversations(company: Any) -> list[Ask]:
    intercom = company.world.systems["intercom"]
    shown, record, hearing = intercom.objects("conversations"), company.record, intercom._hearing
    found = []
    for key, id in hearing._chats.items():
        if id in shown:
            told = record.chats[key]
            # teammates who left are not listed any more
            agent = record.employees[told.agent].name if told.agent in hearing._admins else None
            organization = (shown[id]["company"] or {}).get("id")
            members = {
                "system": "intercom", "category": None, "priority": None, "agent": agent,
                "channel": _INTERCOM_CHANNELS[told.channel], **_customer(company, "intercom", "companies", organization),
            }  # fmt: skip
            found.append(Ask("intercom", id, told, members | _complexity(told), False))
    return found


def _complexity(told: Request) -> dict[str, str | None]:
    return {"complexity": "simple" if told.replies <= 1 else "moderate" if told.replies <= 3 else "complex"}


def _customer(company: Any, system: str, kind: str, id: Any) -> dict[str, str | None]:
    customer = identities(company).get((system, kind, str(id)), "")
    return {"plan": plans(company).get(customer), "segment": segments(company).get(customer)}
