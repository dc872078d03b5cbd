"""The sources of config/sources.yaml with the settings under which the sandbox answers them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from sandbox.demo.folders import PROJECT

_FORMS = PROJECT / "plugins/cynosure_airflow/connection_types.json"
_URL = "base_url"


def declared() -> dict[str, dict[str, Any]]:
    """The enabled sources by name, as config/sources.yaml declares them."""
    text = (PROJECT / "config/sources.yaml").read_text(encoding="utf-8")
    return {name: source for name, source in yaml.safe_load(text).items() if source.get("enabled", True)}


def served(endpoints: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The declared sources whose system the sandbox serves."""
    return {name: source for name, source in declared().items() if source["connector"] in endpoints["connections"]}


def variables(endpoints: Mapping[str, Any]) -> dict[str, str]:
    """Credentials of the sources, for the command line; Airflow has them as connections."""
    return {
        f"CYNOSURE_{name}_{field}".upper(): value
        for name, source in served(endpoints).items()
        for field, value in endpoints["connections"][source["connector"]].items()
    }


def airflow_connections(endpoints: Mapping[str, Any]) -> list[dict[str, str]]:
    """The Airflow connections of the sources: what a person would fill into each form."""
    forms = {form["connection-type"]: form for form in json.loads(_FORMS.read_text(encoding="utf-8"))}
    found = []
    for source in served(endpoints).values():
        kind = f"cynosure_{source['connector']}"
        given = endpoints["connections"][source["connector"]]
        filled = _filled(forms[kind], given)
        told = {"description": f"The simulated company's account: {forms[kind]['hook-name'].removeprefix('Cynosure: ')}"}
        found.append({"connection_id": source["connection"], "conn_type": kind, **filled, **told})
    return found


def _filled(form: Mapping[str, Any], settings: Mapping[str, str]) -> dict[str, str]:
    """The base URL is the form's host, fields are extra, and what is neither is the secret."""
    extra = {field: value for field, value in settings.items() if field in form["conn-fields"]}
    secrets = [value for field, value in settings.items() if field not in extra and field != _URL]
    filled = {"host": settings[_URL]} if _URL in settings else {}
    if secrets:
        filled["password"] = secrets[0]
    return {**filled, "extra": json.dumps(extra)} if extra else filled
