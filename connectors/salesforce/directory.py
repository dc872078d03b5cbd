"""What all streams of a run ask together: descriptions and counts, many in one composite request.

A composite request may hold 25 others, of which five may be queries, and counts as one against the day's allowance
(https://developer.salesforce.com/docs: REST API composite resources).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar
from urllib.parse import quote_plus

import msgspec

from connectors.salesforce.api import API_VERSION, SalesforceApi
from connectors.salesforce.catalogue import SObject
from connectors.salesforce.queries import window as changed
from connectors.salesforce.refusals import Gone, ObjectMissing, refusal
from connectors.salesforce.shape import Shape, shape_of
from cynosure.extract import Answer, ExtractError, RetryLater

MOST_PARTS, MOST_QUERIES = 25, 5
# rows commit minutes after the instant they carry, so the newest minutes are left for the next run (house)
END_LAG_SECONDS = 300.0

# every org has accounts, and in a multi-currency org they have a currency
_WITH_CURRENCY = "Account"

Window = tuple[float, float] | None
T = TypeVar("T")


class _Part(msgspec.Struct, rename="camel"):
    body: msgspec.Raw
    http_status_code: int
    reference_id: str


class _Composite(msgspec.Struct, rename="camel"):
    composite_response: list[_Part]


class _Count(msgspec.Struct, rename="camel"):
    total_size: int


class Directory:
    """Answers each question once in a run, however many streams ask it."""

    def __init__(self, api: SalesforceApi, objects: Sequence[SObject], given_up: frozenset[tuple[str, str]]) -> None:
        self._api = api
        self._objects = tuple(objects)
        self._given_up = given_up
        self._lock = threading.Lock()
        self._until: float | ExtractError | None = None
        self._shapes: dict[str, Shape | Exception] = {}
        self._counts: dict[tuple[str, Window], int | Exception] = {}

    def until(self) -> float:
        """The end of this run's window on the vendor's clock, the same for every stream."""
        with self._lock:
            if self._until is None:
                try:
                    self._until = float(int(self._api.now() - END_LAG_SECONDS))
                except ExtractError as error:
                    # the other streams would only wait as long for the same answer
                    self._until = error
            return _given(self._until)

    def shape(self, name: str) -> Shape:
        """The object's description of this run; raises ObjectMissing if there is none to see."""
        with self._lock:
            if name not in self._shapes:
                names = [thing.name for thing in self._objects]
                for start in range(0, len(names), MOST_PARTS):
                    self._shapes |= self._describe(names[start : start + MOST_PARTS])
            return _given(self._shapes[name])

    def may_lack(self, thing: SObject) -> bool:
        """Whether an org can be without the object; raises ObjectMissing if it cannot be told."""
        if thing.multi_currency:
            return "CurrencyIsoCode" not in self.shape(_WITH_CURRENCY).columns
        return thing.optional

    def fresh_shape(self, name: str) -> Shape:
        """The object's description right now."""
        return _given(self._describe([name])[name])

    def count(self, thing: SObject, window: Window) -> int:
        """How many records there are, deleted ones included: all, or those whose stamp lies in a window."""
        with self._lock:
            if (thing.name, window) not in self._counts:
                self._counts |= self._counted(self._group(thing, window), window)
            return _given(self._counts[thing.name, window])

    def _group(self, thing: SObject, window: Window) -> list[SObject]:
        """The objects that are asked about together: changes of hourly ones, or the size of any."""
        alike = [other for other in self._objects if window is None or other.hourly]
        position = [other.name for other in alike].index(thing.name) // MOST_QUERIES * MOST_QUERIES
        return alike[position : position + MOST_QUERIES]

    def _describe(self, names: list[str]) -> dict[str, Shape | Exception]:
        addresses = {name: f"sobjects/{name}/describe" for name in names}
        return self._asked(addresses, lambda name, body: shape_of(name, body, self._given_up))

    def _counted(self, things: list[SObject], window: Window) -> dict[tuple[str, Window], int | Exception]:
        addresses = {thing.name: f"queryAll/?q={quote_plus(_count(thing, window))}" for thing in things}
        answers = self._asked(addresses, lambda name, body: msgspec.json.decode(body, type=_Count).total_size)
        return {(name, window): answer for name, answer in answers.items()}

    def _asked(self, addresses: dict[str, str], understand: Callable[[str, msgspec.Raw], T]) -> dict[str, T | Exception]:
        request = {
            "allOrNone": False,
            "compositeRequest": [
                {"method": "GET", "url": f"/services/data/v{API_VERSION}/{address}", "referenceId": name}
                for name, address in addresses.items()
            ],
        }

        def read(answer: Answer) -> dict[str, T | Exception]:
            try:
                parts = msgspec.json.decode(answer.body, type=_Composite).composite_response
                found = {part.reference_id: _outcome(part, understand) for part in parts}
                return {name: found[name] for name in addresses}
            except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
                raise RetryLater(f"the answer to a composite request cannot be read: {error}") from None

        try:
            return self._api.call(lambda client: client.restful("composite", method="POST", json=request), read)
        except ExtractError as error:
            # the other streams would only wait as long for the same answer
            return dict.fromkeys(addresses, error)


def _count(thing: SObject, window: Window) -> str:
    query = f"SELECT COUNT() FROM {thing.name}"
    if window is None:
        return query
    return f"{query} WHERE {changed(thing.stamp, thing.parent, *window)}"


def _outcome(part: _Part, understand: Callable[[str, msgspec.Raw], T]) -> T | Exception:
    """What a part says, or why it does not; what may pass makes the whole request be repeated."""
    if part.http_status_code == 200:
        return understand(part.reference_id, part.body)
    error = refusal(part.reference_id, part.http_status_code, {}, bytes(part.body))
    if isinstance(error, RetryLater):
        raise error
    if isinstance(error, Gone):
        return ObjectMissing(
            f"there is no object {part.reference_id} in this org, or the integration user may not see it: give its permission"
            " set Read and View All on the object"
        )
    return error


def _given(value: T | Exception) -> T:
    if isinstance(value, Exception):
        raise value
    return value
