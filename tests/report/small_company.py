"""A small company in a real warehouse: exact daily figures from 1 September to 22 November 2026, and its configuration."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from cynosure.load import create_schema
from cynosure.settings import Settings, load_settings
from cynosure.warehouse import Session, open_warehouse

FIRST, LAST = date(2026, 9, 1), date(2026, 11, 22)
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CONTRACT = "period_start date, grain text, dimension text, member text, value numeric(24, 6), numerator numeric(24, 6), denominator numeric(24, 6), sample_size bigint"
DAILY = {
    "new_mrr": "12.50", "expansion_mrr": "5", "reactivated_mrr": "1", "contraction_mrr": "2.25", "churned_mrr": "3",
    "fx_mrr": "-0.50", "net_new_mrr": "13.25", "failed_payment_amount": "40",
}  # fmt: skip
UNITS = {"mrr_churn_rate": "percent", "active_customers": "count"}
BETTER = {
    "churned_mrr": "down",
    "contraction_mrr": "down",
    "mrr_churn_rate": "down",
    "failed_payment_amount": "down",
    "fx_mrr": "none",
}
OVER_TIME = {"mrr": "last", "active_customers": "last", "mrr_churn_rate": "none"}
NAMES = ["mrr", *DAILY, "active_customers", "mrr_churn_rate"]


def _title(name: str) -> str:
    words = name.replace("_", " ").replace("mrr", "MRR")
    return words[0].upper() + words[1:]


MODELS = {
    "models": [
        {
            "name": name,
            "description": "d",
            "config": {
                "meta": {
                    "title": _title(name),
                    "formula": "f",
                    "unit": UNITS.get(name, "currency"),
                    "better": BETTER.get(name, "up"),
                    "classification": "confidential" if name != "active_customers" else "internal",
                    "sources": ["stripe"],
                    "over_time": OVER_TIME.get(name, "sum"),
                }
            },
        }
        for name in NAMES
    ]
}
CONFIG = {
    "company.yaml": "{name: Acme, timezone: UTC, currency: USD}",
    "recipients.yaml": """
allowed_domains: [example.com]
operators: data
unsubscribed: [gone@example.com]
groups:
  board: {timezone: Europe/Berlin, clearance: confidential, channels: {email: [ada@example.com, gone@example.com], slack: ["#board"]}}
  everyone: {timezone: America/New_York, clearance: internal, channels: {file: [everyone]}}
  data: {clearance: restricted, channels: {email: [data@example.com], slack: ["#data"]}}
""",
    "reports.yaml": """
daily:
  title: Daily metrics
  schedule: {at: "08:00"}
  groups: [board]
  hold_until: "11:00"
  headline: [mrr, {kpi: net_new_mrr, measure: month_to_date}, active_customers, {kpi: mrr_churn_rate, measure: month}]
  kpis: [{kpi: new_mrr, measure: month_to_date}, failed_payment_amount]
  charts: [{chart: trend, kpi: mrr, days: 30}, {chart: waterfall}]
  top_changes: {rows: 3}
""",
    "targets.yaml": '{mrr: {target: {"2026-01": 50000}}, mrr_churn_rate: {target: {"2026-01": 0.02}}}',
}


def mrr_on(day: date) -> Decimal:
    return Decimal(40_000) + Decimal("12.75") * (day - FIRST).days


def make_company(folder: Path, **config: str) -> Settings:
    """The company's folder, configuration and warehouse; `config` replaces files by stem."""
    (folder / "config").mkdir()
    for name, text in (CONFIG | {f"{stem}.yaml": text for stem, text in config.items()}).items():
        (folder / "config" / name).write_text(text)
    revenue = folder / "sql" / "models" / "kpis" / "revenue"
    revenue.mkdir(parents=True)
    (revenue / "_revenue.yml").write_text(json.dumps(MODELS))
    settings = load_settings({"CYNOSURE_PROJECT": str(folder), "CYNOSURE_HOME": str(folder / "home")})
    fill_warehouse(settings)
    return settings


