"""Wrong settings and refusals end in a sentence that says what is wrong and where to change it, without any secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from zendesk_account import STREAMS, ZendeskAccount, zendesk_account

from connectors.zendesk import Zendesk, ZendeskSettings
from connectors.zendesk.settings import address
from cynosure.extract import AccessDenied, Deferred, ExtractError, Misconfigured

GOOD: dict[str, Any] = {"subdomain": "acme", "email": "admin@acme.example", "api_token": "sesame"}


@pytest.fixture(scope="module")
def desk() -> Iterator[ZendeskAccount]:
    with zendesk_account(tickets=3) as found:
        yield found


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"subdomain": ""}, "subdomain is empty: write acme if your help desk is https://acme.zendesk.com"),
        ({"subdomain": "https://acme.zendesk.com"}, "is not one word: write acme"),
        ({"subdomain": "acme.evil.example/"}, "is not one word"),
        ({"api_token": ""}, "api_token is empty: create one in Admin Center"),
        ({"api_token": None}, "api_token is empty: create one in Admin Center"),
        ({"api_token": "two words"}, "api_token holds white space"),
        ({"email": ""}, "email must be the address of the administrator"),
        ({"oauth_token": "a b"}, "oauth_token holds white space"),
        ({"base_url": "http://zendesk.example"}, "would send credentials in clear text"),
        ({"base_url": "ftp://127.0.0.1"}, "is not usable"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Misconfigured, match=".*") as refused:
        Zendesk(ZendeskSettings(**{**GOOD, **change}))
    assert sentence in str(refused.value)
    assert "sesame" not in str(refused.value)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError):
        ZendeskSettings(**GOOD, domain="x")


def test_the_subdomain_makes_the_address() -> None:
    assert address(ZendeskSettings(**{**GOOD, "subdomain": "ACME"})) == "https://acme.zendesk.com"


def test_check_is_content_with_good_credentials(desk: ZendeskAccount) -> None:
    assert [(a.stream, a.allowed) for a in desk.connector().check()] == [(name, True) for name in STREAMS]


def test_an_oauth_token_opens_the_same_door(desk: ZendeskAccount) -> None:
    reader = desk.connector(email="", api_token=None, oauth_token=desk.vendor.credentials.oauth_token)
    assert all(a.allowed for a in reader.check())


@pytest.mark.parametrize(
    "change", [{"api_token": "wrong-token"}, {"email": "other@acme.example"}, {"oauth_token": "wrong-token"}]
)
def test_wrong_credentials_are_told_apart_from_a_missing_permission(desk: ZendeskAccount, change: dict[str, Any]) -> None:
    with pytest.raises(AccessDenied, match="Zendesk refused the credentials: check that the API token is active") as refused:
        desk.connector(**change).check()
    assert "wrong-token" not in str(refused.value)


def test_an_anonymous_answer_is_no_success(desk: ZendeskAccount) -> None:
    with (
        desk.fault({"body": {"user": {"id": None, "name": "Anonymous user"}}}, path="*/users/me.json"),
        pytest.raises(AccessDenied, match="takes these credentials for nobody's"),
    ):
        desk.connector().check()


@pytest.mark.parametrize("preset", ["forbidden", "forbidden_empty"])
def test_check_names_what_may_not_be_read_and_what_to_grant(desk: ZendeskAccount, preset: str) -> None:
    with desk.fault({"preset": preset}, times=None, path="*/incremental/users*"):
        refused = {a.stream: a.reason for a in desk.connector().check() if not a.allowed}
    assert refused.keys() == {"users"}
    assert "give the user behind the token the role of an administrator" in refused["users"]


def test_a_wrong_subdomain_is_told_as_such(desk: ZendeskAccount) -> None:
    with (
        desk.fault({"preset": "no_help_desk"}, path="*"),
        pytest.raises(Misconfigured, match=r"there is no help desk at 127.0.0.1: correct the subdomain"),
    ):
        desk.connector().check()


def test_a_help_desk_that_moved_does_not_get_the_token(desk: ZendeskAccount) -> None:
    moved = {"status": 301, "headers": {"location": "https://evil.example/"}, "body": "moved"}
    with desk.fault(moved, path="*"), pytest.raises(Misconfigured, match="sends requests elsewhere"):
        desk.connector().check()


def test_no_secret_is_in_an_error_or_in_an_address(desk: ZendeskAccount, tmp_path: Path) -> None:
    token = desk.vendor.credentials.api_token
    said = []
    for preset in ("unauthorized", "forbidden", "server_error", "missing", "html", "expired_token"):
        with desk.fault({"preset": preset}, times=None):
            results = desk.extract(tmp_path / preset, ["tickets", "groups"])
            said += [r.error for r in results.values()]
    assert all(said)
    assert not any(token in sentence for sentence in said)
    assert not any(token in r["path"] + r["query"] for r in desk.requests())


def test_what_is_not_json_is_not_taken_for_an_answer(desk: ZendeskAccount) -> None:
    with desk.fault({"preset": "html"}, times=None, path="*/users/me.json"), pytest.raises(Deferred, match="cannot be read"):
        desk.connector().check()


def test_an_answer_of_another_shape_is_unexpected(desk: ZendeskAccount) -> None:
    with (
        desk.fault({"body": {"user": []}}, path="*/users/me.json"),
        pytest.raises(ExtractError, match="has not the documented shape"),
    ):
        desk.connector().check()
