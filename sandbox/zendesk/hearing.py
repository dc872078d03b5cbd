"""What the story tells, as it reaches the help desk."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sandbox.story import events as story
from sandbox.story.events import Event
from sandbox.story.people import Employee, Organization, Person
from sandbox.zendesk.account import Account
from sandbox.zendesk.errors import ZendeskError

NAME = "zendesk"
CHANNELS = {"email": "email", "mail": "email", "form": "web", "web": "web", "chat": "chat", "api": "api"}


class Listener:
    """Keeps who is who: the story's keys and the account's ids."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._people = account.people
        self._tickets = account.tickets
        self._persons: dict[str, Person] = {}
        self._organizations: dict[str, Organization] = {}
        self._staff: dict[str, Employee] = {}
        self._stripe: dict[str, str] = {}
        self.ids: dict[tuple[str, str], int] = {}
        """(kind, key) -> id of what has a record."""
        self._acts: dict[type[Event], Callable[[Any], None]] = {
            story.StaffJoined: self._staff_joined, story.StaffLeft: self._staff_left,
            story.OrganizationMet: self._organization_met, story.PersonMet: self._person_met,
            story.CustomerBegan: self._customer_began, story.TicketOpened: self._ticket_opened,
            story.TicketAssigned: self._ticket_assigned, story.TicketReplied: self._ticket_replied,
            story.TicketTurned: self._ticket_turned, story.TicketPrioritized: self._ticket_prioritized,
            story.TicketRated: self._ticket_rated, story.Duplicated: self._duplicated, story.Merged: self._merged,
            story.Removed: self._removed, story.Restored: self._restored,
        }  # fmt: skip

    def hear(self, event: Event) -> None:
        """Takes note; what the help desk refuses, such as a comment on a closed ticket, does not happen there."""
        act = self._acts.get(type(event))
        if act is None or getattr(event, "system", NAME) != NAME:
            return
        self._account.advance(event.at)
        try:
            act(event)
        except ZendeskError:
            return

    def _staff_joined(self, event: story.StaffJoined) -> None:
        employee = event.employee
        self._staff[employee.key] = employee
        if employee.role == "agent" or ("staff", employee.key) in self.ids:
            user = self._agent(employee.key, event.at)
            self._people.change_user(user, event.at, name=employee.name, role="agent", suspended=False)
            if employee.role == "agent":
                self._people.join_group(user, self._group(employee.team, event.at), event.at)

    def _staff_left(self, event: story.StaffLeft) -> None:
        user = self.ids.get(("staff", event.employee))
        if user is None:
            return
        for membership in self._people.memberships("group_memberships", user=user):
            self._people.leave("group_memberships", membership["id"], event.at)
        self._people.change_user(user, event.at, role="end-user", suspended=True, default_group_id=None)

    def _organization_met(self, event: story.OrganizationMet) -> None:
        found = event.organization
        self._organizations[found.key] = found
        id = self.ids.get(("organization", found.key))
        if id is not None:
            self._people.change_organization(id, event.at, name=found.name_in(NAME), domain_names=[found.domain_in(NAME)])

    def _person_met(self, event: story.PersonMet) -> None:
        person = event.person
        self._persons[person.key] = person
        id = self.ids.get(("person", person.key))
        if id is not None:
            email = person.email_in(NAME)
            self._people.change_user(id, event.at, name=person.name, phone=person.phone or None)
            if self._people.by_email(email) is None:
                self._people.change_user(id, event.at, email=email)

    def _customer_began(self, event: story.CustomerBegan) -> None:
        self._stripe[event.organization] = event.stripe
        organization = self._organization(event.organization, event.at)
        if organization is not None:
            values = {"external_id": self._external_id(event.organization), "tags": [event.plan.lower().replace(" ", "_")]}
            self._people.change_organization(organization, event.at, **values)
        person = self._persons.get(event.person)
        if person and NAME not in person.unknown_to:
            self._user(person, event.at)

    def _ticket_opened(self, event: story.TicketOpened) -> None:
        requester = self._user(self._persons[event.person], event.at)
        organization = self._organization(event.organization, event.at) if event.organization else None
        known = self._people.user(requester)["organization_id"]
        if organization is not None and known is None:
            self._people.join_organization(requester, organization, event.at)
        self.ids["ticket", event.ticket] = self._tickets.create(
            event.at, requester, event.subject, event.text, priority=event.priority,
            channel=CHANNELS.get(event.channel, "web"), tags=list(event.tags), organization_id=organization or known,
            custom_fields=self._answers(event.ticket),
        ).id  # fmt: skip

    def _ticket_assigned(self, event: story.TicketAssigned) -> None:
        group = self._group(event.group, event.at)
        values: dict[str, Any] = {"group_id": group}
        if event.agent:
            agent = self._agent(event.agent, event.at)
            self._people.join_group(agent, group, event.at)
            values["assignee_id"] = agent
        self._tickets.update(self.ids["ticket", event.ticket], event.at, self._account.owner, values)

    def _ticket_replied(self, event: story.TicketReplied) -> None:
        author = self._agent(event.by, event.at) if event.by in self._staff else self._user(self._persons[event.by], event.at)
        self._tickets.update(self.ids["ticket", event.ticket], event.at, author, {}, (event.text, event.public))

    def _ticket_turned(self, event: story.TicketTurned) -> None:
        self._change(event.ticket, event.at, status=event.status)

    def _ticket_prioritized(self, event: story.TicketPrioritized) -> None:
        self._change(event.ticket, event.at, priority=event.priority)

    def _ticket_rated(self, event: story.TicketRated) -> None:
        self._tickets.rate(self.ids["ticket", event.ticket], event.at, event.score, event.comment)

    def _duplicated(self, event: story.Duplicated) -> None:
        if event.entity in self._persons:
            self.ids["person", event.copy] = self._people.add_user(event.at, event.name, event.email)["id"]
        elif event.entity in self._organizations:
            self.ids["organization", event.copy] = self._people.add_organization(event.at, event.name)["id"]

    def _merged(self, event: story.Merged) -> None:
        winner, loser = self._pair("person", event), self._pair("organization", event)
        if winner:
            self._people.delete_user(winner[1], event.at)
            self._tickets.reassign_requester(winner[1], winner[0], event.at)
        elif loser:
            self._people.merge_organizations(loser[0], loser[1], event.at)

    def _removed(self, event: story.Removed) -> None:
        id = self.ids.get((event.kind, event.entity))
        if id is None:
            return
        erase = event.how == "erase"
        if event.kind == "ticket":
            self._tickets.delete(id, event.at, self._account.owner)
            if erase:
                self._tickets.scrub(id)
        elif event.kind == "person":
            (self._people.erase_user if erase else self._people.delete_user)(id, event.at)
        elif event.kind == "organization":
            self._people.delete_organization(id, event.at, erase)
        if erase:
            del self.ids[event.kind, event.entity]

    def _restored(self, event: story.Restored) -> None:
        id = self.ids.get((event.kind, event.entity))
        back = {
            "ticket": self._tickets.restore, "person": self._people.revive_user,
            "organization": self._people.revive_organization,
        }.get(event.kind)  # fmt: skip
        if id is not None and back is not None:
            back(id, event.at)

    def _change(self, ticket: str, at: int, **values: Any) -> None:
        id = self.ids["ticket", ticket]
        author = self._tickets.live(id).assignee_id or self._account.owner
        self._tickets.update(id, at, author, values)

    def _pair(self, kind: str, event: story.Merged) -> tuple[int, int] | None:
        winner, loser = self.ids.get((kind, event.entity)), self.ids.get((kind, event.copy))
        return None if winner is None or loser is None else (winner, loser)

    def _user(self, person: Person, at: int) -> int:
        id = self.ids.get(("person", person.key))
        if id is not None and self._people.user(id)["active"]:
            return id
        email = person.email_in(NAME)
        found = self._people.by_email(email)
        if found is None:
            organization = self._organization(person.organization, at) if person.organization else None
            more = {} if organization is None else {"organization_id": organization}
            found = self._people.add_user(at, person.name, email, phone=person.phone or None, **more)
        self.ids["person", person.key] = found["id"]
        return int(found["id"])

    def _organization(self, key: str, at: int) -> int | None:
        known = self._organizations.get(key)
        if known is None or NAME in known.unknown_to:
            return None
        id = self.ids.get(("organization", key))
        if id is None:
            values = {"domain_names": [known.domain_in(NAME)], "external_id": self._external_id(key)}
            id = self._people.add_organization(at, known.name_in(NAME), **values)["id"]
            self.ids["organization", key] = id
        body = self._account.store.get("organizations", id)
        return id if body is not None and not body.get("deleted_at") else None

    def _external_id(self, key: str) -> str | None:
        """The Stripe customer, in either case, where systems are linked; else the id of an older CRM, or nothing."""
        chance = random.Random(f"{NAME} {self._account.seed} {key}")
        stripe = self._stripe.get(key)
        if stripe and NAME in self._organizations[key].linked_in:
            return stripe.upper() if chance.random() < 0.15 else stripe
        return f"crm-{chance.randrange(10**6):06d}" if chance.random() < 0.3 else None

    def _agent(self, key: str, at: int) -> int:
        if ("staff", key) not in self.ids:
            employee = self._staff[key]
            self.ids["staff", key] = self._people.add_user(at, employee.name, employee.email, "agent")["id"]
        return self.ids["staff", key]

    def _group(self, name: str, at: int) -> int:
        name = name or "Support"
        if name.lower() == "support":
            return self._account.default_group
        if ("group", name) not in self.ids:
            self.ids["group", name] = self._people.add_group(at, name)["id"]
        return self.ids["group", name]

    def _answers(self, ticket: str) -> dict[int, Any]:
        """What the form asked besides: values of every type, and many nulls."""
        chance = random.Random(f"{NAME} {self._account.seed} {ticket}")
        area = chance.choice(["billing", "exports", "api", "mobile", None])
        severity = chance.choice([1, 2, 3, None, None])
        features = chance.choice([["sso", "audit_log"], ["sso"], None, None])
        values = [area, severity, chance.random() < 0.1, None, features, None]
        return dict(zip(self._account.configuration.fields, values, strict=True))
