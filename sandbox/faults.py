"""Faults injected into the local servers: rules that match requests and say what to do to the answer.

A rule is `match` (vendor, method, path pattern, nth call, after id, after sandbox time) + `do` + `times`.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Container
from dataclasses import dataclass, field, fields
from itertools import count
from pathlib import Path
from typing import Any

import yaml


class FaultError(ValueError):
    """A fault rule that cannot be understood; the message names the field and what is allowed."""


@dataclass(frozen=True)
class Match:
    """Which requests a rule applies to; every given field must hold."""

    vendor: str = "stripe"
    method: str | None = None
    path: str = "*"
    nth: int | None = None
    """Only from this matching request on (1 is the first), counted since the rule was set."""
    after_id: str | None = None
    """Only a request whose `starting_after` is this id; `*` for any page after the first."""
    after: int | None = None
    """Only from this instant of sandbox time, in epoch seconds."""

    def fits(self, call: Request, now: int) -> bool:
        """Whether a request is one of those, the count apart."""
        return (
            self.vendor == call.vendor
            and self.method in (None, call.method)
            and fnmatch.fnmatchcase(call.path, self.path)
            and (self.after is None or now >= self.after)
            and (self.after_id is None or _continues(call, self.after_id))
        )


@dataclass(frozen=True)
class Do:
    """What happens to the answer; fields combine, in the order below."""

    preset: str | None = None
    """A ready answer by name: see PRESETS."""
    delay: float = 0.0
    """Seconds to wait before anything is sent."""
    put: dict[str, Any] | None = None
    """Objects that come into being right before the answer: {"kind", "body", "event"?}."""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Answer with this instead of asking the server: text, or an object sent as JSON."""
    json: dict[str, Any] = field(default_factory=dict)
    """Distortions of a JSON answer by name: see sandbox.stripe.distortions."""
    cut: int | None = None
    """Send only so many bytes of the body, as a complete answer."""
    reset: int | None = None
    """Break the connection after so many bytes of the body; 0 before the headers."""
    clock_skew: int = 0
    """Seconds added to the Date header."""
    hide: str | None = None
    """Id of an object that stays invisible everywhere while the rule lives."""
    until: int | None = None
    """Sandbox time at which the rule ends by itself."""


@dataclass(frozen=True)
class Request:
    """What a rule sees of a request."""

    vendor: str
    method: str
    path: str
    starting_after: str | None = None


def _continues(call: Request, pattern: str) -> bool:
    return call.starting_after is not None and fnmatch.fnmatchcase(call.starting_after, pattern)


def _stripe_error(type: str, message: str, code: str | None = None) -> dict[str, Any]:
    error = {"type": type, "code": code, "message": message}
    return {"error": {key: value for key, value in error.items() if value}}


_LIMITED = _stripe_error("invalid_request_error", "Request rate limit exceeded.", "rate_limit")
_LOCKED = _stripe_error(
    "invalid_request_error",
    "This object cannot be accessed right now: another request holds it.",
    "lock_timeout",
)
_BROKEN = _stripe_error("api_error", "An unknown error occurred.")
_PAGE = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"

