"""Exchange rates as the ECB publishes them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from sandbox.ecb.app import HEADER, create_app
from sandbox.ecb.rates import ReferenceRates

PATH = "/service/data/EXR/D..EUR.SP00.A"
QUERY = {"format": "csvdata", "detail": "dataonly", "startPeriod": "2026-01-05"}


class Publisher:
    """Rates since New Year's Day 2026 and a clock that tests set."""

    def __init__(self, now="2026-01-12T12:00"):
        self.show(now)
        self.rates = ReferenceRates(7, date(2026, 1, 1), self.now)

    def show(self, text):
        self.instant = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())

    def now(self):
        return self.instant


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def http(publisher):
    return TestClient(create_app(publisher))


def test_rates_come_as_csv_series_by_series(http):
    answer = http.get(PATH, params=QUERY)
    lines = answer.text.splitlines()
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["date"] == "Mon, 12 Jan 2026 12:00:00 GMT"
    assert lines[0] == HEADER
    assert lines[1].startswith("EXR.D.AUD.EUR.SP00.A,D,AUD,EUR,SP00,A,2026-01-05,")
    assert {line.split(",")[2] for line in lines[1:]} >= {"USD", "GBP", "JPY", "CHF"}


def test_a_range_is_kept_to(http):
    rows = http.get(PATH, params={**QUERY, "endPeriod": "2026-01-06"}).text.splitlines()[1:]
    assert {row.split(",")[6] for row in rows} == {"2026-01-05", "2026-01-06"}


def test_one_currency_can_be_asked_for(http):
    rows = http.get("/service/data/EXR/D.USD+GBP.EUR.SP00.A", params=QUERY).text.splitlines()[1:]
    assert {row.split(",")[2] for row in rows} == {"USD", "GBP"}


def test_todays_rate_appears_at_four_in_frankfurt(publisher):
    def days():
        return [day for day, _ in publisher.rates.published()]

    publisher.show("2026-01-12T14:59:59")
    assert days()[-1] == date(2026, 1, 9)
    publisher.show("2026-01-12T15:00")
    assert days()[-1] == date(2026, 1, 12)
    # in summer Frankfurt is two hours ahead of UTC
    publisher.show("2026-07-01T13:59:59")
    assert days()[-1] == date(2026, 6, 30)
    publisher.show("2026-07-01T14:00")
    assert days()[-1] == date(2026, 7, 1)


def test_there_are_no_rates_at_weekends(publisher):
    assert all(day.weekday() < 5 for day, _ in publisher.rates.published())


def test_the_walk_depends_on_the_seed_alone_and_moves():
    first = Publisher().rates.published()
    assert first == Publisher().rates.published()
    dollars = {texts["USD"] for _, texts in first}
    assert len(dollars) > 3
    assert all(len(text.split(".")[1]) == 4 for text in dollars)


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        (PATH, {"startPeriod": "yesterday"}, 400),
        (PATH, {"format": "jsondata"}, 406),
        (PATH, {"startPeriod": "2027-01-01"}, 404),
        ("/service/data/EXR/M.USD.EUR.SP00.A", {}, 404),
    ],
)
def test_what_cannot_be_answered_is_refused(http, path, query, status):
    assert http.get(path, params=query).status_code == status


def test_any_publisher_will_do():
    plain = SimpleNamespace(rates=Publisher().rates, now=lambda: 0)
    assert TestClient(create_app(plain)).get(PATH, params=QUERY).headers["date"].startswith("Thu, 01 Jan 1970")
