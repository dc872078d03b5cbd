"""What the workspace learns of the story: staff as teammates, people as leads and users, chats, and urgent tickets.

A person becomes a lead when captured or on the first chat, and a user when the organization becomes a customer; then
the company exists too. An urgent ticket of the help desk is escalated to the engineers as a ticket here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.intercom.catalogue import ESCALATION, STATES
from sandbox.intercom.collection import Body, made_id
from sandbox.intercom.operations import Operations
from sandbox.story import events as story
from sandbox.story.people import Employee, Organization, Person

NAME = "intercom"
TEAMMATES = ("agent", "rep", "manager")
"""Roles that work in the inbox."""
_CHANNELS = {"email": "email", "phone": "phone_call", "sms": "sms", "whatsapp": "whatsapp", "facebook": "facebook"}
_MOVES = {"open": 1, "pending": 2, "hold": 2, "solved": 3, "closed": 3}
"""Status of a help desk ticket -> position in STATES."""


class Hearing:
    """Turns events of the story into operations."""

    def __init__(self, operations: Operations) -> None:
        self._do = operations
        self._space = operations.space
        self._people: dict[str, Person] = {}
        self._organizations: dict[str, Organization] = {}
        self._contacts: dict[str, str] = {}
        """Key of a person or copy -> id of the contact."""
        self._companies: dict[str, str] = {}
        self._staff: dict[str, dict[str, None]] = {}
        """Key of an organization -> keys of people who were ever in it."""
        self._admins: dict[str, str] = {}
        self._chats: dict[str, str] = {}
        self._tickets: dict[str, str] = {}
        self._customers: dict[str, story.CustomerBegan] = {}
        self._asked: dict[str, story.TicketOpened] = {}

    def hear(self, event: story.Event) -> None:
        """Does what the event means here; most events mean nothing."""
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in type(event).__name__)
        action: Callable[[Any], None] | None = getattr(self, f"_hear{name}", None)
        if action is not None:
            action(event)

    def _hear_staff_joined(self, event: story.StaffJoined) -> None:
        person: Employee = event.employee
        if person.role in TEAMMATES:
            facts = {"name": person.name, "email": person.email, "title": person.role.title(), "team": person.team}
            self._admins[person.key] = self._do.do_join_admin(facts, event.at)["id"]

    def _hear_staff_left(self, event: story.StaffLeft) -> None:
        admin = self._admins.pop(event.employee, None)
        if admin is not None:
            self._do.do_leave_admin({"id": admin}, event.at)

    def _hear_organization_met(self, event: story.OrganizationMet) -> None:
        organization = self._organizations[event.organization.key] = event.organization
        company = self._company(organization.key)
        if company is not None:
            self._do.do_update_company({"id": company, **_described(organization)}, event.at)

    def _hear_person_met(self, event: story.PersonMet) -> None:
        person = self._people[event.person.key] = event.person
        if person.organization is not None:
            self._staff.setdefault(person.organization, {})[person.key] = None
        contact = self._contact(person.key)
        if contact is not None:
            self._do.do_update_contact({"id": contact, **self._fields(person)}, event.at)

    def _hear_lead_captured(self, event: story.LeadCaptured) -> None:
        contact = self._contact(event.person) or self._introduce(event.person, event.at)
        if contact is None:
            return
        attributes = {"lead_source": event.source}
        owner = self._admins.get(event.owner or "")
        self._do.do_update_contact({"id": contact, "owner_id": owner, "custom_attributes": attributes}, event.at)

    def _hear_customer_began(self, event: story.CustomerBegan) -> None:
        organization = self._organizations[event.organization]
        self._customers[organization.key] = event
        if NAME in organization.unknown_to:
            return
        linked = NAME in organization.linked_in
        own = f"org_{made_id(self._space.seed, 'organization', organization.key)[:10]}"
        company = self._do.do_create_company(
            {
                "company_id": event.stripe if linked else own,
                **_described(organization),
                "plan": event.plan,
                "remote_created_at": event.at,
            },
            event.at,
        )["id"]
        self._companies[organization.key] = company
        if self._contact(event.person) is None:
            self._introduce(event.person, event.at)
        for key in self._staff.get(organization.key, ()):
            if self._people[key].organization == organization.key and self._contact(key):
                self._make_user(key, event.at)

    def _hear_customer_ended(self, event: story.CustomerEnded) -> None:
        company = self._company(event.organization)
        self._customers.pop(event.organization, None)
        if company is not None:
            self._do.do_update_company({"id": company, "plan": None, "monthly_spend": 0}, event.at)

    def _hear_chat_started(self, event: story.ChatStarted) -> None:
        contact = self._contact(event.person) or self._introduce(event.person, event.at)
        if contact is None:
            return
        channel = _CHANNELS.get(event.channel, "conversation")
        made = self._do.conversations.create(contact, event.text, event.at, channel=channel)
        self._chats[event.chat] = made["id"]

    def _hear_chat_replied(self, event: story.ChatReplied) -> None:
        chat, author = self._chat(event.chat), self._author(event.by)
        if chat is not None and author is not None:
            kind = "comment" if event.public else "note"
            self._do.do_reply_conversation({"id": chat, "body": event.text, "message_type": kind, **author}, event.at)

    def _hear_chat_assigned(self, event: story.ChatAssigned) -> None:
        chat = self._chat(event.chat)
        team = next((t["id"] for t in self._space.lists["teams"] if t["name"] == event.team), None)
        agent = self._admins.get(event.agent or "")
        if chat is not None and (team or agent):
            self._do.conversations.assign(chat, self._do.author({"admin_id": agent}), event.at, team=team, admin=agent)

    def _hear_chat_turned(self, event: story.ChatTurned) -> None:
        chat = self._chat(event.chat)
        author = self._author(event.by) if event.by else {}
        kind = {"open": "open", "closed": "close", "snoozed": "snoozed"}.get(event.state)
        if chat is not None and author is not None and kind:
            self._do.conversations.turn(chat, kind, self._do.author(author), event.at, until=event.at + 86_400)

    def _hear_chat_rated(self, event: story.ChatRated) -> None:
        chat = self._chat(event.chat)
        if chat is not None:
            self._do.conversations.rate(chat, event.rating, event.remark, event.at)

    def _hear_ticket_opened(self, event: story.TicketOpened) -> None:
        self._asked[event.ticket] = event
        if event.priority == "urgent":
            self._escalate(event.ticket, event.at)

    def _hear_ticket_prioritized(self, event: story.TicketPrioritized) -> None:
        if event.priority == "urgent" and event.ticket not in self._tickets:
            self._escalate(event.ticket, event.at)

    def _hear_ticket_turned(self, event: story.TicketTurned) -> None:
        ticket, move = self._ticket(event.ticket), _MOVES.get(event.status)
        if ticket is None or move is None:
            return
        category = STATES[move][0]
        state = next(s["id"] for s in self._space.lists["ticket_states"] if s["category"] == category)
        held = self._space.found("ticket", ticket)["ticket_state"]["category"]
        if held != category:
            self._do.do_update_ticket({"id": ticket, "ticket_state_id": state}, event.at)

    def _hear_duplicated(self, event: story.Duplicated) -> None:
        if event.system != NAME:
            return
        if event.entity in self._people:
            if self._contact(event.entity) is not None:
                made = self._do.do_create_contact(
                    {"role": "lead", "name": event.name, "email": event.email, "key": event.copy}, event.at
                )
                self._contacts[event.copy] = made["id"]
        elif (twin := self._company(event.entity)) and self._space.members.get(twin):
            own = f"dup_{made_id(self._space.seed, 'organization', event.copy)[:10]}"
            company = self._do.do_create_company({"company_id": own, "name": event.name}, event.at)["id"]
            self._companies[event.copy] = company
            self._do.companies.attach(next(iter(self._space.members[twin])), company, event.at)

    def _hear_merged(self, event: story.Merged) -> None:
        if event.system != NAME:
            return
        winner, loser = self._contact(event.entity), self._contact(event.copy)
        if winner is not None and loser is not None:
            if self._space.found("contact", winner)["role"] == "lead":
                # only a user can take a lead in
                self._do.do_update_contact({"id": winner, "role": "user"}, event.at)
            self._do.do_merge_contacts({"from": loser, "into": winner}, event.at)
        copy = self._company(event.copy)
        if copy is not None:
            self._do.do_delete_company({"id": copy}, event.at)

    def _hear_removed(self, event: story.Removed) -> None:
        if event.system != NAME:
            return
        if event.kind == "chat" and (chat := self._chat(event.entity)):
            self._do.conversations.delete(chat, event.at, retain_metrics=event.how != "erase")
        elif event.kind == "ticket" and (ticket := self._ticket(event.entity)):
            self._do.tickets.delete(ticket, event.at)
        elif event.kind == "person" and (contact := self._contact(event.entity)):
            remove = self._do.do_archive_contact if event.how == "archive" else self._do.do_delete_contact
            remove({"id": contact}, event.at)
        elif event.kind == "organization" and (company := self._company(event.entity)):
            self._do.do_delete_company({"id": company}, event.at)

    def _hear_restored(self, event: story.Restored) -> None:
        contact = self._contacts.get(event.entity)
        if event.system == NAME and event.kind == "person" and contact in self._space.archived:
            self._do.do_unarchive_contact({"id": contact}, event.at)

    def _introduce(self, key: str, at: int) -> str | None:
        """The person is a lead from now on, or a user if the organization is a customer."""
        person = self._people.get(key)
        if person is None or NAME in person.unknown_to or key in self._contacts:
            return None
        made = self._do.do_create_contact({"role": "lead", "key": key, **self._fields(person)}, at)
        self._contacts[key] = made["id"]
        if person.organization in self._customers:
            self._make_user(key, at)
        return str(made["id"])

    def _make_user(self, key: str, at: int) -> None:
        contact, company = self._contact(key), self._company(self._people[key].organization or "")
        if contact is None:
            return
        held = self._space.found("contact", contact)
        if held["role"] != "user":
            external = f"user_{made_id(self._space.seed, 'user', key)[:8]}"
            self._do.do_update_contact({"id": contact, "role": "user", "external_id": external, "signed_up_at": at}, at)
        if company is not None:
            self._do.companies.attach(contact, company, at)

    def _escalate(self, ticket: str, at: int) -> None:
        asked = self._asked.get(ticket)
        if asked is None:
            return
        contact = self._contact(asked.person) or self._introduce(asked.person, at)
        if contact is None:
            return
        kind = list(self._space.lists["ticket_types"])[ESCALATION]
        self._tickets[ticket] = self._do.tickets.create(kind["id"], contact, asked.subject, asked.text, at)["id"]

    def _author(self, key: str | None) -> Body | None:
        """Who speaks, as an operation names them; None for somebody the workspace does not know."""
        if key in self._admins:
            return {"admin_id": self._admins[key]}
        contact = self._contact(key or "")
        return {"intercom_user_id": contact} if contact else None

    def _contact(self, key: str) -> str | None:
        id = self._contacts.get(key)
        return id if id is not None and self._space.contacts.get(id) is not None else None

    def _company(self, key: str) -> str | None:
        id = self._companies.get(key)
        return id if id is not None and self._space.companies.get(id) is not None else None

    def _chat(self, key: str) -> str | None:
        id = self._chats.get(key)
        return id if id is not None and self._space.conversations.get(id) is not None else None

    def _ticket(self, key: str) -> str | None:
        id = self._tickets.get(key)
        return id if id is not None and self._space.tickets.get(id) is not None else None

    def _fields(self, person: Person) -> Body:
        fields: Body = {"name": person.name, "email": person.email_in(NAME), "phone": person.phone or None}
        return fields | {"country": person.country, "custom_attributes": {"job_title": person.title}}


def _described(organization: Organization) -> Body:
    attributes = {"country": organization.country}
    described: Body = {"name": organization.name_in(NAME), "size": organization.employees, "industry": organization.industry}
    return described | {"website": f"https://{organization.domain_in(NAME)}", "custom_attributes": attributes}
