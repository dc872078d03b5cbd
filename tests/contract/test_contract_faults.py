"""What every connector promises when the source misbehaves: all rows, or a stream that fails by name; never a quiet hole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import contract_checks as checks
import pytest
from contracted import Account, busiest, leaks, paged

from sandbox.faults import TRANSPORT

PASSING = ("rate_limit", "rate_limit_wait", "server_error", "bad_gateway", "unavailable", "html", "truncated", "reset")
STAYING = ("quota", "server_error", "html", "unauthorized", "forbidden")
BIG = 9_007_199_254_740_993
FIELD = "cynosure_contract"
#: where the last page is the one that does not name a next one, its loss cannot be told from the end: the audit finds it
ENDS_BY_ABSENCE = ("hubspot",)


def known(account: Account, preset: str) -> dict[str, Any]:
    """The preset, if the vendor has it."""
    if preset not in {**TRANSPORT, **account.vendor.presets}:
        pytest.skip(f"{account.name} never answers {preset}")
    return {"preset": preset}


def middle(account: Account, once: Path) -> int:
    """A request in the middle of a first reading."""
    return max(account.clean(once)[1] // 2, 1)


@pytest.fixture(scope="module")
def asked(account: Account, once: Path) -> list[dict[str, Any]]:
    """The requests of a first reading."""
    return account.asked(once / "asked")


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
def test_a_page_that_lies_is_seen_through_or_refused(
    account: Account, once: Path, asked: list[dict[str, Any]], tmp_path: Path, distortion: str
) -> None:
    if distortion not in account.vendor.distortions:
        pytest.skip(f"{account.name} has no {distortion}")
    path, cursor = paged(asked)
    if distortion == "drop_end" and account.name in ENDS_BY_ABSENCE:
        pytest.skip(f"a page of {account.name} that names no next one is the last")
    if distortion == "repeat_cursor" and not cursor:
        pytest.skip(f"no list of {account.name} goes on by a cursor in its query")
    about = {"repeat_cursor": cursor, "drop_field": a_field(account, once), "change_type": a_field(account, once)}
    # only a list that pages can lie about its pages
    where = {"path": path} if distortion in ("empty_page", "repeat_cursor", "drop_end") else {}
    checks.honest(account, tmp_path, {"json": {distortion: about.get(distortion, True)}}, **where)


@pytest.mark.parametrize(
    ("distortion", "expected"),
    [
        ("add_field", lambda value: bool(value)),
        # a vendor whose numbers are text sends one that no float holds
        ("big_number", lambda value: value == BIG or isinstance(value, str)),
        ("hostile_text", lambda value: "\U0001f4a9" in value or "\U0001f600" in value or "\u202e" in value),
    ],
)
def test_what_nobody_expected_is_kept_as_it_came(
    account: Account, asked: list[dict[str, Any]], tmp_path: Path, distortion: str, expected: Any
) -> None:
    if distortion not in account.vendor.distortions:
        pytest.skip(f"{account.name} has no {distortion}")
    kept = (
        checks.keeps(account, tmp_path / str(number), distortion, FIELD, expected, path=path)
        for number, path in enumerate(busiest(asked))
    )
    assert any(count > 0 for count in kept)


def a_field(account: Account, once: Path) -> str:
    """A top-level field that most objects have."""
    landed, _ = account.clean(once)
    body = next(iter(max(landed.values(), key=len).values()))
    return next(name for name in sorted(body) if name not in ("id", "object"))
