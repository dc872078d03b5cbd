"""The fault bench as tables: what became of every row under every fault, for Cynosure and for a peer, against one truth."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.faultbench.lab import NeverStruck, lab
from benchmarks.faultbench.peer import RESOURCES, Dlt
from benchmarks.faultbench.readers import Cynosure
from benchmarks.faultbench.scenarios import SCENARIOS
from benchmarks.faultbench.verdict import Verdict, judge
from benchmarks.measuring import Table

READERS = {"Cynosure": Cynosure, "dlt": Dlt}
SYSTEMS = tuple(RESOURCES)
# enough to see that everything runs
_QUICK = 1
_CONTROL = "F44"
"""Nothing fails in it: a peer that is not right even then is not compared on that vendor."""


@dataclass(frozen=True)
class Case:
    """One scenario on one vendor's account by one reader; `verdict` is None where the fault could not strike this reader."""

    scenario: int
    system: str
    reader: str
    verdict: Verdict | None


def run(quick: bool) -> Iterator[Table]:
    """The summary, a matrix for each reader, and the details of whatever did not pass at once."""
    cases = measure(quick)
    yield _summary(cases)
    for reader in READERS:
        yield _matrix(reader, cases)
    yield _details(cases)


def measure(quick: bool) -> list[Case]:
    """Every scenario on every vendor it concerns, by every reader, on as many processors as there are."""
    numbered = list(enumerate(SCENARIOS))
    control = next(number for number, scenario in numbered if scenario.number == _CONTROL)
    peers = [reader for reader in READERS if reader != "Cynosure"]
    systems = SYSTEMS[:1] if quick else SYSTEMS
    todo = [
        (number, system, reader)
        for reader in READERS
        for number, scenario in numbered[: _QUICK if quick else None]
        for system in (systems if quick else scenario.systems or systems)
    ]
    # a process of its own for every few cases: each leaves a server's and an engine's memory behind
    with get_context("spawn").Pool(os.cpu_count(), maxtasksperchild=8) as pool:
        tried = pool.map(_case, [(control, system, peer) for peer in peers for system in systems])
        unfit = {(case.system, case.reader) for case in tried if case.verdict is None or case.verdict.word != "pass"}
        todo = [(number, system, reader) for number, system, reader in todo if (system, reader) not in unfit]
        found = []
        for case in pool.imap(_case, todo):
            found.append(case)
            what = SCENARIOS[case.scenario].what
            print(
                f"{len(found)} of {len(todo)}: {what}, {case.system}, {case.reader}: {_cell(case)}", file=sys.stderr, flush=True
            )
        return found


def _case(todo: tuple[int, str, str]) -> Case:
    number, system, reader = todo
    with TemporaryDirectory() as folder, lab(system, Path(folder), READERS[reader]) as bench:
        try:
            return Case(number, system, reader, judge(SCENARIOS[number], bench))
        except NeverStruck:
            return Case(number, system, reader, None)


def _summary(cases: Sequence[Case]) -> Table:
    rows = []
    for reader in READERS:
        found = Counter(case.verdict.word for case in cases if case.reader == reader and case.verdict)
        rows.append([reader, *(found[word] for word in ("pass", "late", "loud", "silent"))])
    return Table(
        "What came of the faults",
        ("reader", "pass", "late", "loud", "silent"),
        rows,
        [
            "pass: every id and every body equals the source's after the next scheduled run; late: after the daily sweeps and the"
            " audit, which reach everything within a week; loud: not equal, but said so; silent: not equal, and nothing was said",
            "Cynosure reads all streams of a vendor and is compared on all of them, dlt those it was configured for: "
            + "; ".join(f"{system}: {', '.join(r.stream for r in resources)}" for system, resources in RESOURCES.items()),
        ],
    )


def _matrix(reader: str, cases: Sequence[Case]) -> Table:
    rows = []
    for number, scenario in enumerate(SCENARIOS):
        found = {case.system: case for case in cases if case.reader == reader and case.scenario == number}
        if found:
            rows.append([scenario.number, scenario.what, *(_cell(found.get(system)) for system in SYSTEMS)])
    notes = [
        "–: the fault does not concern the vendor; n/a: no request of this reader met it",
        "the numbers are those of the fault catalogue in docs/how-to/run-the-fault-bench.md",
        f"a peer is compared where it is right when nothing fails ({_CONTROL}); a column of nothing but – means that it is not",
    ]
    return Table(reader, ("fault", "what happens", *SYSTEMS), rows, notes)


def _cell(case: Case | None) -> str:
    if case is None:
        return "–"
    if case.verdict is None:
        return "n/a"
    return f"late {case.verdict.days} d" if case.verdict.word == "late" else str(case.verdict.word)


def _details(cases: Sequence[Case]) -> Table:
    rows = []
    for case in cases:
        verdict, scenario = case.verdict, SCENARIOS[case.scenario]
        if verdict is None or verdict.word == "pass":
            continue
        first = verdict.first
        noticed = "never" if verdict.noticed is None else "at once" if not verdict.noticed else f"{verdict.noticed / 3600:.0f} h"
        right = "never" if verdict.days is None else f"{verdict.days} d"
        rows.append(
            [scenario.number, scenario.what, case.system, case.reader, first.lost, first.wrong, first.extra, right, noticed]
        )
    header = ("fault", "what happens", "vendor", "reader", "lost", "wrong", "left over", "right after", "announced after")
    return Table("Rows that were not right after the next run", header, rows, ["counted by id and body, against the simulation"])
