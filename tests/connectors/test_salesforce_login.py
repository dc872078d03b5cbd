"""Getting in and staying in: both ways to log in, one login for all threads, bounded renewals, and no secret anywhere."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from salesforce_account import SalesforceAccount, a_year_of_sales, landed, salesforce_account
from simulated import HOUR

from connectors.salesforce import api, verbatim
from cynosure.extract import AccessDenied, Misconfigured

TOKEN = "/services/oauth2/token"


@pytest.fixture
def account() -> Iterator[SalesforceAccount]:
    with salesforce_account() as account:
        account.create("Account", Name="A", settle=HOUR)
        yield account


def by_key(account: SalesforceAccount) -> dict[str, Any]:
    sessions = account.vendor.sessions
    return {"consumer_secret": None, "username": sessions.username, "private_key": sessions.private_key}


def test_a_signed_assertion_lets_in(account: SalesforceAccount, tmp_path: Path) -> None:
    account.run(tmp_path, ["accounts"], **by_key(account))
    assert len(landed(tmp_path, "accounts")) == 1


def test_the_assertion_is_dated_by_the_vendors_clock(account: SalesforceAccount, tmp_path: Path) -> None:
    account.advance(400 * 86_400)
    account.run(tmp_path, ["accounts"], **by_key(account))


def test_a_foreign_key_is_refused(account: SalesforceAccount) -> None:
    with salesforce_account() as other:
        settings = {**by_key(account), "private_key": other.vendor.sessions.private_key}
        with pytest.raises(AccessDenied, match="invalid assertion"):
            account.connector(**settings).check()


def test_something_that_is_no_key_is_told_as_such(account: SalesforceAccount) -> None:
    with pytest.raises(Misconfigured, match="private_key is not an RSA private key"):
        account.connector(**{**by_key(account), "private_key": "nonsense"}).check()


def test_all_threads_share_one_login(account: SalesforceAccount, tmp_path: Path) -> None:
    account.tell(*a_year_of_sales())
    account.run(tmp_path)
    assert len(account.requests(TOKEN)) == 1


def test_a_session_that_ends_in_mid_run_is_renewed_once(account: SalesforceAccount, tmp_path: Path) -> None:
    with account.fault({"put": {"operation": "end_sessions", "arguments": {}}}, path="*/queryAll/"):
        account.run(tmp_path)
    assert len(account.requests(TOKEN)) == 2


def test_a_session_is_renewed_before_it_can_end_in_the_middle(
    account: SalesforceAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "RENEW_SECONDS", 0.0)
    account.run(tmp_path, ["accounts"])
    assert len(account.requests(TOKEN)) == 1 + len(account.requests("/services/data/*"))


@pytest.mark.parametrize("preset", ["unauthorized", "unauthorized_object"])
def test_f33_a_session_that_stays_invalid_ends_after_three_logins(
    account: SalesforceAccount, tmp_path: Path, preset: str
) -> None:
    with account.fault({"preset": preset}, times=None, path="/services/data/*"):
        results = account.extract(tmp_path)
    assert {result.outcome for result in results.values()} == {"failed"}
    assert "refuses the session right after each of 3 logins" in results["accounts"].error
    assert len(account.requests(TOKEN)) == 3
    account.run(tmp_path)


def test_the_sdk_alone_would_log_in_without_end(account: SalesforceAccount) -> None:
    """Negative control: `sf.Account.describe()` drops its retry counter (simple-salesforce 1.12.10)."""
    from simple_salesforce.api import Salesforce as Client

    session = Rewritten(account.url)
    settings = account.vendor.connection(account.url)
    client = Client(
        consumer_key=settings["consumer_key"], consumer_secret=settings["consumer_secret"], domain="acme.my", version="66.0",
        session=session,
    )  # fmt: skip
    with account.fault({"preset": "unauthorized"}, times=None, path="/services/data/*"), pytest.raises(TooManyLogins):
        client.Account.describe()
    assert session.logins > 20


class TooManyLogins(Exception):
    """The control has seen enough."""


class Rewritten(verbatim.requests.Session):
    """The SDK's own session against the local org."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.trust_env = False
        self.mount("https://", verbatim.Loopback(url))
        self.logins = 0

    def send(self, request: Any, **more: Any) -> Any:
        self.logins += TOKEN in request.url
        if self.logins > 20:
            raise TooManyLogins
        return super().send(request, **more)


def test_wrong_credentials_are_tried_once(account: SalesforceAccount, tmp_path: Path) -> None:
    results = account.extract(tmp_path, consumer_secret="wrong" * 8)
    assert {result.outcome for result in results.values()} == {"failed"}
    assert "invalid_client" in results["accounts"].error
    assert len(account.requests(TOKEN)) == 1


@pytest.mark.parametrize("preset", ["unavailable", "unavailable_html", "html", "reset"])
def test_a_login_that_is_not_available_is_tried_again(account: SalesforceAccount, tmp_path: Path, preset: str) -> None:
    fault = {"reset": 0} if preset == "reset" else {"preset": preset}
    with account.fault(fault, path=TOKEN):
        account.run(tmp_path, ["accounts"])


def test_f32_two_workers_do_not_end_each_others_session(account: SalesforceAccount, tmp_path: Path) -> None:
    account.tell(*a_year_of_sales())
    outcomes: list[set[str]] = []

    def work(number: int) -> None:
        outcomes.append({result.outcome for result in account.extract(tmp_path / str(number)).values()})

    workers = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert outcomes == [{"ok"}, {"ok"}]
    assert len(account.requests(TOKEN)) == 2
    assert {request["status"] for request in account.requests()} == {200}


def test_no_secret_is_written_anywhere(account: SalesforceAccount, tmp_path: Path) -> None:
    settings = account.vendor.connection(account.url)
    said = []
    with account.fault({"preset": "unauthorized"}, times=None, path="/services/data/*"):
        said += [result.error for result in account.extract(tmp_path).values()]
    account.run(tmp_path, ["accounts"])
    texts = "".join(path.read_text(errors="replace") for path in tmp_path.rglob("*.json")) + json.dumps(said)
    tokens = account.on_server(lambda: list(account.vendor.sessions._open))
    assert [secret for secret in (settings["consumer_key"], settings["consumer_secret"], *tokens) if secret in texts] == []
    assert all(settings["consumer_key"] not in request["query"] + request["path"] for request in account.requests())
