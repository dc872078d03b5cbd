"""The page inside Airflow: closed to strangers, and safe whatever the data says."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from airflow_home import PLUGINS, use_own_home

use_own_home()

from airflow.api_fastapi.app import create_app
from fastapi.testclient import TestClient

from cynosure.check.finding import Dimension, Finding
from cynosure_airflow.page import render
from cynosure_airflow.status import Build, Node, Sent, Status, Stream

pytestmark = pytest.mark.airflow

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>'


class Elements(HTMLParser):
    """The elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]


@pytest.fixture(scope="module")
def server():
    return create_app(apps="core")


@pytest.fixture(scope="module")
def stranger(server):
    return TestClient(server, base_url="http://localhost", follow_redirects=False)


def mounted(server):
    (found,) = [route for route in server.routes if getattr(route, "path", "") == "/cynosure"]
    return found


def full_status(text: str = "fine") -> Status:
    late = Stream("stripe", text, NOW - timedelta(hours=9), NOW, "00000003", 1200, timedelta(hours=3), is_late=True)
    good = Stream("ecb", "reference_rates", NOW, NOW, "00000001", 0, timedelta(hours=30), is_late=False)
    return Status(
        company=text,
        now=NOW,
        streams=[late, good],
        late=[late],
        findings=[Finding(text, "quality", text, text, False, Dimension.VALIDITY, affected_kpis=(text,))],
        checks=12,
        builds=[Build("r1", NOW, 12.5, 100, 50, 1, 2)],
        nodes=[Node(text, "error", 1.5, text)],
        messages=[Sent(NOW, "report", text, "email: 2 sent", is_dead=False)],
    )


def test_the_page_is_registered_in_the_navigation():
    from airflow.plugins_manager import get_plugin_info

    (plugin,) = [found for found in get_plugin_info() if found["name"] == "cynosure"]
    (view,) = plugin["external_views"]
    assert view == {
        "name": "Cynosure",
        "href": "/cynosure/status",
        "destination": "nav",
        "url_route": "cynosure",
        "nav_top_level": True,
    }


def test_airflow_finds_no_fault_with_the_plugin():
    from airflow import plugins_manager

    plugins_manager.ensure_plugins_loaded()
    assert plugins_manager.get_import_errors() == {}


def test_every_route_refuses_a_stranger(server, stranger):
    routes = mounted(server).routes
    assert routes
    for route in routes:
        for method in route.methods:
            assert stranger.request(method, f"/cynosure{route.path}").status_code == 401, route.path


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/x", "/status/", "/"])
@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_nothing_else_answers_a_stranger(stranger, method, path):
    assert stranger.request(method, f"/cynosure{path}").status_code in (307, 401, 404, 405)


def test_a_wrong_token_is_refused(stranger):
    assert stranger.get("/cynosure/status", headers={"Authorization": "Bearer nonsense"}).status_code in (401, 403)


def test_the_page_shows_what_matters():
    text = render(full_status(), "n0nce")
    for expected in ("1 of 2", "11 of 12", "streams on time", "9 h ago", "1,200", "email: 2 sent", "holds back"):
        assert expected in text


def test_nothing_is_shown_as_good_that_is_not_known():
    text = render(Status(company="Northwind", now=NOW, notice="Nothing has been published yet."), "n0nce")
    assert "Nothing has been published yet." in text
    assert "on time" not in text


def test_hostile_data_stays_text():
    page = Elements()
    page.feed(render(full_status(HOSTILE), "n0nce"))
    assert not {"script", "img", "iframe", "form", "input"} & set(page.tags)
    assert not [name for name in page.attributes if name.startswith("on")]


def test_the_policy_lets_nothing_in_but_the_pages_own_style(server):
    from airflow.api_fastapi.core_api.security import get_user

    app = mounted(server).app.app
    app.dependency_overrides.update(
        {route.dependencies[0].dependency: lambda: None for route in app.routes if route.dependencies}
    )
    app.dependency_overrides[get_user] = lambda: None
    try:
        answer = TestClient(app).get("/status")
    finally:
        app.dependency_overrides.clear()
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    assert answer.text.count(f'nonce="{nonce}"') == answer.text.count("<style") == 1
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_loading_plugins_leaves_no_module_of_ours_under_a_bare_name():
    """Airflow names every file of the folder after its stem: `retry.py` would become the module `retry`."""
    ours = sorted(path.stem for path in (PLUGINS / "cynosure_airflow").rglob("*.py"))
    program = f"""
import sys
from airflow import plugins_manager
before = set(sys.modules)
plugins_manager.ensure_plugins_loaded()
after = set(sys.modules)
heavy = [name for name in ("cynosure.stages", "duckdb", "stripe", "cynosure_airflow.page") if name in after]
print(sorted(set({ours!r}) & (after - before)), heavy, "cynosure_plugin" in after, sep="|")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip().splitlines()[-1] == "[]|[]|True"
