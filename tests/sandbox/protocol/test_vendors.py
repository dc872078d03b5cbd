"""A vendor is found by its package; it hears the story, takes writes through the journal, and is served like every other."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import httpx
import pytest
from sandbox_servers import RunningSite
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox import discovery
from sandbox.control import Control
from sandbox.faults import FaultError, Faults
from sandbox.request_log import RequestLog
from sandbox.vendor import Setting, Surroundings
from sandbox.world import World

START = 1_795_360_000


class Guestbook:
    """A vendor that notes what it hears and what is written."""

    name = "guestbook"
    presets: ClassVar[dict[str, Any]] = {"closed": {"status": 423, "body": {"why": "closed"}}}
    distortions: ClassVar[dict[str, Any]] = {"shout": lambda body, mark: {**body, "rows": [row + mark for row in body["rows"]]}}

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.heard: list[Any] = []
        self.rows: list[str] = []

    def hear(self, event: Any) -> None:
        self.heard.append(event)

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        if operation != "sign":
            raise LookupError(f"nobody can {operation} here")
        self.rows.append(f"{arguments['name']} at {at}")
        return {"rows": len(self.rows)}

    def app(self, surroundings: Surroundings) -> Any:
        async def read(request: Request) -> JSONResponse:
            shown = [row for row in self.rows if not surroundings.faults.hides(row, surroundings.now())]
            return JSONResponse({"rows": shown})

        async def sign(request: Request) -> JSONResponse:
            return JSONResponse(surroundings.write("sign", await request.json()))

        return Starlette(routes=[Route("/rows", read), Route("/rows", sign, methods=["POST"])])

    def connection(self, base_url: str) -> dict[str, str]:
        return {"base_url": base_url, "pen": "blue"}

    def streams(self) -> dict[str, dict[str, Any]]:
        return {"rows": {"count": len(self.rows), "ids": sorted(self.rows), "deleted": []}}

    def objects(self, stream: str) -> dict[str, Any]:
        return {row: {"text": row} for row in self.rows}

    def limits(self) -> dict[str, Any]:
        return {"all": {"allowed": 5, "seconds": 1, "requests": 0, "peak": 0, "violations": 0}}

    def reset_limits(self) -> None: ...

    def revoke(self, what: str) -> None:
        raise LookupError("pens are free")


@pytest.fixture(autouse=True)
def guestbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package `sandbox.guestbook`, for the time of a test."""
    package, module = ModuleType("sandbox.guestbook"), ModuleType("sandbox.guestbook.vendor")
    module.VENDOR = Guestbook
    monkeypatch.setitem(sys.modules, "sandbox.guestbook", package)
    monkeypatch.setitem(sys.modules, "sandbox.guestbook.vendor", module)
    monkeypatch.setattr(discovery, "vendor_names", lambda: ("guestbook",))


def world(folder: Path | None = None, **more: Any) -> World:
    return World.create(folder, customers=5, months=2, start=START, systems=("guestbook",), wall=lambda: 0.0, **more)


@pytest.fixture
def served(tmp_path: Path):
    made = world()
    running = RunningSite(tmp_path, made)
    yield made, running.endpoints
    running.stop()


def test_a_world_has_the_systems_that_were_asked_for_and_the_built_in_ones() -> None:
    assert list(world().systems) == ["stripe", "ecb", "guestbook"]
    assert list(World.create(None, customers=5, months=2, start=START, wall=lambda: 0.0).systems) == ["stripe", "ecb"]


def test_an_unknown_system_is_refused_by_name() -> None:
    with pytest.raises(discovery.UnknownSystem, match="no system called 'fax'; known are stripe, ecb, guestbook"):
        World.create(None, systems=("fax",))


def test_stripe_is_the_same_with_and_without_others() -> None:
    alone = World.create(None, customers=5, months=2, start=START, wall=lambda: 0.0)
    assert alone.truth.streams() == world().truth.streams()


def test_a_vendor_hears_the_story_in_time_order_up_to_now() -> None:
    made = world()
    heard = made.systems["guestbook"].heard
    assert [event.at for event in heard] == sorted(event.at for event in heard)
    assert heard[-1].at <= made.now()


