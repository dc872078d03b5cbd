"""What was true before each start. Some streams are read once a day: each is held to what was true when it was last read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from sandbox.demo.folders import read_json, write_private
from sandbox.demo.streams import Told

# how old the last reading of a stream that is read once a day may be, with an hour for the job to get to it
KEPT_SECONDS = 26 * 3_600


@dataclass(frozen=True)
class Telling:
    """What was true of every system's streams at an instant of the simulation."""

    at: int
    told: Told


def note(folder: Path, telling: Telling) -> list[Telling]:
    """Keeps a telling; all that were kept, oldest first, without those that no stream may be held to any more."""
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / f"{telling.at}.json", json.dumps(telling.told))
    found = []
    for path in sorted(folder.glob("[0-9]*.json"), key=lambda path: int(path.stem)):
        if int(path.stem) < telling.at - KEPT_SECONDS:
            path.unlink()
        elif (told := read_json(path)) is not None:
            found.append(Telling(int(path.stem), told))
    return found


def as_last_read(tellings: Sequence[Telling], sources: Mapping[str, str], warehouse: Path) -> Told:
    """For every stream the last telling before it was read; the newest, which is the strictest, where there is none."""
    newest = tellings[-1].told
    read = _read_until(warehouse)
    held: dict[str, dict[str, Mapping[str, object]]] = {system: dict(books) for system, books in newest.items()}
    for source, system in sources.items():
        for stream in newest[system]:
            until = read.get((source, stream), 0.0)
            earlier = [each for each in tellings if each.at <= until and stream in each.told.get(system, {})]
            if earlier:
                held[system][stream] = earlier[-1].told[system][stream]
    return held


def _read_until(warehouse: Path) -> dict[tuple[str, str], float]:
    """Up to when the warehouse's data of each stream go, in epoch seconds."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("select source, stream, epoch(max(source_as_of)) from ops.loads group by all").fetchall()
    return {(source, stream): until or 0.0 for source, stream, until in rows}
