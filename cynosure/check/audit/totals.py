"""Count and sums as the source itself tells them, against those of raw history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cynosure.check.audit.compare import raw
from cynosure.check.audit.walks import Walk
from cynosure.extract import Totals
from cynosure.warehouse import Session

#: how far an estimate of the source may be off
TOLERANCE = Decimal("0.02")


def compare_totals(session: Session, walk: Walk, totals: Totals) -> dict[str, Any]:
    """What the finding tells: numbers of both sides, the tolerance, and whether they agree."""
    pairs: dict[str, tuple[Decimal, Decimal, Decimal]] = {}
    if totals.count is not None:
        # objects that came or went after the last load are not wrong
        slack = Decimal(walk.in_flight + walk.undecided)
        pairs["count"] = (Decimal(totals.count), Decimal(walk.here), slack)
    for field, amount in totals.sums.items():
        pairs[field] = (amount, _sum(session, walk, field), Decimal(0))
    wrong = [name for name, (there, here, slack) in pairs.items() if abs(there - here) > _allowed(there, slack, totals.exact)]
    told = ", ".join(f"{name} {there} at the source, {here} in the warehouse" for name, (there, here, _) in pairs.items())
    return {
        "what": told or "the source tells no totals",
        "expected": "equal, apart from objects in flight"
        if totals.exact
        else f"within {TOLERANCE:.0%}, as the source only estimates",
        "passed": not wrong,
        "exact": totals.exact,
        "wrong": wrong,
    }


def _allowed(there: Decimal, slack: Decimal, exact: bool) -> Decimal:
    return slack if exact else slack + abs(there) * TOLERANCE


def _sum(session: Session, walk: Walk, field: str) -> Decimal:
    row = session.row(
        f"select sum(cast(payload->>$1 as decimal(38, 6))) from {raw(walk)} where valid_to is null and not is_deleted", field
    )
    return Decimal(row[0]) if row and row[0] is not None else Decimal(0)
