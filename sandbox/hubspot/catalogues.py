"""Small catalogues of the account: owners, pipelines with their stages, the schema of its own type, lists of records."""

from __future__ import annotations

from typing import Any

from sandbox.hubspot.definitions import DEAL_STAGES, TICKET_STAGES
from sandbox.hubspot.errors import missing
from sandbox.hubspot.existence import Existence
from sandbox.hubspot.instants import iso
from sandbox.hubspot.kinds import CUSTOM_ID, CUSTOM_NAME, KINDS
from sandbox.hubspot.portal import Portal
from sandbox.story.people import Employee

Body = dict[str, Any]


class Owners:
    """Users that own records; those who left stay, archived."""

    def __init__(self, existence: Existence) -> None:
        self._existence = existence
        self.bodies: dict[str, Body] = {}

    def join(self, employee: Employee, at: int) -> str:
        """A user by the story's key; again is another description. Gives the owner's id."""
        known = self.bodies.get(employee.key)
        number = 70_000_001 + len(self.bodies)
        body: Body = known or {"id": str(number), "type": "PERSON", "createdAt": iso(at * 1000), "archived": False, "teams": []}
        user = int(body["id"]) - 60_000_000
        body |= {"email": employee.email, "firstName": employee.first, "lastName": employee.last, "userId": user,
                 "userIdIncludingInactive": user, "updatedAt": iso(at * 1000)}  # fmt: skip
        if employee.team:
            body["teams"] = [{"id": str(1 + sum(map(ord, employee.team))), "name": employee.team, "primary": True}]
        self.bodies[employee.key] = body
        self._existence.begins("owners", body["id"])
        return str(body["id"])

    def leave(self, key: str, at: int) -> None:
        """A user is deactivated; what they owned stays theirs."""
        self.bodies[key] |= {"archived": True, "userId": None, "updatedAt": iso(at * 1000)}

    def id_of(self, key: str | None) -> str:
        """The owner's id of an employee; empty for nobody."""
        return str(self.bodies[key]["id"]) if key in self.bodies else ""


class Pipelines:
    """One pipeline of deals, one of tickets."""

    def __init__(self, existence: Existence, begin: int) -> None:
        self._begin = iso(begin * 1000)
        deals = [self._stage(id, label, {"isClosed": str(closed).lower(), "probability": probability})
                 for id, label, probability, closed in DEAL_STAGES]  # fmt: skip
        tickets = [self._stage(id, label, {"isClosed": str(state == "CLOSED").lower(), "ticketState": state})
                   for id, label, state in TICKET_STAGES]  # fmt: skip
        self.bodies = {
            "deals": [self._pipeline("default", "Sales pipeline", deals)],
            "tickets": [self._pipeline("0", "Support pipeline", tickets)],
        }
        existence.begins("pipelines", "deals/default")
        existence.begins("pipelines", "tickets/0")

    def add_stage(self, kind: str, pipeline: str, label: str, metadata: Body, at: int) -> Body:
        """A new stage of a pipeline."""
        found = next((body for body in self.bodies.get(kind, []) if body["id"] == pipeline), None)
        if found is None:
            raise missing(f"no pipeline {pipeline}")
        stage = self._stage(str(9_000_000 + len(found["stages"])), label, metadata) | {
            "createdAt": iso(at * 1000),
            "updatedAt": iso(at * 1000),
        }
        stage["displayOrder"] = len(found["stages"])
        found["stages"].append(stage)
        found["updatedAt"] = iso(at * 1000)
        return stage

    def _pipeline(self, id: str, label: str, stages: list[Body]) -> Body:
        ordered = [{**stage, "displayOrder": number} for number, stage in enumerate(stages)]
        return {"label": label, "displayOrder": 0, "id": id, "stages": ordered, "createdAt": self._begin,
                "updatedAt": self._begin, "archived": False}  # fmt: skip

    def _stage(self, id: str, label: str, metadata: Body) -> Body:
        return {"label": label, "displayOrder": 0, "metadata": metadata, "id": id, "createdAt": self._begin,
                "updatedAt": self._begin, "archived": False, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT"}  # fmt: skip


class Lists:
    """Segments: one that follows a rule, one that is kept by hand."""

    NEWSLETTER, CUSTOMERS = "1", "2"

    def __init__(self, existence: Existence, begin: int) -> None:
        self._existence = existence
        self.bodies: dict[str, Body] = {}
        self.members: dict[str, dict[int, int]] = {}
        self.add("Newsletter", "DYNAMIC", begin)
        self.add("Customers", "MANUAL", begin)

    def add(self, name: str, processing: str, at: int) -> str:
        """A new list of contacts; gives its id."""
        id = str(len(self.bodies) + 1)
        self.bodies[id] = {
            "listId": id, "listVersion": 1, "createdAt": iso(at * 1000), "updatedAt": iso(at * 1000),
            "processingStatus": "COMPLETE", "createdById": "1", "updatedById": "1", "processingType": processing,
            "objectTypeId": "0-1", "name": name, "additionalProperties": {},
        }  # fmt: skip
        self.members[id] = {}
        self._existence.begins("lists", id)
        self._existence.begins("list_memberships", id)
        return id

    def enrol(self, list: str, id: int, at: int) -> None:
        """A contact joins a list."""
        self.members[list].setdefault(id, at * 1000)

    def leave(self, id: int, winner: int | None = None) -> None:
        """A contact is on no list any more; the one that took it in takes its place."""
        for members in self.members.values():
            joined = members.pop(id, None)
            if joined is not None and winner is not None:
                members.setdefault(winner, joined)

    def remove(self, id: str) -> None:
        """A list is deleted."""
        if id not in self.bodies:
            raise missing(f"no list {id}")
        del self.bodies[id], self.members[id]
        self._existence.ends("lists", id)
        self._existence.ends("list_memberships", id)

    def memberships(self, id: str) -> list[Body]:
        """Who is on a list, by record id."""
        if id not in self.members:
            raise missing(f"no list {id}")
        return [{"recordId": str(who), "membershipTimestamp": iso(at)} for who, at in sorted(self.members[id].items())]


def schema(portal: Portal, begin: int) -> Body:
    """The account's own type of record."""
    kind = KINDS[-1]
    return {
        "associations": [{"fromObjectTypeId": CUSTOM_ID, "toObjectTypeId": "0-2", "name": "workspace_to_company", "id": "1001"}],
        "secondaryDisplayProperties": ["plan"], "objectTypeId": CUSTOM_ID, "description": None,
        "fullyQualifiedName": CUSTOM_NAME, "labels": {"singular": "Workspace", "plural": "Workspaces"}, "archived": False,
        "createdAt": iso(begin * 1000), "updatedAt": iso(begin * 1000), "requiredProperties": ["workspace"],
        "searchableProperties": ["workspace"], "primaryDisplayProperty": "workspace", "name": "workspaces", "id": CUSTOM_ID[2:],
        "properties": list(portal.properties[kind.name].values()),
    }  # fmt: skip
