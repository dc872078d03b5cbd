"""The board as people see it (a table per area, doubtful values marked) and as programs read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from cynosure.cli.output import console, print_table
from cynosure.document import Figure
from cynosure.explain.periods import Period
from cynosure.report.board import Board, Line
from cynosure.transform.kpis import Kpi

MAX_MEMBERS = 25
DOUBT = " !"
_NAMED = 4
# what a narrow terminal goes without, in this order
_DISPENSABLE = ("on course for", "vs year ago", "vs before", "target", "status")
_GAP = 2


def print_board(board: Board) -> None:
    """Prints the board; what is doubtful is marked, and the reasons stand below."""
    console.print(f"data as of {board.data_as_of:%Y-%m-%d %H:%M} UTC" if board.data_as_of else "nothing has been loaded yet")
    left_out: set[str] = set()
    for area, lines in groupby(board.lines, key=lambda line: line.kpi.area):
        shown = list(_shown(board, list(lines)))
        every, cells = _columns(board, shown)
        columns, rows = _fitted(every, cells, console.width)
        left_out |= set(every) - set(columns)
        print_table(area.replace("_", " ").capitalize(), columns, rows, right=range(1 + (board.dimension != "all"), len(columns)))
    wider = [name for name in _DISPENSABLE if name in left_out]
    for note in (*_notes(board), *([f"A wider terminal also shows: {', '.join(wider)}."] if wider else [])):
        console.print(note, markup=False, highlight=False, soft_wrap=True)


def board_json(board: Board) -> dict[str, Any]:
    """Exact values as text, standing, pace and doubts, for a program to read."""
    kpis: dict[str, Any] = {}
    for line in board.lines:
        kpi = line.kpi
        entry = kpis.setdefault(
            kpi.name,
            {"title": kpi.title, "unit": kpi.unit, "better": kpi.better, "area": kpi.area, "owner": kpi.owner}
            | {"values": {}, "standing": {}, "doubts": {}},
        )
        entry["values"][line.member] = {str(period): value for period, value in line.values.items()}
        entry["standing"][line.member] = {
            "value": line.judged, "before": line.before, "year_ago": line.year_ago, "status": line.standing.status,
            "target": line.standing.target, "attained": line.standing.attained, "pace": line.pace,
        }  # fmt: skip
        entry["doubts"][line.member] = {str(period): list(why) for period, why in line.doubts.items()}
    return {
        "data_as_of": board.data_as_of, "judged_until": board.until, "grain": board.grain, "dimension": board.dimension,
        "currency": board.currency, "kpis": kpis, "not_built": list(board.not_built),
    }  # fmt: skip


def _shown(board: Board, lines: Sequence[Line]) -> Iterator[Line]:
    """The largest members of each KPI."""
    for _, members in groupby(lines, key=lambda line: line.kpi.name):
        ranked = sorted(members, key=lambda line: (-(line.judged or Decimal(0)), line.member))
        yield from ranked[:MAX_MEMBERS]


def _columns(board: Board, lines: Sequence[Line]) -> tuple[list[str], list[list[str]]]:
    """Headings and cells; columns about targets only where some line has one."""
    aimed = any(line.standing.target is not None for line in lines)
    courses = [_text(line, line.pace.projected, board) if line.standing.target is not None else "" for line in lines]
    head = ["KPI", *([] if board.dimension == "all" else [board.dimension]), *_headings(board), "vs before", "vs year ago"]
    head += ["target", "status"] if aimed else []
    head += ["on course for"] if any(courses) else []
    rows = []
    for line, course in zip(lines, courses, strict=True):
        row = [line.kpi.title, *([] if board.dimension == "all" else [line.member])]
        row += [_value(line, period, board) for period in board.periods]
        row += [_change(line.kpi, line.judged, before, board) for before in (line.before, line.year_ago)]
        row += [_text(line, line.standing.target, board), _status(line)] if aimed else []
        row += [course] if any(courses) else []
        rows.append(row)
    return head, rows


def _fitted(columns: list[str], rows: list[list[str]], width: int) -> tuple[list[str], list[list[str]]]:
    """The columns that fit into so many characters; the name and the values of a KPI always stay."""
    for name in _DISPENSABLE:
        if sum(max(map(len, cells)) + _GAP for cells in zip(columns, *rows, strict=True)) <= width + _GAP:
            break
        if name in columns:
            place = columns.index(name)
            columns = columns[:place] + columns[place + 1 :]
            rows = [row[:place] + row[place + 1 :] for row in rows]
    return columns, rows


def _headings(board: Board) -> list[str]:
    """The periods as `cynosure explain` takes them."""
    return [Period(board.grain, start).name for start in board.periods]


def _value(line: Line, period: date, board: Board) -> str:
    text = line.kpi.figure(line.kpi.name, line.values.get(period), board.currency).text
    return text + (DOUBT if period in line.doubts else "")


def _text(line: Line, value: Decimal | None, board: Board) -> str:
    return "" if value is None else line.kpi.figure(line.kpi.name, value, board.currency).text


def _change(kpi: Kpi, value: Decimal | None, before: Decimal | None, board: Board) -> str:
    """In proportion where that makes sense, else the difference; nothing without something before."""
    if value is None or before is None:
        return ""
    figure = kpi.relative("change", value, before) or kpi.difference("change", value, before, board.currency)
    return figure.text


def _status(line: Line) -> str:
    if line.standing.status == "no target":
        return ""
    if line.standing.attained is None or line.kpi.better == "down":
        return line.standing.status
    return f"{line.standing.status} {Figure('attained', line.standing.attained, 'percent').text}"


def _notes(board: Board) -> Iterator[str]:
    """Each reason of doubt once, with the KPIs it concerns; then what is left out."""
    reasons: dict[str, dict[str, None]] = {}
    for line in board.lines:
        for why in line.doubts.values():
            for reason in why:
                reasons.setdefault(reason, {})[line.kpi.title] = None
    for reason, titles in reasons.items():
        rest = f" and {len(titles) - _NAMED} more" if len(titles) > _NAMED else ""
        yield f"{DOUBT.strip()} {reason}: {', '.join(list(titles)[:_NAMED])}{rest}"
    largest = max((len(list(lines)) for _, lines in groupby(board.lines, key=lambda line: line.kpi.name)), default=0)
    if largest > MAX_MEMBERS:
        yield f"Only the {MAX_MEMBERS} largest members of a KPI are shown; --json has all."
    if board.not_built:
        yield f"Not built yet: {', '.join(board.not_built)}. Run: cynosure transform"
