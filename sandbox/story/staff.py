"""The company's people: reps under managers, marketers, agents in groups. They come, change teams and leave."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from random import Random

from sandbox.story.events import QuotaSet, StaffJoined, StaffLeft
from sandbox.story.people import Employee
from sandbox.story.telling import HOUR, Act, Telling, chance
from sandbox.story.vocabulary import FIRST, LAST

GROUPS = ("Support", "Billing", "Technical")
"""Groups of agents; in Zendesk a group, in Intercom a team."""
CATEGORIES = {"billing": 20, "bug": 24, "howto": 28, "feature": 12, "account": 14, "outage": 2}
"""What customers ask about, in percent."""
GROUP_OF = {"billing": "Billing", "bug": "Technical", "outage": "Technical"}
"""The group that a category goes to; others go to Support."""
SALES_TEAMS = ("Inbound", "Enterprise", "Europe", "Expansion", "Partners")
ZONES = ("America/New_York", "Europe/Berlin", "Europe/London", "Asia/Tokyo")

_REPS_A_TEAM = 6
_LEAVING_PERCENT = 1.6
_MOVING_PERCENT = 1.0
"""Of the staff in a month."""
_STRETCH = 1.12
"""Next quarter's quota in relation to the last quarter's average bookings per rep."""
_FIRST_QUOTA = 12_000_00


class Staff:
    """Everybody employed now, by role; `bookings` of the current quarter are noted for the next quotas."""

    def __init__(self, telling: Telling, customers: int, currency: str) -> None:
        self._telling = telling
        self._random = telling.chance("staff")
        self._currency = currency
        size = customers**0.6
        self._wanted = {"rep": max(4, int(size / 5)), "marketer": max(2, int(size / 10)), "agent": max(6, int(size / 4))}
        self._here: dict[str, Employee] = {}
        self._by_role: dict[str, list[str]] = {}
        self._agents: dict[str, list[str]] = {}
        self._used: set[str] = set()
        self.booked = 0

    def live(self) -> Act:
        """Everybody is hired at the beginning; each month some leave, are replaced, or move."""
        telling = self._telling
        self._hire_all()
        self._set_quotas(telling.month_after(telling.now, 0))
        while True:
            month = telling.month_after(telling.now, 1)
            yield month
            if int(telling.date(month)[5:7]) % 3 == 1:
                self._set_quotas(month)
            yield telling.now + 9 * HOUR
            for key in list(self._here):
                self._maybe_change(key)

    def _hire_all(self) -> None:
        teams = SALES_TEAMS[: max(2, min(len(SALES_TEAMS), self._wanted["rep"] // _REPS_A_TEAM))]
        for number in range(self._wanted["marketer"]):
            self.hire("marketer", "Marketing" if number % 2 else "Growth", None)
        managers = [self.hire("manager", team, None) for team in teams]
        for number in range(self._wanted["rep"]):
            manager = managers[number % len(managers)]
            self.hire("rep", manager.team, manager.key)
        for number in range(self._wanted["agent"]):
            self.hire("agent", GROUPS[number % len(GROUPS)], None)
        self.hire("engineer", "Platform", None)

    def hire(self, role: str, team: str, manager: str | None) -> Employee:
        """Somebody new."""
        first, last = self._random.choice(FIRST), self._random.choice(LAST)
        email = self._address(first, last)
        zone = self._random.choice(ZONES)
        employee = Employee(self._telling.key("employee"), first, last, email, role, team, manager, zone)
        self._place(employee)
        return employee

    def _address(self, first: str, last: str) -> str:
        name = f"{slug(first)}.{slug(last)}"
        while name in self._used:
            name += str(self._random.randint(2, 9))
        self._used.add(name)
        return f"{name}@northwind.example"

    def _place(self, employee: Employee) -> None:
        self._here[employee.key] = employee
        self._by_role.setdefault(employee.role, []).append(employee.key)
        if employee.role == "agent":
            self._agents.setdefault(employee.team, []).append(employee.key)
        self._telling.tell(StaffJoined(self._telling.now, employee))

    def _withdraw(self, employee: Employee) -> None:
        del self._here[employee.key]
        self._by_role[employee.role].remove(employee.key)
        if employee.role == "agent":
            self._agents[employee.team].remove(employee.key)

    def _maybe_change(self, key: str) -> None:
        employee = self._here[key]
        if employee.role not in ("rep", "agent", "marketer"):
            return
        if chance(self._random, _LEAVING_PERCENT):
            self._withdraw(employee)
            self._telling.tell(StaffLeft(self._telling.now, key))
            self.hire(employee.role, employee.team, employee.manager)
        elif employee.role != "marketer" and chance(self._random, _MOVING_PERCENT):
            self._move(employee)

    def _move(self, employee: Employee) -> None:
        if employee.role == "agent":
            if len(self._agents[employee.team]) == 1:
                return
            team, manager = self._random.choice(GROUPS), None
        else:
            chief = self._here[self._random.choice(self._by_role["manager"])]
            team, manager = chief.team, chief.key
        if team != employee.team:
            self._withdraw(employee)
            self._place(replace(employee, team=team, manager=manager))

    def _set_quotas(self, period: int) -> None:
        reps = self._by_role["rep"]
        amount = max(_FIRST_QUOTA, int(self.booked / len(reps) * _STRETCH))
        self.booked = 0
        for rep in reps:
            wanted = int(amount * self._random.uniform(0.8, 1.25)) // 100_000 * 100_000
            self._telling.tell(QuotaSet(self._telling.now, rep, self._telling.date(period), wanted, self._currency))

    def is_here(self, employee: str | None) -> bool:
        """Whether somebody still works here."""
        return employee in self._here

    def rep(self, random: Random) -> str:
        """A rep who gets something new."""
        return random.choice(self._by_role["rep"])

    def marketer(self, random: Random) -> str:
        """A marketer."""
        return random.choice(self._by_role["marketer"])

    def agent(self, group: str, random: Random) -> str:
        """An agent of a group."""
        return random.choice(self._agents[group])


def slug(text: str) -> str:
    """A word of plain small letters; empty where there are none."""
    for letter, plain in (("ß", "ss"), ("ł", "l"), ("Ł", "l"), ("ø", "o"), ("Ø", "o"), ("æ", "ae"), ("Æ", "ae"), ("İ", "i")):
        text = text.replace(letter, plain)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain.lower() if letter.isalnum())
