"""Who takes part in the story. One identity each; systems may know it by another name, another address, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

System = str
"""A vendor by name: stripe, hubspot, salesforce, zendesk, intercom."""


@dataclass(frozen=True)
class Organization:
    """A company that is or may become a customer; `key` is the story's own and appears in no system.

    `names` and `domains` hold what a system believes where it differs; `unknown_to` are systems that have no record;
    `linked_in` are the systems whose record carries the Stripe customer id once there is one.
    """

    key: str
    name: str
    domain: str
    country: str
    industry: str
    employees: int
    currency: str
    names: Mapping[System, str] = field(default_factory=dict)
    domains: Mapping[System, str] = field(default_factory=dict)
    unknown_to: frozenset[System] = frozenset()
    linked_in: frozenset[System] = frozenset()

    def name_in(self, system: System) -> str:
        """The spelling of a system."""
        return self.names.get(system, self.name)

    def domain_in(self, system: System) -> str:
        """The domain that a system holds."""
        return self.domains.get(system, self.domain)


@dataclass(frozen=True)
class Person:
    """Somebody outside: a lead, a buyer, a user; `organization` is a key or None."""

    key: str
    organization: str | None
    first: str
    last: str
    email: str
    title: str
    phone: str
    country: str
    timezone: str
    emails: Mapping[System, str] = field(default_factory=dict)
    unknown_to: frozenset[System] = frozenset()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def email_in(self, system: System) -> str:
        """The address that a system holds."""
        return self.emails.get(system, self.email)


@dataclass(frozen=True)
class Employee:
    """Somebody inside; `role` is one of rep, manager, marketer, agent, engineer."""

    key: str
    first: str
    last: str
    email: str
    role: str
    team: str
    manager: str | None
    timezone: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True)
class Campaign:
    """Marketing with a budget; `channel` is one of email, event, webinar, search, social, content, partner, referral."""

    key: str
    name: str
    channel: str
    start: int
    end: int | None
    budget: int
    currency: str
    owner: str


@dataclass(frozen=True)
class Deal:
    """A sale in progress; amounts are in minor units of `currency` for the contract's first year, `close` is an instant."""

    key: str
    organization: str
    person: str
    owner: str
    name: str
    kind: str
    """new, expansion or renewal."""
    plan: str
    seats: int
    amount: int
    currency: str
    source: str
    campaign: str | None
    close: int
    competitor: str | None = None
    """Who else is in the running, as far as the customer says."""
    partner: str | None = None
    partner_role: str | None = None
    """sourced or influenced: whether the partner brought the deal or took part in it."""
