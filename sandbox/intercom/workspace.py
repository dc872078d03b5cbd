"""Everything that a workspace holds, before anybody looks at it through the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.intercom.collection import Body, Collection, drifting, made_id
from sandbox.intercom.errors import missing
from sandbox.intercom.existence import Existence

FIRST_ADMIN = 991_267_000
FIRST_TEAM = 5_017_000
FIRST_NUMBER = 21_540_000
"""Conversations, tickets and their parts count on from here."""


@dataclass(frozen=True)
class Merge:
    """Where a merged contact went."""

    source: str
    role: str
    into: str
    at: int


class Workspace:
    """Records, and what belongs to none of them: merges, deletions, logs."""

    def __init__(self, seed: int, timezone: str, created: int, currency: str) -> None:
        self.seed, self.timezone, self.created, self.currency = seed, timezone, created, currency
        self.id_code = made_id(seed, "workspace", "")[:8]
        self.contacts, self.companies = Collection(), Collection()
        self.conversations, self.tickets = Collection(), Collection()
        self.archived: dict[str, Body] = {}
        self.merges: dict[str, Merge] = {}
        self.merged_into: dict[str, list[Merge]] = {}
        self.parts: dict[str, list[Body]] = {}
        self.ticket_parts: dict[str, list[Body]] = {}
        self.pauses: dict[str, list[Body]] = {}
        self.deleted: list[Body] = []
        self.notes: dict[str, list[Body]] = {}
        self.members: dict[str, dict[str, None]] = {}
        """Contacts of a company."""
        self.employers: dict[str, dict[str, None]] = {}
        """Companies of a contact."""
        self.spoken_with: dict[str, dict[str, None]] = {}
        """Conversations and tickets of a contact."""
        self.lists: dict[str, Collection] = {}
        self.activity_logs: list[Body] = []
        self.existence = Existence()
        self._numbers: dict[str, int] = {}

    def number(self, kind: str, first: int = FIRST_NUMBER) -> int:
        """The next number of a kind."""
        self._numbers[kind] = self._numbers.get(kind, first) + 1
        return self._numbers[kind]

    def admins(self) -> Collection:
        """Teammates."""
        return self.lists["admins"]

    def found(self, kind: str, id: str) -> Body:
        """A record that exists; a refusal otherwise."""
        rows = {"contact": self.contacts, "company": self.companies, "conversation": self.conversations, "ticket": self.tickets}
        body = rows[kind].get(str(id))
        if body is None:
            raise missing(kind)
        return body

    def entry(self, list_name: str, id: object) -> Body:
        """An entry of a small list that exists; a refusal otherwise."""
        body = self.lists[list_name].get(str(id))
        if body is None:
            raise missing(list_name.removesuffix("s"))
        return body

    def add_entry(self, list_name: str, body: Body, key: str | None = None) -> Body:
        """Adds to a small list; `key` is the row's id where the entry has none."""
        self.lists.setdefault(list_name, Collection()).put(body)
        self.existence.begin(list_name, key or str(body["id"]))
        return body

    def log(self, activity: str, admin: Body | None, description: str, at: int, metadata: Any = None) -> None:
        """Writes the audit log of the workspace."""
        id = made_id(self.seed, "activity", len(self.activity_logs))
        by = admin or {"id": str(FIRST_ADMIN), "email": f"operator+{self.id_code}@intercom.io"}
        self.activity_logs.append(
            {
                "id": f"{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}00000000",
                "performed_by": {"type": "admin", "id": str(by["id"]), "email": by["email"], "ip": "127.0.0.1"},
                "metadata": metadata or {},
                "created_at": at,
                "activity_type": activity,
                "activity_description": description,
            }
        )
        self.existence.begin("activity_logs", self.activity_logs[-1]["id"])


def owner(value: object, key: str) -> int | str | None:
    """The id of a teammate or team as this record shows it."""
    return None if value in (None, "", 0, "0") else drifting(int(str(value)), key)
