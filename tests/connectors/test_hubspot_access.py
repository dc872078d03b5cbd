"""Credentials, scopes, renewals, pace and the daily share."""

from __future__ import annotations

import stat
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hubspot_account import HubspotAccount, hubspot_account, landed
from vendor_account import differences

from connectors.hubspot import Hubspot, HubspotSettings, refusals, transport
from connectors.hubspot.credentials import KeyRefused
from connectors.hubspot.feed import ChangeFeed
from cynosure.extract import Misconfigured


@pytest.fixture
def account() -> Iterator[HubspotAccount]:
    with hubspot_account() as found:
        yield found


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.05)


def test_check_allows_every_stream_with_all_scopes(account: HubspotAccount) -> None:
    connector = account.connector()
    assert {access.stream for access in connector.check() if access.allowed} == {stream.name for stream in connector.streams}
    connector.close()


def test_check_names_the_scope_that_is_missing(account: HubspotAccount) -> None:
    account.vendor.revoke("campaign_revenue")
    account.vendor.revoke("owners")
    connector = account.connector()
    refused = {access.stream: access.reason for access in connector.check() if not access.allowed}
    assert set(refused) == {"campaign_revenue", "owners"}
    assert "marketing.campaigns.revenue.read" in refused["campaign_revenue"]
    assert "crm.objects.owners.read" in refused["owners"]
    connector.close()


def test_a_refused_stream_fails_by_name_and_the_others_finish(account: HubspotAccount, tmp_path: Path) -> None:
    account.vendor.revoke("tickets")
    results = account.extract(tmp_path, ["contacts", "tickets", "companies"])
    assert {name: result.outcome for name, result in results.items()} == {
        "contacts": "ok",
        "tickets": "failed",
        "companies": "ok",
    }
    assert "give it the scope tickets" in results["tickets"].error


@pytest.mark.parametrize("preset", ["unauthorized", "expired_token", "malformed_token"])
def test_a_refused_token_is_told_as_such_at_once(account: HubspotAccount, preset: str) -> None:
    connector = account.connector()
    with account.fault({"preset": preset}, times=None), pytest.raises(KeyRefused, match="copy it again"):
        connector.check()
    assert account.waits.seconds == []
    connector.close()


def test_a_revoked_key_never_shows_itself(account: HubspotAccount, tmp_path: Path) -> None:
    account.vendor.revoke("key")
    results = account.extract(tmp_path, ["contacts"])
    assert results["contacts"].outcome == "failed"
    assert account.vendor.tokens.private not in results["contacts"].error


@pytest.mark.parametrize("settings", [{}, {"access_token": " "}, {"access_token": "a b"}, {"client_id": "only"}])
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        Hubspot(HubspotSettings(**settings))


def test_an_oauth_app_reads_the_same(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path, **account.oauth())
    assert account.vendor.tokens.renewals == 1
    assert differences(account, tmp_path) == {}


def test_a_token_that_expires_between_pages_is_renewed_once(account: HubspotAccount, tmp_path: Path) -> None:
    with account.fault({"preset": "expired_token"}, path="/crm/v3/objects/deals"):
        account.run(tmp_path, ["deals"], **account.oauth())
    assert account.vendor.tokens.renewals == 2
    assert differences(account, tmp_path, ["deals"]) == {}


def test_a_token_that_stays_refused_is_renewed_a_few_times_and_no_more(account: HubspotAccount, tmp_path: Path) -> None:
    with account.fault({"preset": "expired_token"}, times=None, path="/crm/*"):
        retrying = account.retrying(attempts=20)
        result = account.extract(tmp_path, ["deals"], **account.oauth(), retrying=retrying)["deals"]
    assert (result.outcome, "install the app" in result.error) == ("failed", True)
    assert account.vendor.tokens.renewals <= 4


def test_a_wrong_client_secret_is_told(account: HubspotAccount) -> None:
    connector = account.connector(**{**account.oauth(), "client_secret": "wrong"})
    with pytest.raises(KeyRefused, match="client_secret or refresh_token is wrong"):
        connector.check()
    connector.close()


