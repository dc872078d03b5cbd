"""A request on its way, and what an endpoint is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from sandbox.hubspot.books import Books
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.reading import Reader, kind_of
from sandbox.vendor import Surroundings

Body = Any


@dataclass
class Call:
    """A request on its way."""

    books: Books
    path: Mapping[str, str]
    query: QueryParams
    body: Body
    now: int
    around: Surroundings

    @property
    def kind(self) -> Kind:
        """The type of record that the path names."""
        return kind_of(self.path["kind"])

    @property
    def reader(self) -> Reader:
        """Reads the CRM now."""
        return Reader(self.books.portal, self.now)

    def names(self, name: str) -> list[str]:
        """A list in the query, repeated or separated by commas."""
        return [part for value in self.query.getlist(name) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        """A boolean in the query."""
        return self.query.get(name, "false").lower() == "true"

    def write(self, operation: str, **arguments: Any) -> Body:
        """Carries out a write through the journal."""
        return self.around.write(operation, arguments)


Answer = Callable[[Call], tuple[int, Body]]


@dataclass(frozen=True)
class Endpoint:
    """A method and a path, and what they answer."""

    method: str
    path: str
    scope: str | Callable[[Call], str]
    answer: Answer
    is_search: bool = False


def page_of(found: list[Body], call: Call, most: int = 100) -> Body:
    """A page of a list whose `after` is a position."""
    start, limit = int(call.query.get("after") or 0), int(call.query.get("limit") or 100)
    if not 0 < limit <= most:
        raise invalid(f"limit must be between 1 and {most}")
    body: Body = {"results": found[start : start + limit]}
    if start + limit < len(found):
        body["paging"] = {"next": {"after": str(start + limit), "link": "?"}}
    return body
