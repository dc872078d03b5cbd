"""Faults injected into the local servers: rules that match requests and say what to do to the answer.

A rule is `match` (vendor, method, path pattern, nth call, after id, after sandbox time) + `do` + `times`. The vendor of a
rule decides which ready answers and distortions its names mean.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from itertools import count
from pathlib import Path
from typing import Any, Protocol

import yaml

Distortion = Callable[[Any, Any], Any]
"""Changes a decoded answer; called with it and the rule's argument."""

_PAGE = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"

TRANSPORT: dict[str, dict[str, Any]] = {
    "bad_gateway": {"status": 502, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "html": {"status": 200, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "rate_limit_html": {"status": 429, "headers": {"Content-Type": "text/html"}, "body": _PAGE},
    "truncated": {"cut": 900},
    "reset": {"reset": 900},
    "refused": {"reset": 0},
}
"""Ready answers that any server may give, usable as `do: {preset: truncated}`."""


class Vocabulary(Protocol):
    """What the names in a vendor's rules mean."""

    name: str
    presets: Mapping[str, Mapping[str, Any]]
    distortions: Mapping[str, Distortion]


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
    """Only a request that goes on after this id or cursor (a pattern); `*` for any page after the first."""
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
    """A ready answer by name: one of TRANSPORT, or of the vendor's own."""
    delay: float = 0.0
    """Seconds to wait before anything is sent."""
    put: dict[str, Any] | None = None
    """What happens right before the answer: {"operation", "arguments"}, or for Stripe an object {"kind", "body", "event"?}."""
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    """Answer with this instead of asking the server: text, or an object sent as JSON."""
    json: dict[str, Any] = field(default_factory=dict)
    """Distortions of the answer by name, as the vendor defines them, each with its argument."""
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
    cursors: tuple[str, ...] = ()
    """From where it goes on: values of the parameters that continue a listing, in the query or in a JSON body."""


def _continues(call: Request, pattern: str) -> bool:
    return any(fnmatch.fnmatchcase(cursor, pattern) for cursor in call.cursors)


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
    """The rules in force, in the words of the given vendors; other vendors know the TRANSPORT presets."""

    def __init__(self, vocabularies: Iterable[Vocabulary] = ()) -> None:
        self._vocabularies = {words.name: words for words in vocabularies}
        self._rules: list[Rule] = []
        self._ids = count(1)

    def add(self, text: dict[str, Any]) -> Rule:
        """Set a rule from its JSON or YAML form; FaultError if it cannot be understood."""
        vendor = str((text.get("match") or {}).get("vendor", Match.vendor))
        words = self._vocabularies.get(vendor)
        rule = parse_rule(text, {**TRANSPORT, **(words.presets if words else {})})
        known = words.distortions if words else {}
        for name in rule.do.json:
            if name not in known:
                allowed = ", ".join(sorted(known)) or "none"
                raise FaultError(f"unknown distortion {name!r} in do.json; {vendor} has {allowed}")
        rule.id = next(self._ids)
        self._rules.append(rule)
        return rule

    def distort(self, vendor: str, answer: bytes, wanted: Mapping[str, Any]) -> bytes:
        """The answer after every wanted distortion, `{name: argument}`; what is not JSON is distorted as text."""
        body = _decoded(answer)
        for name, argument in wanted.items():
            body = self._vocabularies[vendor].distortions[name](body, argument)
        return body.encode() if isinstance(body, str) else json.dumps(body, indent=2).encode()

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

    def hides(self, id: str, now: int, vendor: str | None = None) -> bool:
        """Whether an object (of the vendor, if one is named) must stay invisible now."""
        return any(
            rule.do.hide == id and vendor in (None, rule.match.vendor) and not rule.spent(now)
            for rule in self._rules
            if rule.do.hide
        )

    def seen_by(self, vendor: str) -> Hidden:
        """What the rules hide from one vendor's readers."""
        return Hidden(self, vendor)


@dataclass(frozen=True)
class Hidden:
    """The records of one vendor that must stay invisible for now."""

    faults: Faults
    vendor: str

    def hides(self, id: str, now: int) -> bool:
        """Whether a record must stay invisible now."""
        return self.faults.hides(id, now, self.vendor)


def parse_rule(text: dict[str, Any], presets: Mapping[str, Mapping[str, Any]] = TRANSPORT) -> Rule:
    """A rule from its JSON or YAML form."""
    _known(text, {"match", "do", "times"}, "rule")
    match, do = dict(text.get("match") or {}), dict(text.get("do") or {})
    _known(match, {field.name for field in fields(Match)}, "match")
    _known(do, {field.name for field in fields(Do)}, "do")
    preset = do.get("preset")
    if preset is not None and preset not in presets:
        raise FaultError(f"unknown preset {preset!r}; known are {', '.join(sorted(presets))}")
    if not do:
        raise FaultError("a rule needs something under `do`")
    return Rule(Match(**match), Do(**{**presets.get(preset or "", {}), **do}), text.get("times", 1))


def _decoded(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode()


def _known(given: dict[str, Any], allowed: set[str], where: str) -> None:
    unknown = sorted(set(given) - allowed)
    if unknown:
        raise FaultError(f"unknown field {unknown[0]!r} in {where}; allowed are {', '.join(sorted(allowed))}")
