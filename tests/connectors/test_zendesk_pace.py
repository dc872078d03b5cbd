"""All limits hold at once, for every worker together, and are used."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from zendesk_account import ZendeskAccount, zendesk_account

from connectors.zendesk import Zendesk, transport
from connectors.zendesk.settings import ACCOUNT_PER_MINUTE, EXPORTS_PER_MINUTE, Limits, ZendeskSettings

# a minute of these tests, with the numbers of a plan
SHORT_MINUTE = 1.0
SECONDS = 4 * SHORT_MINUTE


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Iterator[ZendeskAccount]:
    """A Professional plan whose minutes are short."""
    monkeypatch.setattr(transport, "MINUTE", SHORT_MINUTE)
    with zendesk_account(tickets=2, limits="live") as desk:
        desk.vendor.limiting.set(SHORT_MINUTE, account=40)
        yield desk


def read(connector: Zendesk, path: str, end: float) -> None:
    while time.monotonic() < end:
        connector._api.get(path, {"start_time": 1})


@pytest.mark.slow
def test_two_workers_share_the_exports_limit_and_the_accounts_and_use_them(limited: ZendeskAccount, tmp_path: Path) -> None:
    workers = [limited.connector(share=1.0, state=tmp_path, requests_per_minute=40) for _ in range(2)]
    end = time.monotonic() + SECONDS
    jobs = [(w, path, end) for w in workers for path in ("/api/v2/incremental/organizations.json", "/api/v2/groups.json")]
    threads = [threading.Thread(target=read, args=job) for job in jobs for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted = limited.vendor.limits()
    assert (counted["exports"]["violations"], counted["account"]["violations"]) == (0, 0)
    assert counted["exports"]["peak"] <= 10
    assert counted["account"]["peak"] <= 40
    assert counted["exports"]["requests"] >= 0.95 * 10 * SECONDS
    assert counted["account"]["requests"] >= 0.9 * 40 * SECONDS
    assert not limited.waits.seconds


def test_by_default_a_share_of_four_fifths_makes_eight_exports_a_minute() -> None:
    for plan, account in ACCOUNT_PER_MINUTE.items():
        settings = ZendeskSettings(subdomain="acme", plan=plan)
        assert Limits.of(settings, 0.8) == Limits(account * 0.8, EXPORTS_PER_MINUTE[plan] * 0.8)
    assert Limits.of(ZendeskSettings(plan="professional"), 0.8).exports == 8


def test_an_account_with_other_limits_can_say_so() -> None:
    settings = ZendeskSettings(plan="team", requests_per_minute=1000, export_requests_per_minute=30)
    assert Limits.of(settings, 0.5) == Limits(500, 15)


def test_the_files_of_the_pace_do_not_name_the_account(limited: ZendeskAccount, tmp_path: Path) -> None:
    limited.connector(share=1.0, state=tmp_path).close()
    names = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert {Path(name).name for name in names} == {"account", "exports", "deleted_tickets", "deep_deleted_tickets"}
    assert not any("127.0.0.1" in name for name in names)
