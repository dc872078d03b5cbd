"""What Cynosure is compared with: dlt in its several forms, and each engine's own bulk read of a landed file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import psycopg
import zstandard

from benchmarks.pages import objects_on_one_line
from connectors.stripe.transport import identity

Form = Callable[[Sequence[bytes]], Iterator[Any]]

# dlt's default for merging; `upsert` does less; `scd2` keeps history as Cynosure does, by a hash that the source supplies
DELETE_INSERT: dict[str, str] = {"disposition": "merge", "strategy": "delete-insert"}
UPSERT: dict[str, str] = {"disposition": "merge", "strategy": "upsert"}
HISTORY: dict[str, str] = {"disposition": "merge", "strategy": "scd2", "row_version_column_name": "hash"}

_PAGES_PER_TABLE = 100
_CHUNK = 1 << 20


def run_dlt(
    folder: Path, source: Sequence[bytes], form: Form, strategy: Mapping[str, str], file_format: str | None = None
) -> None:
    """Pages into `raw.invoices` of `dlt.duckdb`, merged on id, without a table per nested list."""
    os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"})
    import dlt

    destination = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    pipeline = dlt.pipeline("bench", destination=destination, dataset_name="raw", pipelines_dir=str(folder / "dlt"))
    resource = dlt.resource(form(source), name="invoices", primary_key="id", write_disposition=strategy, max_table_nesting=0)
    pipeline.run(resource, **({"loader_file_format": file_format} if file_format else {}))


def dictionaries(source: Sequence[bytes]) -> Iterator[Any]:
    """Objects as dlt's documentation yields them, with a fast decoder."""
    for page in source:
        yield msgspec.json.decode(page)["data"]


def arrow(source: Sequence[bytes]) -> Iterator[Any]:
    """Arrow tables of id and payload: dlt's fastest path."""
    yield from _arrow_tables(source, lambda payload: ())


def arrow_with_hash(source: Sequence[bytes]) -> Iterator[Any]:
    """The same with a hash of each payload, by which dlt tells versions apart."""
    yield from _arrow_tables(source, lambda payload: (sha256(payload).hexdigest()[:32],))


def _arrow_tables(source: Sequence[bytes], more: Callable[[bytes], tuple[str, ...]]) -> Iterator[Any]:
    import pyarrow

    rows: list[tuple[str, ...]] = []
    for number, page in enumerate(source, 1):
        for payload in objects_on_one_line(page):
            rows.append((identity(msgspec.Raw(payload)).id, payload.decode(), *more(payload)))
        if number % _PAGES_PER_TABLE == 0 or number == len(source):
            columns = [list(column) for column in zip(*rows, strict=True)]
            yield pyarrow.table(dict(zip(("id", "payload", "hash"), columns, strict=False)))
            rows.clear()


_COLUMNS = {"n": "bigint", "id": "text", "hash": "text", "changed": "timestamptz", "seen": "timestamptz", "deleted": "boolean"}


def duckdb_bulk_read(folder: Path, file: Path, compression: str) -> None:
    """DuckDB reads the landed file into a table on disk, each column in its type, and nothing else."""
    connection = duckdb.connect(str(folder / "bulk.duckdb"))
    connection.execute(f"set force_compression = '{compression}'")
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in {**_COLUMNS, "payload": "json"}.items())
    form = f"columns = {{{columns}}}, delim = '\t', quote = '', escape = '', header = false, auto_detect = false"
    connection.execute(f"create table lines as from read_csv($1, {form}, compression = 'zstd')", [str(file)])
    connection.close()


def postgres_copy(url: str, file: Path, payload: str) -> None:
    """PostgreSQL copies the landed file into a table, each column in its type, and nothing else."""
    columns = ", ".join(f"{name} {kind}" for name, kind in {**_COLUMNS, "payload": payload}.items())
    with psycopg.connect(url) as connection:
        connection.execute(f"create table lines ({columns})".encode())
        quoteless = r"copy lines from stdin with (format csv, quote e'\x01', delimiter e'\t')"
        with connection.cursor().copy(quoteless) as copy, file.open("rb") as compressed:
            for chunk in zstandard.ZstdDecompressor().read_to_iter(compressed, write_size=_CHUNK):
                copy.write(chunk)
