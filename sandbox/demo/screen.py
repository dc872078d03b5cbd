"""What the person at the terminal sees: a live table, or plain lines where there is no terminal."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

from sandbox.demo.job import Step
from sandbox.demo.streams import Compared
from sandbox.demo.truth import Comparison

_MARKS = {"success": "[green]✓[/]", "failed": "[red]✗[/]", "running": "[cyan]▸[/]"}

_EXAMPLES = 3


class Screen:
    """Tells what happens, with the seconds since the start."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._began = time.monotonic()
        self._live: Live | None = None
        self._told: dict[str, str] = {}

    def say(self, text: str) -> None:
        """One line."""
        self.console.print(f"[dim]{time.monotonic() - self._began:4.0f} s[/]  ", end="")
        self.console.print(text, markup=False, soft_wrap=True)

    def title(self, text: str) -> None:
        """A heading."""
        self.console.print(f"\n[bold]{text}[/]")

    def lines(self, texts: Iterable[str], style: str | None = None) -> None:
        """Text as it is."""
        for text in texts:
            self.console.print(text, markup=False, soft_wrap=True, style=style)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While runs are shown."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, refresh_per_second=4, transient=False) as self._live:
            yield
        self._live = None

    def show(self, steps: Sequence[Step]) -> None:
        """The runs, as they are now."""
        if self._live:
            self._live.update(_table(steps))
            return
        for step in steps:
            news = f"{step.dag_id}: {step.state}" + (f" ({step.running})" if step.running else "")
            if self._told.get(step.run_id + step.dag_id) != news:
                self._told[step.run_id + step.dag_id] = news
                self.say(news + (f" after {step.seconds:.0f} s" if step.is_over else ""))

    def compared(self, found: Comparison) -> None:
        """The comparison with the truth, in words."""
        good = found.is_met
        self.console.print(f"{found.balances:,} balances of {found.customers:,} customers over {found.days:,} days compared")
        verdict = "every one is exact: the error is 0 minor units" if good else f"{found.wrong:,} are wrong"
        self.console.print(f"[{'green' if good else 'red'}]{verdict}[/]")
        if found.wrong:
            self.console.print(f"largest error {found.largest_error} minor units, {found.total_error} in all")
            self.lines(found.examples)
        if found.running_day:
            self.console.print(f"{found.running_day} balances changed today, after the last read; they are not counted")

    def streams(self, compared: Sequence[Compared]) -> None:
        """The rows of each source, one line each, and what is wrong with which stream."""
        table = Table(box=None, pad_edge=False, header_style="dim")
        for name in ("source", "streams", "rows", "missing", "extra", "deleted wrong"):
            table.add_column(name, justify="left" if name == "source" else "right")
        for source in dict.fromkeys(stream.source for stream in compared):
            mine = [stream for stream in compared if stream.source == source]
            wrong = [sum(len(getattr(stream, kind)) for stream in mine) for kind in ("missing", "extra", "buried")]
            cells = [f"[red]{count:,}[/]" if count else "0" for count in wrong]
            table.add_row(source, str(len(mine)), f"{sum(stream.rows for stream in mine):,}", *cells)
        self.console.print(table)
        for stream in compared:
            if not stream.is_met:
                self.lines([_complaint(stream)], style="red")


def _complaint(stream: Compared) -> str:
    kinds = {"missing": stream.missing, "extra": stream.extra, "deleted wrong": stream.buried}
    parts = [f"{len(ids)} {kind} ({', '.join(ids[:_EXAMPLES])})" for kind, ids in kinds.items() if ids]
    return f"{stream.source}.{stream.stream}: {', '.join(parts)}"


def _table(steps: Sequence[Step]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(width=2)
    table.add_column(min_width=24)
    table.add_column(justify="right", min_width=7)
    table.add_column()
    for step in steps:
        table.add_row(_MARKS.get(step.state, "·"), step.dag_id, f"{step.seconds:.0f} s", step.running or step.state)
    return table
