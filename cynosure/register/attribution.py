"""Why a published figure is another one now: the difference by cause, with amounts that sum to it.

The parts of a figure are its customers. What a customer's part would have become at today's rate is the effect of the
currency; the rest goes to what has reached the customer's objects since, and without any such thing to a changed
definition or changed code.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, get_args

from cynosure.register.parts import Part, Parts
from cynosure.warehouse import Session, qualified

Cause = Literal["incomplete period", "late data", "source edit", "deletion", "definition change", "fx", "code", "unexplained"]
CAUSES: tuple[Cause, ...] = get_args(Cause)
_NOTHING = Part(Decimal(0), None)
_SIX = Decimal("0.000001")

_ARRIVED = """
    select
        coalesce(payload ->> 'customer', payload -> 'data' -> 'object' ->> 'customer', id),
        is_deleted,
        id in (select id from {table} where batch_id <= $1),
        coalesce(cast(extract(epoch from source_updated_at) as bigint), cast(payload ->> 'created' as bigint))
    from {table}
    where batch_id > $1
"""


@dataclass(frozen=True)
class Versions:
    """When a figure's definition and code were the same as now."""

    same_definition: bool
    same_code: bool

    @property
    def cause(self) -> Cause:
        """What is left as the reason where no data have changed."""
        if not self.same_definition:
            return "definition change"
        return "unexplained" if self.same_code else "code"


def attribute(then: Parts, now: Parts, reached: Mapping[str, Cause], versions: Versions) -> dict[Cause, Decimal]:
    """The difference between two sums of parts by cause; `reached` is what has reached each customer's objects since."""
    causes: dict[Cause, Decimal] = defaultdict(Decimal)
    for key in {*then, *now}:
        before, after = then.get(key, _NOTHING), now.get(key, _NOTHING)
        currency = _fx(before, after)
        rest = after.amount - before.amount - currency
        causes["fx"] += currency
        if rest:
            causes[reached.get(key[0]) or versions.cause] += rest
    return {cause: causes[cause] for cause in CAUSES if causes.get(cause)}


def reached_customers(session: Session, loaded: Mapping[str, str], data_as_of: datetime | None) -> dict[str, Cause]:
    """For each customer the gravest thing that has reached its objects at Stripe after the batches that were loaded then.

    A deletion counts before late data (what the source had already when the data were complete), and that before an edit.
    """
    found: dict[str, set[Cause]] = defaultdict(set)
    for customer, cause in _arrived(session, loaded, data_as_of):
        found[customer].add(cause)
    return {customer: next(cause for cause in _GRAVITY if cause in causes) for customer, causes in found.items()}


_GRAVITY: tuple[Cause, ...] = ("deletion", "late data", "source edit")


def _arrived(session: Session, loaded: Mapping[str, str], data_as_of: datetime | None) -> Iterator[tuple[str, Cause]]:
    tables = session.rows(
        "select table_name from information_schema.tables where table_schema = 'raw' and table_name like 'stripe__%'"
    )
    for (name,) in tables:
        stream = name.removeprefix("stripe__")
        since = loaded.get(f"stripe.{stream}", "")
        for customer, is_deleted, was_known, told_at in session.rows(_ARRIVED.format(table=qualified("raw", name)), since):
            if is_deleted:
                yield customer, "deletion"
            elif data_as_of and told_at is not None and datetime.fromtimestamp(told_at, UTC) <= data_as_of:
                yield customer, "source edit" if was_known and stream != "events" else "late data"
            else:
                yield customer, "source edit"


def _fx(before: Part, after: Part) -> Decimal:
    """What the part would have changed by its rate alone; nothing if it is new, gone, or has no rate."""
    if not before.rate or not after.rate or before.rate == after.rate:
        return Decimal(0)
    return (before.amount * after.rate / before.rate - before.amount).quantize(_SIX)
