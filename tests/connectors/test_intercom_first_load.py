"""The first load holds every row, deletion and byte of the workspace, and what is read twice is the same twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from intercom_account import STREAMS, IntercomAccount, buried, intercom_account, landed, landed_lines
from simulated import HOUR
from starlette.types import ASGIApp, Receive, Scope, Send
from vendor_account import differences

from connectors.intercom import Intercom, pages
from cynosure.extract import AccessDenied, Misconfigured
from cynosure.landing import LandingLog


@pytest.fixture
def space() -> Iterator[IntercomAccount]:
    with intercom_account() as found:
        yield found


def test_the_first_load_equals_the_workspace(space: IntercomAccount, tmp_path: Path) -> None:
    results = space.run(tmp_path)
    assert differences(space, tmp_path) == {}
    assert {name for name, r in results.items() if r.rows == 0} == {"calls"}
    assert all(len(landed(tmp_path, stream)) == space.truth()[stream]["count"] for stream in STREAMS)


def test_small_pages_make_no_difference(space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    space.run(tmp_path)
    assert differences(space, tmp_path) == {}
    assert len(space.requests("/contacts")) == 6  # nine contacts, twice: for themselves and for their companies


def test_every_request_names_the_version(space: IntercomAccount, tmp_path: Path) -> None:
    versions: list[str | None] = []

    class Listening:
        def __init__(self, app: ASGIApp) -> None:
            self.app = app

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            versions.append(dict(scope["headers"]).get(b"intercom-version", b"").decode() or None)
            await self.app(scope, receive, send)

    space.app.app = Listening(space.app.app)
    space.run(tmp_path)
    space.connector().check()
    assert set(versions) == {"2.16"}
    manifest = LandingLog(f"file://{tmp_path}").stream("intercom", "contacts").head()
    assert manifest is not None
    assert manifest.api_version == Intercom.api_version == "2.16"


def test_what_a_contact_shows_only_the_beginning_of_is_completed(space: IntercomAccount, tmp_path: Path) -> None:
    contact = space.first("contacts", role="user")["id"]
    for n in range(60):
        space.write("note_contact", settle=0, contact=contact, body=f"Note {n}")
    for n in range(13):
        company = space.write("create_company", settle=0, company_id=f"c{n}", name=f"Company {n}")["id"]
        space.write("attach_company", settle=0, contact=contact, id=company)
        tag = space.write("create_tag", settle=0, name=f"Tag {n}")["id"]
        space.write("tag_contact", settle=0, contact=contact, id=tag)
    space.run(tmp_path, ["contacts", "contact_companies"])
    found = landed(tmp_path, "contacts")[contact]
    for name, count in (("companies", 14), ("tags", 13), ("notes", 60)):
        assert (len(found[name]["data"]), found[name]["total_count"], found[name]["has_more"]) == (count, count, False), name
        assert len({entry["id"] for entry in found[name]["data"]}) == count
    assert differences(space, tmp_path, ["contact_companies"]) == {}
    shown = {
        name: value for name, value in space.objects("contacts")[contact].items() if name not in ("companies", "tags", "notes")
    }
    assert {name: value for name, value in found.items() if name not in ("companies", "tags", "notes")} == shown


@pytest.mark.parametrize("stream", ["contacts", "conversations", "tickets", "handling_events", "contact_companies"])
def test_an_interrupted_listing_goes_on_where_it_stopped(
    space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 2 if stream != "tickets" else 1)
    path = {"tickets": "/tickets/search"}.get(stream, "/contacts" if "contact" in stream else "/conversations")
    with space.fault({"preset": "unavailable"}, times=None, path=path, nth=2):
        assert space.extract(tmp_path, [stream])[stream].outcome == "deferred"
    head = LandingLog(f"file://{tmp_path}").stream("intercom", stream).head()
    assert head is not None
    assert head.cursor_after is not None
    place = head.cursor_after["listing"]
    assert place["after"]
    assert buried(tmp_path, stream) == set()
    space.forget_requests()
    space.run(tmp_path, [stream])
    assert space.requests(path)
    if path != "/tickets/search":
        assert all("starting_after" in r["query"] for r in space.requests(path))
    assert differences(space, tmp_path, [stream]) == {}


def test_a_listing_whose_cursor_is_refused_begins_anew(
    space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    with space.fault({"preset": "unavailable"}, times=None, path="/contacts", nth=3):
        space.extract(tmp_path, ["contacts"])
    refused = {
        "status": 400,
        "body": {"type": "error.list", "errors": [{"code": "client_error", "message": "starting_after is invalid"}]},
    }
    with space.fault(refused, path="/contacts"):
        space.run(tmp_path, ["contacts"])
    assert differences(space, tmp_path, ["contacts"]) == {}


@pytest.mark.parametrize("stream", [s.name for s in Intercom.streams if s.name not in ("activity_logs", "calls")])
def test_what_the_audit_walks_and_fetches_is_what_was_landed(
    space: IntercomAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: str
) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 4)
    space.run(tmp_path, [stream])
    have = {line["id"]: line["hash"] for line in landed_lines(tmp_path, stream) if not line["deleted"]}
    absent = {"contact_companies": "contacts/none/companies", "handling_events": "conversations/1/handling_events"}.get(
        stream, "1"
    )
    connector = space.connector()
    declared = next(s for s in connector.streams if s.name == stream)
    walked = list(connector.walk(declared, None) or ())
    assert walked[-1].ends
    records = [record for page in walked for record in page.records]
    assert sorted(r.id for r in records) == sorted(have)
    assert not any(r.deleted for r in records)
    assert {r.id: _hash(r.payload) for r in records if r.payload} == ({} if not records[0].payload else have)
    fetched = [record for page in connector.fetch(declared, [*have, absent]) or () for record in page.records]
    assert {r.id: _hash(r.payload) for r in fetched if r.id in have} == have
    assert absent in {r.id for r in fetched if r.id not in have}
    assert all(r.deleted for r in fetched if r.id not in have)
    totals = connector.totals(declared)
    assert totals is None or (totals.count, totals.exact) == (len(have), True)
    connector.close()


def _hash(payload: Any) -> str:
    return sha256(bytes(payload)).hexdigest()[:32]


def test_a_walk_goes_on_from_any_page(space: IntercomAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    connector = space.connector()
    for name in ("contacts", "conversations", "tickets", "handling_events"):
        declared = next(s for s in connector.streams if s.name == name)
        whole = list(connector.walk(declared, None) or ())
        ids = [record.id for page in whole for record in page.records]
        for number, page in enumerate(whole[:-2]):
            assert page.cursor is not None
            rest = [
                record.id
                for page in connector.walk(declared, json.loads(json.dumps(page.cursor))) or ()
                for record in page.records
            ]
            assert rest == [record.id for page in whole[number + 1 :] for record in page.records]
        assert len(ids) == space.truth()[name]["count"]
    connector.close()


def test_a_good_token_may_read_every_stream(space: IntercomAccount) -> None:
    access = space.connector().check()
    assert [entry.stream for entry in access if entry.allowed] == list(STREAMS)
    assert len(space.requests()) == len(STREAMS) + 1


def test_a_wrong_token_is_refused_with_a_sentence(space: IntercomAccount, tmp_path: Path) -> None:
    with pytest.raises(AccessDenied, match=r"refused the access token .*Developer Hub.*base_url is the region"):
        space.connector(access_token="dG9rOndyb25n").check()
    results = space.extract(tmp_path, access_token="dG9rOndyb25n", connector=None)
    assert {r.outcome for r in results.values()} == {"failed"}
    assert not any("dG9rOndyb25n" in r.error for r in results.values())


@pytest.mark.parametrize("stream", ["contacts", "conversations", "tickets", "tags", "activity_logs", "data_attributes"])
def test_a_missing_permission_is_named_with_the_stream_and_the_others_go_on(
    space: IntercomAccount, tmp_path: Path, stream: str
) -> None:
    space.vendor.revoke(stream)
    results = space.extract(tmp_path)
    failed = {name: r.error for name, r in results.items() if r.outcome == "failed"}
    assert stream in failed
    assert "grant the permission in the Developer Hub" in failed[stream]
    assert f"{stream} needs 'Read" in failed[stream] or f"{stream} needs 'Gather" in failed[stream]
    assert {name for name, r in results.items() if r.outcome == "ok"} == set(STREAMS) - failed.keys()
    assert {entry.stream for entry in space.connector().check() if not entry.allowed} == failed.keys()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"access_token": "two words"}, "copy the token again"),
        ({"access_token": " "}, "copy the token again"),
        ({"base_url": "http://api.intercom.io"}, "use https"),
        ({"base_url": "ftp://api.intercom.io"}, "write https://host"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_at_once(
    space: IntercomAccount, settings: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Misconfigured, match=sentence):
        space.connector(**settings)


def test_a_workspace_that_does_not_speak_the_version_is_named(space: IntercomAccount, tmp_path: Path) -> None:
    with space.fault({"preset": "version"}, times=None, path="/conversations/deleted"):
        results = space.extract(tmp_path, ["conversations", "contacts"])
    assert {name: r.outcome for name, r in results.items()} == {"conversations": "failed", "contacts": "ok"}
    assert "does not speak API version 2.16" in results["conversations"].error


def test_an_answer_in_another_version_is_refused(space: IntercomAccount, tmp_path: Path) -> None:
    with space.fault({"headers": {"Intercom-Version": "2.11"}}, times=None, path="/contacts"):
        results = space.extract(tmp_path, ["contacts", "tags"])
    assert {name: r.outcome for name, r in results.items()} == {"contacts": "failed", "tags": "ok"}
    assert "answered in API version 2.11 instead of 2.16" in results["contacts"].error


def test_the_token_stands_in_no_file_and_no_url(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path / "landing", state=tmp_path / "state")
    token = space.vendor.credentials.token
    assert not any(token in str(path) for path in tmp_path.rglob("*"))
    assert not any(token.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert not any(token in r["query"] for r in space.requests())


def test_an_hour_later_nothing_is_read_that_did_not_change(space: IntercomAccount, tmp_path: Path) -> None:
    space.run(tmp_path)
    before = {stream: len(landed_lines(tmp_path, stream)) for stream in STREAMS}
    space.advance(HOUR)
    space.forget_requests()
    results = space.run(tmp_path)
    assert sorted((r["method"], r["path"]) for r in space.requests()) == [
        ("GET", "/admins/activity_logs"),
        ("GET", "/conversations/deleted"),
        ("GET", "/me"),
        ("POST", "/companies/list"),
        ("POST", "/contacts/search"),
        ("POST", "/conversations/search"),
        ("POST", "/tickets/search"),
    ]
    assert {name: r.rows for name, r in results.items() if r.rows} == {}
    assert {stream: len(landed_lines(tmp_path, stream)) for stream in STREAMS} == before
