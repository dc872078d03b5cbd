"""Two processes that share a workspace never exceed its limit together, leave little unused, and obey what the headers say."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from intercom_account import intercom_account

from connectors.intercom import Intercom, transport
from sandbox.intercom import allowance

#: requests a minute, so that a window holds fifty; windows are shorter here than the ten seconds of the vendor
PER_MINUTE, WINDOW = 1_500, 2.0


@pytest.fixture(autouse=True)
def _short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "WINDOW_SECONDS", WINDOW)
    monkeypatch.setattr(allowance, "WINDOW_SECONDS", int(WINDOW))


def busy(connector: Intercom, end: float) -> None:
    while time.monotonic() < end:
        connector._api.get("/tags")


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.8, 1.0])
def test_two_connectors_share_the_limit_that_the_headers_tell_and_use_it(tmp_path: Path, share: float) -> None:
    with intercom_account(chats=0, limits="test", per_minute=PER_MINUTE) as space:
        connectors = [space.connector(share=share, state=tmp_path) for _ in range(2)]
        for connector in connectors:
            connector._api.get("/tags")
        begun = time.monotonic()
        readers = [threading.Thread(target=busy, args=(c, begun + 2.1 * WINDOW)) for c in connectors for _ in range(3)]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
        counted = space.vendor.limits()["app"]
        for connector in connectors:
            connector.close()
        assert counted["allowed"] == 50
        assert counted["violations"] == 0
        assert counted["peak"] <= 50
        assert counted["requests"] >= 0.95 * 50 * share * 2


def test_the_limit_that_one_process_learned_holds_for_the_next_from_its_first_request(tmp_path: Path) -> None:
    with intercom_account(chats=0, limits="test", per_minute=PER_MINUTE) as space:
        first = space.connector(share=1.0, state=tmp_path)
        first._api.get("/tags")
        first.close()
        second = space.connector(share=1.0, state=tmp_path)
        assert second._api._more()
        second.close()
        assert (tmp_path / next(tmp_path.glob("intercom-*")).name / "limit").read_text() == "50"


def test_what_one_process_has_learned_holds_for_another_that_began_earlier(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with intercom_account(chats=0, limits="test", per_minute=PER_MINUTE) as space:
        first, second = (space.connector(share=1.0, state=tmp_path) for _ in range(2))
        first._api.get("/tags")
        assert not second._api._more()
        # from its own answers it learns nothing here
        monkeypatch.setattr(second._api, "_noted", lambda answer: answer)
        second._api.me()
        assert second._api._more()
        first.close()
        second.close()


def test_when_others_use_the_workspace_up_we_wait_for_the_next_window(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_PAUSE_SECONDS", 0.3)
    with intercom_account(chats=0, limits="test") as space:
        connector = space.connector(share=0.8)
        connector._api.get("/tags")
        scarce = {"headers": {"X-RateLimit-Remaining": "10", "X-RateLimit-Reset": str(space.now + 5)}}
        with space.fault(scarce, path="/tags"):
            connector._api.get("/tags")
        begun = time.monotonic()
        connector._api.get("/tags")
        assert time.monotonic() - begun >= 0.25
        connector.close()


def test_tokens_of_different_workspaces_do_not_wait_for_each_other_and_appear_in_no_name(tmp_path: Path) -> None:
    with intercom_account(chats=0) as space:
        connectors = [space.connector(access_token=token, state=tmp_path) for token in ("token_one", "token_two")]
        assert len(list(tmp_path.glob("intercom-*"))) == 2
        assert not any("token" in str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
        for connector in connectors:
            connector.close()


def test_the_documented_limit_in_whole_requests_is_no_narrower_one(tmp_path: Path) -> None:
    """10,000 a minute are not a whole number in a window; a second pace in the same file would wait for the first for ever."""
    with intercom_account(chats=0, limits="test") as space:
        connector = space.connector(share=0.8, state=tmp_path)
        connector._api.get("/tags")
        assert not connector._api._more()
        connector.close()
