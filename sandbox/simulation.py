"""The simulated company as the servers around it see it, and things that tests let happen in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sandbox.stripe.store import KINDS, Store


class ControlError(ValueError):
    """A control request that cannot be understood."""


class Simulation(Protocol):
    """The simulated company as the control API moves it."""

    store: Store
    truth: Any
    systems: Mapping[str, Any]
    """Every simulated system by name: see sandbox.vendor."""

    def now(self) -> int:
        """The sandbox's time in epoch seconds."""

    def catch_up(self) -> None:
        """Let everything happen that is due by now."""

    def advance(self, seconds: int) -> int:
        """Move the clock forward, let everything happen on the way and return the new instant."""

    def write(self, operation: str, arguments: dict[str, Any], vendor: str = "stripe") -> Any:
        """Carry out a write of a system by the name of its operation."""


def happen(world: Simulation, vendor: str, fixture: dict[str, Any]) -> None:
    """Let something happen: an operation of the vendor {"operation", "arguments"}, or an object of Stripe."""
    if "operation" in fixture:
        world.write(fixture["operation"], fixture.get("arguments", {}), vendor)
    else:
        put_fixture(world, fixture)


def put_fixture(world: Simulation, fixture: dict[str, Any]) -> None:
    """Put an object that a test brings: {"kind", "body", "event"?, "at"?}."""
    kind = kind_of(fixture.get("kind"))
    if not isinstance(fixture.get("body"), dict) or "id" not in fixture["body"]:
        raise ControlError("an object needs a body with an id")
    at = int(fixture.get("at") or world.now())
    world.store.put(kind, fixture["body"], at=at, event=fixture.get("event"))


def kind_of(name: Any) -> str:
    """A kind of Stripe object by its name; ControlError if there is none."""
    if name not in KINDS:
        raise ControlError(f"unknown kind {name!r}; known are {', '.join(KINDS)}")
    return str(name)
