"""Numbers at which connectors lose rows: past the cap of searches, in one millisecond, past a page of associations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hubspot_account import HubspotAccount, hubspot_account, landed
from simulated import HOUR
from vendor_account import differences

from connectors.hubspot import feed
from connectors.hubspot.objects import Asked, by_id

BEYOND_CAP = 10_001


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[HubspotAccount]:
    with hubspot_account() as account:
        account.run(tmp_path, ["contacts", "associations"])
        account.advance(2 * HOUR)
        yield account


@pytest.mark.parametrize("tied", [False, True])
def test_ten_thousand_and_one_changes_in_one_window_or_one_millisecond(
    loaded: HubspotAccount, tmp_path: Path, tied: bool
) -> None:
    ids = loaded.write("import", kind="contacts", count=BEYOND_CAP, tied=tied, properties={"email": "i{n}@example.com"})
    moments = {loaded.vendor.books.portal.shelves["contacts"].items[int(id)].modified for id in ids}
    assert (len(moments) == 1) == tied
    loaded.forget_requests()
    loaded.run(tmp_path, ["contacts"])
    assert set(ids) <= landed(tmp_path, "contacts").keys()
    assert len(loaded.requests("*/search")) == BEYOND_CAP // feed.SEARCH_PAGE + 1
    truth = loaded.truth()["contacts"]["ids"]
    assert sorted(landed(tmp_path, "contacts")) == truth


def test_seven_hundred_contacts_of_a_company_are_all_there(loaded: HubspotAccount, tmp_path: Path) -> None:
    ids = loaded.write("import", kind="contacts", count=700, properties={"email": "a{n}@example.com"})
    deal = loaded.id_of("deals", "d0")
    for id in ids:
        loaded.write("associate", settle=0, kind="deals", id=deal, other="contacts", to=id)
    loaded.write("update", kind="deals", id=deal, properties={"dealname": "Big"})
    loaded.run(tmp_path, ["associations"])
    row = landed(tmp_path, "associations")[f"deals/{deal}/contacts"]
    assert len(row["to"]) == 701
    assert row == loaded.objects("associations")[f"deals/{deal}/contacts"]


def test_a_row_that_leaves_the_window_while_it_is_read_pushes_out_no_other(
    loaded: HubspotAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "SEARCH_PAGE", 5)
    ids = loaded.write("import", kind="contacts", count=20, properties={"email": "w{n}@example.com"})
    moved = {"operation": "update", "arguments": {"kind": "contacts", "id": ids[0], "properties": {"jobtitle": "moved"}}}
    with loaded.fault({"put": moved}, path="/crm/v3/objects/contacts/search", nth=2):
        loaded.run(tmp_path, ["contacts"])
    assert set(ids) <= landed(tmp_path, "contacts").keys() | {ids[0]}
    loaded.advance()
    loaded.run(tmp_path, ["contacts"])
    assert differences(loaded, tmp_path, ["contacts"]) == {}


def test_one_bad_id_in_a_batch_of_associations_loses_nobody_else(loaded: HubspotAccount, tmp_path: Path) -> None:
    ids = loaded.write("import", kind="contacts", count=300, properties={"email": "b{n}@example.com"})
    company = loaded.id_of("companies", "o0")
    for id in ids:
        loaded.write("associate", settle=0, kind="contacts", id=id, other="companies", to=company)
    erased = {"operation": "erase", "arguments": {"id": ids[123]}}
    with loaded.fault({"put": erased}, path="/crm/v4/associations/contacts/*"):
        result = loaded.run(tmp_path, ["associations"])["associations"]
    rows = landed(tmp_path, "associations")
    assert {id for id in ids if f"contacts/{id}/companies" in rows} == set(ids) - {ids[123]}
    assert result.notices == (f"contacts {ids[123]} is gone, HubSpot refused to read its associations",)


def test_a_record_that_is_refused_though_it_exists_is_not_buried(loaded: HubspotAccount, tmp_path: Path) -> None:
    loaded.write("update", kind="contacts", id=loaded.id_of("contacts", "p0"), properties={"jobtitle": "Chief"})
    refusal = {"status": 400, "body": {"status": "error", "category": "VALIDATION_ERROR", "message": "no"}}
    with loaded.fault(refusal, times=None, path="/crm/v4/associations/contacts/*"):
        result = loaded.extract(tmp_path, ["associations"])["associations"]
    assert (result.outcome, "exists, and yet HubSpot refuses" in result.error) == ("failed", True)
    assert differences(loaded, tmp_path, ["associations"]) == {}


def test_an_unknown_pair_of_types_means_none_and_is_told_once(loaded: HubspotAccount, tmp_path: Path) -> None:
    with loaded.fault({"preset": "missing_html"}, times=None, path="/crm/v4/associations/tickets/*"):
        result = loaded.run(tmp_path / "other", ["associations"])["associations"]
    assert sorted("; ".join(result.notices).split("; ")) == [
        "this account has no associations from tickets to companies",
        "this account has no associations from tickets to contacts",
    ]
    assert not [row for row in landed(tmp_path / "other", "associations") if row.startswith("tickets/")]


def test_a_part_of_a_batch_that_failed_is_read_again(loaded: HubspotAccount) -> None:
    connector = loaded.connector()
    ids = [loaded.id_of("contacts", f"p{n}") for n in range(3)]
    with loaded.fault({"json": {"partial": ids[0]}}, path="*/batch/read"):
        pages = list(by_id(connector._api, Asked("contacts", "x", ("email",)), ids))
    assert [(sorted(page.bodies), page.gone) for page in pages] == [(sorted(ids), [])]
    connector.close()


def test_ids_that_are_neither_answered_nor_missing_are_asked_for_again(loaded: HubspotAccount) -> None:
    connector = loaded.connector()
    ids = [loaded.id_of("contacts", f"p{n}") for n in range(3)]
    with loaded.fault({"json": {"drop_row": True}}, path="*/batch/read") as struck:
        pages = list(by_id(connector._api, Asked("contacts", "x", ("email",)), ids))
        assert struck() == 1
    assert [len(page.bodies) for page in pages] == [3]
    connector.close()
