"""From JSON pages to raw history: Cynosure against dlt and against DuckDB's own bulk read of the same file.

Everybody gets the same bytes and ends with one row per object, merged on its id, in a DuckDB file on disk. dlt's
defaults flatten and infer a schema as well; with nesting switched off and as Arrow tables it does nearly the same work.
Cynosure keeps history besides, compresses and syncs its landing files, and verifies their checksums.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from benchmarks.measuring import Sample, interleaved, print_rows, ratios, timed
from benchmarks.pages import pages
from cynosure.landing import LandingLog, Manifest
from cynosure.load import load_landing
from cynosure.warehouse import open_warehouse

_AT = 1_767_225_600.0


class _Page(msgspec.Struct):
    data: list[msgspec.Raw]


class _Id(msgspec.Struct):
    id: str


def land(folder: Path, number: int, source: list[bytes]) -> Manifest:
    """The landing half: pages become one batch."""
    log = LandingLog(f"file://{folder}/landing").stream("stripe", "invoices")
    writer = log.begin(number)
    decode, identify = msgspec.json.Decoder(_Page).decode, msgspec.json.Decoder(_Id).decode
    for page in source:
        for raw in decode(page).data:
            writer.add(identify(raw).id, raw, changed=None, seen=_AT)
    manifest = Manifest(
        source="stripe", stream="invoices", batch=writer.batch, mode="changes", cursor_before=None, cursor_after={"n": number},
        parts=writer.close(), rows=writer.rows, deleted=0, api_version="1", connector_version="1", started_at=_AT, finished_at=_AT,
    )  # fmt: skip
    log.commit(manifest)
    return manifest


def load(folder: Path) -> int:
    """The loading half; returns the rows that changed."""
    warehouse = open_warehouse(f"duckdb://{folder}/warehouse.duckdb")
    landing = LandingLog(f"file://{folder}/landing")
    results = load_landing(warehouse, landing, [("stripe", "invoices")], datetime.now(UTC))
    return sum(result.new + result.changed for result in results["stripe.invoices"])


def cynosure(source: list[bytes], expected: int) -> float:
    """Pages to raw history."""
    with _folder() as folder:
        seconds = timed(lambda: (land(folder, 1, source), load(folder)))
        _same(folder / "warehouse.duckdb", "select count(*), count(distinct id) from raw.stripe__invoices", expected)
        return seconds


def dlt_run(source: list[bytes], expected: int, form: Callable[[list[bytes]], Iterator[Any]], file_format: str | None) -> float:
    """Pages into a table merged on id, by a dlt pipeline in the given form."""
    os.environ.update({"RUNTIME__DLTHUB_TELEMETRY": "false", "RUNTIME__LOG_LEVEL": "ERROR"})
    import dlt

    with _folder() as folder:
        pipeline = dlt.pipeline(
            "bench", destination=dlt.destinations.duckdb(str(folder / "dlt.duckdb")), dataset_name="raw", pipelines_dir=str(folder / "dlt")
        )
        resource = dlt.resource(form(source), name="invoices", primary_key="id", write_disposition="merge", max_table_nesting=0)
        options = {"loader_file_format": file_format} if file_format else {}
        seconds = timed(lambda: pipeline.run(resource, **options))
        _same(folder / "dlt.duckdb", "select count(*), count(distinct id) from raw.invoices", expected)
        return seconds


def as_dicts(source: list[bytes]) -> Iterator[Any]:
    """Objects as dlt's documentation yields them."""
    for page in source:
        yield msgspec.json.decode(page)["data"]


def as_arrow(source: list[bytes]) -> Iterator[Any]:
    """dlt's fastest path: Arrow tables of id and payload text, 10,000 rows each."""
    import pyarrow

    decode, identify = msgspec.json.Decoder(_Page).decode, msgspec.json.Decoder(_Id).decode
    rows: list[tuple[str, str]] = []
    for number, page in enumerate(source, 1):
        rows += [(identify(raw).id, bytes(raw).decode()) for raw in decode(page).data]
        if number % 100 == 0 or number == len(source):
            yield pyarrow.table({"id": [r[0] for r in rows], "payload": [r[1] for r in rows]})
            rows.clear()


def bulk_read(file: Path) -> float:
    """DuckDB reading the landed file into a table on disk, and nothing else."""
    with _folder() as folder:
        connection = duckdb.connect(str(folder / "bulk.duckdb"))
        started = time.perf_counter()
        connection.execute("create table lines as select json from read_ndjson_objects($1)", [str(file)])
        connection.close()
        return time.perf_counter() - started


def load_only(prepared: Path) -> float:
    """Loading a batch that is landed already, into a new warehouse."""
    with _folder() as folder:
        (folder / "landing").symlink_to(prepared / "landing")
        return timed(lambda: load(folder))


def main(rows: int = 125_000, slow_rows: int = 20_000, repetitions: int = 5) -> None:
    """Prints both comparisons."""
    source, few = list(pages(rows)), list(pages(slow_rows))
    megabytes = sum(map(len, source)) / 1e6
    with _folder() as prepared:
        manifest = land(prepared, 1, source)
        file = prepared / "landing" / "stripe" / "invoices" / manifest.batch / manifest.parts[0].name
        found = interleaved(
            {
                "cynosure": lambda: cynosure(source, rows),
                "dlt, Arrow tables": lambda: dlt_run(source, rows, as_arrow, None),
                "dlt, parquet files": lambda: dlt_run(few, slow_rows, as_dicts, "parquet") * rows / slow_rows,
                "dlt, default (insert values)": lambda: dlt_run(few, slow_rows, as_dicts, None) * rows / slow_rows,
                "cynosure, load only": lambda: load_only(prepared),
                "DuckDB bulk read": lambda: bulk_read(file),
            },
            repetitions,
        )
    ours = found["cynosure"]
    table = [(name, *_speed(sample, rows, megabytes), sample.spread(), ratios(sample, ours)) for name, sample in found.items()]
    title = f"JSON pages to raw history: {rows:,} invoices, {megabytes:.0f} MB, {repetitions} interleaved repetitions"
    print_rows(title, ("", "rows/s", "MB/s", "min / median / max", "times cynosure's seconds"), table)
    load_ratio = ratios(found["DuckDB bulk read"], found["cynosure, load only"])
    print(f"  load only, as a share of the speed of DuckDB's bulk read of the same file: {load_ratio}")
    print(f"  the two dlt forms with dictionaries were run on {slow_rows:,} rows and scaled up")


def _speed(sample: Sample, rows: int, megabytes: float) -> tuple[str, str]:
    return f"{rows / sample.median:,.0f}", f"{megabytes / sample.median:.0f}"


class _folder:  # noqa: N801 - reads as a function
    """A temporary folder that is gone afterwards."""

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="bench-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path)


def _same(file: Path, query: str, expected: int) -> None:
    connection = duckdb.connect(str(file), read_only=True)
    found = connection.execute(query).fetchone()
    connection.close()
    if found != (expected, expected):
        raise SystemExit(f"{file.name}: {found} rows and ids instead of {expected}: the comparison would not be of equal work")


if __name__ == "__main__":
    main()
