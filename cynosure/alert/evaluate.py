"""Evaluates all rules, moves incidents on and fills the outbox, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from cynosure.alert import incidents as store_of_incidents
from cynosure.alert.incidents import Incident, advance, close_vanished, incidents, notices
from cynosure.alert.messages import Case
from cynosure.alert.notify import Desk
from cynosure.alert.observe import Observation, observe, open_view
from cynosure.deliver import ControlStore, open_store
from cynosure.register.figures import Registrar
from cynosure.register.figures import ensure_tables as ensure_register
from cynosure.settings import ConfigError, Settings
from cynosure.settings.alerts import AlertRule, KpiCondition, read_alerts
from cynosure.settings.faultpoint import reach
from cynosure.settings.recipients import Recipients, cleared, read_recipients
from cynosure.settings.routes import Resolved, Routing, read_routing, routes_for
from cynosure.transform.kpis import Kpi, read_kpis
from cynosure.warehouse import Session, WarehouseEmpty, open_warehouse


@dataclass(frozen=True)
class Evaluated:
    """One evaluation: incidents by what happened to them, why KPI rules were held back, keys of new messages, failures."""

    fired: tuple[str, ...] = ()
    resolved: tuple[str, ...] = ()
    firing: tuple[str, ...] = ()
    held_back: tuple[tuple[str, str], ...] = ()
    messages: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setup:
    """The configuration of alerting, checked as a whole."""

    rules: dict[str, AlertRule]
    routing: Routing
    recipients: Recipients
    kpis: dict[str, Kpi]


def read_setup(settings: Settings) -> Setup:
    """Raises ConfigError for unknown KPIs and groups, and for groups that may not see a KPI they would hear of."""
    setup = Setup(
        read_alerts(settings.config), read_routing(settings.config), read_recipients(settings.config), read_kpis(settings.sql)
    )
    for name, rule in setup.rules.items():
        labels = {"alert": name, "severity": rule.severity, "kind": "source", **rule.labels}
        if isinstance(rule.when, KpiCondition):
            if rule.when.kpi not in setup.kpis:
                known = ", ".join(sorted(setup.kpis))
                raise ConfigError(f"{settings.config / 'alerts.yaml'}: {name}: unknown KPI {rule.when.kpi!r}; allowed: {known}")
            kpi = setup.kpis[rule.when.kpi]
            labels |= {"kind": "kpi", "kpi": kpi.name, "source": ",".join(sorted(kpi.source_names))}
        _check_receivers(settings, setup, name, rule, labels)
    return setup


def _check_receivers(settings: Settings, setup: Setup, name: str, rule: AlertRule, labels: dict[str, str]) -> None:
    told = {receiver for route in routes_for(setup.routing, labels) for receiver in route.receivers}
    if rule.severity == "critical":
        told |= {step.to for step in setup.routing.escalation}
    where = settings.config / "routes.yaml"
    for receiver in sorted(told):
        group = setup.recipients.groups.get(receiver)
        if group is None:
            known = ", ".join(setup.recipients.groups)
            raise ConfigError(f"{where}: unknown group {receiver!r}; allowed: {known}")
        kpi = setup.kpis[rule.when.kpi] if isinstance(rule.when, KpiCondition) else None
        if kpi and not cleared(group.clearance, kpi.classification):
            raise ConfigError(f"{where}: {receiver!r} would receive {name!r} but is not cleared for {kpi.classification} figures")
    if not told:
        raise ConfigError(f"{where}: nobody receives {name!r}; give the root route receivers")


def evaluate(settings: Settings, now: datetime) -> Evaluated:
    """Looks at every rule once; the same evaluation again says nothing new."""
    setup = read_setup(settings)
    store = open_alert_store(settings)
    try:
        with open_warehouse(settings.warehouse).reading() as session:
            return _evaluate(settings, setup, store, session, now)
    except WarehouseEmpty:
        return Evaluated(failed=("nothing has been loaded yet",))


def _evaluate(settings: Settings, setup: Setup, store: ControlStore, session: Session, now: datetime) -> Evaluated:
    seen, failed = _observe(settings, setup, session, now)
    registrar = Registrar(session, settings.sql, setup.kpis, settings.company)
    with store.begin() as tx:
        store_of_incidents.lock(tx)
        before = {incident.incident_id: incident for incident in _open_ones(tx)}
        _advance(tx, setup, seen, failed, now)
        cases = _cases(tx, setup, seen)
        desk = Desk(tx, setup.routing, setup.recipients, settings.company.name, now, registrar)
        desk.announce(cases)
        reach("alert.before_commit")
    return _told(before, [case.incident for case in cases], seen, desk, failed)


def open_alert_store(settings: Settings) -> ControlStore:
    """The control store with every table that alerting needs."""
    return store_of_incidents.ensure_tables(ensure_register(open_store(settings.control)))


def acknowledge(settings: Settings, incident_id: str, by: str, now: datetime) -> bool:
    """Somebody takes care: the ladder stops. False if the incident is not firing or was taken before."""
    with open_alert_store(settings).begin() as tx:
        return store_of_incidents.acknowledge(tx, incident_id, by, now)


def test_route(settings: Settings, labels: dict[str, str]) -> tuple[Resolved, ...]:
    """The routes that an alert with these labels would take."""
    return routes_for(read_routing(settings.config), labels)


def _observe(settings: Settings, setup: Setup, session: Session, now: datetime) -> tuple[list[Observation], dict[str, str]]:
    """What every rule sees, and why the rules that could not look failed."""
    seen: list[Observation] = []
    failed: dict[str, str] = {}
    view = open_view(session, setup.kpis, settings.company.timezone, settings.company.currency, now)
    for name, rule in setup.rules.items():
        try:
            with session.transaction():  # PostgreSQL refuses everything after a failure that is not undone
                seen += observe(name, rule, view)
        except Exception as error:  # a KPI whose relation is missing must not silence the other rules
            failed[name] = f"{name}: {type(error).__name__}: {error}"
    return seen, failed


def _advance(tx: sa.Connection, setup: Setup, seen: list[Observation], failed: dict[str, str], now: datetime) -> None:
    for observation in seen:
        advance(tx, setup.rules[observation.rule], observation, now)
    watched = {name: [o.subject for o in seen if o.rule == name] for name in setup.rules if name not in failed}
    gone: dict[str, list[str]] = {incident.rule: [] for incident in _open_ones(tx) if incident.rule not in setup.rules}
    for rule, subjects in {**watched, **gone}.items():
        close_vanished(tx, rule, subjects, now)


def _open_ones(tx: sa.Connection) -> list[Incident]:
    return list(store_of_incidents.select(tx, incidents.c.state != "resolved"))


def _cases(tx: sa.Connection, setup: Setup, seen: list[Observation]) -> list[Case]:
    """Incidents that are open, or were announced somewhere and not yet closed there."""
    closed = notices.alias()
    unfinished = (
        sa.select(notices.c.incident_id)
        .where(notices.c.said == "firing")
        .where(
            ~sa.exists().where(
                closed.c.incident_id == notices.c.incident_id, closed.c.route == notices.c.route, closed.c.said == "resolved"
            )
        )
    )
    found = store_of_incidents.select(tx, sa.or_(incidents.c.state != "resolved", incidents.c.incident_id.in_(unfinished)))
    latest = {(o.rule, o.subject): o for o in seen}
    return [Case(i, setup.rules.get(i.rule), latest.get((i.rule, i.subject))) for i in found]


def _told(
    before: dict[str, Incident], after: list[Incident], seen: list[Observation], desk: Desk, failed: dict[str, str]
) -> Evaluated:
    fired_before = {incident_id for incident_id, incident in before.items() if incident.state == "firing"}
    firing = [incident.incident_id for incident in after if incident.state == "firing"]
    return Evaluated(
        fired=tuple(i for i in firing if i not in fired_before),
        resolved=tuple(i.incident_id for i in after if i.state == "resolved" and i.incident_id in fired_before),
        firing=tuple(firing),
        held_back=tuple((o.rule, o.held_back) for o in seen if o.holds is None),
        messages=tuple(desk.keys),
        failed=(*failed.values(), *desk.failed),
    )
