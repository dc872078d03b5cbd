"""`config/routes.yaml`: who hears of which alert: a tree over labels, muting, inhibition and escalation.

The words mean what they mean in Prometheus Alertmanager (https://prometheus.io/docs/alerting/latest/configuration/).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cynosure.settings import Duration, read_yaml
from cynosure.settings.reports import WEEKDAYS, TimeOfDay, Weekday
from cynosure.settings.zone import ZoneName


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Matcher = dict[str, Annotated[tuple[str, ...], BeforeValidator(_several)]]


def matches(matcher: Mapping[str, tuple[str, ...]], labels: Mapping[str, str]) -> bool:
    """Whether every label named has one of its values."""
    return all(labels.get(name) in values for name, values in matcher.items())


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class MuteWindow(_Model):
    """Local hours in which nothing is sent; what still burns afterwards is sent then. `until` before `from` spans midnight."""

    timezone: ZoneName = "UTC"
    weekdays: tuple[Weekday, ...] = WEEKDAYS
    from_: TimeOfDay = Field(default=time(0, 0), alias="from")
    until: TimeOfDay = time(23, 59)

    def covers(self, now: datetime) -> bool:
        """Whether an instant lies in the window; the weekday is the one on which the window began."""
        local = now.astimezone(ZoneInfo(self.timezone))
        clock = local.time().replace(second=0, microsecond=0)
        began = local
        if self.from_ <= self.until:
            inside = self.from_ <= clock <= self.until
        else:
            inside = clock >= self.from_ or clock <= self.until
            began = local - timedelta(days=1) if clock <= self.until else local
        return inside and WEEKDAYS[began.weekday()] in self.weekdays


class Route(_Model):
    """A node of the tree: what it does not say, it inherits. The first matching child takes the alert, unless it continues."""

    match: Matcher = {}
    receivers: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    group_wait: Duration | None = None
    group_interval: Duration | None = None
    repeat_interval: Duration | None = None
    mute: tuple[MuteWindow, ...] = ()
    continue_: bool = Field(default=False, alias="continue")
    routes: tuple[Route, ...] = ()


class Inhibition(_Model):
    """While an alert like `when` fires, alerts like `mutes` with the same values of the labels in `same` are not sent."""

    when: Matcher
    mutes: Matcher
    same: tuple[str, ...] = ()


class Step(_Model):
    """A rung of the ladder: how long after the first notification who is told."""

    after: Duration
    to: str


class Routing(_Model):
    """The tree, the inhibition rules, and the ladder for critical alerts that nobody acknowledges."""

    root: Route
    inhibit: tuple[Inhibition, ...] = ()
    escalation: tuple[Step, ...] = ()


class Resolved(_Model):
    """A route with everything inherited filled in; `path` names it."""

    path: str
    receivers: tuple[str, ...]
    group_by: tuple[str, ...]
    group_wait: timedelta
    group_interval: timedelta
    repeat_interval: timedelta
    mute: tuple[MuteWindow, ...]


_DEFAULTS = Resolved(
    path="root",
    receivers=(),
    group_by=("alert",),
    group_wait=timedelta(seconds=30),
    group_interval=timedelta(minutes=5),
    repeat_interval=timedelta(hours=4),
    mute=(),
)


def routes_for(routing: Routing, labels: Mapping[str, str]) -> tuple[Resolved, ...]:
    """The routes an alert with these labels takes; never none, because the root takes what no child does."""
    return _walk(routing.root, labels, _inherited(_DEFAULTS, routing.root, "root"))


def _walk(route: Route, labels: Mapping[str, str], here: Resolved) -> tuple[Resolved, ...]:
    taken: list[Resolved] = []
    for n, child in enumerate(route.routes):
        if matches(child.match, labels):
            taken += _walk(child, labels, _inherited(here, child, f"{here.path}.{n}"))
            if not child.continue_:
                break
    return tuple(taken) or (here,)


def _inherited(parent: Resolved, route: Route, path: str) -> Resolved:
    own = {
        name: getattr(route, name)
        for name in ("receivers", "group_by", "group_wait", "group_interval", "repeat_interval", "mute")
        if getattr(route, name) not in (None, ())
    }
    return parent.model_copy(update={**own, "path": path})


def read_routing(config: Path) -> Routing:
    """The routing; raises ConfigError naming file, line and allowed values."""
    return read_yaml(config / "routes.yaml", Routing)
