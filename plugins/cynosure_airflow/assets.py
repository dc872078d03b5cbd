"""The assets between the DAGs, from a source to the report that shows its figures."""

from __future__ import annotations

from airflow.sdk import Asset

GROUP = "cynosure"


def _asset(name: str) -> Asset:
    return Asset(name=name, uri=f"cynosure://{name}", group=GROUP)


def source(name: str) -> Asset:
    """What the vendor holds."""
    return _asset(f"source/{name}")


def landed(name: str) -> Asset:
    """What was read from it, as the API sent it."""
    return _asset(f"landing/{name}")


def raw(name: str) -> Asset:
    """Its history in the warehouse."""
    return _asset(f"raw/{name}")


def report(name: str) -> Asset:
    """A report as people received it."""
    return _asset(f"report/{name}")


MARTS = _asset("marts")
FINDINGS = _asset("findings")
ALERTS = _asset("alerts")
