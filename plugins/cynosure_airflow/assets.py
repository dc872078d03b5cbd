"""The assets between the DAGs, from a source to the report that shows its figures."""

from __future__ import annotations

from airflow.sdk import Asset

GROUP = "cynosure"


def _asset(name: str, holds: str) -> Asset:
    return Asset(name=name, uri=f"cynosure://{name}", group=GROUP, extra={"holds": holds})


def source(name: str) -> Asset:
    """What the vendor holds."""
    return _asset(f"source/{name}", "What the vendor has")


def landed(name: str) -> Asset:
    """What was read from it, as the API sent it."""
    return _asset(f"landing/{name}", "What was read, as the API sent it")


def raw(name: str) -> Asset:
    """Its history in the warehouse."""
    return _asset(f"raw/{name}", "Every version of every object, in the warehouse")


def report(name: str) -> Asset:
    """A report as people received it."""
    return _asset(f"report/{name}", "The report as people received it")


MARTS = _asset("marts", "Customers, subscriptions, MRR per day, and the KPIs")
FINDINGS = _asset("findings", "Results of all checks and audits")
ALERTS = _asset("alerts", "Incidents and what was told about them")
