"""What a query consists of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal


class SoqlError(Exception):
    """A query that the org refuses, with the API's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Path:
    """A field, perhaps of a parent: Account.Name."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        """The path as it is written."""
        return ".".join(self.names)


@dataclass(frozen=True)
class Aggregate:
    """COUNT(), COUNT(field), COUNT_DISTINCT, SUM, MIN, MAX or AVG, with an alias."""

    function: str
    path: Path | None
    alias: str


@dataclass(frozen=True)
class AllFields:
    """FIELDS(ALL), FIELDS(STANDARD) or FIELDS(CUSTOM)."""

    which: Literal["ALL", "STANDARD", "CUSTOM"]


@dataclass(frozen=True)
class Instant:
    """A date-time literal in epoch seconds."""

    at: float


@dataclass(frozen=True)
class Comparison:
    """A field compared with a literal, or with a list of them."""

    path: Path
    operator: str
    value: Any


@dataclass(frozen=True)
class Junction:
    """Conditions joined by AND or OR, or one under NOT."""

    word: Literal["AND", "OR", "NOT"]
    parts: tuple[Any, ...]


Condition = Comparison | Junction


@dataclass(frozen=True)
class Order:
    """One term of ORDER BY."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A parsed query; `selected` holds paths, aggregates, field sets and sub-selects in their order."""

    selected: tuple[Any, ...]
    source: str
    where: Condition | None = None
    group: tuple[Path, ...] = ()
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
    text: str = field(default="", compare=False)

    @property
    def counts_only(self) -> bool:
        """SELECT COUNT() FROM ...: the answer is in totalSize."""
        return len(self.selected) == 1 and self.selected[0] == Aggregate("COUNT", None, "")

    @property
    def aggregates(self) -> bool:
        """Whether rows are groups rather than records."""
        return bool(self.group) or any(isinstance(entry, Aggregate) for entry in self.selected)
