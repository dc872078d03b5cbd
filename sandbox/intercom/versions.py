"""Versions of the API: what the header may say, and how bodies differ (developers.intercom.com, API changelog)."""

from __future__ import annotations

from sandbox.intercom.collection import Body
from sandbox.intercom.errors import IntercomError

CURRENT = "2.16"
APP_DEFAULT = "2.14"
"""What a request without the header gets: the version that the app was once set to."""
KNOWN = tuple(f"2.{minor}" for minor in range(7, 18))
_NEWER: dict[int, tuple[str, ...]] = {
    15: ("company",),
    16: ("channel", "external_references", "monitor_evaluations", "scorecards", "sales_agent", "sales_agent_participated"),
}


def minor(header: str | None) -> int:
    """The second number of the version that a request asks for."""
    version = header or APP_DEFAULT
    if version not in KNOWN:
        raise IntercomError(400, "intercom_version_invalid", "The requested version could not be found")
    return int(version.partition(".")[2])


def require(version: int, since: int) -> None:
    """Refuses a resource that the version does not have."""
    if version < since:
        message = "Requested resource is not available in current API version."
        raise IntercomError(400, "intercom_version_invalid", message)


def conversation_in(body: Body, version: int) -> Body:
    """The fields of a conversation that the version has."""
    hidden = {name for since, names in _NEWER.items() if version < since for name in names}
    return {name: value for name, value in body.items() if name not in hidden} if hidden else body
