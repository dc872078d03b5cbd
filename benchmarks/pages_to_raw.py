"""From JSON pages to raw history in DuckDB: Cynosure, dlt, and DuckDB's own bulk read of the same file.

Everybody gets the same bytes in memory and ends, committed, with one row per object in a DuckDB file; the content is
verified after every run, outside the measured time. dlt merges on id; its tables per nested list are switched off.
Cynosure keeps history as well, and its landing files are compressed, synced to disk and checked again when loaded.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks import peers
from benchmarks.content import Content, content_of, duckdb_columns, duckdb_content
from benchmarks.measuring import Clock, Cost, Sample, Table, folder, interleaved, measured
from benchmarks.pages import AT, DECLARED, land, landing, pages
from cynosure.landing import LandingLog
from cynosure.load import LoadResult, load_landing
from cynosure.warehouse import open_warehouse

RAW = "raw.bench__invoices"
CURRENT = f"(select * from {RAW} where valid_to is null) as current"
OURS = "Cynosure"


def run(quick: bool) -> Iterator[Table]:
    """Against dlt with dictionaries, against dlt with Arrow tables and bulk reads, and again with little or nothing new."""
    yield _against_dictionaries(500 if quick else 10_000, 1 if quick else 3)
    yield _against_arrow(1_000 if quick else 100_000, 1 if quick else 3)
    yield _once_more(1_000 if quick else 40_000, 1 if quick else 3)


def load(path: Path, url: str = "") -> list[LoadResult]:
    """Loads what a folder's log holds into the warehouse at the URL, by default a DuckDB file in the folder."""
    warehouse = open_warehouse(url or f"duckdb://{path}/warehouse.duckdb")
    (results,) = load_landing(warehouse, LandingLog(landing(path)), DECLARED, datetime.fromtimestamp(AT, UTC)).values()
    return results


def landed_file(path: Path) -> Path:
    """The only file that was landed in a folder."""
    (file,) = path.glob("landing/*/*/*/*.zst")
    return file


def _against_dictionaries(rows: int, repetitions: int) -> Table:
    source = list(pages(rows))
    expected = content_of(source)
    runs = {
        OURS: partial(_cynosure, source, expected),
        "dlt, parquet files": partial(_dlt, source, expected, peers.dictionaries, peers.DELETE_INSERT, "parquet"),
        "dlt, default files (insert values)": partial(_dlt, source, expected, peers.dictionaries, peers.DELETE_INSERT),
    }
    notes = [
        "budget: at least 5 times as fast as dlt's fastest file format",
        "dlt also gives every field a column of its own, which Cynosure leaves to the SQL models",
    ]
    title = "JSON pages to raw history, against dlt with dictionaries"
    return comparison(title, interleaved(runs, repetitions), source, rows, notes)


def _against_arrow(rows: int, repetitions: int) -> Table:
    source = list(pages(rows))
    expected = content_of(source)
    with folder() as prepared:
        land(prepared, source)
        runs = {
            OURS: partial(_cynosure, source, expected),
            "dlt, Arrow, history (scd2)": partial(_dlt, source, expected, peers.arrow_with_hash, peers.HISTORY),
            "dlt, Arrow, default merge": partial(_dlt, source, expected, peers.arrow, peers.DELETE_INSERT),
            "dlt, Arrow, upsert": partial(_dlt, source, expected, peers.arrow, peers.UPSERT),
            "Cynosure, load only": partial(_load_only, prepared, expected),
            "DuckDB bulk read": partial(_bulk_read, landed_file(prepared), expected, "auto"),
            "DuckDB bulk read, zstd": partial(_bulk_read, landed_file(prepared), expected, "zstd"),
        }
        found = interleaved(runs, repetitions)
    ours = found["Cynosure, load only"]
    notes = [
        "equal work is dlt with history; its other two merges keep none and compute no hash. Budget: at least 2 times as fast",
        *(
            f"load only reaches {found[name].over(ours, 'cpu')} of the speed of {name} (processor), "
            f"{found[name].over(ours, 'wall')} (wall); budget: at least 0.5"
            for name in ("DuckDB bulk read", "DuckDB bulk read, zstd")
        ),
        "Cynosure stores payloads with zstd; the second bulk read does the same, the first uses DuckDB's default",
    ]
    return comparison("JSON pages to raw history, against dlt with Arrow tables and DuckDB itself", found, source, rows, notes)


