"""How close the company is to its customers, from the living records of the CRM that counts."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from revenue_truth import RevenueTruth, ratio

pytestmark = pytest.mark.slow

_CONTACT = {"call", "email", "listemail"}


def touches(truth: RevenueTruth) -> dict[str, list[tuple[date, str, str | None]]]:
    """Day, kind and person of every contact, by account."""
    found: dict[str, list[tuple[date, str, str | None]]] = defaultdict(list)
    for task in truth.shown("salesforce", "tasks").values():
        if task["IsClosed"] and (task["TaskSubtype"] or "").lower() in _CONTACT:
            done = task["CompletedDateTime"] or task["ActivityDate"]
            found[task["AccountId"]].append((date.fromisoformat(done[:10]), "contact", task["WhoId"]))
    for event in truth.shown("salesforce", "events").values():
        if not event["IsChild"]:
            day = datetime.fromisoformat(event["StartDateTime"].replace("+0000", "+00:00")).date()
            found[event["AccountId"]].append((day, "meeting", event["WhoId"]))
    return found


def score(within: list[tuple[date, str, str | None]]) -> int:
    """Points, a hundred at most."""
    meetings = sum(kind == "meeting" for _, kind, _ in within)
    people = len({person for _, _, person in within if person})
    return min(20 * meetings, 40) + min(10 * (len(within) - meetings), 30) + min(10 * people, 30)


def test_relationship_strength(company: Any, revenue_truth: RevenueTruth) -> None:
    truth, known = revenue_truth, touches(revenue_truth)
    accounts: dict[str, list[str]] = defaultdict(list)
    for system, kind, id, customer, _ in truth.identities:
        if (system, kind) == ("salesforce", "accounts"):
            accounts[customer].append(id)
    expected: dict[tuple[date, str], Decimal | None] = {}
    for start, last in truth.periods("month").items():
        for customer in truth.paying:
            if customer.pays(last):
                all_of_it = [touch for id in accounts[customer.id] for touch in known.get(id, ())]
                within = [touch for touch in all_of_it if last - timedelta(days=90) < touch[0] <= last]
                expected[start, customer.id] = Decimal(score(within))
    assert len(set(expected.values())) > 5
    company.compare("relationship_strength", "month", "customer", expected)
    means = {}
    for start in {start for start, _ in expected}:
        points = [int(value or 0) for (month, _), value in expected.items() if month == start]
        means[start, "all"] = ratio(sum(points), len(points))
    company.compare("relationship_strength", "month", "all", means)