def fill_warehouse(settings: Settings) -> None:
    settings.home.mkdir(exist_ok=True)
    warehouse = open_warehouse(settings.warehouse)
    with warehouse.writing() as session:
        create_schema(session)
        for schema in ("kpis", "marts"):
            session.execute(f"create schema {schema}")
        _create_kpis(session)
        _create_changes(session)
        record_load(session, NOW - timedelta(minutes=30))
    warehouse.publish()


def record_load(session: Session, as_of: datetime, source: str = "stripe") -> None:
    """A complete read of the source up to an instant."""
    session.execute(
        "insert into ops.loads (source, stream, batch_id, mode, rows_read, rows_new, rows_changed, rows_unchanged, rows_deleted,"
        " source_as_of, extracted_at, loaded_at, api_version, connector_version, manifest_sha256)"
        " values ($1, 'subscriptions', $2, 'incremental', 1, 1, 0, 0, 0, $3, $3, $3, 'v', '1', $2)",
        source, f"{source}{as_of.isoformat()}", as_of,
    )  # fmt: skip


def set_value(session: Session, kpi: str, value: str | None, day: date, grain: str = "day") -> None:
    """Changes one published value."""
    session.execute(f"update kpis.{kpi} set value = $1 where period_start = $2 and grain = $3", value, day, grain)


def add_finding(
    session: Session, found_at: datetime, *, status: str = "failed", severity: str = "stop", **values: object
) -> None:
    """One evaluation of a check."""
    row: dict[str, object] = {
        "finding_id": f"{values.get('check_id', 'c')}{found_at.isoformat()}", "check_id": "freshness:stripe.subscriptions:load",
        "kind": "freshness", "source": "stripe", "stream": "subscriptions", "relation": None,
        "what": "stripe.subscriptions was last read completely 5.0 h ago", "measured": 18000, "expected": "at most 180 min ago",
        "severity": severity, "status": status, "dimension": "timeliness", "affected_kpis": '["mrr", "net_new_mrr"]',
        "detail": "{}", "found_at": found_at, "data_as_of": None,
    } | values  # fmt: skip
    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    session.execute(f"insert into ops.findings ({', '.join(row)}) values ({marks})", *row.values())


def _create_kpis(session: Session) -> None:
    days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    months = [day for day in days if day.day == 1]
    for name in NAMES:
        session.execute(f"create table kpis.{name} ({CONTRACT})")
        rows = [(day, "day", _value(name, day)) for day in days]
        rows += [(month, "month", Decimal("0.0150") + Decimal(month.month) / 10_000) for month in months]
        literals = ", ".join(
            f"('{start}', '{grain}', 'all', 'all', {'null' if value is None else value}, null, null, 10)"
            for start, grain, value in rows
        )
        session.execute(f"insert into kpis.{name} values {literals}")


def _value(name: str, day: date) -> Decimal | None:
    if name == "mrr":
        return mrr_on(day)
    if name == "active_customers":
        return Decimal(300 + (day - FIRST).days)
    return Decimal(DAILY[name]) if name in DAILY else None


def _create_changes(session: Session) -> None:
    session.execute("create table marts.customers (customer_id text, name text)")
    session.execute(
        "create table marts.mrr_movements (customer_id text, movement_date date, movement text, signed_amount numeric(18, 6))"
    )
    for n, (name, movement, amount) in enumerate(
        (("Ada <b>Ltd</b>", "new", "12.5"), ("Bob AG", "churn", "-3"), (None, "expansion", "5"), ("Cem", "fx", "-0.5"))
    ):
        session.execute("insert into marts.customers values ($1, $2)", f"cus_{n}", name)
        session.execute(
            "insert into marts.mrr_movements values ($1, $2, $3, $4)", f"cus_{n}", date(2026, 11, 21), movement, amount
        )
