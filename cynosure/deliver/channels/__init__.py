"""Channels, one file each; a new file here is a new channel. Channels know formats, not reports or alerts."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from cynosure.deliver.message import Outgoing
from cynosure.settings.channels import Channels


class Channel(Protocol):
    """A configured way out."""

    def send(self, outgoing: Outgoing) -> str:
        """Hands over; returns the provider's id; raises a DeliveryError."""

    def find(self, outgoing: Outgoing) -> str:
        """After a lost answer: the provider's id if the message has arrived, or nothing."""


@dataclass(frozen=True)
class ChannelKind:
    """What a channel is called, which formats it needs, and how it is opened; None if it is not configured."""

    name: str
    formats: tuple[str, ...]
    open: Callable[[Channels], Channel | None]


@cache
def kinds() -> dict[str, ChannelKind]:
    """Every kind of channel by name."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    found = (importlib.import_module(f"{__name__}.{name}").CHANNEL for name in names)
    return {kind.name: kind for kind in found}


def formats_for(channels: set[str]) -> set[str]:
    """The formats in which a message for these channels must exist; unknown channels are refused."""
    if unknown := channels - set(kinds()):
        raise ValueError(f"unknown channel {sorted(unknown)[0]!r}; allowed: {', '.join(sorted(kinds()))}")
    return {format for name in channels for format in kinds()[name].formats}


def open_channels(settings: Channels) -> dict[str, Channel]:
    """The configured channels by name."""
    opened = {name: kind.open(settings) for name, kind in kinds().items()}
    return {name: channel for name, channel in opened.items() if channel is not None}
