"""What every connector promises when the source misbehaves: all rows, or a stream that fails by name; never a quiet hole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import contract_checks as checks
import pytest
from contracted import Account, leaks

PASSING = ("rate_limit", "rate_limit_wait", "server_error", "bad_gateway", "unavailable", "html", "truncated", "reset")
STAYING = ("quota", "server_error", "html", "truncated", "expired_token", "unauthorized", "forbidden")
BIG = 9_007_199_254_740_993
FIELD = "cynosure_contract"


def known(account: Account, preset: str) -> dict[str, Any]:
    """The preset, if the vendor has it."""
    from sandbox.faults import TRANSPORT

    if preset not in {**TRANSPORT, **account.vendor.presets}:
        pytest.skip(f"{account.name} never answers {preset}")
    return {"preset": preset}


def middle(account: Account, once: Path) -> int:
    """A request in the middle of a first reading."""
    return max(account.clean(once)[1] // 2, 1)


@pytest.fixture(autouse=True)
def _no_secret_is_written(account: Account, tmp_path: Path) -> Iterator[None]:
    yield
    assert leaks(tmp_path, (), account.secrets.values()) == []


@pytest.mark.parametrize("preset", PASSING)
def test_a_failure_that_passes_costs_no_row(account: Account, once: Path, tmp_path: Path, preset: str) -> None:
    assert checks.survives(account, tmp_path, known(account, preset), middle(account, once)) == 1


@pytest.mark.parametrize("preset", STAYING)
def test_a_failure_that_stays_is_told_by_name_and_repaired_by_the_next_run(
    account: Account, once: Path, tmp_path: Path, preset: str
) -> None:
    assert checks.honest(account, tmp_path, known(account, preset), nth=middle(account, once)) >= 1


def test_a_token_that_expires_in_mid_run_loses_nothing(account: Account, once: Path, tmp_path: Path) -> None:
    assert checks.honest(account, tmp_path, known(account, "expired_token"), times=1, nth=middle(account, once)) == 1


@pytest.mark.parametrize(
    "distortion", ["empty_page", "repeat_cursor", "drop_end", "duplicate", "swap", "drop_field", "change_type"]
)
def test_a_page_that_lies_is_seen_through_or_refused(account: Account, once: Path, tmp_path: Path, distortion: str) -> None:
    if distortion not in account.vendor.distortions:
        pytest.skip(f"{account.name} has no {distortion}")
    checks.honest(account, tmp_path, {"json": {distortion: argument(account, once, distortion)}})


@pytest.mark.parametrize(
    ("distortion", "expected"),
    [
        ("add_field", lambda value: bool(value)),
        ("big_number", lambda value: value == BIG),
        ("hostile_text", lambda value: "\U0001f4a9" in value or "\U0001f600" in value or "\u202e" in value),
    ],
)
def test_what_nobody_expected_is_kept_as_it_came(account: Account, tmp_path: Path, distortion: str, expected: Any) -> None:
    if distortion not in account.vendor.distortions:
        pytest.skip(f"{account.name} has no {distortion}")
    assert checks.keeps(account, tmp_path, distortion, FIELD, expected) > 0


def argument(account: Account, once: Path, distortion: str) -> Any:
    """What a distortion is about: an id that exists, or a field that most objects have."""
    landed, _ = account.clean(once)
    bodies = max(landed.values(), key=len)
    if distortion == "repeat_cursor":
        return next(iter(bodies))
    if distortion in ("drop_field", "change_type"):
        body = next(iter(bodies.values()))
        return next(name for name in sorted(body) if name not in ("id", "object"))
    return True
