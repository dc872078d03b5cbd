"""The status page as a web application: every route requires a login, and nothing but itself may be loaded or framed."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view
from fastapi import Depends, FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from cynosure.settings import ConfigError, Settings, load_settings
from cynosure.warehouse import WarehouseError
from cynosure_airflow.status import Status, read_status


def create_app() -> FastAPI:
    """The application; without documentation routes, which would answer anybody."""
    app = FastAPI(
        dependencies=[Depends(requires_access_view(AccessView.WEBSITE))], docs_url=None, redoc_url=None, openapi_url=None
    )

    @app.get("/status", response_class=HTMLResponse)
    def status(settings: Annotated[Settings, Depends(load_installed_settings)]) -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        try:
            text = render(read_status(settings), nonce)
        except (ConfigError, WarehouseError) as error:
            text = render(Status(company="", now=settings.now(), notice=str(error)), nonce)
        return HTMLResponse(text, headers=_headers(nonce))

    return app


def load_installed_settings() -> Settings:
    """The settings of this installation, as a dependency that takes nothing from the request."""
    return load_settings()


def render(status: Status, nonce: str) -> str:
    """The page as HTML; every value is escaped."""
    return _template().render(status=status, nonce=nonce)


def _headers(nonce: str) -> dict[str, str]:
    policy = f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("cynosure_airflow", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters.update(ago=_ago, span=_span, instant=_instant)
    return environment.get_template("status.html")


def _instant(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else "never"


def _ago(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{_span(max(now - at, timedelta()))} ago"


def _span(length: Any) -> str:
    minutes = round(length.total_seconds() / 60)
    if minutes < 100:
        return f"{minutes} min"
    return f"{minutes / 60:.0f} h" if minutes < 48 * 60 else f"{minutes / 1440:.0f} days"
