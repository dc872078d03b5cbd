"""Everybody outside the company: organizations and people, and who of them is known to which system."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from random import Random
from typing import Any

from sandbox.company.told import Newcomer
from sandbox.story.events import OrganizationMet, PersonMet
from sandbox.story.people import Organization, Person, System
from sandbox.story.spelling import AFTER_SALE, SYSTEMS, company, traces
from sandbox.story.staff import slug
from sandbox.story.telling import Telling, chance
from sandbox.story.vocabulary import ABROAD, DIALLING, FIRST, INDUSTRIES, LAST, TITLES, ZONES

_CURRENCIES = ("USD", "EUR", "GBP", "JPY")
_NOBODY: frozenset[System] = frozenset()
_SAME: dict[System, str] = {}
_SETS: dict[frozenset[System], frozenset[System]] = {}
"""Few sets of systems serve very many organizations."""


class Society:
    """Introduces organizations and people, and keeps what is true of every organization."""

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self.organizations: dict[str, Organization] = {}
        self.customers: dict[str, list[str]] = {}
        self.gone: set[str] = set()
        """Organizations and people whose record was removed from some system."""
        self.erased: set[str] = set()
        self.running: set[str] = set()
        """Organizations that are customers now."""
        self._lacking: dict[str, frozenset[System]] = {}
        self._domains: set[str] = set()
        self._addresses: set[str] = set()

    def prospect(self, random: Random) -> Organization:
        """An organization that may never buy."""
        currency = random.choices(_CURRENCIES, (62, 20, 11, 7))[0]
        country = random.choice(ABROAD[currency])
        name = company(random, country)
        return self._meet(random, name, self._domain(name), country, currency, buys=False)

    def buyer(self, random: Random, newcomer: Newcomer) -> Organization:
        """The organization that signs up under a name and an address."""
        domain = newcomer.email.rpartition("@")[2] if newcomer.email else self._domain(newcomer.name)
        return self._meet(random, newcomer.name, domain, newcomer.country, newcomer.currency.upper(), buys=True)

    def _domain(self, name: str) -> str:
        first = domain = slug(name) or "company"
        number = 1
        while domain in self._domains:
            number += 1
            domain = f"{first}{number}"
        self._domains.add(domain)
        return f"{domain}.example"

    def _meet(self, random: Random, name: str, domain: str, country: str, currency: str, buys: bool) -> Organization:
        key = self._telling.key("organization")
        found = traces(random, name, country, buys)
        if found.unknown_to:
            self._lacking[key] = frozenset(found.unknown_to)
        unknown = AFTER_SALE | found.unknown_to
        if chance(random, 65):
            unknown |= {"salesforce"}
        industry, employees = random.choice(INDUSTRIES), max(1, int(random.lognormvariate(3.4, 1.3)))
        return self._tell(
            Organization(
                key, name, domain, country, industry, employees, currency,
                found.names or _SAME, found.domains or _SAME, _one(unknown), _one(found.linked_in),
            )
        )  # fmt: skip

    def _tell(self, organization: Organization) -> Organization:
        self.organizations[organization.key] = organization
        self._telling.tell(OrganizationMet(self._telling.now, organization))
        return organization

    def change(self, key: str, **changes: Any) -> None:
        """An organization is described anew."""
        self._tell(replace(self.organizations[key], **changes))

    def admit(self, key: str, systems: Iterable[System], stubborn: bool = True) -> None:
        """Systems come to know an organization; if `stubborn`, those that failed to notice it still do not."""
        unknown = self.organizations[key].unknown_to - frozenset(systems)
        if stubborn:
            unknown |= self._lacking.get(key, _NOBODY)
        elif key in self._lacking:
            self._lacking[key] -= frozenset(systems)
        if unknown != self.organizations[key].unknown_to:
            self.change(key, unknown_to=_one(unknown))

    def person(self, random: Random, organization: Organization | None, unknown_to: frozenset[System]) -> Person:
        """Somebody of an organization, or of none."""
        key = self._telling.key("person")
        first, last = random.choice(FIRST), random.choice(LAST)
        country = organization.country if organization else random.choice(tuple(ZONES))
        email = self._address(random, first, last, organization)
        phone = f"{DIALLING[country]}{random.randint(200_000_000, 999_999_999)}" if chance(random, 60) else ""
        zone, title = random.choice(ZONES[country]), random.choice(TITLES)
        emails = self._other_addresses(random, email, organization)
        home = organization.key if organization else None
        person = Person(key, home, first, last, email, title, phone, country, zone, emails, unknown_to)
        self._telling.tell(PersonMet(self._telling.now, person))
        return person

    def _address(self, random: Random, first: str, last: str, organization: Organization | None) -> str:
        at_home = organization is not None and not chance(random, 4)
        domain = organization.domain if organization and at_home else random.choice(("mail.example", "post.example"))
        local = f"{slug(first)}.{slug(last)}" if chance(random, 80) else slug(first)[:1] + slug(last)
        address = f"{local}@{domain}"
        while address in self._addresses:
            address = f"{local}{random.randint(2, 9_999)}@{domain}"
        self._addresses.add(address)
        return address

    def _other_addresses(self, random: Random, email: str, organization: Organization | None) -> dict[System, str]:
        if not chance(random, 14):
            return {}
        local, _, domain = email.partition("@")
        tag = random.choice(SYSTEMS)
        ways = [email.title(), f"{local}+{tag}@{domain}", f"{local}.private{random.randint(10, 99_999)}@mail.example"]
        if organization:
            ways.append(f"{random.choice(('office', 'billing', 'it'))}{random.randint(2, 99_999)}@{organization.domain}")
        return {random.choice(SYSTEMS): random.choice(ways)}

    def know(self, person: Person, *systems: System) -> Person:
        """Systems come to know a person."""
        if not person.unknown_to & frozenset(systems):
            return person
        return self.describe(person, unknown_to=person.unknown_to - frozenset(systems))

    def describe(self, person: Person, **changes: Any) -> Person:
        """A person is described anew."""
        person = replace(person, **changes)
        self._telling.tell(PersonMet(self._telling.now, person))
        return person

    def move(self, random: Random, person: Person, organization: Organization) -> Person:
        """A person takes a job elsewhere: another address and title."""
        email = self._address(random, person.first, person.last, organization)
        return self.describe(person, organization=organization.key, email=email, emails={}, title=random.choice(TITLES))

    def rename(self, random: Random, person: Person, organization: Organization) -> Person:
        """A person takes another last name, and an address with it."""
        last = random.choice(LAST)
        email = self._address(random, person.first, last, organization)
        return self.describe(person, last=last, email=email)

    def identities(self) -> dict[str, dict[str, Any]]:
        """Per organization: its customers in Stripe, and what every other system makes of it."""
        return {
            key: {
                "stripe": list(self.customers.get(key, ())),
                "name": organization.name,
                "domain": organization.domain,
                "systems": {system: _seen(organization, system) for system in SYSTEMS},
            }
            for key, organization in self.organizations.items()
        }


def _one(systems: Iterable[System]) -> frozenset[System]:
    wanted = frozenset(systems)
    return _SETS.setdefault(wanted, wanted)


def _seen(organization: Organization, system: System) -> dict[str, Any]:
    return {
        "known": system not in organization.unknown_to,
        "linked": system in organization.linked_in,
        "name": organization.name_in(system),
        "domain": organization.domain_in(system),
    }
