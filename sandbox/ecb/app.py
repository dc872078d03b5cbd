"""The ECB Data Portal's data endpoint for daily reference rates (data.ecb.europa.eu/help/api/data)."""

from __future__ import annotations

import re
from datetime import date
from email.utils import formatdate
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.ecb.rates import CURRENCIES, ReferenceRates

HEADER = "KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE"

_KEY = re.compile(r"D\.([A-Z+]*)\.EUR\.SP00\.A")


class Publisher(Protocol):
    """Who publishes the rates."""

    rates: ReferenceRates

    def now(self) -> int:
        """The sandbox's time in epoch seconds."""


def create_app(world: Publisher) -> Starlette:
    """The ASGI application; its `Date` header is the sandbox's time."""
    rates = world.rates

    def answer(text: str, status: int = 200, media_type: str = "text/plain") -> Response:
        headers = {"Date": formatdate(world.now(), usegmt=True)}
        return PlainTextResponse(text, status, headers=headers, media_type=media_type)

    async def data(request: Request) -> Response:
        key = _KEY.fullmatch(request.path_params["key"])
        if key is None:
            return answer("No results found.", 404)
        if request.query_params.get("format", "csvdata") != "csvdata":
            return answer("Not acceptable: the sandbox answers csvdata only.", 406)
        try:
            start = _date(request, "startPeriod", date.min)
            end = _date(request, "endPeriod", date.max)
        except ValueError:
            return answer("Syntax error: periods are written YYYY-MM-DD.", 400)
        wanted = [currency for currency in key[1].split("+") if currency] or list(CURRENCIES)
        rows = _rows(rates, wanted, start, end)
        return answer("\n".join([HEADER, *rows]) + "\n", media_type="text/csv") if rows else answer("", 404)

    return Starlette(routes=[Route("/service/data/EXR/{key}", data, methods=["GET"])])


def _date(request: Request, name: str, default: date) -> date:
    text = request.query_params.get(name)
    return default if text is None else date.fromisoformat(text)


def _rows(rates: ReferenceRates, wanted: list[str], start: date, end: date) -> list[str]:
    """Series after series, as the portal orders them, each oldest first."""
    days = [(day, texts) for day, texts in rates.published() if start <= day <= end]
    return [
        f"EXR.D.{currency}.EUR.SP00.A,D,{currency},EUR,SP00,A,{day.isoformat()},{texts[currency]}"
        for currency in sorted(wanted)
        if currency in CURRENCIES
        for day, texts in days
    ]
