"""The whole path on every warehouse: Stripe's API to the report, against the simulation's own books, to the minor unit."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from copied_config import copy_config
from simulated import DAY, HOUR, Simulated, simulated

from cynosure import alert, deliver, report
from cynosure.settings import load_settings
from cynosure.stages import Stages
from cynosure.warehouse import Session

ROOT = Path(__file__).resolve().parents[2]
# 09:00 in UTC: the daily report of the day before is due
START = 1_772_010_000 + 9 * HOUR - 1_772_010_000 % DAY
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    with simulated(tmp_path_factory.mktemp("sandbox"), customers=30, months=9, start=START) as found:
        yield found


@pytest.fixture(params=["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def stages(request: pytest.FixtureRequest, company: Simulated, tmp_path: Path) -> Stages:
    """A deployment of its own against the simulated company, with real mail and Slack servers."""
    config = copy_config(tmp_path / "config", rate_share=1)
    host, port = company.endpoints["smtp"].split(":")
    environment = {
        "CYNOSURE_PROJECT": str(ROOT), "CYNOSURE_CONFIG": str(config), "CYNOSURE_HOME": str(tmp_path / "home"),
        "CYNOSURE_CLOCK_FILE": str(tmp_path / "clock"),
        "CYNOSURE_STRIPE_API_KEY": company.key, "CYNOSURE_STRIPE_BASE_URL": company.endpoints["stripe"],
        "CYNOSURE_STRIPE_REQUESTS_PER_SECOND": "1000", "CYNOSURE_STRIPE_ENDPOINT_REQUESTS_PER_SECOND": "1000",
        "CYNOSURE_ECB_BASE_URL": company.endpoints["ecb"], "CYNOSURE_SMTP_HOST": host, "CYNOSURE_SMTP_PORT": port,
        "CYNOSURE_SMTP_STARTTLS": "off", "CYNOSURE_SMTP_FROM": "metrics@northwind.example",
        "CYNOSURE_SLACK_TOKEN": company.endpoints["keys"]["slack"], "CYNOSURE_SLACK_BASE_URL": company.endpoints["slack"],
    }  # fmt: skip
    if request.param == "postgres":
        environment["CYNOSURE_WAREHOUSE"] = str(request.getfixturevalue("postgres_url"))
    return Stages(load_settings(environment))


def read(stages: Stages, company: Simulated) -> None:
    """Extracts and loads what is new."""
    follow_clock(stages, company)
    for source in stages.streams:
        failed = [result.error for result in stages.extract(source) if result.outcome != "ok"]
        assert not failed
    stages.load()


def hourly_run(stages: Stages, company: Simulated) -> None:
    """What Airflow does every hour, without Airflow."""
    read(stages, company)
    if need := stages.what_to_build():
        assert not stages.transform(need=need).failed
    assert not [finding.what for finding in stages.check().stopping]


def follow_clock(stages: Stages, company: Simulated) -> None:
    """The engine's present is the company's."""
    assert stages.settings.clock_file is not None
    stages.settings.clock_file.write_text(str(company.now - time.time()))


def assert_mrr_is_true(session: Session, company: Simulated) -> int:
    """Every customer, currency and day: native and reporting MRR equal the simulation's books exactly."""
    true = {
        (row["date"], row["customer"], row["currency"].upper()): (Decimal(row["native"]), Decimal(row["reporting"]))
        for row in company.world.truth.mrr_daily()
    }
    found = {
        (str(day), customer, currency): (native, amount)
        for day, customer, currency, native, amount in session.rows(
            "select mrr_date, customer_id, currency, native_mrr_amount, mrr_amount from marts.mrr_daily where native_mrr_amount <> 0"
        )
    }
    wrong = {key: (true.get(key), found.get(key)) for key in true.keys() | found.keys() if true.get(key) != found.get(key)}
    assert not wrong, f"{len(wrong)} of {len(true)} customer-days differ, e.g. {sorted(wrong.items())[:3]}"
    return len(true)


def assert_movements_are_true(session: Session, company: Simulated) -> None:
    """The ledger of movements, customer by customer and day by day."""
    true: dict[tuple[str, str, str], Decimal] = {}
    for row in company.world.truth.movements():
        key = (row["date"], row["customer"], row["movement"])
        true[key] = true.get(key, Decimal(0)) + Decimal(row["amount"])
    found = {
        (str(day), customer, movement): abs(amount) if movement != "fx" else amount
        for day, customer, movement, amount in session.rows(
            "select movement_date, customer_id, movement, sum(signed_amount) from marts.mrr_movements group by 1, 2, 3"
        )
    }
    assert {key: amount for key, amount in found.items() if amount} == {key: amount for key, amount in true.items() if amount}


def assert_streams_are_true(session: Session, company: Simulated) -> None:
    """Ids and deletions of every stream."""
    for name, books in company.world.truth.streams().items():
        rows = session.rows(f"select id, is_deleted from raw.stripe__{name} where valid_to is null")
        present = {id for id, gone in rows if not gone}
        if name == "events":  # older ones have left the API, not the warehouse
            assert set(books["ids"]) <= present
            continue
        assert present == set(books["ids"]), name


def mails(company: Simulated) -> list[Any]:
    """Messages that the mail server holds, oldest first."""
    folder = company.site.options.folder / "mail"
    return [BytesParser(policy=policy.default).parsebytes(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def test_from_the_api_to_the_report_nothing_is_lost_and_every_amount_is_true(stages: Stages, company: Simulated) -> None:
    hourly_run(stages, company)
    with stages.warehouse.reading() as session:
        assert assert_mrr_is_true(session, company) > 1000
        assert_movements_are_true(session, company)
        assert_streams_are_true(session, company)

    company.advance(7 * DAY)
    company.settle()
    company.forget_requests()
    hourly_run(stages, company)
    with stages.warehouse.reading() as session:
        assert_mrr_is_true(session, company)
        assert_movements_are_true(session, company)
        assert_streams_are_true(session, company)

    before = len(mails(company))
    now = stages.settings.now()
    sent = report.send_due(stages.settings, now)
    assert {item.outcome for item in sent} == {"sent"}, sent
    deliver.deliver_pending(stages.settings, now)
    recipients = [mail["To"] for mail in mails(company)[before:]]
    assert len(recipients) == len(set(recipients)) == 5
    assert report.send_due(stages.settings, now) == ()
    deliver.deliver_pending(stages.settings, now)
    assert len(mails(company)) == before + 5

    company.advance(HOUR)
    company.forget_requests()
    hourly_run(stages, company)
    assert len(company.requests()) <= 40
    audit = stages.audit(["stripe"], full=True)
    assert audit.findings
    assert not [finding.what for finding in audit.failed]

    company.advance(5 * HOUR)
    follow_clock(stages, company)
    stages.check()
    first = alert.evaluate(stages.settings, stages.settings.now())
    assert any("source_late" in incident for incident in first.fired)
    assert not any("mrr_drop" in incident for incident in first.fired)
    again = alert.evaluate(stages.settings, stages.settings.now())
    assert not again.fired
    assert not again.messages
    read(stages, company)
    stages.check()
    assert any("source_late" in incident for incident in alert.evaluate(stages.settings, stages.settings.now()).resolved)
