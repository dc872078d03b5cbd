"""European Central Bank: daily euro reference rates, the source of the currency conversion."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import httpx
from pydantic import Field

from cynosure.extract import (
    Access,
    Connector,
    ConnectorSettings,
    Cursor,
    HttpSource,
    Page,
    RateLimiter,
    Record,
    Retrying,
    RetryLater,
    Stream,
    Unexpected,
)  # fmt: skip
from cynosure.extract.http import vendor_time

_PATH = "/service/data/EXR/D..EUR.SP00.A"
_COLUMNS = {"CURRENCY", "TIME_PERIOD", "OBS_VALUE"}
# a published rate may be corrected on the following days
_LOOKBACK = timedelta(days=7)
# rates are published around 16:00 CET; a few requests a day are all that is needed
_PER_SECOND = 5.0


class EcbSettings(ConnectorSettings):
    """No key is needed."""

    base_url: str = Field(
        default="https://data-api.ecb.europa.eu", title="API base URL", description="https, or loopback for tests"
    )
    start: date = Field(default=date(2015, 1, 1), title="First day", description="Earlier amounts use the rate of this day")


class Ecb(Connector):
    """Units of each currency per euro, one row per currency and business day, as the ECB publishes them.

    Days are read from the newest known one with a week of lookback, through the ECB Data Portal's CSV interface
    (https://data.ecb.europa.eu/help/api/data). Weekends and holidays have no rate; the models carry the last one.
    """

    name: ClassVar[str] = "ecb"
    title: ClassVar[str] = "European Central Bank"
    api_version: ClassVar[str] = "SDMX 2.1 csvdata"
    settings_model: ClassVar[type[ConnectorSettings]] = EcbSettings
    streams: tuple[Stream, ...] = (
        Stream("reference_rates", "Euro reference rates.", primary_key="date/currency", cursor="date", cadence="daily",
               docs="https://data.ecb.europa.eu/help/api/data"),
    )  # fmt: skip

    def __init__(
        self, settings: EcbSettings, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None
    ) -> None:
        super().__init__(settings, share=share, state=state, retrying=retrying)
        self._start = settings.start
        limiter = RateLimiter(_PER_SECOND, state=state and state / "ecb")
        self._http = HttpSource(settings.base_url, limiter=limiter, retrying=self.retrying, classify=_classified)

    def check(self) -> list[Access]:
        """Asks for the newest week."""
        self._rates((datetime.now(UTC) - _LOOKBACK).date())
        return [Access(stream.name, allowed=True) for stream in self.streams]

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """All days since the cursor, oldest first, with a week of lookback for corrections."""
        newest = date.fromisoformat(cursor["newest"]) if cursor else None
        rows, seen = self._rates(newest - _LOOKBACK if newest else self._start)
        records = [_record(row) for row in rows]
        last = max((row["TIME_PERIOD"] for row in rows), default=cursor["newest"] if cursor else self._start.isoformat())
        yield Page(records, seen, {"newest": last}, as_of=seen)

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page]:
        """Every rate there is, in the one answer that holds them all."""
        rows, seen = self._rates(self._start)
        yield Page([_walked(row) for row in rows], seen, ends=True)

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
        """These rates as published now; one that is no longer published is a tombstone."""
        rows, seen = self._rates(min(date.fromisoformat(id.partition("/")[0]) for id in ids))
        found = {record.id: record for record in map(_walked, rows)}
        yield Page([found.get(id) or Record(id, None, deleted=True) for id in ids], seen)

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def _rates(self, start: date) -> tuple[list[dict[str, str]], float]:
        return self.retrying.call(lambda: self._asked(start))

    def _asked(self, start: date) -> tuple[list[dict[str, str]], float]:
        try:
            answer = self._http.get(_PATH, {"format": "csvdata", "detail": "dataonly", "startPeriod": start.isoformat()})
        except _NothingPublished as nothing:
            return [], nothing.seen
        return _rows(answer.body.decode(errors="replace")), answer.seen


class _NothingPublished(Unexpected):
    """No day of the period has a rate; `seen` is the vendor's clock at the answer."""

    def __init__(self, seen: float) -> None:
        super().__init__(f"{_PATH}: no rates are published for this period")
        self.seen = seen


def _classified(response: httpx.Response) -> Exception | None:
    """Where there are no results the portal answers 404, with an empty body or one line (web services help, "404")."""
    if response.status_code == 404 and "<" not in response.text:
        return _NothingPublished(vendor_time(response.headers, 0.0))
    return None


def _rows(text: str) -> list[dict[str, str]]:
    """The rates in an answer; one that is cut off or no CSV at all is worth another try."""
    if not text.strip():
        return []
    if text.lstrip().startswith("<"):
        raise RetryLater(f"{_PATH}: a page for people came instead of CSV")
    reader = csv.DictReader(text.splitlines())
    if not set(reader.fieldnames or ()) >= _COLUMNS:
        raise Unexpected(
            f"{_PATH}: the answer is not the expected CSV; its header lacks {sorted(_COLUMNS - set(reader.fieldnames or ()))}"
        )
    rows = list(reader)
    if not text.endswith("\n") or any(None in row.values() for row in rows):
        raise RetryLater(f"{_PATH}: the answer is cut off after {len(rows)} rows")
    return [row for row in rows if row["OBS_VALUE"] not in ("", "NaN")]


def _record(row: dict[str, str]) -> Record:
    day, currency = row["TIME_PERIOD"], row["CURRENCY"]
    payload = json.dumps({"date": day, "currency": currency, "rate": row["OBS_VALUE"]}).encode()
    return Record(f"{day}/{currency}", payload, datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp())


def _walked(row: dict[str, str]) -> Record:
    # the day of a rate says nothing of the instant at which it was published or corrected
    return replace(_record(row), changed=None)
