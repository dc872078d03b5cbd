"""What an hourly run costs beyond Airflow's own work: with nothing new, and after an ordinary hour; and a build.

Airflow's own overhead is not part of it: see the section `airflow`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.installation import built, extracted, installation
from benchmarks.measuring import Cost, Table, folder, measured
from benchmarks.sandbox_process import Sandbox, sandbox
from cynosure.stages import Stages

_REPETITIONS = 3

Row = tuple[str, str, str, str, str]


def run(quick: bool) -> Iterator[Table]:
    """One table; the quick variant leaves dbt out."""
    size, story = ((10, 2), 0.1) if quick else ((150, 18), 1.0)
    with sandbox(*size, limits="off", systems="all", story=story) as server, folder() as home:
        stages = installation(home, server.endpoints, server.state / "clock")
        bench = _Bench(stages, server, 1 if quick else _REPETITIONS, build=not quick)
        rows = bench.first_run()
        rows += bench.runs("nothing new", lambda: None)
        rows += bench.runs("an hour later", lambda: server.tell("/advance", {"by": "1h"}))
    header = ("", "wall s", "processor s", "requests", "rows landed")
    notes = [
        "without the sandbox's processor seconds; the pace is 0.8 of the live rate, as configured by default",
        f"nothing new and an hour later: median of {_REPETITIONS}",
        "budget: an hourly run with nothing new takes less than 20 s of work beyond Airflow's own",
    ]
    yield Table("Cost of a run, by stage (DuckDB; a company of 150 customers)", header, rows, notes)


class _Bench:
    """The stages of one installation against one sandbox."""

    def __init__(self, stages: Stages, server: Sandbox, repetitions: int, *, build: bool) -> None:
        self._stages = stages
        self._server = server
        self._repetitions = repetitions
        self._build_too = build
        self._landed = 0

    def first_run(self) -> list[Row]:
        """Everything from nothing."""
        rows = [self._line(f"first run: {name}", step) for name, step in self._data_steps().items()]
        if self._build_too:
            rows.append(self._line("first run: dbt build", self._build))
            rows.append(self._line("dbt build once more", self._build))
            rows.append(self._line("first run: check", self._stages.check))
        return rows

    def runs(self, name: str, prepare: Callable[[], None]) -> list[Row]:
        """The steps of an hourly run up to the question whether to build, and their sum."""
        steps = {**self._data_steps(), "is a build needed": self._stages.what_to_build}
        if self._build_too:
            steps["check"] = self._stages.check
        found: dict[str, list[tuple[Cost, int, int]]] = {step: [] for step in steps}
        for _ in range(self._repetitions):
            prepare()
            for step, action in steps.items():
                found[step].append(self._measured(action))
        rows = [_row(f"{name}: {step}", *_median(costs)) for step, costs in found.items()]
        total = [_median(costs) for costs in found.values()]
        rows.append(_row(f"{name}: together", *_sum(total)))
        return rows

    def _data_steps(self) -> dict[str, Callable[[], object]]:
        return {"extract": self._extract, "load": self._stages.load}

    def _extract(self) -> None:
        self._landed = extracted(self._stages)

    def _build(self) -> None:
        built(self._stages)

    def _measured(self, action: Callable[[], object]) -> tuple[Cost, int, int]:
        self._server.forget()
        self._landed = 0
        cost = measured(action)
        return cost, len(self._server.ask("/requests?limit=200000")["requests"]), self._landed

    def _line(self, name: str, action: Callable[[], object]) -> Row:
        return _row(name, *self._measured(action))


def _median(found: Sequence[tuple[Cost, int, int]]) -> tuple[Cost, int, int]:
    return sorted(found, key=lambda each: each[0].wall)[len(found) // 2]


def _sum(found: Sequence[tuple[Cost, int, int]]) -> tuple[Cost, int, int]:
    costs, requests, rows = zip(*found, strict=True)
    return Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs)), sum(requests), sum(rows)


def _row(name: str, cost: Cost, requests: int, rows: int) -> Row:
    return name, f"{cost.wall:.2f}", f"{cost.cpu:.2f}", f"{requests:,}", f"{rows:,}"
