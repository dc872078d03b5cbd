"""Whatever is wrong, the command line says in a sentence what to do, ends with the right code, and loses nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from cynosure.warehouse import duckdb_file, open_warehouse

EXTRACT = ("extract", "stripe", "-s", "customers", "-s", "coupons")


def sentence(ended: Any, code: int, *words: str) -> None:
    assert ended.code == code, ended.said
    for word in words:
        assert word in ended.err, ended.said
    assert "Traceback" not in ended.said


def manifests(home: Path) -> int:
    return len(list(home.rglob("manifest.json")))


def test_a_key_that_stripe_does_not_know(deployment: Any) -> None:
    ended = deployment.run(*EXTRACT, CYNOSURE_STRIPE_API_KEY="sk_test_wrongwrongwrong")
    sentence(ended, 3, "Stripe refused the API key", "create a restricted key")
    assert "wrongwrong" not in ended.said
    assert manifests(deployment.home) == 0
    sentence(
        deployment.run("check-connection", "stripe", CYNOSURE_STRIPE_API_KEY="sk_test_wrongwrongwrong"), 3, "refused the API key"
    )


def test_a_key_that_is_revoked_in_mid_run(deployment: Any) -> None:
    with deployment.company.fault({"preset": "unauthorized"}, times=None, path="/v1/coupons"):
        sentence(deployment.run(*EXTRACT), 3, "stripe.coupons: Stripe refused the API key")
    assert manifests(deployment.home) == 1
    assert deployment.run(*EXTRACT).code == 0
    assert manifests(deployment.home) == 2


def test_a_missing_permission_names_the_stream(deployment: Any) -> None:
    with deployment.company.fault({"preset": "forbidden"}, times=None, path="/v1/coupons"):
        sentence(deployment.run(*EXTRACT), 3, "stripe.coupons", "give the restricted key the Read permission")
        checked = deployment.run("check-connection", "stripe")
        assert checked.code == 3
        assert "may not read /v1/coupons" in " ".join(checked.out.split())
    assert manifests(deployment.home) == 1


@pytest.mark.parametrize("url", ["http://api.stripe.example", "ftp://127.0.0.1", "api.stripe.com", "https://user@host"])
def test_a_base_url_that_would_send_the_key_in_clear(deployment: Any, url: str) -> None:
    sentence(deployment.run(*EXTRACT, CYNOSURE_STRIPE_BASE_URL=url), 2, "base URL", "https")


@pytest.mark.parametrize("key", ["", " ", "two words", "clé"])
def test_empty_or_broken_credentials(deployment: Any, key: str) -> None:
    ended = deployment.run(*EXTRACT, CYNOSURE_STRIPE_API_KEY=key)
    sentence(ended, 2, "api_key")


def test_an_unknown_source(deployment: Any) -> None:
    sentence(deployment.run("extract", "strip"), 2, "there is no source called 'strip'", "did you mean 'stripe'?")


def test_an_unknown_stream(deployment: Any) -> None:
    sentence(deployment.run("extract", "stripe", "-s", "customer"), 2, "there is no stream called 'customer'", "'customers'")


def test_an_unknown_command(deployment: Any) -> None:
    sentence(deployment.run("extrat"), 2, "extrat")


def test_malformed_yaml_is_named_with_its_line(deployment: Any) -> None:
    (deployment.config / "sources.yaml").write_text("stripe:\n  connector: stripe\n  connection: [\n")
    sentence(deployment.run(*EXTRACT), 2, "sources.yaml:4")


def test_a_setting_that_does_not_exist_is_named_with_its_line(deployment: Any) -> None:
    (deployment.config / "sources.yaml").write_text("stripe:\n  connector: stripe\n  connection: c\n  rat_share: 0.5\n")
    sentence(deployment.run(*EXTRACT), 2, "sources.yaml:4", "rat_share")


def test_a_stream_in_the_configuration_that_does_not_exist(deployment: Any) -> None:
    text = "stripe:\n  connector: stripe\n  connection: c\n  streams:\n    customer: {enabled: false}\n"
    (deployment.config / "sources.yaml").write_text(text)
    sentence(deployment.run("load"), 2, "customer", "sources.yaml")


@pytest.mark.parametrize("fault", [{"preset": "truncated"}, {"preset": "html"}, {"preset": "unavailable"}, {"preset": "refused"}])
def test_answers_that_stay_unreadable_are_deferred(deployment: Any, fault: dict[str, Any]) -> None:
    with deployment.company.fault(fault, times=None, path="/v1/customers"):
        sentence(deployment.run(*EXTRACT), 5, "stripe.customers", "the next run goes on from here")
    assert deployment.run(*EXTRACT).code == 0
    assert manifests(deployment.home) == 2


def test_an_answer_in_another_api_version(deployment: Any) -> None:
    with deployment.company.fault({"headers": {"Stripe-Version": "2020-08-27"}}, times=None, path="/v1/customers"):
        sentence(deployment.run(*EXTRACT), 3, "stripe.customers", "answered in API version 2020-08-27")


def test_stripe_cannot_be_reached(deployment: Any) -> None:
    ended = deployment.run(*EXTRACT, CYNOSURE_STRIPE_BASE_URL="http://127.0.0.1:9")
    sentence(ended, 5, "Stripe cannot be reached", "the next run goes on from here")


def test_postgres_cannot_be_reached(deployment: Any) -> None:
    ended = deployment.run("load", CYNOSURE_WAREHOUSE="postgresql://reader:s3cretword@127.0.0.1:9/metrics")
    sentence(ended, 1, "PostgreSQL at 127.0.0.1/metrics cannot be reached")
    assert "s3cretword" not in ended.said


def test_an_unknown_kind_of_warehouse(deployment: Any) -> None:
    sentence(deployment.run("load", CYNOSURE_WAREHOUSE="mysql://host/db"), 1, "allowed: duckdb, postgresql")


def test_a_landing_file_that_is_damaged(deployment: Any) -> None:
    assert deployment.run(*EXTRACT).code == 0
    part = next((deployment.home / "landing" / "stripe" / "customers").rglob("*.zst"))
    good = part.read_bytes()
    part.write_bytes(good[:-7] + b"garbage")
    sentence(deployment.run("load"), 1, part.name, "damaged", "restore it from a backup")
    part.write_bytes(good)
    assert deployment.run("load").code == 0
    with open_warehouse(f"duckdb://{deployment.home}/warehouse.duckdb").writing() as session:
        assert session.row("select count(*) > 0 from raw.stripe__customers") == (True,)


def test_a_landing_file_that_is_missing(deployment: Any) -> None:
    assert deployment.run(*EXTRACT).code == 0
    part = next((deployment.home / "landing" / "stripe" / "customers").rglob("*.zst"))
    part.unlink()
    sentence(deployment.run("load"), 1, part.name, "missing", "restore it from a backup")


def test_a_manifest_that_is_damaged(deployment: Any) -> None:
    assert deployment.run(*EXTRACT).code == 0
    manifest = next((deployment.home / "landing" / "stripe" / "customers").rglob("manifest.json"))
    manifest.write_text("{")
    for command in (("load",), EXTRACT):
        ended = deployment.run(*command)
        assert ended.code in (1, 3)
        assert "manifest.json is not a readable manifest" in ended.err


def test_a_warehouse_that_another_process_holds_is_named_after_a_bounded_wait(
    deployment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deployment.run(*EXTRACT).code == 0
    url = f"duckdb://{deployment.home}/warehouse.duckdb"
    monkeypatch.setattr(duckdb_file, "connect", lambda url, wait: duckdb_file.DuckDBWarehouse(url, wait=0.3))
    with open_warehouse(url).exclusive():
        started = time.monotonic()
        sentence(deployment.run("load"), 5, f"is being written by process {os.getpid()}", "wait for it or stop it")
        assert time.monotonic() - started < 5
    assert deployment.run("load").code == 0


def test_two_loads_at_once_end_as_one(deployment: Any) -> None:
    assert deployment.run(*EXTRACT).code == 0
    command = [sys.executable, "-c", "from cynosure.cli import main; main()", "load", "--json"]
    env = {**os.environ, **deployment.env}
    loads = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    results = [json.loads(load.communicate(timeout=120)[0]) for load in loads]
    assert [load.returncode for load in loads] == [0, 0]
    applied = [len(result["stripe.customers"]) for result in results]
    assert sorted(applied) == [0, 1]


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv.pop(1)),) * 2)
from cynosure.cli import main
main()
"""


