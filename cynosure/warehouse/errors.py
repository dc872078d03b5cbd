"""What can be wrong with a warehouse, by what to do about it."""

from __future__ import annotations


class WarehouseError(Exception):
    """The warehouse cannot be used as asked; the message says what to do."""


class WarehouseLocked(WarehouseError):
    """Somebody else is writing and did not finish in time; try again later."""


class WarehouseEmpty(WarehouseError):
    """Nothing has been published yet; run an ingest and a transform first."""
