"""One read: which object, in which shape, from which state, up to when."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.salesforce.catalogue import SObject
from connectors.salesforce.payload import Rows
from connectors.salesforce.queries import window
from connectors.salesforce.shape import Shape
from connectors.salesforce.state import State


@dataclass(frozen=True, slots=True)
class Task:
    """What one read has to do; `until` is on the vendor's clock."""

    thing: SObject
    shape: Shape
    state: State
    until: float

    def window(self, since: float, until: float) -> str:
        """The condition for what changed in [since, until)."""
        shape = self.shape
        return window(shape.stamp, self.thing.parent, since, until, nullable=shape.stamp_may_be_null)

    @property
    def rows(self) -> Rows:
        """What makes records of rows."""
        return Rows(self.thing.name, self.shape.columns, self.shape.stamp)