def test_writes_of_every_system_survive_a_restart_in_their_order(tmp_path: Path) -> None:
    first = world(tmp_path)
    first.write("sign", {"name": "Ada"}, vendor="guestbook")
    first.advance(86_400)
    with pytest.raises(LookupError, match="nobody can erase"):
        first.write("erase", {}, vendor="guestbook")
    first.write("sign", {"name": "Bob"}, vendor="guestbook")
    again = World.load(tmp_path, wall=lambda: 0.0)
    assert again.systems["guestbook"].rows == first.systems["guestbook"].rows == [f"Ada at {START}", f"Bob at {START + 86_400}"]
    assert again.systems["guestbook"].heard == first.systems["guestbook"].heard
    assert again.truth.streams() == first.truth.streams()


def test_the_endpoints_hold_each_systems_address_and_connection(served: Any) -> None:
    _, endpoints = served
    assert endpoints["connections"]["guestbook"] == {"base_url": endpoints["guestbook"], "pen": "blue"}
    assert endpoints["connections"]["stripe"] == {
        "api_key": endpoints["keys"]["stripe_restricted"],
        "base_url": endpoints["stripe"],
    }
    assert endpoints["connections"]["ecb"] == {"base_url": endpoints["ecb"]}


def test_the_api_of_a_vendor_writes_through_the_journal(served: Any) -> None:
    made, endpoints = served
    assert httpx.post(endpoints["guestbook"] + "/rows", json={"name": "Eve"}).json() == {"rows": 1}
    assert httpx.get(endpoints["guestbook"] + "/rows").json() == {"rows": [f"Eve at {made.now()}"]}


def test_the_control_api_reaches_every_system(served: Any) -> None:
    made, endpoints = served
    control = endpoints["control"]
    signed = {"vendor": "guestbook", "operation": "sign", "arguments": {"name": "Mia"}}
    assert httpx.post(control + "/operations", json=signed).json() == {"rows": 1}
    told = httpx.get(control + "/truth/streams").json()
    assert list(told) == ["stripe", "ecb", "guestbook"]
    assert told["stripe"] == made.truth.streams()
    assert httpx.get(control + "/truth/streams?system=guestbook").json() == {"guestbook": made.systems["guestbook"].streams()}
    row = f"Mia at {made.now()}"
    assert httpx.get(control + "/truth/objects/guestbook/rows").json() == {row: {"text": row}}
    limits = httpx.get(control + "/limits").json()
    assert limits["systems"]["guestbook"]["all"]["allowed"] == 5
    assert limits["systems"]["stripe"]["account"]["violations"] == 0


@pytest.mark.parametrize(
    ("path", "body", "complaint"),
    [
        ("/operations", {"vendor": "guestbook", "operation": "erase"}, "LookupError: nobody can erase here"),
        ("/operations", {"vendor": "fax", "operation": "sign"}, "no system 'fax'; known are stripe, ecb, guestbook"),
        ("/revoke", {"vendor": "guestbook", "what": "key"}, "pens are free"),
        ("/revoke", {"vendor": "stripe", "what": "smalltalk"}, "stripe has no stream 'smalltalk'"),
    ],
)
def test_a_refusal_comes_with_the_systems_own_words(served: Any, path: str, body: dict[str, Any], complaint: str) -> None:
    answer = httpx.post(served[1]["control"] + path, json=body)
    assert answer.status_code == 400
    assert complaint in answer.json()["error"]


def test_what_is_revoked_in_stripe_is_refused(served: Any) -> None:
    _, endpoints = served
    reader = {"Authorization": f"Bearer {endpoints['keys']['stripe_restricted']}"}
    httpx.post(endpoints["control"] + "/revoke", json={"vendor": "stripe", "what": "invoices"})
    statuses = [httpx.get(endpoints["stripe"] + f"/v1/{name}", headers=reader).status_code for name in ("invoices", "charges")]
    assert statuses == [403, 200]
    httpx.post(endpoints["control"] + "/revoke", json={"vendor": "stripe", "what": "key"})
    assert httpx.get(endpoints["stripe"] + "/v1/charges", headers=reader).status_code == 401