@pytest.mark.parametrize(("command", "allowed"), [("extract", 700), ("load", 20_000), ("load", 8_000)])
def test_a_full_disk_is_told_and_the_rerun_finishes(deployment: Any, command: str, allowed: int) -> None:
    arguments = EXTRACT if command == "extract" else ("load",)
    if command == "load":
        assert deployment.run(*EXTRACT).code == 0
    limited = [sys.executable, "-c", LIMITED, str(allowed), *arguments]
    ended = subprocess.run(limited, env={**os.environ, **deployment.env}, capture_output=True, text=True, check=False)
    assert ended.returncode in (1, 3), ended.stderr
    assert "Traceback" not in ended.stderr
    assert "File too large" in ended.stderr
    assert deployment.run(*EXTRACT).code == 0
    assert deployment.run("load").code == 0
    with open_warehouse(f"duckdb://{deployment.home}/warehouse.duckdb").writing() as session:
        assert session.row("select count(*) from raw.stripe__customers") == (len(deployment.company.all("customer")),)


def test_a_folder_that_cannot_be_written(deployment: Any) -> None:
    # a file where the folder should be: permissions would not stop a test that runs as root
    deployment.home.mkdir()
    (deployment.home / "landing").write_text("in the way")
    ended = deployment.run(*EXTRACT)
    assert ended.code == 3
    assert str(deployment.home / "landing") in ended.err
    assert "Traceback" not in ended.said


def test_status_before_anything_was_done(deployment: Any) -> None:
    ended = deployment.run("status", "--json")
    assert ended.code == 0
    assert {entry["landed_batch"] for entry in json.loads(ended.out)["streams"]} == {None}


def test_a_check_before_any_transform_says_what_to_do_first(deployment: Any) -> None:
    sentence(deployment.run("check"), 1, "run `cynosure transform` first")
