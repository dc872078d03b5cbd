"""Secrets are marked and then looked for in every byte that the engine writes or prints: there must be none."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from sandbox.stripe.reading import READ_PERMISSIONS

CANARY = "rk_test_CANARY7f3a9c2e51b8d604"


def forms(secret: str) -> set[bytes]:
    """The secret as it could appear, encoded or not; its last four characters are shown on purpose."""
    texts = {secret, secret[8:], quote(secret + ":"), secret[::-1]}
    encoded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in (secret, secret + ":", ":" + secret)}
    return {text.encode() for text in texts | encoded}


def leaks(folder: Path, printed: str) -> list[str]:
    found = [
        str(path) for path in folder.rglob("*") if path.is_file() and any(form in path.read_bytes() for form in forms(CANARY))
    ]
    return found + [f"printed: {form.decode()}" for form in forms(CANARY) if form in printed.encode()]


@pytest.mark.postgres
def test_no_secret_is_written_or_printed_by_success_or_failure(deployment: Any, postgres_url: str) -> None:
    company = deployment.company
    company.site.keys.add(CANARY, set(READ_PERMISSIONS))
    env = {"CYNOSURE_STRIPE_API_KEY": CANARY}
    printed = ""

    def run(*arguments: str, **more: str) -> int:
        nonlocal printed
        ended = deployment.run(*arguments, **{**env, **more})
        printed += ended.said
        return int(ended.code)

    few = ("extract", "stripe", "-s", "customers", "-s", "coupons")
    assert run("check-connection", "stripe") == 0
    assert run(*few) == 0
    assert run("load") == 0
    assert run("load", "--json", CYNOSURE_WAREHOUSE=postgres_url) == 0
    assert run("status") == 0
    assert run("audit", "stripe") == 0
    assert run("audit", "stripe", "--full", "--repair", "--json") == 0
    company.advance(3_600)
    company.write("update_customer", id=company.all("customer")[0]["id"], params={"name": "Changed"})
    for fault in ("unauthorized", "forbidden", "unavailable", "truncated", "html", "refused", "rate_limit_wait"):
        with company.fault({"preset": fault}, times=None, path="/v1/*"):
            assert run(*few, "--json") in (3, 5)
    assert run(*few, CYNOSURE_STRIPE_BASE_URL="http://127.0.0.1:9") == 5
    assert run(*few, CYNOSURE_STRIPE_BASE_URL="http://example.org") == 2
    assert run(*few, CYNOSURE_STRIPE_API_KEY=CANARY + " ") == 2
    company.site.keys.known[CANARY].is_revoked = True
    assert run(*few) == 3
    assert run("load", CYNOSURE_WAREHOUSE=f"postgresql://u:{CANARY}@127.0.0.1:9/db") == 1
    assert run("load", CYNOSURE_CONTROL=f"postgresql://u:{CANARY}@127.0.0.1:9/db") == 0
    assert len(printed) > 2_000
    assert leaks(deployment.home, printed) == []


def test_the_search_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"x" + base64.b64encode(f"{CANARY}:".encode()))
    assert leaks(tmp_path, f"key {CANARY}") != leaks(tmp_path, "")
    assert str(tmp_path / "log") in leaks(tmp_path, "")
