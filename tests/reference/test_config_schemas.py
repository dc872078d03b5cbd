"""An editor with the schemas accepts what the readers accept and marks what they refuse."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import ValidationError

from cynosure.reference.config_files import CONFIG_FILES
from cynosure.reference.schemas import config_schemas
from cynosure.settings.targets import read_targets

CONFIG = Path(__file__).parents[2] / "config"
SCHEMAS = config_schemas()


def content(name: str) -> Any:
    return yaml.safe_load((CONFIG / name).read_text(encoding="utf-8"))


def marked(name: str, data: Any) -> bool:
    return not jsonschema.Draft202012Validator(SCHEMAS[name]).is_valid(data)


def refused(name: str, data: Any) -> bool:
    try:
        CONFIG_FILES[name].adapter.validate_python(data)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_files_as_they_are_are_accepted(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMAS[name])
    assert (marked(name, content(name)), refused(name, content(name))) == (False, False)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_first_line_points_at_the_schema(name: str) -> None:
    first = (CONFIG / name).read_text(encoding="utf-8").partition("\n")[0]
    assert (CONFIG / first.removeprefix("# yaml-language-server: $schema=")).is_file()


def test_targets_are_described_as_they_are_read() -> None:
    assert CONFIG_FILES["targets.yaml"].adapter.validate_python(content("targets.yaml")) == read_targets(CONFIG)


Change = Callable[[Any], object]
WRONG: dict[str, tuple[str, Change]] = {
    "an unknown key": ("company.yaml", lambda c: c.update(colour="blue")),
    "a missing key": ("company.yaml", lambda c: c.pop("name")),
    "a currency in lower case": ("company.yaml", lambda c: c.update(currency="usd")),
    "a duration without a unit": ("sources.yaml", lambda c: c["stripe"]["freshness"].update(load="3")),
    "a duration in words": ("routes.yaml", lambda c: c["root"].update(group_wait="an hour")),
    "a share above one": ("sources.yaml", lambda c: c["ecb"].update(rate_share=1.5)),
    "a time that no clock shows": ("reports.yaml", lambda c: c["daily_metrics"]["schedule"].update(at="25:00")),
    "an unknown measure": ("reports.yaml", lambda c: c["daily_metrics"].update(headline=[{"kpi": "mrr", "measure": "decade"}])),
    "a number for a KPI": ("reports.yaml", lambda c: c["daily_metrics"].update(headline=[7])),
    "an unknown severity": ("alerts.yaml", lambda c: c["mrr_drop"].update(severity="severe")),
    "a condition of no known type": ("alerts.yaml", lambda c: c["mrr_drop"]["when"].update(type="mood")),
    "a rate above one": ("quality.yaml", lambda c: c.update(validity=1.2)),
    "a step without a time": ("routes.yaml", lambda c: c["escalation"][0].pop("after")),
    "a group without channels": ("recipients.yaml", lambda c: c["groups"]["executives"].pop("channels")),
}
RIGHT: dict[str, tuple[str, Change]] = {
    "one word for a list of one": ("routes.yaml", lambda c: c["root"]["routes"].append({"match": {"severity": "low"}})),
    "several words": ("routes.yaml", lambda c: c["root"]["routes"].append({"match": {"severity": ["low", "info"]}})),
    "a KPI by its name": ("reports.yaml", lambda c: c["daily_metrics"].update(headline=["mrr"])),
    "a KPI with its measure": (
        "reports.yaml",
        lambda c: c["daily_metrics"].update(headline=[{"kpi": "mrr", "measure": "month"}]),
    ),
    "a compound duration": ("alerts.yaml", lambda c: c["mrr_drop"].update({"for": "1h30m"})),
    "a quoted number": ("alerts.yaml", lambda c: c["mrr_drop"]["when"].update(below="-0.1")),
    "a route within a route": ("routes.yaml", lambda c: c["root"]["routes"][0].update(routes=[{"continue": True}])),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_mistake_is_marked_in_the_editor_and_refused_by_the_reader(what: str) -> None:
    name, change = WRONG[what]
    data = copy.deepcopy(content(name))
    change(data)
    assert (marked(name, data), refused(name, data)) == (True, True)


@pytest.mark.parametrize("what", RIGHT)
def test_what_the_reader_accepts_the_editor_does_not_mark(what: str) -> None:
    name, change = RIGHT[what]
    data = copy.deepcopy(content(name))
    change(data)
    assert (marked(name, data), refused(name, data)) == (False, False)
