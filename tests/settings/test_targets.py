"""Targets: progressions by month and member, limits of the colours, and mistakes named with their line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cynosure.settings import ConfigError
from cynosure.settings.targets import check_targets, read_targets

BETTER = {"mrr": "up", "mrr_churn_rate": "down", "fx_mrr": "none"}
GOOD = """
mrr:
  target: {"2026-01": 100, "2026-06": 200}
  by: {segment: {smb: {"2026-03": 40}}}
mrr_churn_rate:
  target: {"2026-01": 0.02}
  yellow: 0.03
  red: 150%
"""
WRONG = {
    "{mrr: {target: {2026: 5}}}": r"targets.yaml:1: mrr.target.*2026 is no month; write it in quotes, such as '2026-01'",
    "{mrr: {target: {'2026-13': 5}}}": r"'2026-13' is no month",
    "{mrr: {target: {}}}": r"targets.yaml:1: mrr.target: .*at least 1",
    "{mrr: {}}": r"targets.yaml:1: mrr: .*give the `target` of the company",
    "mrr:\n  target: {'2026-01': 5}\n  read: 4": r"targets.yaml:3: mrr.read: unknown key \(did you mean 'red'\?\); allowed: by, per, red",
    "mrr:\n  target: {'2026-01': 5}\n  per: fortnight": r"targets.yaml:3: mrr.per: 'fortnight' is not accepted; allowed: 'day', 'week'",
    "mrr:\n  target: {'2026-01': 5}\n  red: much": r"targets.yaml:3: mrr.red: .*'much' is no limit; write a value .* such as 90%",
    "\nmmr: {target: {'2026-01': 5}}": r"targets.yaml:2: unknown KPI 'mmr' \(did you mean 'mrr'\?\); allowed: mrr, mrr_churn_rate",
    "fx_mrr: {target: {'2026-01': 5}}": r"targets.yaml:1: fx_mrr: neither up nor down is better",
    "mrr:\n  target: {'2026-01': 5}\n  red: 6": r"targets.yaml:3: mrr.red: 6 is above yellow \(5\); red is the worse of the two",
    "mrr_churn_rate:\n  target: {'2026-01': 5}\n  red: 50%": r"targets.yaml:3: mrr_churn_rate.red: 2.5 is below yellow \(5\)",
}  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "targets.yaml").write_text(GOOD)
    return tmp_path


def test_a_month_without_an_entry_keeps_the_one_before(config: Path) -> None:
    mrr = read_targets(config)["mrr"]
    days = (date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1), date(2030, 1, 1))
    assert [mrr.on(day) for day in days] == [None, 100, 100, 200, 200]


def test_a_member_has_its_own_progression_or_none(config: Path) -> None:
    mrr = read_targets(config)["mrr"]
    assert [mrr.on(date(2026, 4, 1), ("segment", name)) for name in ("smb", "enterprise")] == [40, None]
    assert mrr.on(date(2026, 2, 1), ("segment", "smb")) is None
    assert mrr.on(date(2026, 4, 1), ("plan", "smb")) is None


def test_colours_begin_at_values_or_at_shares_of_the_target(config: Path) -> None:
    targets = read_targets(config)
    assert targets["mrr_churn_rate"].limits(Decimal("0.02"), "down") == (Decimal("0.03"), Decimal("0.03"))
    assert targets["mrr"].limits(Decimal(200), "up") == (200, 180)
    assert targets["mrr"].limits(Decimal(-100), "up") == (-100, -110)


def test_no_file_means_no_targets(tmp_path: Path) -> None:
    assert read_targets(tmp_path) == {}


def test_good_targets_fit_the_kpis_there_are(config: Path) -> None:
    check_targets(config, read_targets(config), BETTER)


@pytest.mark.parametrize("text", WRONG)
def test_a_mistake_is_named_with_its_line_and_what_would_be_accepted(text: str, tmp_path: Path) -> None:
    (tmp_path / "targets.yaml").write_text(text)
    with pytest.raises(ConfigError, match=f"(?s){WRONG[text]}"):
        check_targets(tmp_path, read_targets(tmp_path), BETTER)
