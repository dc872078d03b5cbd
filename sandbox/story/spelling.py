"""How systems misspell and mislay who they know: other names, other domains, missing links."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from sandbox.story.people import System
from sandbox.story.staff import slug
from sandbox.story.vocabulary import BRANDS, FORMS, TRADES

SYSTEMS: tuple[System, ...] = ("hubspot", "salesforce", "zendesk", "intercom")
AFTER_SALE = frozenset({"zendesk", "intercom"})
"""Systems that only know customers, and those who asked them something."""

LINKS = ("linked", "by domain", "by name", "lost", "unknown")
_LIKELY: dict[System, tuple[int, ...]] = {
    "hubspot": (46, 38, 8, 5, 3),
    "salesforce": (56, 22, 11, 5, 6),
    "zendesk": (40, 41, 8, 6, 5),
    "intercom": (76, 12, 3, 5, 4),
}
"""How a system's record of a customer can be brought together with Stripe's, in percent as in LINKS."""
_MISSPELT_PERCENT = 22


@dataclass
class Traces:
    """What systems believe about an organization where they differ."""

    names: dict[System, str] = field(default_factory=dict)
    domains: dict[System, str] = field(default_factory=dict)
    unknown_to: set[System] = field(default_factory=set)
    linked_in: set[System] = field(default_factory=set)


def traces(random: Random, name: str, country: str, buys: bool) -> Traces:
    """The imperfections of one organization; only those who buy can be linked."""
    found = Traces()
    for system in SYSTEMS:
        link = random.choices(LINKS, _LIKELY[system])[0] if buys else "by domain"
        if link == "linked":
            found.linked_in.add(system)
        elif link == "unknown":
            found.unknown_to.add(system)
        if link in ("by name", "lost"):
            found.domains[system] = _other_domain(random)
        if link == "lost":
            found.names[system] = brand(random)
        elif random.random() * 100 < _MISSPELT_PERCENT:
            found.names[system] = misspelt(random, name, country)
    return found


def _other_domain(random: Random) -> str:
    return random.choice(("", f"{slug(random.choice(BRANDS))}-group{random.randint(10, 99_999)}.example"))


def brand(random: Random) -> str:
    """A name unlike the one in law."""
    return f"{random.choice(BRANDS)} {random.choice(TRADES)} {random.randint(2, 99)}"


def company(random: Random, country: str) -> str:
    """A company's name in law."""
    return f"{random.choice(BRANDS)} {random.choice(TRADES)} {random.choice(FORMS.get(country, FORMS['US']))}"


def _without_form(random: Random, name: str, country: str) -> str:
    known = [form for forms in FORMS.values() for form in forms] + ["S.à r.l.", "Oy", "& Søn"]
    for form in known:
        name = name.replace(f" {form}", "")
    return name


def _other_form(random: Random, name: str, country: str) -> str:
    return f"{_without_form(random, name, country)}, {random.choice(FORMS.get(country, FORMS['US']))}"


def _plain(random: Random, name: str, country: str) -> str:
    for letter, plain in (("ö", "oe"), ("ü", "ue"), ("ä", "ae"), ("ß", "ss"), ("ø", "o"), ("Å", "A"), ("é", "e"), ("à", "a")):
        name = name.replace(letter, plain)
    return name.replace("&", "and")


def _swapped(random: Random, name: str, country: str) -> str:
    at = random.randrange(1, max(2, len(name) // 2))
    return name[:at] + name[at : at + 2][::-1] + name[at + 2 :]


_WAYS: tuple[tuple[Callable[[Random, str, str], str], int], ...] = (
    (_without_form, 32),
    (_other_form, 18),
    (_plain, 12),
    (lambda random, name, country: name.upper(), 12),
    (lambda random, name, country: name.lower(), 12),
    (lambda random, name, country: f" {name.replace(' ', '  ', 1)} ", 6),
    (_swapped, 8),
)


def misspelt(random: Random, name: str, country: str) -> str:
    """The same name as somebody else would write it."""
    ways, weights = zip(*_WAYS, strict=True)
    written: str = random.choices(ways, weights)[0](random, name, country)
    return written
