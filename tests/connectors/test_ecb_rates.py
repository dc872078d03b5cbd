"""Exchange rates: every published day, through weekends, empty answers, changed headers and corrections."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from simulated import DAY, HOUR, Simulated, landed_lines

from cynosure.landing import LandingLog

FIRST = date(2025, 12, 1)
HEADER = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE"


def run(company: Simulated, folder: Path) -> Any:
    return company.extract(folder, connector=company.ecb(start=FIRST))["reference_rates"]


def landed(folder: Path) -> dict[str, str]:
    newest = {line["id"]: line["payload"] for line in landed_lines(folder, "reference_rates", source="ecb")}
    assert all(id == f"{row['date']}/{row['currency']}" for id, row in newest.items())
    return {id: row["rate"] for id, row in newest.items()}


def published(company: Simulated) -> dict[str, str]:
    days = company.world.rates.published()
    return {f"{day}/{currency}": rate for day, rates in days if day >= FIRST for currency, rate in rates.items()}


def cursor(folder: Path) -> Any:
    head = LandingLog(f"file://{folder}").stream("ecb", "reference_rates").head()
    return head and head.cursor_after


def test_every_published_rate_arrives_as_it_was_printed(company: Simulated, tmp_path: Path) -> None:
    assert run(company, tmp_path).outcome == "ok"
    assert landed(tmp_path) == published(company)
    assert len({id.split("/")[1] for id in published(company)}) == 7


def test_days_arrive_through_weeks_with_their_weekends(company: Simulated, tmp_path: Path) -> None:
    for _ in range(6):
        run(company, tmp_path)
        company.advance(3 * DAY + HOUR)
    run(company, tmp_path)
    found = landed(tmp_path)
    assert found == published(company)
    assert {datetime.fromisoformat(id.split("/")[0]).replace(tzinfo=UTC).weekday() for id in found} == {0, 1, 2, 3, 4}


def test_a_run_on_a_weekend_finds_nothing_new_and_loses_nothing(company: Simulated, tmp_path: Path) -> None:
    company.advance((5 - datetime.fromtimestamp(company.now, UTC).weekday()) % 7 * DAY + 12 * HOUR)
    run(company, tmp_path)
    before = landed(tmp_path)
    company.advance(DAY)
    assert run(company, tmp_path).outcome == "ok"
    assert landed(tmp_path) == before


@pytest.mark.parametrize("body", ["", HEADER + "\n"])
def test_an_empty_answer_keeps_the_state(company: Simulated, tmp_path: Path, body: str) -> None:
    run(company, tmp_path)
    before = cursor(tmp_path)
    company.advance(3 * DAY)
    with company.fault({"body": body}, vendor="ecb"):
        result = run(company, tmp_path)
    assert (result.outcome, result.rows) == ("ok", 0)
    assert cursor(tmp_path) == before
    run(company, tmp_path)
    assert landed(tmp_path) == published(company)


CHANGED = HEADER.replace("OBS_VALUE", "VALUE") + "\n1,2,3,4,5,6,7,8\n"


@pytest.mark.parametrize(
    ("body", "outcome", "words"),
    [
        (CHANGED, "failed", "not the expected CSV; its header lacks"),
        ("<!DOCTYPE html><html>maintenance</html>", "deferred", "a page for people came instead of CSV"),
    ],
)
def test_an_answer_of_another_form_is_told_and_keeps_the_state(
    company: Simulated, tmp_path: Path, body: str, outcome: str, words: str
) -> None:
    run(company, tmp_path)
    before = cursor(tmp_path)
    with company.fault({"body": body}, times=None, vendor="ecb"):
        result = run(company, tmp_path)
    assert result.outcome == outcome
    assert words in result.error
    assert cursor(tmp_path) == before


def test_an_answer_that_is_cut_off_within_its_rows_is_not_taken_for_the_end(company: Simulated, tmp_path: Path) -> None:
    with company.fault({"cut": 700}, times=None, vendor="ecb"):
        result = run(company, tmp_path)
    assert result.outcome != "ok"
    assert run(company, tmp_path).outcome == "ok"
    assert landed(tmp_path) == published(company)


def test_a_correction_within_the_last_week_replaces_the_rate(company: Simulated, tmp_path: Path) -> None:
    run(company, tmp_path)
    day, rates = company.world.rates.published()[-2]
    rates["USD"] = "9.9999"
    company.advance(2 * DAY)
    run(company, tmp_path)
    assert landed(tmp_path)[f"{day}/USD"] == "9.9999"
    assert landed(tmp_path) == published(company)


@pytest.mark.parametrize("preset", ["unavailable", "rate_limit", "refused"])
def test_a_source_that_is_down_for_a_moment_is_asked_again(company: Simulated, tmp_path: Path, preset: str) -> None:
    with company.fault({"preset": preset}, vendor="ecb"):
        assert run(company, tmp_path).outcome == "ok"
    assert landed(tmp_path) == published(company)