def test_presets_and_distortions_are_those_of_the_rules_vendor() -> None:
    faults = Faults([Guestbook])
    faults.add({"match": {"vendor": "guestbook"}, "do": {"preset": "closed"}})
    faults.add({"match": {"vendor": "guestbook"}, "do": {"preset": "truncated", "json": {"shout": "!"}}})
    with pytest.raises(FaultError, match="unknown preset 'closed'"):
        faults.add({"match": {"vendor": "stripe"}, "do": {"preset": "closed"}})
    with pytest.raises(FaultError, match="unknown distortion 'whisper' in do.json; guestbook has shout"):
        faults.add({"match": {"vendor": "guestbook"}, "do": {"json": {"whisper": 1}}})


def set_fault(endpoints: dict[str, Any], do: dict[str, Any], **match: Any) -> None:
    rule = {"match": {"vendor": "guestbook", **match}, "do": do}
    assert httpx.post(endpoints["control"] + "/faults", json=rule).status_code == 200


def test_faults_strike_a_vendor_in_its_own_words(served: Any) -> None:
    made, endpoints = served
    made.write("sign", {"name": "Kim"}, vendor="guestbook")
    url = endpoints["guestbook"] + "/rows"
    set_fault(endpoints, {"preset": "closed"})
    assert (httpx.get(url).status_code, httpx.get(url).status_code) == (423, 200)
    set_fault(endpoints, {"json": {"shout": "!"}})
    assert httpx.get(url).json()["rows"] == [f"Kim at {made.now()}!"]
    set_fault(endpoints, {"hide": f"Kim at {made.now()}"})
    assert httpx.get(url).json()["rows"] == []


def test_something_may_happen_right_before_an_answer(served: Any) -> None:
    made, endpoints = served
    set_fault(endpoints, {"put": {"operation": "sign", "arguments": {"name": "Zoe"}}})
    assert httpx.get(endpoints["guestbook"] + "/rows").json()["rows"] == [f"Zoe at {made.now()}"]


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("?page[after]=abc", {}),
        ("?cursor=abc", {}),
        ("", {"after": "abc"}),
        ("", {"pagination": {"per_page": 5, "starting_after": "abc"}}),
        ("", {"inputs": [{"id": "1"}, {"id": "2", "after": "abc"}]}),
    ],
)
def test_a_rule_for_later_pages_sees_every_vendors_cursor(served: Any, query: str, body: dict[str, Any]) -> None:
    _, endpoints = served
    url = endpoints["guestbook"] + "/rows"
    set_fault(endpoints, {"status": 418}, after_id="abc")
    assert httpx.post(url, json={"name": "first page"}).status_code == 200
    assert httpx.post(url + "?cursor=other", json={"name": "another"}).status_code == 200
    assert httpx.post(url + query, json={"name": "later page", **body}).status_code == 418


def test_a_hidden_record_is_hidden_in_its_own_system_only() -> None:
    faults = Faults([Guestbook])
    faults.add({"match": {"vendor": "guestbook"}, "do": {"hide": "101"}})
    assert faults.seen_by("guestbook").hides("101", 0)
    assert not faults.seen_by("stripe").hides("101", 0)
    assert not faults.seen_by("guestbook").hides("102", 0)


def test_a_body_that_is_no_json_is_distorted_as_text() -> None:
    class Lines:
        name = "lines"
        presets: ClassVar[dict[str, Any]] = {}
        distortions: ClassVar[dict[str, Any]] = {"first": lambda text, count: "\n".join(text.split("\n")[:count])}

    assert Faults([Lines]).distort("lines", "Id,Name\n1,Ä\n2,B".encode(), {"first": 2}) == "Id,Name\n1,Ä".encode()


def test_the_control_api_needs_no_other_system_than_stripe() -> None:
    made = World.create(None, customers=5, months=2, start=START, wall=lambda: 0.0)
    assert Control(made, Faults(), RequestLog()).limits is made.systems["stripe"].rates
