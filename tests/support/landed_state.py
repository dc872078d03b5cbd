"""What a landing log amounts to, read without any code of the engine but that which finds the files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landed import lines_of

from cynosure.landing import LandingLog


def lines_landed(landing: Path, stream: str, *, source: str) -> list[dict[str, Any]]:
    """Every line landed of a stream, in order, each with its batch."""
    log = LandingLog(f"file://{landing}").stream(source, stream)
    lines = []
    for manifest in log.since(0):
        with log.local_parts(manifest) as parts:
            for part in parts:
                lines += [{**line, "batch": manifest.batch} for line in lines_of(part.path)]
    return lines


def objects_landed(landing: Path, stream: str, *, source: str) -> dict[str, Any]:
    """id -> body of what a warehouse would hold: newest lines, less tombstones and what a complete listing lacks."""
    batches: dict[str, list[dict[str, Any]]] = {}
    for line in lines_landed(landing, stream, source=source):
        batches.setdefault(line["batch"], []).append(line)
    newest: dict[str, dict[str, Any]] = {}
    for manifest in LandingLog(f"file://{landing}").stream(source, stream).since(0):
        newest |= {line["id"]: line for line in batches.get(manifest.batch, [])}
        if manifest.sweep_from:
            newest = {id: line for id, line in newest.items() if line["batch"] >= manifest.sweep_from}
    return {id: line["payload"] for id, line in newest.items() if not line["deleted"]}


def buried_ids(landing: Path, stream: str, *, source: str) -> set[str]:
    """Ids that were landed once, or came as a tombstone, and are no more."""
    lines = lines_landed(landing, stream, source=source)
    return {line["id"] for line in lines} - objects_landed(landing, stream, source=source).keys()


def disagreement(have: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, list[str]]:
    """What two states of a stream disagree on: those of missing, extra and changed that are, each with its ids."""
    found = {
        "missing": sorted(wanted.keys() - have.keys()),
        "extra": sorted(have.keys() - wanted.keys()),
        "changed": sorted(id for id in wanted.keys() & have.keys() if have[id] != wanted[id]),
    }
    return {what: ids for what, ids in found.items() if ids}
