"""Fills raw tables and runs the dbt project on them, in a process of its own, as production does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import dbt_forks
import yaml
from stripe_rows import RawRow

from cynosure.load import create_raw_table, create_schema
from cynosure.warehouse import Session, Warehouse

PROJECT = dbt_forks.PROJECT
_COLUMNS = "id, payload, payload_hash, source_updated_at, extracted_at, batch_id, valid_from, valid_to, is_deleted"


def declared_streams() -> list[tuple[str, str]]:
    """(source, stream) of every raw table that the project reads."""
    found = []
    for path in PROJECT.glob("models/staging/*/_*__sources.yml"):
        for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
            found += [(source["name"], table["name"]) for table in source["tables"] if source["schema"] == "raw"]
    return found


def fill(warehouse: Warehouse, rows: Iterable[RawRow], as_of: int, sources: Collection[str] = ("stripe", "ecb")) -> None:
    """Creates the raw tables of the sources and writes the rows, with load records that say how far the data go."""
    by_stream: dict[tuple[str, str], list[RawRow]] = defaultdict(list)
    for row in rows:
        by_stream[row.source, row.stream].append(row)
    with warehouse.writing() as session:
        create_schema(session)
        for source, stream in declared_streams():
            if source not in sources:
                continue
            create_raw_table(session, source, stream)
            if by_stream[source, stream]:
                _write(session, f"raw.{source}__{stream}", by_stream[source, stream])
        for source in sorted(sources):
            session.execute(
                f"insert into ops.loads values ('{source}', 'events', '1', 'changes', 0, 0, 0, 0, 0, null,"
                f" to_timestamp({as_of}), to_timestamp({as_of}), to_timestamp({as_of}), '1', '1', '')"
            )


def _write(session: Session, table: str, rows: list[RawRow]) -> None:
    read = {
        "duckdb": "select unnest(cast(json_extract(cast($1 as json), '$[*]') as json[])) as r",
        "postgres": "select r from json_array_elements(cast($1 as json)) as r",
    }[session.dialect]
    seconds = [f"to_timestamp(cast(r->>'{name}' as bigint))" for name in ("updated", "extracted", "extracted", "replaced")]
    values = f"r->>'id', r->'payload', '', {seconds[0]}, {seconds[1]}, '1', {seconds[2]}, {seconds[3]}, false"
    packed = json.dumps([vars(row) for row in rows])
    session.execute(f"insert into {table} ({_COLUMNS}) select {values} from ({read}) as packed", packed)
    session.execute(f"analyze {table}")


def dbt(
    command: Iterable[str], environment: Mapping[str, str], variables: Mapping[str, Any], target: Path, project: Path = PROJECT
) -> subprocess.CompletedProcess[str]:
    """Runs dbt; the caller looks at the exit code."""
    target.mkdir(exist_ok=True)
    arguments = [
        "--quiet", "--no-use-colors", *command, "--project-dir", str(project), "--profiles-dir", str(project),
        "--target-path", str(target), "--log-level-file", "none", "--log-path", str(target), "--vars", json.dumps(variables),
    ]  # fmt: skip
    given = {**environment, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}
    if project == PROJECT:
        return subprocess.CompletedProcess(arguments, *dbt_forks.run(arguments, given, target))
    whole = [sys.executable, "-m", "dbt.cli.main", *arguments]
    return subprocess.run(whole, env={**os.environ, **given}, capture_output=True, text=True, check=False)
