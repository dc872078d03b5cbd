"""Fault rules as they are written: scenario files, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sandbox.faults import TRANSPORT, FaultError, Faults, parse_rule
from sandbox.stripe.system import StripeSystem

STRIPE = StripeSystem


def test_rules_come_from_a_scenario_file(tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(
        "faults:\n"
        "  - match: {method: GET, path: /v1/invoices, nth: 2}\n"
        "    do: {preset: server_error, delay: 0.5}\n"
        "    times: 3\n"
        "  - do: {hide: cus_1, until: 1767225600}\n"
    )
    faults = Faults([STRIPE])
    faults.load(scenario)
    assert [(rule["id"], rule["times"]) for rule in faults.report()] == [(1, 3), (2, 1)]


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ({"do": {"preset": "earthquake"}}, "unknown preset 'earthquake'; known are bad_gateway"),
        ({"do": {"explode": True}}, "unknown field 'explode' in do"),
        ({"match": {"verb": "GET"}, "do": {"status": 500}}, "unknown field 'verb' in match"),
        ({"when": 5, "do": {"status": 500}}, "unknown field 'when' in rule"),
        ({"match": {"path": "/v1"}}, "something under `do`"),
        ({"do": {"json": {"melt": True}}}, "unknown distortion 'melt'"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], complaint: str) -> None:
    with pytest.raises(FaultError, match=complaint):
        Faults([STRIPE]).add(rule)


@pytest.mark.parametrize("preset", sorted({**TRANSPORT, **STRIPE.presets}))
def test_every_preset_makes_a_rule(preset: str) -> None:
    rule = Faults([STRIPE]).add({"do": {"preset": preset}})
    assert (rule.times, rule.do.preset) == (1, preset)


def test_a_field_of_the_rule_wins_over_its_preset() -> None:
    assert parse_rule({"do": {"preset": "bad_gateway", "status": 530}}).do.status == 530


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("faults: [", "is not YAML"),
        ("- 1", "must hold a list under `faults`"),
        ("faults: {do: {status: 500}}", "must hold a list under `faults`"),
        ("faults: [{do: {status: 500}}, {do: {preset: x}}]", "rule 2: unknown preset 'x'"),
    ],
)
def test_a_broken_scenario_file_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    scenario = tmp_path / "scenario.yaml"
    scenario.write_text(text)
    with pytest.raises(FaultError, match=complaint) as refused:
        Faults().load(scenario)
    assert str(scenario) in str(refused.value)