def test_two_workers_share_one_renewal_and_nobody_is_locked_out(account: HubspotAccount, tmp_path: Path) -> None:
    account.vendor.tokens.rotates = True
    settings = account.oauth()
    for renewals in (1, 2):
        readers = [account.connector(**settings, state=tmp_path / "state") for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            folders = [tmp_path / f"landing{renewals}{n}" for n in range(2)]
            runs = list(pool.map(lambda folder, reader: account.extract(folder, ["contacts", "deals"], reader), folders, readers))
        assert [result.error for run in runs for result in run.values()] == [""] * 4
        assert account.vendor.tokens.renewals == renewals
        account.on_server(account.vendor.tokens.expire)
    for folder in folders:
        assert differences(account, folder, ["contacts", "deals"]) == {}


def test_the_shared_token_is_readable_by_its_owner_only(account: HubspotAccount, tmp_path: Path) -> None:
    account.run(tmp_path / "landing", ["deals"], **account.oauth(), state=tmp_path / "state")
    files = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    secrets = (account.vendor.tokens.private, account.vendor.tokens.refresh_token, account.vendor.tokens.client_secret)
    assert not [path for path in files for secret in secrets if secret in str(path)]


def test_the_daily_share_ends_the_run_and_keeps_the_state(
    account: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.hubspot.limits.DAILY_SHARE", 4 / 650_000)
    results = account.extract(tmp_path, ["deals"], state=tmp_path / "state")
    assert results["deals"].outcome == "deferred"
    assert "this platform's share of the daily allowance" in results["deals"].error
    assert len(account.requests()) == 4
    # another process learns of the day by one request
    assert account.extract(tmp_path, ["deals"], state=tmp_path / "state")["deals"].outcome == "deferred"
    assert len(account.requests()) == 5
    monkeypatch.setattr("connectors.hubspot.limits.DAILY_SHARE", 0.2)
    account.run(tmp_path, ["deals"], state=tmp_path / "state")
    assert differences(account, tmp_path, ["deals"]) == {}


def test_a_day_used_up_by_other_apps_defers_at_once(account: HubspotAccount, tmp_path: Path) -> None:
    with account.fault({"preset": "quota"}, times=None, path="/crm/v3/objects/deals"):
        result = account.extract(tmp_path, ["deals"])["deals"]
    assert (result.outcome, account.waits.seconds) == ("deferred", [])
    assert landed(tmp_path, "deals") == {}


def test_a_limit_without_a_wait_waits_as_long_as_its_window(account: HubspotAccount, tmp_path: Path) -> None:
    with account.fault({"preset": "rate_limit"}, path="/crm/v3/objects/deals"):
        account.run(tmp_path, ["deals"])
    account.advance(7_200)
    with account.fault({"preset": "rate_limit_search"}, path="/crm/v3/objects/deals/search"):
        account.run(tmp_path, ["deals"])
    assert account.waits.seconds == [refusals.WINDOW_WAIT, refusals.SECOND_WAIT]


@pytest.mark.slow
def test_two_workers_never_search_faster_than_allowed_and_leave_little_unused(tmp_path: Path) -> None:
    seconds = 4.0
    with hubspot_account([], limits="live") as account:
        workers = [account.connector(share=1.0, state=tmp_path) for _ in range(2)]
        feeds = [ChangeFeed(worker._api) for worker in workers for _ in range(3)]
        for found in feeds:
            found.count("contacts", "x")
        time.sleep(1.1)
        account.vendor.reset_limits()
        end = time.monotonic() + seconds

        def search(found: ChangeFeed) -> None:
            while time.monotonic() < end:
                found.count("contacts", "x")

        threads = [threading.Thread(target=search, args=(found,)) for found in feeds]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counted = account.vendor.limits()["searches"]
        assert (counted["allowed"], counted["violations"], counted["peak"]) == (5, 0, 5)
        assert counted["requests"] >= 0.9 * 5 * seconds
        for worker in workers:
            worker.close()


@pytest.mark.slow
def test_two_workers_never_ask_more_in_ten_seconds_than_allowed(tmp_path: Path) -> None:
    with hubspot_account([], limits="live") as account:
        account.vendor.pace.ten_seconds = 100
        account.vendor.reset_limits()
        settings = {**account.vendor.connection(account.url), "tier": "starter"}
        workers = [account.connector(**settings, share=1.0, state=tmp_path) for _ in range(2)]
        end = time.monotonic() + 11.5

        def ask(worker: Hubspot) -> None:
            while time.monotonic() < end:
                worker._api.now()

        threads = [threading.Thread(target=ask, args=(worker,)) for worker in workers for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counted = account.vendor.limits()["ten_seconds"]
        assert (counted["violations"], counted["peak"]) == (0, 100)
        assert counted["requests"] >= 190
        for worker in workers:
            worker.close()
