"""SOQL: what is asked, and the pages of the answer, proved to be complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

import msgspec
from simple_salesforce.api import Salesforce as Client

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.payload import instant, plain
from connectors.salesforce.refusals import LocatorExpired
from cynosure.extract import Answer, RetryLater, Unexpected

# the most a page may hold; wide rows come in smaller ones (https://developer.salesforce.com/docs: query options header)
PAGE_SIZE = 2_000
# https://help.salesforce.com, article 000386264: URI and headers together may have 16,384 bytes
LONGEST_QUERY = 12_000


class _Page(msgspec.Struct, rename="camel"):
    total_size: int
    done: bool
    records: list[dict[str, Any]]
    next_records_url: str | None = None


class Interrupted(LocatorExpired):
    """A listing broke off before its end; it can be begun again behind what was read."""


@dataclass(frozen=True, slots=True)
class Rest:
    """A page: its records and the vendor's clock."""

    records: list[dict[str, Any]]
    seen: float


_decoder = msgspec.json.Decoder(_Page, float_hook=plain)


def select(columns: Iterable[str], name: str, where: Sequence[str] = (), order: str = "") -> str:
    """The query for these fields of an object."""
    text = f"SELECT {','.join(columns)} FROM {name}"
    if where:
        text += " WHERE " + " AND ".join(where)
    return text + (f" ORDER BY {order}" if order else "")


def window(stamp: str | None, parent: str, since: float, until: float, *, nullable: bool = False) -> str:
    """The condition for what changed in [since, until), or whose parent did; those without an instant included."""
    stamps = [f"{parent}.SystemModstamp"] if parent else []
    conditions = [f"({name} >= {instant(since)} AND {name} < {instant(until)})" for name in (stamp, *stamps)]
    conditions += [f"{stamp} = null"] if nullable else []
    return conditions[0] if len(conditions) == 1 else f"({' OR '.join(conditions)})"


def is_long(query: str) -> bool:
    """Whether a query does not fit into an address."""
    return len(quote_plus(query)) > LONGEST_QUERY


def pages(api: SalesforceApi, query: str, *, deleted: bool = True) -> Iterator[Rest]:
    """Every page of a query; Interrupted when it cannot be read to its end, Unexpected when it does not advance."""
    options = {"Sforce-Query-Options": f"batchSize={PAGE_SIZE}"}
    page, seen = api.call(lambda client: client.query(query, include_deleted=deleted, headers=options), _read)
    got, total, last = 0, page.total_size, ""
    while True:
        got += len(page.records)
        yield Rest(page.records, seen)
        if page.done:
            break
        if page.next_records_url == last:
            raise Unexpected(f"paging does not advance beyond {last}; nothing was skipped, state is kept")
        last = str(page.next_records_url)
        page, seen = api.call(_more(last), _read)
    if got < total:
        raise Interrupted(f"the org announced {total} rows and sent {got}")


def _more(url: str) -> Any:
    def action(client: Client) -> object:
        return client.query_more(url, identifier_is_url=True)

    return action


def _read(answer: Answer) -> tuple[_Page, float]:
    try:
        page = _decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RetryLater(f"the answer to a query cannot be read: {error}") from None
    if not page.done and (not page.next_records_url or not page.records):
        raise RetryLater("a page of a query says that more follows, but not where, or holds no rows")
    return page, answer.seen
