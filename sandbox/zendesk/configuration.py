"""How the account was set up: brand, fields, forms, statuses, business hours, service levels."""

from __future__ import annotations

from datetime import date
from typing import Any

from sandbox.zendesk import API, HOST, SUBDOMAIN
from sandbox.zendesk.hours import Schedule
from sandbox.zendesk.store import Body, Store, iso
from sandbox.zendesk.timers import Target

PLACES = {
    "sla_policies": "slas/policies",
    "schedules": "business_hours/schedules",
}
"""Where a kind lives if not under its own name."""

FIELDS = (
    ("Product area", "tagger"),
    ("Severity", "integer"),
    ("Renewal at risk", "checkbox"),
    ("Reported on", "date"),
    ("Affected features", "multiselect"),
    ("Legacy reference", "text"),
)
STATUSES = (("New", "new"), ("Open", "open"), ("Pending", "pending"), ("On-hold", "hold"), ("Solved", "solved"))
WEEK = [(day * 1440 + 9 * 60, day * 1440 + 17 * 60) for day in range(1, 6)]
"""Monday to Friday, 9 to 17."""
FIRST_REPLY = {"urgent": 60, "high": 240, "normal": 480, "low": 960}
METRIC_OF = {
    "first_reply_time": "reply_time",
    "requester_wait_time": "requester_wait_time",
    "agent_work_time": "agent_work_time",
}
"""The metric of events by the name that a policy uses."""


class Configuration:
    """What administrators set up; made once, then changed by operations."""

    def __init__(self, store: Store, timezone: str, at: int) -> None:
        self._store = store
        self.schedules: dict[int, Schedule] = {}
        brand = {
            "name": "Northwind", "subdomain": SUBDOMAIN, "brand_url": HOST, "default": True, "active": True, "is_deleted": False,
            "has_help_center": True, "ticket_form_ids": [], "signature_template": "",
        }  # fmt: skip
        self.brand: int = self._add("brands", at, **brand)["id"]
        self.statuses = {category: self._status(label, category, at, True) for label, category in STATUSES}
        self._status("Waiting for engineering", "hold", at, False)
        self.fields = [self._field(title, type, at) for title, type in FIELDS]
        self._store.change("ticket_fields", self.fields[-1], at, active=False)
        self.form = self._form("Default ticket form", at, default=True)
        self.billing_form = self._form("Billing question", at, default=False)
        self.schedule = self.add_schedule("Support hours", timezone, WEEK, at)
        self.us_schedule = self.add_schedule("Americas", "Eastern Time (US & Canada)", WEEK, at)
        self.add_policy("Enterprise", [{"field": "current_tags", "operator": "includes", "value": "enterprise"}], at, factor=0.5)
        self.add_policy("Standard", [], at)

    def add_schedule(self, name: str, zone: str, intervals: list[tuple[int, int]], at: int) -> int:
        """A schedule; its id."""
        shown = [{"start_time": begin, "end_time": end} for begin, end in intervals]
        id: int = self._add("schedules", at, name=name, time_zone=zone, intervals=shown)["id"]
        self.schedules[id] = Schedule(id, zone, list(intervals))
        self._store.rows["holidays"][id] = {"holidays": []}
        return id

    def add_holiday(self, schedule: int, name: str, first: date, last: date, at: int) -> Body:
        """Days off."""
        holiday = {
            "id": self._store.numbers.take("holidays"), "name": name,
            "start_date": first.isoformat(), "end_date": last.isoformat(),
        }  # fmt: skip
        self._store.rows["holidays"][schedule]["holidays"].append(holiday)
        self.schedules[schedule].holidays.append((first, last))
        self.schedules[schedule].forget()
        self._store.change("schedules", schedule, at, updated_at=iso(at))
        return holiday

    def keep_new_year(self, schedule: int, years: range, at: int) -> None:
        """New Year's Day off, in each of the years."""
        for year in years:
            day = date(year, 1, 1)
            self.add_holiday(schedule, f"New Year {year}", day, day, at)

    def add_policy(self, title: str, conditions: list[Body], at: int, factor: float = 1.0) -> Body:
        """A service level; every priority gets its targets."""
        metrics = []
        for priority, base in FIRST_REPLY.items():
            target = int(base * factor)
            metrics += [
                {"priority": priority, "metric": "first_reply_time", "target": target, "business_hours": True},
                {"priority": priority, "metric": "requester_wait_time", "target": target * 8, "business_hours": False},
                {"priority": priority, "metric": "agent_work_time", "target": target * 4, "business_hours": True},
            ]
        return self.put_policy(title, conditions, metrics, at)

    def put_policy(self, title: str, conditions: list[Body], metrics: list[Body], at: int) -> Body:
        """A service level as given, behind the others."""
        position = 1 + len(self._store.rows["sla_policies"])
        return self._add("sla_policies", at, title=title, description="", position=position,
                         filter={"all": conditions, "any": []}, policy_metrics=metrics)  # fmt: skip

    def targets(self, tags: list[str], priority: str | None, organization: int | None) -> dict[str, Target]:
        """What the first fitting policy asks of a ticket now, by metric of events."""
        values: dict[str, Any] = {"current_tags": tags, "priority": priority, "organization_id": organization}
        for policy in sorted(self._store.rows["sla_policies"].values(), key=lambda body: body["position"]):
            if all(_holds(condition, values) for condition in policy["filter"]["all"]):
                return {
                    METRIC_OF[m["metric"]]: (m["target"], m["business_hours"], policy["id"], policy["title"])
                    for m in policy["policy_metrics"]
                    if m["priority"] == priority and m["metric"] in METRIC_OF
                }
        return {}

    def _status(self, label: str, category: str, at: int, default: bool) -> int:
        id: int = self._add("custom_statuses", at, agent_label=label, raw_agent_label=label, end_user_label=label,
                            raw_end_user_label=label, description="", raw_description="", end_user_description="",
                            status_category=category, active=True, default=default)["id"]  # fmt: skip
        return id

    def _field(self, title: str, type: str, at: int) -> int:
        id: int = self._add("ticket_fields", at, type=type, title=title, raw_title=title, description="", position=9999,
                            active=True, required=False, agent_description=None, tag=None, removable=True,
                            collapsed_for_agents=False, regexp_for_validation=None)["id"]  # fmt: skip
        return id

    def _form(self, name: str, at: int, default: bool) -> int:
        id: int = self._add("ticket_forms", at, name=name, raw_name=name, display_name=name, raw_display_name=name, position=1,
                            active=True, default=default, end_user_visible=True, in_all_brands=True, restricted_brand_ids=[],
                            ticket_field_ids=list(self.fields))["id"]  # fmt: skip
        return id

    def _add(self, stream: str, at: int, **values: Any) -> Body:
        id = self._store.numbers.take(stream)
        url = f"{API}/{PLACES.get(stream, stream)}/{id}.json"
        body = {"url": url, "id": id, **values, "created_at": iso(at), "updated_at": iso(at)}
        return self._store.add(stream, body, at)


def _holds(condition: Body, values: dict[str, Any]) -> bool:
    value = values.get(condition["field"])
    if condition["operator"] == "includes":
        return any(tag in (value or []) for tag in str(condition["value"]).split())
    return str(value) == str(condition["value"])
