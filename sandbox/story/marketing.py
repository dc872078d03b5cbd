"""Campaigns of every channel, what they cost, and the mailings of some."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import replace
from random import Random

from sandbox.story.events import CampaignPlanned, CampaignSpent, CampaignTouched, Mailing, MailingCounted
from sandbox.story.people import Campaign
from sandbox.story.staff import Staff
from sandbox.story.telling import DAY, HOUR, Act, Telling, chance

CHANNEL_OF = {
    "organic": "content", "paid_search": "search", "social": "social", "referral": "referral", "event": "event",
    "email": "email", "partner": "partner",
}  # fmt: skip
"""The channel in which a source of leads has campaigns; outbound and direct have none."""

_QUARTERLY = {
    "search": ("Search", 26), "social": ("Social", 18), "content": ("Content", 8), "partner": ("Partners", 6),
    "referral": ("Referral bonus", 3), "email": ("Newsletter", 2),
}  # fmt: skip
"""Campaigns of every quarter: name and budget, in currency units per customer of the company."""
_GATHERINGS = {"event": ("Trade fair", 14, 2), "webinar": ("Webinar", 2, 3)}
"""Campaigns with a day of their own: name, budget per customer, number a quarter."""
_ITEMS = {
    "search": ("Google Ads", "Bing Ads"),
    "social": ("LinkedIn Ads", "Meta Ads"),
    "content": ("Agency", "Translation"),
    "event": ("Booth", "Travel", "Giveaways"),
    "webinar": ("Platform", "Speaker"),
}
_SUBJECTS = ("What is new", "Five ideas for your team", "You are invited", "Neue Funktionen ✨", "How Acme saves a day a week")
_AUDIENCE = 600
_TOUCHES = 15
"""People that a mailing reaches and clicks that become responses, at most."""
_COUNTED_AFTER = (HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY)


class Marketing:
    """Plans campaigns quarter by quarter; leads ask it which one brought them."""

    def __init__(self, telling: Telling, staff: Staff, customers: int, currency: str, gone: set[str]) -> None:
        self._telling = telling
        self._gone = gone
        self._staff = staff
        self._random = telling.chance("marketing")
        self._unit = max(40, customers**0.85) * 100
        self._currency = currency
        self._running: dict[str, list[str]] = {}
        self.audience: deque[str] = deque(maxlen=_AUDIENCE)

    def live(self) -> Act:
        """Every quarter is planned on its first day; the first one at once."""
        telling = self._telling
        while True:
            month = int(telling.date(telling.now)[5:7])
            quarter = telling.month_after(telling.now, -((month - 1) % 3))
            end = telling.month_after(quarter, 3)
            label = f"{telling.date(quarter)[:4]} Q{(int(telling.date(quarter)[5:7]) + 2) // 3}"
            for channel, (name, budget) in _QUARTERLY.items():
                telling.play(self._campaign(channel, f"{name} {label}", budget, telling.now, end))
            for channel, (name, budget, times) in _GATHERINGS.items():
                for number in range(times):
                    telling.play(self._gathering(channel, f"{name} {label} #{number + 1}", budget, quarter, end))
            yield end

    def campaign_for(self, source: str, random: Random) -> str | None:
        """A running campaign that explains a source, if there is one."""
        channel = CHANNEL_OF.get(source)
        if channel == "event" and chance(random, 40):
            channel = "webinar"
        running = self._running.get(channel or "", [])
        return random.choice(running) if running and chance(random, 85) else None

    def _plan(self, channel: str, name: str, budget: int, start: int, end: int | None) -> Campaign:
        amount = int(budget * self._unit * self._random.uniform(0.8, 1.2)) // 10_000 * 10_000
        owner = self._staff.marketer(self._random)
        key = self._telling.key("campaign")
        campaign = Campaign(key, name, channel, start, end, amount, self._currency, owner)
        self._telling.tell(CampaignPlanned(self._telling.now, campaign))
        self._running.setdefault(channel, []).append(campaign.key)
        return campaign

    def _spend(self, campaign: Campaign, share: float) -> None:
        items = _ITEMS.get(campaign.channel, ("Other",))
        amount = int(campaign.budget * share * self._random.uniform(0.7, 1.3))
        self._telling.tell(CampaignSpent(self._telling.now, campaign.key, self._random.choice(items), amount))

    def _campaign(self, channel: str, name: str, budget: int, start: int, end: int) -> Act:
        """A campaign of a quarter: money every week, e-mail every fortnight."""
        telling = self._telling
        campaign = self._plan(channel, name, budget, start, end)
        weeks = max(1, (end - start) // (7 * DAY))
        for week in range(weeks):
            yield start + week * 7 * DAY + DAY + int(self._random.uniform(8, 17) * HOUR)
            self._spend(campaign, 1 / weeks)
            if channel == "email" and week % 2:
                telling.play(self._mailing(campaign))
        if chance(self._random, 20):
            yield end - 5 * DAY
            telling.tell(CampaignPlanned(telling.now, replace(campaign, end=end + 14 * DAY)))
            yield end + 14 * DAY
        else:
            yield end
        self._running[channel].remove(campaign.key)

    def _gathering(self, channel: str, name: str, budget: int, start: int, end: int) -> Act:
        """A fair or webinar on a day of the quarter; its follow-up ends three weeks later."""
        telling = self._telling
        day = start + int(self._random.uniform(0.25, 0.9) * (end - start))
        if day < telling.now + DAY:
            return
        campaign = self._plan(channel, name, budget, day, day + 2 * DAY)
        self._running[channel].remove(campaign.key)
        yield telling.now + (day - telling.now) // 2
        self._spend(campaign, 0.5)
        yield telling.at_work(day, self._random)
        self._running[channel].append(campaign.key)
        self._touch(campaign, list(self.audience)[: _TOUCHES // 2])
        yield telling.now + 6 * DAY
        self._spend(campaign, 0.5)
        yield telling.now + 15 * DAY
        self._running[channel].remove(campaign.key)

    def _mailing(self, campaign: Campaign) -> Act:
        """A mailing to everybody who may be written to; the counts grow for a week."""
        telling, random = self._telling, self._random
        yield telling.at_work(telling.now + HOUR, random)
        recipients = tuple(person for person in dict.fromkeys(self.audience) if person not in self._gone)
        if not recipients:
            return
        key, sent = telling.key("mailing"), telling.now
        telling.tell(Mailing(sent, key, campaign.key, random.choice(_SUBJECTS), recipients))
        bounced = int(len(recipients) * random.uniform(0.005, 0.03))
        delivered = len(recipients) - bounced
        opening, clicking, leaving = random.uniform(0.18, 0.42), random.uniform(0.02, 0.07), random.uniform(0.001, 0.01)
        for turn, after in enumerate(_COUNTED_AFTER):
            yield sent + after
            part = (turn + 1) / len(_COUNTED_AFTER)
            opened, clicked = int(delivered * opening * part), int(delivered * clicking * part)
            counted = MailingCounted(telling.now, key, delivered, opened, clicked, bounced, int(delivered * leaving * part))
            telling.tell(counted)
        self._touch(campaign, random.sample(recipients, min(_TOUCHES, clicked)))

    def _touch(self, campaign: Campaign, people: Iterable[str]) -> None:
        for person in people:
            if person not in self._gone:
                self._telling.tell(CampaignTouched(self._telling.now, person, campaign.key))
