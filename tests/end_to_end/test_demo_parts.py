"""The demo's parts: processes that end by identity, environments that leak nothing, an exact comparison."""

from __future__ import annotations

import ast
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import psutil
import pytest

from sandbox.demo import connections, environments, streams, tellings
from sandbox.demo.folders import Folders, kept, read_json, write_private
from sandbox.demo.processes import MARK, Processes
from sandbox.demo.truth import difference

DEMO = Path(__file__).resolve().parents[2] / "sandbox/demo"
DAY, CUSTOMER = "2026-01-05", "cus_1"

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(600)",
]


@pytest.fixture
def folders(tmp_path):
    made = Folders(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def processes(folders):
    made = Processes(folders.home)
    yield made
    made.end()


def start(processes: Processes, folders: Folders, name: str = "one", command: list[str] = SLEEP):
    return processes.start(name, command, {"PATH": os.environ["PATH"]}, folders.log(name))


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def eventually(holds, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def test_what_was_started_is_found_by_another_program_and_ended(processes, folders):
    started = start(processes, folders)
    other = Processes(folders.home)
    assert set(other.running()) == {"one"}
    assert other.end() == []
    assert not alive(started.pid)
    assert other.running() == {}


def test_an_id_that_now_belongs_to_somebody_else_is_left_alone(processes, folders):
    with subprocess.Popen(SLEEP) as stranger:
        note = {"name": "one", "pid": stranger.pid, "created": psutil.Process(stranger.pid).create_time() - 60}
        write_private(folders.demo / "processes.json", f'{{"processes": [{note}]}}'.replace("'", '"'))
        assert processes.running() == {}
        assert processes.end() == []
        assert alive(stranger.pid)
        stranger.kill()


def test_a_process_that_ignores_the_request_is_killed_with_its_children(processes, folders, monkeypatch):
    monkeypatch.setattr("sandbox.demo.processes._GRACE_SECONDS", 0.5)
    started = start(processes, folders, command=STUBBORN)
    assert eventually(lambda: folders.log("one").read_text().strip() != "")
    child = int(folders.log("one").read_text())
    assert processes.end() == []
    assert not alive(started.pid)
    assert not alive(child)


def test_what_was_started_without_a_note_is_found_by_its_mark(processes, folders):
    """A start that is killed between starting a process and taking note of it."""
    with subprocess.Popen(SLEEP, env={MARK: str(folders.home)}, start_new_session=True) as lost:
        assert eventually(lambda: psutil.Process(lost.pid).environ().get(MARK) == str(folders.home))
        assert processes.end() == []
        assert lost.wait(10) in (-signal.SIGTERM, -signal.SIGKILL)


def test_only_the_named_process_is_ended(processes, folders):
    start(processes, folders, "one")
    two = start(processes, folders, "two")
    processes.end(["one"])
    assert set(processes.running()) == {"two"}
    assert alive(two.pid)


def test_a_key_pressed_in_the_terminal_does_not_reach_it(processes, folders):
    started = start(processes, folders)
    assert os.getpgid(started.pid) == started.pid != os.getpgrp()


def test_files_are_for_their_owner_only(folders):
    write_private(folders.demo / "x", "secret")
    kept(folders.airflow / "password")
    for path in (folders.demo / "x", folders.airflow / "password"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (folders.demo, folders.airflow, folders.sandbox):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_kept_secret_stays_the_same_and_is_long(folders):
    first = kept(folders.airflow / "key")
    assert first == kept(folders.airflow / "key")
    assert len(first) >= 64


def test_a_cut_file_counts_as_none(folders):
    (folders.demo / "cut.json").write_text('{"url": "http')
    assert read_json(folders.demo / "cut.json") is None


def test_a_real_installation_in_the_shell_is_ignored(folders, monkeypatch):
    monkeypatch.setenv("CYNOSURE_WAREHOUSE", "postgresql://production/warehouse")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://production/airflow")
    monkeypatch.setenv("DBT_PROFILES_DIR", "/production")
    variables = {**environments.clean(), **environments.airflow(folders, 8080)}
    assert "production" not in " ".join(variables.values())


def test_everything_listens_on_loopback_only(folders):
    variables = environments.airflow(folders, 8080)
    assert variables["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert variables["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"].startswith("http://127.0.0.1:8080/")


def test_a_taken_port_is_avoided():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert environments.free_port(port) not in (0, port)


def test_the_demo_knows_the_platform_only_from_outside():
    for path in DEMO.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [getattr(node, "module", "") or ""]
            assert not any(name.split(".")[0] in ("airflow", "cynosure", "connectors") for name in names), path


def amounts(native: str, reporting: str = "0") -> tuple[Decimal, Decimal]:
    return Decimal(native), Decimal(reporting)


def test_equal_ledgers_meet_the_truth():
    ledger = {(DAY, CUSTOMER, "USD"): amounts("29.000000", "29.000000")}
    found = difference(ledger, dict(ledger), date(2026, 1, 6))
    assert (found.is_met, found.balances, found.wrong, found.largest_error) == (True, 1, 0, Decimal(0))


def test_nothing_to_compare_is_not_met():
    assert not difference({}, {}, date(2026, 1, 6)).is_met


@pytest.mark.parametrize(
    ("measured", "error"),
    [
        ({(DAY, CUSTOMER, "USD"): amounts("29.000001", "29")}, Decimal("0.0001")),
        ({(DAY, CUSTOMER, "USD"): amounts("29", "29.01")}, Decimal(1)),
        ({}, Decimal(2900)),
        ({(DAY, CUSTOMER, "USD"): amounts("29", "29"), (DAY, "cus_2", "USD"): amounts("5", "5")}, Decimal(500)),
    ],
    ids=["the sixth decimal", "the reporting currency", "a missing balance", "a balance too many"],
)
def test_the_smallest_difference_is_counted_in_minor_units(measured, error):
    found = difference({(DAY, CUSTOMER, "USD"): amounts("29", "29")}, measured, date(2026, 1, 6))
    assert not found.is_met
    assert (found.wrong, found.largest_error) == (1, error)
    assert len(found.examples) == 1


def test_the_running_day_is_told_apart():
    found = difference({(DAY, CUSTOMER, "USD"): amounts("29")}, {}, date.fromisoformat(DAY))
    assert (found.wrong, found.running_day) == (0, 1)


ENDPOINTS = {
    "connections": {
        "stripe": {"api_key": "rk_test_1", "base_url": "http://127.0.0.1:1"},
        "ecb": {"base_url": "http://127.0.0.1:2"},
        "fax": {"number": "5"},
    }
}


def test_every_declared_source_gets_an_airflow_connection_filled_like_its_form():
    found = {made["connection_id"]: made for made in connections.airflow_connections(ENDPOINTS)}
    assert set(found) == {"cynosure_stripe", "cynosure_ecb"}
    assert (found["cynosure_stripe"]["host"], found["cynosure_stripe"]["password"]) == ("http://127.0.0.1:1", "rk_test_1")
    assert found["cynosure_ecb"]["host"] == "http://127.0.0.1:2"
    assert "password" not in found["cynosure_ecb"]


def test_fields_of_a_form_are_extra_and_what_is_left_is_the_secret():
    form = {"conn-fields": {"subdomain": {}, "other_secret": {}}}
    given = {"subdomain": "acme", "token": "t0k", "other_secret": "s2", "base_url": "http://127.0.0.1:3"}
    filled = connections._filled(form, given)
    assert filled == {"host": "http://127.0.0.1:3", "password": "t0k", "extra": '{"subdomain": "acme", "other_secret": "s2"}'}


def test_the_command_line_gets_the_same_settings_as_variables():
    assert connections.variables(ENDPOINTS) == {
        "CYNOSURE_STRIPE_API_KEY": "rk_test_1",
        "CYNOSURE_STRIPE_BASE_URL": "http://127.0.0.1:1",
        "CYNOSURE_ECB_BASE_URL": "http://127.0.0.1:2",
    }


def books(*ids: str, deleted: tuple[str, ...] = (), **more):
    return {"ids": list(ids), "deleted": list(deleted), **more}


@pytest.mark.parametrize(
    ("before", "after", "rows", "missing", "extra", "buried"),
    [
        (books("a", "b"), books("a", "b"), [("a", False), ("b", False)], (), (), ()),
        (books("a", "b"), books("a", "b"), [("a", False)], ("b",), (), ()),
        (books("a"), books("a"), [("a", False), ("z", False)], (), ("z",), ()),
        (books("a"), books("a"), [("a", True)], (), (), ("a",)),
        (books("a", deleted=("d",)), books("a", deleted=("d",)), [("a", False), ("d", False)], (), ("d",), ()),
        (books("a", deleted=("d",)), books("a", deleted=("d",)), [("a", False), ("d", True)], (), (), ()),
        (books("a"), books("a", "new"), [("a", False)], (), (), ()),
        (books("a"), books("a", "new"), [("a", False), ("new", False)], (), (), ()),
        (books("a", "old"), books("a", deleted=("old",)), [("a", False), ("old", False)], (), (), ()),
        (books("a"), books("a", forgets=True), [("a", False), ("older", False)], (), (), ()),
    ],
    ids=["equal", "one missing", "one too many", "deleted although it exists", "there although deleted", "deleted on both sides",
         "came during the job", "came and was read", "went during the job", "events that the source forgets"],
)  # fmt: skip
def test_rows_are_compared_by_id(before, after, rows, missing, extra, buried):
    found = streams.difference("stripe", "customers", before, after, rows)
    assert (found.missing, found.extra, found.buried) == (missing, extra, buried)
    assert found.is_met == (not (missing or extra or buried))


def test_a_stream_without_a_table_lacks_everything(tmp_path):
    warehouse = tmp_path / "w.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.stripe__customers as select 'a' as id, false as is_deleted, null as valid_to")
    told = {"stripe": {"customers": books("a"), "charges": books("c")}}
    found = {stream.stream: stream for stream in streams.compare(told, told, {"stripe": "stripe"}, warehouse)}
    assert (found["customers"].is_met, found["customers"].rows) == (True, 1)
    assert found["charges"].missing == ("c",)


@pytest.fixture
def daily(tmp_path):
    """A warehouse whose submissions were last read at 150, and whose contacts at 210."""
    warehouse = tmp_path / "w.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema ops")
        connection.execute(
            "create table ops.loads as select * from (values ('hub', 'submissions', to_timestamp(90)),"
            " ('hub', 'submissions', to_timestamp(150)), ('hub', 'contacts', to_timestamp(210))) as t(source, stream, source_as_of)"
        )
    return warehouse


def test_a_stream_is_held_to_what_was_true_when_it_was_last_read(daily):
    told = [
        tellings.Telling(at, {"hubspot": {name: books(f"{name} {at}") for name in ("contacts", "submissions", "forms")}})
        for at in (80, 100, 200)
    ]
    held = tellings.as_last_read(told, {"hub": "hubspot"}, daily)["hubspot"]
    assert {name: book["ids"] for name, book in held.items()} == {
        "submissions": ["submissions 100"],
        "contacts": ["contacts 200"],
        "forms": ["forms 200"],  # was never read: held to everything
    }


def test_tellings_are_kept_for_as_long_as_a_stream_may_be_held_to_them(tmp_path):
    for at in (9, 10, 100):
        kept = tellings.note(tmp_path / "told", tellings.Telling(at, {"hubspot": {"contacts": books(str(at))}}))
        assert kept[-1].at == at
    (tmp_path / "told" / "10.json").write_text("{")
    kept = tellings.note(tmp_path / "told", tellings.Telling(9 + tellings.KEPT_SECONDS + 1, {}))
    assert [telling.at for telling in kept] == [100, 9 + tellings.KEPT_SECONDS + 1]
    assert not (tmp_path / "told" / "9.json").exists()
