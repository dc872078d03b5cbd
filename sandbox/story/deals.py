"""Sales: deals move forward and back, are revised, stall, are won and lost; what reps do is noted as activities."""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sandbox.story import vocabulary
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import (
    DEAL_STAGES,
    LOST_REASONS,
    ActivityDone,
    DealLost,
    DealMoved,
    DealOpened,
    DealRevised,
    DealWon,
)
from sandbox.story.people import Deal, Person
from sandbox.story.pricing import converted, offered
from sandbox.story.telling import DAY, HOUR, Act, around, chance

CYCLE = {"starter": 14, "pulse": 14, "team": 28, "packs": 30, "contacts": 32, "business": 48, "scale": 70}
"""Typical days from opening to signature by plan; others take a month."""
_WORDS = {
    "call": (vocabulary.CALLS, (5, 45)),
    "meeting": (vocabulary.MEETINGS, (30, 90)),
    "email": (vocabulary.LETTERS, (0, 0)),
    "note": (vocabulary.NOTES, (0, 0)),
    "task": (vocabulary.TASKS, (0, 0)),
}
_OFTEN = {"call": 30, "meeting": 14, "email": 32, "note": 12, "task": 12}
_DEEDS_A_DEAL = 3.9
_NEVER_DONE_PERCENT = 20
_CONTESTED_PERCENT = 30
_HELPED_PERCENT = 8
"""Of deals, those in which a competitor is named, and those in which a partner takes part that did not bring them."""


@dataclass
class Sale:
    """A deal while it is worked on."""

    deal: Deal
    stage: str = DEAL_STAGES[0]
    over: bool = False


