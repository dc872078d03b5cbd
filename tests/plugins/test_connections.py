"""Connection forms made from the connectors, and what a filled form becomes."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from importlib.resources import files
from typing import ClassVar
from urllib.parse import quote

import jsonschema
import pytest
from airflow_home import use_own_home

use_own_home()

from airflow.providers_manager import ProvidersManager
from airflow.sdk import BaseHook
from pydantic import Field, SecretStr

from cynosure.extract import Connector, ConnectorSettings, connector_class, connector_names
from cynosure.settings import load_settings
from cynosure_airflow import connection_types, connections, hook
from cynosure_airflow.provider import CONNECTION_TYPES, get_provider_info

pytestmark = pytest.mark.airflow


@dataclass
class Filled:
    """A connection as a person filled it in."""

    host: str | None = None
    schema: str | None = None
    port: int | None = None
    password: str | None = None
    extra_dejson: dict = field(default_factory=dict)


class WideSettings(ConnectorSettings):
    """Every kind of setting that a form can show."""

    base_url: str = Field(default="https://api.example.com", title="API base URL")
    token: SecretStr = Field(title="Token")
    webhook_secret: SecretStr | None = Field(default=None, title="Webhook secret")
    page_size: int = Field(default=100, ge=1, le=250, title="Page size")
    sandbox: bool = False


class Wide(Connector):
    """A source with many settings."""

    name: ClassVar[str] = "wide_one"
    title: ClassVar[str] = "Wide"
    settings_model: ClassVar[type[ConnectorSettings]] = WideSettings
    streams: ClassVar = ()


def schema(name: str) -> dict:
    return json.loads(files("airflow").joinpath(name).read_text(encoding="utf-8"))


def test_the_generated_file_is_current():
    """`make docs` writes it; Airflow reads nothing else while it starts."""
    assert json.loads(CONNECTION_TYPES.read_text(encoding="utf-8")) == connection_types.generate()


def test_the_provider_fulfils_airflows_own_schemas():
    info = get_provider_info()
    jsonschema.validate(info, schema("provider_info.schema.json"))
    described = schema("provider.yaml.schema.json")
    jsonschema.validate(info["connection-types"], described["properties"]["connection-types"])


def test_every_connector_has_a_form_with_a_hook_that_can_be_imported():
    hooks = ProvidersManager().hooks
    for name in connector_names():
        found = hooks[f"cynosure_{name}"]
        assert found is not None, name
        assert found.hook_name == f"Cynosure: {connector_class(name).title}"
        assert found.connection_testable


def test_airflow_shows_the_key_as_a_password_and_hides_what_is_not_used():
    manager = ProvidersManager()
    behaviour = manager.field_behaviours["cynosure_stripe"]
    assert behaviour["relabeling"] == {"password": "Restricted API key", "host": "API base URL"}
    assert set(behaviour["hidden_fields"]) == {"port", "login", "schema", "extra"}
    assert behaviour["placeholders"]["host"] == "https://api.stripe.com"
    assert "extra__cynosure_ecb__start" in manager.connection_form_widgets


def test_a_form_keeps_types_limits_and_defaults_and_never_shows_a_secret(monkeypatch):
    monkeypatch.setattr(connection_types, "connector_names", lambda: ("wide_one",))
    monkeypatch.setattr(connection_types, "connector_class", lambda name: Wide)
    (form,) = connection_types.generate()
    assert form["hook-class-name"].endswith(".WideOneHook")
    fields = form["conn-fields"]
    assert set(fields) == {"webhook_secret", "page_size", "sandbox"}
    assert fields["webhook_secret"]["schema"] == {"type": ["string", "null"], "format": "password"}
    assert fields["page_size"]["schema"] == {"type": ["integer", "null"], "default": 100, "minimum": 1, "maximum": 250}
    assert fields["sandbox"]["schema"]["type"] == ["boolean", "null"]
    described = schema("provider.yaml.schema.json")
    jsonschema.validate([form], described["properties"]["connection-types"])


def test_a_filled_form_becomes_the_settings_of_the_connector():
    filled = Filled(
        host="https://api.example.com", password="t0ken", extra_dejson={"page_size": 50, "webhook_secret": "", "other": 1}
    )
    assert connections.from_connection(Wide, filled) == {"base_url": "https://api.example.com", "token": "t0ken", "page_size": 50}


@pytest.mark.parametrize(
    ("filled", "url"),
    [
        (Filled(host="http://127.0.0.1:8123"), "http://127.0.0.1:8123"),
        (Filled(host="api.example.com"), "https://api.example.com"),
        (Filled(host="127.0.0.1", schema="http", port=8123), "http://127.0.0.1:8123"),
    ],
)
def test_the_host_may_be_an_address_or_come_in_parts(filled, url):
    assert connections.from_connection(Wide, filled)["base_url"] == url


def test_an_empty_form_leaves_the_defaults_of_the_connector():
    assert connections.from_connection(Wide, Filled()) == {}


def test_a_connection_is_preferred_to_the_environment(monkeypatch):
    settings = load_settings({"CYNOSURE_STRIPE_API_KEY": "rk_from_environment"})
    masked = []
    monkeypatch.setattr(connections, "mask_secret", masked.append)
    assert connections.credentials(settings, "stripe", settings.sources["stripe"]) == {"api_key": "rk_from_environment"}
    given = {"conn_type": "cynosure_stripe", "host": "https://api.stripe.com", "password": "rk_from_connection"}
    monkeypatch.setenv("AIRFLOW_CONN_CYNOSURE_STRIPE", json.dumps(given))
    found = connections.credentials(settings, "stripe", settings.sources["stripe"])
    assert found == {"api_key": "rk_from_connection", "base_url": "https://api.stripe.com"}
    assert {"rk_from_environment", "rk_from_connection"} <= set(masked)


def test_a_secret_is_masked_in_every_form_it_is_sent_in():
    secret = "rk/live+1="
    forms = set(connections.written_forms(secret))
    assert {secret, quote(secret, safe=""), base64.b64encode(f"{secret}:".encode()).decode()} <= forms


def test_airflow_masks_what_was_registered():
    from airflow.sdk._shared.secrets_masker import redact
    from airflow.sdk.log import mask_secret

    for form in connections.written_forms("rk_canary_93ab/x"):
        mask_secret(form)
    for form in connections.written_forms("rk_canary_93ab/x"):
        assert form not in str(redact(f"Authorization: Basic {form}"))


def test_a_connection_test_asks_the_source_and_answers_in_a_sentence(monkeypatch):
    given = {"conn_type": "cynosure_stripe", "host": "http://192.0.2.1", "password": "rk_test_x"}
    monkeypatch.setenv("AIRFLOW_CONN_CYNOSURE_STRIPE", json.dumps(given))
    worked, sentence = hook.StripeHook().test_connection()
    assert not worked
    assert "use https" in sentence


def test_hooks_are_made_for_connectors_only():
    assert issubclass(hook.StripeHook, BaseHook)
    assert hook.StripeHook.conn_type == "cynosure_stripe"
    with pytest.raises(AttributeError, match="make docs"):
        _ = hook.StrpeHook
