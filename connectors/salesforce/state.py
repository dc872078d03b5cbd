"""What a stream remembers between runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.salesforce.catalogue import DAY, SObject
from connectors.salesforce.shape import Shape
from cynosure.extract import Cursor

# a run that starts a few minutes earlier than yesterday's is still the next day's
_TOLERANCE = 900.0


@dataclass(frozen=True, slots=True)
class State:
    """`since`: everything before has been read. `columns`: what was read, for comparison with what can be read now.

    `described` and `listed` are when the object was last described and completely listed, `rows` how many rows that gave;
    `under_way` is a listing or a job that is not finished; `absent` when the org was last found to have no such object.
    """

    since: float | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    computed: tuple[str, ...] = ()
    stamp: str | None = None
    nullable: bool = False
    described: float = 0.0
    listed: float = 0.0
    rows: int = 0
    under_way: Mapping[str, Any] | None = None
    absent: float | None = None

    @classmethod
    def of(cls, cursor: Cursor | None) -> State:
        """The state that a cursor holds; unknown entries of another release are left aside."""
        known = {name: value for name, value in (cursor or {}).items() if name in cls.__dataclass_fields__}
        known["computed"] = tuple(known.get("computed", ()))
        return cls(**known)

    def cursor(self, **changes: Any) -> Cursor:
        """The cursor that holds this state, with changes."""
        state = replace(self, **changes)
        values = {name: getattr(state, name) for name in self.__dataclass_fields__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    def shape(self) -> Shape:
        """The object as it was last described."""
        return Shape(self.columns, self.computed, self.stamp, self.nullable)

    def described_as(self, shape: Shape, at: float) -> State:
        """The state after another look at the object."""
        return replace(
            self, columns=shape.columns, computed=shape.computed, stamp=shape.stamp, nullable=shape.stamp_may_be_null,
            described=at, absent=None,
        )  # fmt: skip

    def description_is_due(self, now: float) -> bool:
        """Whether it is a day since the object was described."""
        return now - max(self.described, self.absent or 0.0) >= DAY - _TOLERANCE

    def listing_is_due(self, thing: SObject, now: float) -> bool:
        """Whether everything has to be listed: for what moves no time stamp, for what vanishes without a trace."""
        every = DAY if self.computed or self.stamp is None else thing.listed_every
        return self.since is None or now - self.listed >= every - _TOLERANCE
