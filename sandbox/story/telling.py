"""How the story is told: actors that live from one instant to the next, on the world's agenda."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sandbox.agenda import Agenda
from sandbox.story.events import Event

HOUR = 3600
DAY = 24 * HOUR

SCALE = 1.0
"""How much happens unless told otherwise: three hundred customers in two years come with about 3,000 leads, 900 deals,
6,000 activities, 4,000 tickets and 2,500 conversations."""

Act = Generator[int, None, None]
"""What somebody does: it yields the instant at which it wants to go on."""

_JOB = "act"
_OPENS, _CLOSES = 8 * HOUR, 18 * HOUR
_THURSDAY = 3
"""The weekday on which the epoch began, counted from Monday."""


class Telling:
    """Time, chance and the audience of a story; only the next instant of each act is on the agenda."""

    def __init__(
        self,
        agenda: Agenda,
        seed: int,
        begin: int,
        start: int,
        timezone: str,
        tell: Callable[[Event], None],
        scale: float = SCALE,
    ) -> None:
        self.begin, self.start, self.now = begin, start, begin
        self.scale = scale
        self._agenda = agenda
        self._seed = seed
        self._zone = ZoneInfo(timezone)
        self._tell = tell
        self._acts: dict[str, Act] = {}
        self._counts: Counter[str] = Counter()
        self._offsets: dict[int, int] = {}
        agenda.handle(_JOB, self._go_on)

    def tell(self, event: Event) -> None:
        """Let the audience know."""
        self._tell(event)

    def chance(self, key: str) -> Random:
        """A source of chance of the story's own."""
        return Random(f"story {self._seed} {key}")

    def key(self, kind: str) -> str:
        """A fresh key."""
        self._counts[kind] += 1
        return f"{kind}-{self._counts[kind]}"

    def play(self, act: Act, after: int = 0) -> None:
        """Begin an act, `after` seconds from now."""
        self._counts[_JOB] += 1
        key = str(self._counts[_JOB])
        self._acts[key] = act
        self._agenda.enter(self.now + after, _JOB, key)

    def reach(self, at: int) -> None:
        """The story is at this instant; it never goes back."""
        self.now = max(self.now, at)

    def _go_on(self, key: str, at: int) -> None:
        self.reach(at)
        when = next(self._acts[key], None)
        if when is None:
            del self._acts[key]
        else:
            self._agenda.enter(max(when, self.now), _JOB, key)

    def acting(self) -> int:
        """How many acts are going on."""
        return len(self._acts)

    def elapsed(self) -> float:
        """The share of the history that has passed: 0 at its beginning, 1 from the start on."""
        return min(1.0, (self.now - self.begin) / (self.start - self.begin))

    def local(self, at: int) -> int:
        """Seconds on the company's own clock: a whole number of days since the epoch is its midnight."""
        hour = at // HOUR
        offset = self._offsets.get(hour // 24)
        if offset is None:
            shift = datetime.fromtimestamp(at, UTC).astimezone(self._zone).utcoffset()
            offset = self._offsets[hour // 24] = int((shift or timedelta()).total_seconds())
        return at + offset

    def is_open(self, at: int) -> bool:
        """Whether people are at work."""
        days, second = divmod(self.local(at), DAY)
        return (days + _THURSDAY) % 7 < 5 and _OPENS <= second < _CLOSES

    def at_work(self, at: int, random: Random) -> int:
        """The instant itself, or one early in the next working day if nobody is at work."""
        moved = self._next_opening(at)
        return at if moved == at else moved + int(random.expovariate(1 / HOUR)) % (_CLOSES - _OPENS)

    def _next_opening(self, at: int) -> int:
        days, second = divmod(self.local(at), DAY)
        weekday = (days + _THURSDAY) % 7
        if weekday < 5 and _OPENS <= second < _CLOSES:
            return at
        ahead = 0 if weekday < 5 and second < _OPENS else 1
        while (weekday + ahead) % 7 >= 5:
            ahead += 1
        return at - second + ahead * DAY + _OPENS

    def by_day(self, at: int, random: Random, percent: float = 85) -> int:
        """The instant, mostly moved to any time of a day at which people are at work."""
        if random.random() * 100 >= percent:
            return at
        moved = self._next_opening(at)
        return at if moved == at else moved + int(random.random() * (_CLOSES - _OPENS))

    def month_after(self, at: int, months: int) -> int:
        """Midnight of the company at the first day of a calendar month, `months` after that of an instant (0: its own)."""
        local = datetime.fromtimestamp(at, self._zone)
        count = local.year * 12 + local.month - 1 + months
        return int(datetime(count // 12, count % 12 + 1, 1, tzinfo=self._zone).timestamp())

    def date(self, at: int) -> str:
        """The company's date, in ISO form."""
        return datetime.fromtimestamp(at, self._zone).date().isoformat()


def chance(random: Random, percent: float) -> bool:
    """Whether something of that likelihood happens."""
    return random.random() * 100 < percent


def around(random: Random, typical: float, spread: float = 0.7) -> int:
    """Seconds that scatter about a typical duration (its median), with a long tail."""
    return max(1, int(typical * random.lognormvariate(0, spread)))
