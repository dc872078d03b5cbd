"""What every simulated vendor is to the sandbox: a listener to the story, a server, and an account of what is true.

A vendor is a package `sandbox/<name>/` whose `vendor` module defines `VENDOR`, a class made by `VENDOR(Setting)`. It is
found by that; there is no list. The vendor keeps its own records: `hear` writes what the story tells, `write` what
people change through the API, both with the vendor's own semantics and both deterministic, since a world is rebuilt
from its journal. Every record's coming and going is reported to `facts`, the ground truth per stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from starlette.types import ASGIApp

from sandbox.faults import Faults
from sandbox.story.events import Event


@dataclass(frozen=True)
class Setting:
    """What a vendor's account is made from: `begin` and `start` are epoch seconds, history lies between them."""

    seed: int
    begin: int
    start: int
    timezone: str
    currency: str


@dataclass(frozen=True)
class Surroundings:
    """What a vendor's server gets from the world at serving time."""

    now: Callable[[], int]
    """Sandbox time in epoch seconds."""
    catch_up: Callable[[], None]
    """Lets everything happen that is due; call it before answering."""
    write: Callable[[str, dict[str, Any]], Any]
    """Carries out a write of this vendor's API through the journal: ends in `Vendor.write`."""
    faults: Faults
    """`faults.hides(id, now)` says whether a record must stay invisible to searches now (a late commit or index)."""
    limits: str
    """test, live or off; with `off` no rate limit is enforced."""


class Vendor(Protocol):
    """One simulated account at a vendor."""

    name: ClassVar[str]
    presets: ClassVar[Mapping[str, Mapping[str, Any]]]
    """Ready faulty answers, by name, as `do` of a fault rule. Every vendor has: rate_limit, rate_limit_wait, quota,
    server_error, bad_gateway, unavailable, unauthorized, expired_token, forbidden, missing, html, truncated, reset."""
    distortions: ClassVar[Mapping[str, Callable[[Any, Any], Any]]]
    """Distortions of a JSON answer by name, called with the decoded body and the rule's argument. Every vendor has:
    empty_page, repeat_cursor, drop_end, duplicate, swap, add_field, drop_field, change_type, big_number, hostile_text."""

    def __init__(self, setting: Setting) -> None: ...

    def hear(self, event: Event) -> None:
        """Takes note of something that happened; called in time order."""

    def write(self, operation: str, arguments: dict[str, Any], at: int) -> Any:
        """Carries out a write of the API, or one that only the vendor's own interface offers; refusals raise."""

    def app(self, surroundings: Surroundings) -> ASGIApp:
        """The HTTP application."""

    def connection(self, base_url: str) -> dict[str, str]:
        """Settings with which the connector of the same name reads this account, by field name, secrets included."""

    def streams(self) -> dict[str, dict[str, Any]]:
        """Per stream of the connector: `count`, sorted `ids` and `deleted` ids of rows (as the connector keys them)."""

    def objects(self, stream: str) -> dict[str, Any]:
        """Every existing row of a stream by id, as the API shows it now: what the warehouse must hold."""

    def limits(self) -> dict[str, Any]:
        """What the rate limits counted: per limit `allowed`, `seconds`, `requests`, `peak` and `violations`."""

    def reset_limits(self) -> None:
        """Forgets what was counted so far."""

    def revoke(self, what: str) -> None:
        """Takes something from the connector's credentials: `key`, or the name of a stream it may no longer read."""
