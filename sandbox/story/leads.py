"""Leads: who shows interest, how far they come, and the past of those who sign up."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sandbox.company.told import Newcomer
from sandbox.story import pricing
from sandbox.story.chats import Chats
from sandbox.story.deals import CYCLE, Deals, Sale
from sandbox.story.ensemble import Ensemble
from sandbox.story.events import CampaignTouched, LeadCaptured, LeadDisqualified, LeadScored, LifecycleReached
from sandbox.story.people import Organization, Person, System
from sandbox.story.spelling import AFTER_SALE
from sandbox.story.telling import DAY, HOUR, Act, around, chance
from sandbox.story.vocabulary import DISQUALIFIED, FORMS_ON_SITE

LEADS_A_CUSTOMER = 10.0
"""Leads per customer of the company in two years of history, those included who buy."""
_SOURCES = {
    "organic": 24, "paid_search": 18, "social": 12, "referral": 8, "event": 9, "email": 7, "outbound": 9,
    "direct": 9, "partner": 4,
}  # fmt: skip
_BY_FORM = ("organic", "paid_search", "social", "direct", "email", "event")
_PLANS = {"starter": 26, "team": 34, "business": 18, "scale": 12, "packs": 6, "contacts": 4}
_SOLD_BY_REPS = {"team": 62, "business": 90, "scale": 96, "packs": 70, "contacts": 65}
"""Percent of the customers of a plan behind whom there is a deal; of others three in ten."""
_WALK_IN_PERCENT = 12
_SECOND_PERCENT = 12
"""Of organizations that will buy, those of which a second person shows interest."""
_SCORES = (35, 98)
"""Of leads that are qualified, the lowest and the highest."""
_CHATTING_PERCENT = 15
"""Of qualified leads, who ask something in the messenger on the web site."""


@dataclass
class Lead:
    """A person of interest, how they came, and the deal there may be."""

    person: Person
    organization: Organization | None
    source: str
    campaign: str | None
    owner: str | None
    random: Random
    sale: Sale | None = None
    stage: str = ""


class Leads:
    """The stream of those who never buy, and the courtship of those who will."""

    def __init__(self, ensemble: Ensemble, deals: Deals, chats: Chats, customers: int, months: float) -> None:
        self._on = ensemble
        self._telling = ensemble.telling
        self._deals = deals
        self._chats = chats
        self._random = ensemble.telling.chance("leads")
        total = customers * (LEADS_A_CUSTOMER * ensemble.telling.scale * months / 24 - 1)
        self._rate = max(total, 1) / (ensemble.telling.start - ensemble.telling.begin)
        self._recent: deque[Organization] = deque(maxlen=40)
        self.courted: dict[int, Lead] = {}

    def live(self) -> Act:
        """People come at a growing rate, more of them on working days and after fairs."""
        telling = self._telling
        while True:
            yield telling.now + int(self._random.expovariate(self._rate * (0.5 + telling.elapsed()))) + 1
            telling.play(self._drift(telling.chance(telling.key("lead"))), self._delay())

    def _delay(self) -> int:
        return self._telling.by_day(self._telling.now, self._random, 60) - self._telling.now

    def _drift(self, random: Random) -> Act:
        """Somebody who will not buy: most come to nothing soon, some become a deal that is lost."""
        lead = self._capture(random, self._somewhere(random), self._source(random))
        yield self._telling.by_day(self._telling.now + around(random, 3 * DAY), random)
        if not chance(random, 54):
            self._let_go(lead, 25)
            return
        yield from self._qualify(lead)
        if not chance(random, 58):
            self._let_go(lead, 40)
            return
        self._reach(lead, "salesqualifiedlead")
        yield from self._hesitate(lead)
        if lead.organization is None or not chance(random, 82):
            self._let_go(lead, 55)
            return
        plan = random.choices(tuple(_PLANS), tuple(_PLANS.values()))[0]
        yield from self._sell(lead, plan, self._close(random, plan), "lost")
        if chance(random, 45):
            self._reach(lead, "lead")
        self._let_go(lead, 30)

    def _close(self, random: Random, plan: str) -> int:
        return self._telling.by_day(self._telling.now + around(random, CYCLE[plan] * DAY), random, 90)

    def _somewhere(self, random: Random) -> Organization | None:
        dice = random.random()
        if dice < 0.14:
            return None
        if dice < 0.32 and self._recent:
            return self._on.society.organizations[random.choice(self._recent).key]
        organization = self._on.society.prospect(random)
        self._recent.append(organization)
        self._on.slips.maybe_twice(organization, random)
        return organization

    def _source(self, random: Random) -> str:
        return random.choices(tuple(_SOURCES), tuple(_SOURCES.values()))[0]

    def _capture(self, random: Random, organization: Organization | None, source: str) -> Lead:
        on, now = self._on, self._telling.now
        campaign = on.marketing.campaign_for(source, random)
        form = random.choice(FORMS_ON_SITE) if source in _BY_FORM and chance(random, 80) else None
        owner = on.staff.rep(random) if source in ("outbound", "partner") or chance(random, 55) else None
        person = on.society.person(random, organization, AFTER_SALE | _overlooked(random))
        self._telling.tell(LeadCaptured(now, person.key, source, campaign, form, owner))
        if campaign:
            self._telling.tell(CampaignTouched(now, person.key, campaign))
            on.slips.maybe_remove("campaign member", f"{campaign}/{person.key}", random)
        on.marketing.audience.append(person.key)
        on.slips.maybe_twice(person, random)
        lead = Lead(person, organization, source, campaign, owner, random)
        self._reach(lead, "subscriber" if form == "Newsletter" or chance(random, 10) else "lead")
        return lead

    def _reach(self, lead: Lead, stage: str) -> None:
        if lead.stage != stage:
            lead.stage = stage
            self._telling.tell(LifecycleReached(self._telling.now, lead.person.key, stage))
            if stage == "marketingqualifiedlead":
                score = self._telling.chance(f"score {lead.person.key} {self._telling.now}").randint(*_SCORES)
                self._telling.tell(LeadScored(self._telling.now, lead.person.key, score))

    def _contact(self, lead: Lead, times: int) -> None:
        if not self._on.staff.is_here(lead.owner):
            lead.owner = self._on.staff.rep(lead.random)
        for _ in range(times):
            self._deals.deed(lead.random, lead.owner or "", lead.person.key, lead.person.organization, None)

    def _qualify(self, lead: Lead) -> Iterator[int]:
        """To a marketing qualified lead and on; some skip that, some fall back on the way."""
        random, telling = lead.random, self._telling
        if chance(random, 90):
            self._reach(lead, "marketingqualifiedlead")
        yield telling.by_day(telling.now + around(random, 5 * DAY), random)
        self._contact(lead, random.choice((0, 0, 1, 1)))
        if chance(random, _CHATTING_PERCENT):
            lead.person = self._on.society.know(lead.person, "intercom")
            telling.play(self._chats.chat(lead.person, random), telling.by_day(telling.now, random) - telling.now)
        if chance(random, 8):
            self._reach(lead, "lead")
            yield telling.by_day(telling.now + around(random, 30 * DAY), random)
            self._reach(lead, "marketingqualifiedlead")
            yield telling.by_day(telling.now + around(random, 6 * DAY), random)

    def _hesitate(self, lead: Lead) -> Iterator[int]:
        """A sales qualified lead before there is a deal; some are sent back to marketing for a while."""
        random, telling = lead.random, self._telling
        yield telling.at_work(telling.now + around(random, 4 * DAY), random)
        self._contact(lead, random.choice((1, 1, 2)))
        if chance(random, 9):
            self._reach(lead, "marketingqualifiedlead")
            yield telling.at_work(telling.now + around(random, 25 * DAY), random)
            self._reach(lead, "salesqualifiedlead")

    def _open(self, lead: Lead, plan: str, seats: int, closing: int) -> Sale:
        """A deal of the lead, in systems that know the person from now on."""
        random = lead.random
        lead.person = self._on.society.know(lead.person, "hubspot", "salesforce")
        if not self._on.staff.is_here(lead.owner):
            lead.owner = self._on.staff.rep(random)
        expected = self._telling.now + int((closing - self._telling.now) * random.uniform(0.5, 1.3)) + DAY
        origin = {"owner": lead.owner, "source": lead.source, "campaign": lead.campaign, "close": expected}
        lead.sale = self._deals.open(random, lead.person, "new", plan, seats, **origin)
        self._reach(lead, "opportunity")
        return lead.sale

    def _sell(self, lead: Lead, plan: str, closing: int, outcome: str) -> Iterator[int]:
        random = lead.random
        if outcome == "lost" and chance(random, 4):
            outcome = "open"
        sale = self._open(lead, plan, pricing.seats(plan, random), closing)
        yield from self._deals.work(sale, random, closing, outcome)

    def _let_go(self, lead: Lead, disqualified_percent: float) -> None:
        if chance(lead.random, disqualified_percent):
            reason = lead.random.choice(DISQUALIFIED)
            self._telling.tell(LeadDisqualified(self._telling.now, lead.person.key, reason))
        if lead.sale is None:
            self._on.slips.maybe_remove("person", lead.person.key, lead.random, lead.person.unknown_to)
            self._on.slips.maybe_erase(lead.person, lead.random)

    def court(self, newcomer: Newcomer, at: int) -> Act:
        """The past of somebody who signs up at an instant; some have none."""
        assert newcomer.number is not None
        telling, random = self._telling, self._telling.chance(f"buyer {newcomer.number}")
        if chance(random, _WALK_IN_PERCENT):
            return
        sold = chance(random, _SOLD_BY_REPS.get(newcomer.plan, 30))
        days = CYCLE.get(newcomer.plan, 30) * (2.0 if sold else 0.9)
        earliest = max(telling.now, telling.begin + HOUR)
        first = max(at - around(random, days * DAY, 0.6), earliest + int(0.3 * random.random() * (at - earliest)))
        if first >= at - 300:
            return
        yield first
        organization = self._on.society.buyer(random, newcomer)
        self._on.slips.maybe_twice(organization, random)
        lead = self.courted[newcomer.number] = self._capture(random, organization, self._source(random))
        if chance(random, _SECOND_PERCENT):
            self._capture(random, organization, self._source(random))
        span = at - first
        yield first + int(span * random.uniform(0.05, 0.25))
        if sold or chance(random, 60):
            self._reach(lead, "marketingqualifiedlead")
        yield first + int(span * random.uniform(0.28, 0.45))
        if not sold:
            return
        if chance(random, 92):
            self._reach(lead, "salesqualifiedlead")
        self._contact(lead, random.choice((0, 1, 1, 2)))
        yield first + int(span * random.uniform(0.48, 0.62))
        closing = telling.by_day(max(telling.now + 600, at + int(random.uniform(-3, 4) * DAY)), random, 90)
        yield from self._sell(lead, newcomer.plan, closing, "won")


def _overlooked(random: Random) -> frozenset[System]:
    """Systems of marketing and sales that fail to notice a lead."""
    dice = random.random() * 100
    return frozenset({"hubspot"}) if dice < 4 else frozenset({"salesforce"}) if dice < 10 else frozenset()
