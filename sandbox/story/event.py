"""The one thing that all events of the story have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Event:
    """Something happened."""

    at: int
