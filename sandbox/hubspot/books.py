"""All of the account's records and catalogues, and which of them stands for what in the story."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.catalogues import Lists, Owners, Pipelines
from sandbox.hubspot.errors import HubspotError
from sandbox.hubspot.existence import Existence
from sandbox.hubspot.instants import iso
from sandbox.hubspot.kinds import CUSTOM_ID
from sandbox.hubspot.marketing import Marketing, major
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.shelf import Item
from sandbox.story.events import TicketOpened
from sandbox.story.people import Campaign, Deal, Organization


class Books:
    """The account: what it holds by the story's keys."""

    def __init__(self, begin: int) -> None:
        self.begin = begin
        self.existence = Existence()
        self.portal = Portal(self.existence, begin)
        self.owners = Owners(self.existence)
        self.pipelines = Pipelines(self.existence, begin)
        self.lists = Lists(self.existence, begin)
        self.marketing = Marketing(self.existence)
        self.existence.begins("schemas", CUSTOM_ID[2:])
        self.ids: dict[tuple[str, str], int] = {}
        """(type of record, key of the story) -> id."""
        self.organizations: dict[str, Organization] = {}
        self.campaigns: dict[str, Campaign] = {}
        self.mailings: dict[str, str] = {}
        self.asked: dict[str, TicketOpened] = {}
        self._products: dict[str, int] = {}

    def moment(self, at: int) -> str:
        """An instant of the story as a property."""
        return iso(at * 1000)

    def put(self, kind: str, key: str, values: dict[str, Any], at: int) -> None:
        """A record of something in the story: new, or described anew."""
        id = self.ids.get((kind, key))
        if id is None:
            self.ids[kind, key] = self.portal.create(kind, values, at).id
        else:
            self.change(kind, key, values, at)

    def change(self, kind: str, key: str, values: dict[str, Any], at: int) -> None:
        """Other values, if the account has the record."""
        item = self.living(kind, key)
        if item is not None:
            self.portal.update(kind, item.id, values, at)

    def living(self, kind: str, key: str) -> Item | None:
        """The record of something in the story, unless it is gone."""
        id = self.ids.get((kind, key))
        try:
            return self.portal.get(kind, id) if id is not None else None
        except HubspotError:
            return None

    def join(self, kind: str, key: str, other: str, to: str | None) -> None:
        """Associates two records, if the account has both."""
        left, right = self.living(kind, key), self.living(other, to or "")
        if left is not None and right is not None:
            self.portal.associate(kind, left.id, other, right.id)

    def sell(self, deal: Deal, at: int) -> None:
        """A deal's line item, and the product that it is of."""
        if deal.plan not in self._products:
            values = {"name": deal.plan, "hs_sku": deal.plan.upper(), "recurringbillingfrequency": "monthly"}
            self._products[deal.plan] = self.portal.create("products", values, at).id
        sold = self.portal.create(
            "line_items",
            {
                "name": deal.plan, "quantity": deal.seats, "hs_product_id": self._products[deal.plan],
                "amount": major(deal.amount, deal.currency), "recurringbillingfrequency": "annually",
                "hs_line_item_currency_code": deal.currency.upper(),
            },
            at,
        )  # fmt: skip
        self.portal.associate("deals", self.ids["deals", deal.key], "line_items", sold.id)

    def duplicate(self, entity: str, copy: str, name: str, email: str, at: int) -> None:
        """A second record of a person or an organization."""
        if ("contacts", entity) in self.ids:
            first, _, last = name.partition(" ")
            self.put("contacts", copy, {"email": email, "firstname": first, "lastname": last}, at)
        elif ("companies", entity) in self.ids:
            self.put("companies", copy, {"name": name, "domain": email.partition("@")[2] or email}, at)

    def unite(self, entity: str, copy: str, at: int) -> None:
        """The copy is merged into the record."""
        for kind in ("contacts", "companies"):
            kept, gone = self.living(kind, entity), self.living(kind, copy)
            if kept is not None and gone is not None and kept.id != gone.id:
                self.merge(kind, kept.id, gone.id, at)

    def merge(self, kind: str, winner: int, loser: int, at: int) -> Item:
        """Merges two records; the winner takes the loser's place on lists."""
        item = self.portal.merge(kind, winner, loser, at)
        if kind == "contacts":
            self.lists.leave(loser, winner)
        return item

    def remove(self, kind: str, id: int, how: str, at: int) -> None:
        """A record is archived, which is how HubSpot deletes, or erased."""
        if how == "erase":
            self.portal.purge(kind, id)
        else:
            self.portal.archive(kind, id, at)
        if kind == "contacts":
            self.lists.leave(id)
