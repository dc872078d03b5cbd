"""Turns an Airflow connection into the settings of a connector, and has its secrets masked in task logs."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote, quote_plus

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from cynosure.extract import Connector, connector_class
from cynosure.settings import Settings, Source
from cynosure_airflow.fields import is_secret, secret_field


class Filled(Protocol):
    """The parts of an Airflow connection that are read here."""

    host: str | None
    schema: str | None
    port: int | None
    password: str | None
    extra_dejson: Any


def credentials(settings: Settings, name: str, source: Source) -> dict[str, object]:
    """The connector's settings from the source's Airflow connection, else from CYNOSURE_<SOURCE>_* variables."""
    kind = connector_class(source.connector)
    try:
        found = from_connection(kind, Connection.get(source.connection))
    except AirflowNotFoundException:
        found = dict(settings.credentials(name))
    _mask(kind, found)
    return found


def from_connection(kind: type[Connector], connection: Filled) -> dict[str, object]:
    """The settings that a connection holds: password, host, and extra fields by their names; empty ones are left out."""
    fields = kind.settings_model.model_fields
    extra = connection.extra_dejson or {}
    found: dict[str, object] = {name: extra[name] for name in fields if extra.get(name) not in (None, "")}
    secret = secret_field(fields)
    if secret and connection.password:
        found[secret] = connection.password
    if "base_url" in fields and connection.host:
        found["base_url"] = _url(connection)
    return found


def _url(connection: Filled) -> str:
    host = str(connection.host)
    if "://" in host:
        return host
    return f"{connection.schema or 'https'}://{host}" + (f":{connection.port}" if connection.port else "")


def _mask(kind: type[Connector], found: Mapping[str, object]) -> None:
    for name, field in kind.settings_model.model_fields.items():
        if is_secret(field) and found.get(name):
            for form in written_forms(str(found[name])):
                mask_secret(form)


def written_forms(secret: str) -> Iterator[str]:
    """The secret as it may turn up in a log: itself, URL-encoded, and in base64, also as user name or password of Basic."""
    yield secret
    yield from {quote(secret, safe=""), quote_plus(secret)} - {secret}
    for pair in (secret, f"{secret}:", f":{secret}"):
        yield base64.b64encode(pair.encode()).decode()
        yield base64.urlsafe_b64encode(pair.encode()).decode()