def _once_more(rows: int, repetitions: int) -> Table:
    """One percent changed, then nothing: what most runs of an installation meet."""
    first, other = [(source, content_of(source)) for source in (list(pages(rows)), list(pages(rows, changed=rows // 100)))]
    names = (f"{OURS}, 1 % changed", f"{OURS}, nothing changed", "dlt, Arrow, history, 1 % changed", "the same, nothing changed")
    with folder() as ours, folder() as theirs:
        _ours_again(ours, *first)
        _theirs_again(theirs, *first)
        actions = (_ours_again, _ours_again, _theirs_again, _theirs_again)
        # every round brings the other version, first as a change and then as what is there already
        turns = [itertools.cycle([other, first]) for _ in names]
        runs = {
            name: lambda action=action, path=path, turn=turn: action(path, *next(turn))
            for name, action, path, turn in zip(names, actions, (ours, ours, theirs, theirs), turns, strict=True)
        }
        found = interleaved(runs, repetitions)
    return comparison("The same pages once more", found, first[0], rows, [])


def _ours_again(path: Path, source: Sequence[bytes], expected: Content) -> Cost:
    cost = measured(lambda: (land(path, source), load(path)))
    expected.require(duckdb_content(path / "warehouse.duckdb", CURRENT))
    return cost


def _theirs_again(path: Path, source: Sequence[bytes], expected: Content) -> Cost:
    cost = measured(lambda: peers.run_dlt(path, source, peers.arrow_with_hash, peers.HISTORY))
    expected.require(duckdb_content(path / "dlt.duckdb", "(from raw.invoices where _dlt_valid_to is null) as current"))
    return cost


def _cynosure(source: Sequence[bytes], expected: Content) -> Cost:
    with folder() as path:
        cost = measured(lambda: (land(path, source), load(path)))
        expected.require(duckdb_content(path / "warehouse.duckdb", RAW))
        return cost


def _load_only(prepared: Path, expected: Content) -> Cost:
    with folder() as path:
        (path / "landing").symlink_to(prepared / "landing")
        cost = measured(lambda: load(path))
        expected.require(duckdb_content(path / "warehouse.duckdb", RAW))
        return cost


def _dlt(
    source: Sequence[bytes], expected: Content, form: peers.Form, strategy: dict[str, str], file_format: str | None = None
) -> Cost:
    with folder() as path:
        cost = measured(lambda: peers.run_dlt(path, source, form, strategy, file_format))
        if form is peers.dictionaries:
            expected.without_bytes().require(duckdb_columns(path / "dlt.duckdb", "raw.invoices"))
        else:
            expected.require(duckdb_content(path / "dlt.duckdb", "raw.invoices"))
        return cost


def _bulk_read(file: Path, expected: Content, compression: str) -> Cost:
    with folder() as path:
        cost = measured(lambda: peers.duckdb_bulk_read(path, file, compression))
        expected.require(duckdb_content(path / "bulk.duckdb", "lines"))
        return cost


def comparison(title: str, found: dict[str, Sample], source: Sequence[bytes], rows: int, notes: Sequence[str]) -> Table:
    """Speeds, and how many times as long as the first each took."""
    megabytes = sum(map(len, source)) / 1e6
    first = next(iter(found.values()))
    clocks: tuple[Clock, ...] = ("cpu", "wall")
    lines = [
        (name, f"{rows / s.median('wall'):,.0f}", f"{megabytes / s.median('wall'):.0f}",
         *(s.over(first, clock) for clock in clocks), *(s.spread(clock) for clock in clocks))
        for name, s in found.items()
    ]  # fmt: skip
    header = ("", "rows/s", "MB/s", "x processor", "x wall", "processor s", "wall s")
    repetitions = f"min / median / max of {len(first.costs)} interleaved repetitions after one unmeasured"
    size = f"{rows:,} invoices, {megabytes:.1f} MB; {repetitions}"
    return Table(title, header, lines, [size, *notes])
