"""Time zones as configuration names them: Europe/Berlin, America/New_York, UTC."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator


def known_zone(name: str) -> str:
    """The name, if there is such a time zone; raises ValueError naming the form."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; use a name such as Europe/Berlin or UTC") from None
    return name


ZoneName = Annotated[str, AfterValidator(known_zone)]
