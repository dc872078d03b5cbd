"""The small company with alert rules and routes, and the steps that make its figures go wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from cynosure.deliver import Entry, entries, open_store
from cynosure.deliver.tables import outbox
from cynosure.settings import Settings
from cynosure.warehouse import Session, open_warehouse
from tests.report.small_company import add_finding, make_company, mrr_on, set_value

DAY = date(2026, 11, 21)
ALERTS = """
mrr_drop:
  title: MRR drop
  when: {type: kpi, kpi: mrr, compare: same_day_last_month, below: -0.05}
  severity: critical
  labels: {area: revenue}
  summary: "{{ kpi }} is {{ value }}, {{ change }} against {{ before_day }}."
  runbook: Look at the movements.
failed_payments:
  title: Failed payments
  when: {type: kpi, kpi: failed_payment_amount, day: running, above: 5000}
  severity: warning
  summary: "{{ value }} failed."
source_late:
  title: Source is late
  when: {type: late_source}
  severity: high
  summary: "{{ source }} is late: {{ reasons }}."
"""
ROUTES = """
root:
  receivers: [data]
  group_wait: 0s
  group_interval: 5m
  repeat_interval: 4h
  routes:
    - {match: {area: revenue}, receivers: [board], repeat_interval: 24h}
inhibit:
  - {when: {kind: source}, mutes: {kind: kpi}, same: [source]}
"""


def with_rules(folder: Path, alerts: str = ALERTS, routes: str = ROUTES) -> Settings:
    return make_company(folder, alerts=alerts, routes=routes)


def change(settings: Settings, *steps: Callable[[Session], object]) -> None:
    warehouse = open_warehouse(settings.warehouse)
    with warehouse.writing() as session:
        for step in steps:
            step(session)
    warehouse.publish()


def mrr(value: str, day: date = DAY) -> Callable[[Session], object]:
    return lambda session: set_value(session, "mrr", value, day)


def finding(found_at: datetime, **values: Any) -> Callable[[Session], object]:
    return lambda session: add_finding(session, found_at, **values)


def drop(settings: Settings) -> None:
    change(settings, mrr("38000"))


def recover(settings: Settings) -> None:
    change(settings, mrr(str(mrr_on(DAY))))


def said(settings: Settings) -> list[tuple[str, str]]:
    """Subject and recipient of every message, in order."""
    found: list[Entry] = entries(open_store(settings.control))
    return sorted({(e.subject, e.recipient) for e in found if e.state != "suppressed"})


def bodies(settings: Settings, what: str) -> list[str]:
    with open_store(settings.control).begin() as tx:
        rows = tx.execute(sa.select(outbox).order_by(outbox.c.created_at)).mappings().all()
    return [json.loads(r["payload_json"])["bodies"]["text"]["body"] for r in rows if r["dedup_key"].startswith(what)]