class Deals:
    """Opens deals and works on them."""

    def __init__(self, ensemble: Ensemble) -> None:
        self._on = ensemble
        self._telling = ensemble.telling

    def open(self, random: Random, person: Person, kind: str, plan: str, seats: int, **origin: Any) -> Sale:
        """A new deal; `origin` has its `owner`, `source`, `campaign` and expected `close`."""
        society = self._on.society
        assert person.organization is not None
        society.admit(person.organization, ("hubspot", "salesforce"), stubborn=False)
        organization = society.organizations[person.organization]
        amount = offered(plan, seats, organization.currency, random)
        name = f"{organization.name} - {plan.capitalize()}" + (f" x{seats}" if seats > 1 else "")
        key = self._telling.key("deal")
        deal = Deal(
            key, organization.key, person.key, name=name, kind=kind, plan=plan, seats=seats, amount=amount,
            currency=organization.currency, **origin, **_others(self._telling.chance(f"others {key}"), origin["source"]),
        )  # fmt: skip
        self._telling.tell(DealOpened(self._telling.now, deal))
        return Sale(deal)

    def work(self, sale: Sale, random: Random, closing: int, outcome: str) -> Act:
        """The sale until it is won or lost at an instant, or left `open` from then on."""
        steps = self._steps(random, closing, outcome)
        for at, step in steps:
            yield at
            if sale.over:
                return
            self._keep_owner(sale, random)
            self._do(sale, step, random)
        yield closing
        if sale.over or outcome == "open":
            return
        self.win(sale, random) if outcome == "won" else self.lose(sale, random)

    def _steps(self, random: Random, closing: int, outcome: str) -> list[tuple[int, str]]:
        now = self._telling.now
        until = now + int((closing - now) * (0.45 if outcome != "won" and chance(random, 18) else 1))
        path = _path(random, outcome == "won")
        deeds = ["deed"] * min(14, int(random.expovariate(1 / _DEEDS_A_DEAL)) + 1)
        deeds += ["revise"] * random.choices((0, 1, 2), (60, 28, 12))[0]
        times = sorted(self._telling.by_day(now + int(random.random() * (until - now)), random) for _ in path)
        steps = list(zip(times, path, strict=True))
        steps += [(self._telling.by_day(now + int(random.random() * (until - now)), random, 95), deed) for deed in deeds]
        return sorted(((min(at, closing), step) for at, step in steps), key=lambda step: step[0])

    def _do(self, sale: Sale, step: str, random: Random) -> None:
        if step == "revise":
            self._revise(sale, random)
        elif step == "deed":
            self.deed(random, sale.deal.owner, sale.deal.person, sale.deal.organization, sale.deal.key)
        elif step != sale.stage:
            sale.stage = step
            self._telling.tell(DealMoved(self._telling.now, sale.deal.key, step))

    def _keep_owner(self, sale: Sale, random: Random) -> None:
        if not self._on.staff.is_here(sale.deal.owner):
            self._describe(sale, owner=self._on.staff.rep(random))

    def _revise(self, sale: Sale, random: Random) -> None:
        if chance(random, 45):
            self._describe(sale, close=max(self._telling.now, sale.deal.close) + around(random, 14 * DAY))
            return
        seats = max(1, round(sale.deal.seats * random.uniform(0.7, 1.4)))
        self.resize(sale, seats, random)

    def resize(self, sale: Sale, seats: int, random: Random) -> None:
        """The deal is for another quantity now."""
        amount = offered(sale.deal.plan, seats, sale.deal.currency, random)
        self._describe(sale, seats=seats, amount=amount)

    def _describe(self, sale: Sale, **changes: Any) -> None:
        sale.deal = replace(sale.deal, **changes)
        self._telling.tell(DealRevised(self._telling.now, sale.deal))

    def win(self, sale: Sale, random: Random) -> None:
        """Signed."""
        sale.over = True
        self._on.staff.booked += converted(sale.deal.amount, sale.deal.currency, self._on.currency)
        self._telling.tell(DealWon(self._telling.now, sale.deal.key, random.choice(vocabulary.WON_REASONS)))

    def lose(self, sale: Sale, random: Random, reason: str = "") -> None:
        """Lost."""
        sale.over = True
        reason = reason or random.choices(LOST_REASONS, (22, 24, 26, 12, 9, 7))[0]
        if reason == "competitor" and sale.deal.competitor is None:
            rivals = self._telling.chance(f"rivals {sale.deal.key}")
            self._describe(sale, competitor=rivals.choice(vocabulary.COMPETITORS))
        self._telling.tell(DealLost(self._telling.now, sale.deal.key, reason))
        self._on.slips.maybe_remove("deal", sale.deal.key, random)

    def deed(self, random: Random, employee: str, person: str | None, organization: str | None, deal: str | None) -> None:
        """An employee does something, or plans to."""
        kind = random.choices(tuple(_OFTEN), tuple(_OFTEN.values()))[0]
        words, (least, most) = _WORDS[kind]
        key, minutes = self._telling.key("activity"), random.randint(least, most)
        done = ActivityDone(
            self._telling.now, key, kind, employee, person, organization, deal, minutes, random.choice(words), kind != "task"
        )
        self._telling.tell(done)
        if kind == "task" and not chance(random, _NEVER_DONE_PERCENT):
            self._telling.play(self._finish(done), around(random, 2 * DAY) + HOUR)
        elif kind != "task":
            self._on.slips.maybe_remove("activity", key, random)

    def _finish(self, task: ActivityDone) -> Act:
        if task.person not in self._on.society.erased:
            self._telling.tell(replace(task, at=self._telling.now, done=True))
        yield from ()


def _others(random: Random, source: str) -> dict[str, str | None]:
    """Who else has to do with a deal; chance of its own, so that the rest of the story does not depend on it."""
    competitor = random.choice(vocabulary.COMPETITORS) if chance(random, _CONTESTED_PERCENT) else None
    role = "sourced" if source == "partner" else "influenced" if chance(random, _HELPED_PERCENT) else None
    partner = random.choice(vocabulary.PARTNERS) if role else None
    return {"competitor": competitor, "partner": partner, "partner_role": role}


def _path(random: Random, wins: bool) -> list[str]:
    """The stages after the first in the order in which they are reached; some are skipped, some come again."""
    last = len(DEAL_STAGES) if wins else random.choices((1, 2, 3, 4), (28, 30, 24, 18))[0]
    path: list[str] = []
    for place in range(1, last):
        if not chance(random, 12):
            path.append(DEAL_STAGES[place])
        if chance(random, 6):
            path += [DEAL_STAGES[place - 1], DEAL_STAGES[place]]
    return path
