"""The contract of a connector: settings, streams, and how each is read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
from pydantic import BaseModel, ConfigDict

from cynosure.extract.errors import Misconfigured
from cynosure.extract.retry import Retrying
from cynosure.extract.shapes import learn_shapes

Cursor = dict[str, Any]


class Personal(StrEnum):
    """How sensitive a field is; decides who may see it and what an erasure removes."""

    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True)
class Record:
    """One object: its key, its bytes as the API sent them, and when the source says it changed (epoch seconds).

    `deleted` makes it a tombstone; then `payload` may be None and the last known body is kept.
    """

    id: str
    payload: bytes | msgspec.Raw | None
    changed: float | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records that belong together, read at `seen` (vendor's clock, epoch seconds).

    `cursor`, when given, says that everything up to here is safe: a later run may resume from it.
    `as_of`, when given, says that every change up to that instant has been read.
    `begins` and `ends` bracket a complete listing: at its end, ids that it did not contain are gone at the source.
    `notice` is a sentence for people about something unusual, such as a gap that forced a complete listing.
    """

    records: Sequence[Record]
    seen: float
    cursor: Cursor | None = None
    as_of: float | None = None
    begins: bool = False
    ends: bool = False
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Stream:
    """What one stream is: a sentence, its key, how it syncs, its cadence, and its personal fields by JSON path."""

    name: str
    description: str
    primary_key: str = "id"
    cursor: str | None = None
    sync: Literal["incremental", "snapshot", "children"] = "incremental"
    cadence: Literal["hourly", "daily"] = "hourly"
    personal: Mapping[str, Personal] = field(default_factory=dict)
    docs: str = ""
    #: fields that the source computes when asked: they change without any sign of a change. Top-level names, or dotted
    #: paths through objects and lists
    computed: tuple[str, ...] = ()
    #: within so many days the audit has compared everything
    walked_within_days: int = 7
    #: the source forgets objects after a while, such as events of a month ago: what has gone there was not deleted
    forgets: bool = False


@dataclass(frozen=True, slots=True)
class Totals:
    """What the source itself says it holds: how many objects, and sums of fields; not `exact` where it only estimates."""

    count: int | None
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Access:
    """Whether the credentials can read a stream, and if not, the sentence to show."""

    stream: str
    allowed: bool
    reason: str = ""


class ConnectorSettings(BaseModel):
    """Settings of a connector; fields of type SecretStr are secrets and are never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Connector(ABC):
    """One source. The class docstring is its documentation page.

    `share` is the part of the vendor's rate limit to use, `state` a folder in which processes that use the same
    account share their pace. Streams may be read from several threads at once.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    api_version: ClassVar[str]
    version: ClassVar[str] = "1"
    settings_model: ClassVar[type[ConnectorSettings]]
    #: those of every account; an account may have more, see `read_also`
    streams: tuple[Stream, ...]
    #: how many streams to read at once
    concurrency: ClassVar[int] = 4

    def __init__(self, settings: Any, *, share: float = 0.8, state: Path | None = None, retrying: Retrying | None = None) -> None:
        learn_shapes("cynosure", type(self).__module__.partition(".")[0])
        self.settings = settings
        self.share = share
        self.state = state
        self.retrying = retrying or Retrying()

    @classmethod
    def further(cls, stream: str, object: str) -> Stream:
        """A stream of one more kind of object that this account has, where people can define kinds; raises Misconfigured."""
        raise Misconfigured(
            f"{cls.title} has no kinds of objects beyond its streams:"
            f" take `object: {object}` of {stream} out of config/sources.yaml"
        )

    def read_also(self, streams: Mapping[str, str]) -> None:
        """Adds further streams, given as stream: object."""
        self.streams = (*self.streams, *(self.further(stream, object) for stream, object in streams.items()))

    @abstractmethod
    def check(self) -> list[Access]:
        """Proves the credentials; one entry per stream. Raises AccessDenied when the key itself is refused."""

    @abstractmethod
    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        """Everything after `cursor` (None: everything), page by page; the last page carries a cursor and `as_of`."""

    def walk(self, stream: Stream, after: Cursor | None) -> Iterator[Page] | None:
        """Everything that exists at the source now, for the audit, in an order that can be resumed; None: not possible.

        About one request a page. Records carry their body where the list gives it whole, else only their id (payload
        None). Every page but the last carries the cursor after which the next slice goes on, perhaps days later (where the
        source cannot go on later, none does, and the walk is made in one go); the last has `ends`. `changed`, where the
        source tells it, is what decides whether a difference is in flight: leave it None where it is not to be trusted.
        """
        return None

    def totals(self, stream: Stream) -> Totals | None:
        """The source's own count and sums, for the audit; None where it does not tell."""
        return None

    def fetch(self, stream: Stream, ids: Sequence[str]) -> Iterator[Page] | None:
        """These objects again, for repair after an audit; tombstones for those that are gone. None: not supported."""
        return None

    def close(self) -> None:  # noqa: B027 - most connectors have nothing to release
        """Releases connections."""
