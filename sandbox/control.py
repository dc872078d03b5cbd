"""The control API: moves the clock, sets faults, and tells what happened and what is true."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.faults import FaultError, Faults
from sandbox.limits import RATES, Limits, Rates
from sandbox.mail.sink import Sink
from sandbox.request_log import RequestLog
from sandbox.simulation import ControlError, Simulation, kind_of, put_fixture
from sandbox.slack.workspace import Workspace
from sandbox.stripe.auth import Keys, masked
from sandbox.stripe.store import KINDS

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def seconds_of(text: str) -> int:
    """Seconds of a duration such as `90m`, `7d` or `2w`; ControlError for anything else."""
    found = re.fullmatch(r"(\d+)([smhdw])", text.strip())
    if not found:
        raise ControlError(f"cannot read the duration {text!r}: write a number and one of s, m, h, d, w, such as 7d")
    return int(found[1]) * _UNITS[found[2]]


@dataclass
class Control:
    """The endpoints of the control API."""

    world: Simulation
    faults: Faults
    log: RequestLog
    on_advance: Callable[[], None] = lambda: None
    sink: Sink | None = None
    workspace: Workspace | None = None

    def app(self) -> Starlette:
        """The ASGI application."""
        table: list[tuple[str, str, Callable[[Request, Any], Any]]] = [
            ("GET", "/health", self.health),
            ("GET", "/clock", self.clock),
            ("POST", "/advance", self.advance),
            ("GET", "/faults", self.list_faults),
            ("POST", "/faults", self.set_faults),
            ("DELETE", "/faults", self.clear_faults),
            ("GET", "/requests", self.requests),
            ("DELETE", "/requests", self.clear_requests),
            ("GET", "/limits", self.show_limits),
            ("POST", "/limits", self.set_limits),
            ("POST", "/revoke", self.revoke),
            ("GET", "/truth/streams", self.streams),
            ("GET", "/truth/objects/{system}/{stream}", self.objects),
            ("GET", "/truth/{name}", self.truth),
            ("GET", "/keys", self.show_keys),
            ("POST", "/keys", self.set_key),
            ("POST", "/mail", self.set_mail),
            ("POST", "/slack", self.set_slack),
            ("POST", "/operations", self.operate),
            ("POST", "/objects", self.put_object),
            ("GET", "/objects/{kind}/{id}", self.get_object),
            ("DELETE", "/objects/{kind}/{id}", self.remove_object),
        ]
        routes = [Route(path, _endpoint(act), methods=[method]) for method, path, act in table]
        routes += [Route("/_sandbox" + path, _endpoint(act), methods=[method]) for method, path, act in table]
        return Starlette(routes=routes, exception_handlers={HTTPException: _not_found})

    def health(self, request: Request, body: Any) -> Any:
        """That the server answers, and how much the account holds."""
        return {
            "ok": True,
            "now": self.world.now(),
            "objects": {kind: self.world.store.count(kind) for kind in KINDS},
        }

    def clock(self, request: Request, body: Any) -> Any:
        """The sandbox's time."""
        now = self.world.now()
        return {"now": now, "iso": datetime.fromtimestamp(now, UTC).isoformat()}

    def advance(self, request: Request, body: Any) -> Any:
        """Move the clock: {"by": "7d"}."""
        self.world.advance(seconds_of(str(body.get("by", ""))))
        self.on_advance()
        return self.clock(request, body)

    def list_faults(self, request: Request, body: Any) -> Any:
        """The rules in force."""
        return {"faults": self.faults.report()}

    def set_faults(self, request: Request, body: Any) -> Any:
        """Set one rule, a list of rules, or {"faults": [...]}."""
        rules = body.get("faults", [body]) if isinstance(body, dict) else body
        return {"faults": [self.faults.add(rule).id for rule in rules]}

    def clear_faults(self, request: Request, body: Any) -> Any:
        """Take all rules back."""
        self.faults.clear()
        return {"faults": []}

    def requests(self, request: Request, body: Any) -> Any:
        """The journal of requests: since, vendor, method, path (pattern), status, limit."""
        given: dict[str, Any] = dict(request.query_params)
        for name in ("since", "status", "limit"):
            if name in given:
                given[name] = int(given[name])
        return {"requests": self.log.select(**given)}

    def clear_requests(self, request: Request, body: Any) -> Any:
        """Forget the journal."""
        self.log.clear()
        return {"requests": []}

    @property
    def keys(self) -> Keys:
        """The keys of the Stripe account."""
        keys: Keys = self.world.systems["stripe"].keys
        return keys

    @property
    def limits(self) -> Limits:
        """The limits of the Stripe account, which alone can be set to any rate."""
        rates: Limits = self.world.systems["stripe"].rates
        return rates

    def show_limits(self, request: Request, body: Any) -> Any:
        """Request totals, peaks and refusals of Stripe, and under `systems` those of each system."""
        return self.limits.report() | {"systems": {name: system.limits() for name, system in self.world.systems.items()}}

    def set_limits(self, request: Request, body: Any) -> Any:
        """Other rates for Stripe: {"mode": "live"} or {"account": 100, "endpoint": 25}; all counters start anew."""
        if "mode" in body:
            if body["mode"] not in RATES:
                raise ControlError(f"unknown mode {body['mode']!r}; known are {', '.join(RATES)}")
            self.limits.rates = RATES[body["mode"]]
        elif body:
            self.limits.rates = Rates(body.get("account"), body.get("endpoint"))
        for system in self.world.systems.values():
            system.reset_limits()
        return self.show_limits(request, body)

    def revoke(self, request: Request, body: Any) -> Any:
        """Take something from a system's credentials: {"vendor", "what"}; `key`, or a stream that may no longer be read."""
        system = self._system(str(body.get("vendor", "stripe")))
        system.revoke(str(body.get("what", "key")))
        return {"revoked": body.get("what", "key")}

    def streams(self, request: Request, body: Any) -> Any:
        """What exists and what was deleted, per stream of each system, or of ?system= alone."""
        self.world.catch_up()
        wanted = request.query_params.get("system")
        names = [wanted] if wanted else list(self.world.systems)
        return {name: self._system(name).streams() for name in names}

    def objects(self, request: Request, body: Any) -> Any:
        """Every row of a stream by id, as the API shows it now."""
        self.world.catch_up()
        try:
            return self._system(request.path_params["system"]).objects(request.path_params["stream"])
        except LookupError as error:
            raise ControlError(str(error)) from error

    def _system(self, name: str) -> Any:
        if name not in self.world.systems:
            raise ControlError(f"no system {name!r}; known are {', '.join(self.world.systems)}")
        return self.world.systems[name]

    def truth(self, request: Request, body: Any) -> Any:
        """What is true, by the simulation's own account."""
        name = request.path_params["name"]
        method = None if name.startswith("_") else getattr(self.world.truth, name, None)
        if not callable(method):
            raise ControlError(f"no truth called {name!r}; known are {', '.join(_public(self.world.truth))}")
        self.world.catch_up()
        return method(**dict(request.query_params))

    def show_keys(self, request: Request, body: Any) -> Any:
        """The keys, masked, with their state."""
        return {"keys": [_key_state(key) for key in self.keys.known.values()]}

    def set_key(self, request: Request, body: Any) -> Any:
        """Create, revoke, restore or restrict a key: {"key", "revoked"?, "permissions"?: [...] or "all"}."""
        secret = body.get("key")
        if not secret:
            raise ControlError('name the key: {"key": "sk_test_..."}')
        key = self.keys.known.get(secret) or self.keys.add(secret)
        key.is_revoked = bool(body.get("revoked", key.is_revoked))
        if "permissions" in body:
            key.permissions = None if body["permissions"] == "all" else set(body["permissions"])
        return _key_state(key)

    def set_mail(self, request: Request, body: Any) -> Any:
        """How the mail sink refuses, {} for not at all: on_data, on_recipient, drop_after_data, delay, largest, times."""
        if self.sink is None:
            raise ControlError("there is no mail sink")
        return self.sink.refuse(**body)

    def set_slack(self, request: Request, body: Any) -> Any:
        """Create or archive channels: {"create": [...], "archive": [...]}."""
        if self.workspace is None:
            raise ControlError("there is no workspace")
        for name in body.get("create", []):
            self.workspace.add_channel(name)
        for name in body.get("archive", []):
            self.workspace.archive(name)
        return {"channels": self.workspace.channels()}

    def operate(self, request: Request, body: Any) -> Any:
        """Carry out a write, also one that the API does not offer, a dispute for one: {"vendor"?, "operation", "arguments"}."""
        vendor = str(body.get("vendor", "stripe"))
        self._system(vendor)
        try:
            return self.world.write(body["operation"], body.get("arguments", {}), vendor)
        except Exception as error:  # each system refuses with an error of its own
            raise ControlError(f"{type(error).__name__}: {error}") from error

    def put_object(self, request: Request, body: Any) -> Any:
        """Put an object as it is: {"kind", "body", "event"?, "at"?}."""
        put_fixture(self.world, body)
        return {"id": body["body"]["id"]}

    def get_object(self, request: Request, body: Any) -> Any:
        """The canonical body of an object."""
        kind, id = request.path_params["kind"], request.path_params["id"]
        found = self.world.store.get(kind_of(kind), id)
        if found is None:
            raise ControlError(f"no {kind} {id}")
        return found

    def remove_object(self, request: Request, body: Any) -> Any:
        """Delete an object; ?event= appends the event."""
        kind, id = request.path_params["kind"], request.path_params["id"]
        self.world.store.remove(kind_of(kind), id, at=self.world.now(), event=request.query_params.get("event"))
        return {"id": id, "deleted": True}


def _key_state(key: Any) -> dict[str, Any]:
    permissions = "all" if key.permissions is None else sorted(key.permissions)
    return {"key": masked(key.secret), "revoked": key.is_revoked, "permissions": permissions}


def _public(truth: Any) -> list[str]:
    return sorted(name for name, _ in inspect.getmembers(truth, callable) if not name.startswith("_"))


def _endpoint(act: Callable[[Request, Any], Any]) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        try:
            text = await request.body()
            return JSONResponse(act(request, await request.json() if text else {}))
        except (ControlError, FaultError, LookupError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)

    return handle


async def _not_found(request: Request, error: Exception) -> Response:
    return JSONResponse({"error": f"no {request.method} {request.url.path}"}, 404)