PRESETS: dict[str, dict[str, Any]] = {
    "rate_limit": {
        "status": 429,
        "headers": {"Stripe-Rate-Limited-Reason": "endpoint-rate"},
        "body": _LIMITED,
    },
    "rate_limit_wait": {
        "status": 429,
        "headers": {"Stripe-Rate-Limited-Reason": "endpoint-rate", "Retry-After": "1"},
        "body": _LIMITED,
    },
    "rate_limit_retry": {"status": 429, "headers": {"Stripe-Should-Retry": "true"}, "body": _LIMITED},
    "rate_limit_stop": {"status": 429, "headers": {"Stripe-Should-Retry": "false"}, "body": _LIMITED},
    "rate_limit_html": {"status": 429, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "lock_timeout": {"status": 429, "body": _LOCKED},
    "server_error": {"status": 500, "body": _BROKEN},
    "bad_gateway": {"status": 502, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "unavailable": {"status": 503, "body": _BROKEN},
    "html": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "unauthorized": {
        "status": 401,
        "body": _stripe_error("invalid_request_error", "Invalid API Key provided: sk_test_***0000"),
    },
    "forbidden": {
        "status": 403,
        "body": _stripe_error(
            "invalid_request_error",
            "The provided key does not have the required permissions for this endpoint.",
        ),
    },
    "missing": {
        "status": 404,
        "body": _stripe_error("invalid_request_error", "No such object", "resource_missing"),
    },
    "slack_rate_limit": {
        "status": 429,
        "headers": {"Retry-After": "1"},
        "body": {"ok": False, "error": "ratelimited"},
    },
    "truncated": {"cut": 900},
    "reset": {"reset": 900},
    "refused": {"reset": 0},
}
"""Ready answers, usable as `do: {preset: rate_limit}`."""


@dataclass
class Rule:
    """One fault; `times` is how often it strikes, None for ever."""

    match: Match
    do: Do
    times: int | None = 1
    id: int = 0
    seen: int = 0
    struck: int = 0

    def spent(self, now: int) -> bool:
        """Whether the rule will never strike again."""
        over = self.do.until is not None and now >= self.do.until
        return over or (self.times is not None and self.struck >= self.times)


class Faults:
    """The rules in force."""

    def __init__(self, distortions: Container[str] = ()) -> None:
        self._distortions = distortions
        self._rules: list[Rule] = []
        self._ids = count(1)

    def add(self, text: dict[str, Any]) -> Rule:
        """Set a rule from its JSON or YAML form; FaultError if it cannot be understood."""
        rule = parse_rule(text)
        for name in rule.do.json:
            if name not in self._distortions:
                raise FaultError(f"unknown distortion {name!r} in do.json")
        rule.id = next(self._ids)
        self._rules.append(rule)
        return rule

    def load(self, path: Path) -> None:
        """Set all rules of a scenario file, the list under `faults`; FaultError names the file and the rule."""
        try:
            scenario = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise FaultError(f"{path} is not YAML: {error}") from error
        rules = scenario.get("faults") if isinstance(scenario, dict) else None
        if not isinstance(rules, list):
            raise FaultError(f"{path} must hold a list under `faults`")
        for number, text in enumerate(rules, start=1):
            try:
                self.add(text)
            except FaultError as error:
                raise FaultError(f"{path}, rule {number}: {error}") from error

    def clear(self) -> None:
        """Take all rules back."""
        self._rules.clear()

    def report(self) -> list[dict[str, Any]]:
        """The rules and how often each has struck."""
        return [{"id": rule.id, "times": rule.times, "seen": rule.seen, "struck": rule.struck} for rule in self._rules]

    def strike(self, call: Request, now: int) -> list[Do]:
        """What must be done to this request; counts it."""
        return [rule.do for rule in self._rules if self._strikes(rule, call, now)]

    def _strikes(self, rule: Rule, call: Request, now: int) -> bool:
        if rule.do.hide or rule.spent(now) or not rule.match.fits(call, now):
            return False
        rule.seen += 1
        if rule.match.nth is not None and rule.seen < rule.match.nth:
            return False
        rule.struck += 1
        return True

    def hides(self, id: str, now: int) -> bool:
        """Whether an object must stay invisible now."""
        return any(rule.do.hide == id and not rule.spent(now) for rule in self._rules)


def parse_rule(text: dict[str, Any]) -> Rule:
    """A rule from its JSON or YAML form."""
    _known(text, {"match", "do", "times"}, "rule")
    match, do = dict(text.get("match") or {}), dict(text.get("do") or {})
    _known(match, {field.name for field in fields(Match)}, "match")
    _known(do, {field.name for field in fields(Do)}, "do")
    preset = do.get("preset")
    if preset is not None and preset not in PRESETS:
        raise FaultError(f"unknown preset {preset!r}; known are {', '.join(sorted(PRESETS))}")
    if not do:
        raise FaultError("a rule needs something under `do`")
    return Rule(Match(**match), Do(**{**PRESETS.get(preset or "", {}), **do}), text.get("times", 1))


def _known(given: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise FaultError(f"unknown field {unknown[0]!r} in {where}; allowed are {', '.join(sorted(allowed))}")
