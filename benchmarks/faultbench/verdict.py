"""What came of a fault: rows lost, wrong or left over against the truth, how late they came right, and who said so."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Literal

from benchmarks.faultbench.lab import DAY, SETTLED, Lab
from benchmarks.faultbench.readers import Rows, Same
from benchmarks.faultbench.scenarios import Scenario
from cynosure.extract import connector_class

Word = Literal["pass", "late", "loud", "silent"]

_PROMISED_DAYS = 9
"""Within a week everything is compared with the source; then a day for the repair to be loaded."""


@dataclass(frozen=True)
class Difference:
    """Rows that are missing, differ, or are there though the source has them no more."""

    lost: int
    wrong: int
    extra: int

    @property
    def none(self) -> bool:
        """Whether both sides are equal."""
        return not (self.lost or self.wrong or self.extra)

    def __str__(self) -> str:
        words = [f"{n} {word}" for n, word in ((self.lost, "lost"), (self.wrong, "wrong"), (self.extra, "left over")) if n]
        return ", ".join(words)


@dataclass(frozen=True)
class Verdict:
    """pass: equal after the next run. late: equal after the promised sweeps. loud: not equal, and said so. silent: the worst.

    `first` is the difference after the next run, `days` what it took to come right, `said` what was announced and
    `noticed` the seconds from the fault until then.
    """

    word: Word
    first: Difference
    days: int | None
    said: tuple[str, ...]
    noticed: int | None

    def __str__(self) -> str:
        found = [str(self.first)] if not self.first.none else []
        later = [f"right after {self.days} d"] if self.word == "late" else []
        return f"{self.word}" + (f" ({'; '.join((*found, *later))})" if found or later else "")


def judge(scenario: Scenario, lab: Lab) -> Verdict:
    """Lets the scenario happen, then the schedule go on until all is right or the promised period is over."""
    scenario.act(lab)
    begun = lab.now
    first = _next_run(lab)
    days = None
    if not first.none:
        days = _days_until_right(lab)
    said = tuple(dict.fromkeys(sentence for _, sentence in lab.said))
    noticed = max(0, lab.said[0][0] - begun) if lab.said else None
    word: Word = "pass" if first.none else "late" if days is not None else "loud" if said else "silent"
    return Verdict(word, first, days, said, noticed)


def _next_run(lab: Lab) -> Difference:
    """The difference after one more scheduled run; what changed since the run's end lag may be in or not."""
    before = lab.truth()
    lab.advance(SETTLED)
    lab.run()
    forgotten = {stream.name for stream in connector_class(lab.system).streams if stream.forgets}
    return difference(lab.reader.rows(), before, lab.truth(), lab.reader.same, forgotten)


def _days_until_right(lab: Lab) -> int | None:
    for day in range(1, _PROMISED_DAYS + 1):
        lab.advance(DAY)
        lab.look()
        if _next_run(lab).none:
            return day
    return None


def difference(held: Rows, before: Rows, after: Rows, same: Same, forgotten: Container[str] = ()) -> Difference:
    """A row is right if it is as the source showed it at either instant.

    Streams that are not read do not count; of a stream that the source itself forgets, nothing can be left over.
    """
    lost = wrong = extra = 0
    for stream in after.keys() & held.keys():
        have, then, now = held[stream], before.get(stream, {}), after[stream]
        lost += len((now.keys() & then.keys()) - have.keys())
        extra += 0 if stream in forgotten else len(have.keys() - now.keys() - then.keys())
        for id in have.keys() & (now.keys() | then.keys()):
            shown = [side[id] for side in (then, now) if id in side]
            wrong += None not in shown and not any(same(have[id], body) for body in shown)
    return Difference(lost, wrong, extra)
