"""Identities: equations that must hold exactly, such as opening + movements = closing for every customer and day.

The model `intermediate.int_identity_violations` has one row per violation; it is empty when all is well.
"""

from __future__ import annotations

from decimal import Decimal

from cynosure.check.finding import Dimension, Finding, Severity
from cynosure.check.lineage import Lineage
from cynosure.warehouse import Session

RELATION = "intermediate.int_identity_violations"
# every revenue figure descends from the periods, so a broken equation holds all of them back
_NODE = "model.cynosure.subscription_item_periods"

#: what each invariant says; the letters and numbers are those of sql/DECISIONS.md
INVARIANTS = {
    "I1": "opening MRR plus movements equals closing MRR, per customer, currency and day and in total",
    "I2": "a day opens with what the day before closed with",
    "I3": "customers, plans and days sum to the totals",
    "I4": "a customer is new at most once",
    "I5": "churn and reactivation alternate",
    "I6": "movements are positive amounts",
    "I7": "nothing moves for a customer whose items did not change",
    "I8": "no currency effect for customers billed in the reporting currency",
    "I9": "scheduled churn is at most the customer's MRR",
    "I10": "MRR is never negative",
}


def check_identities(session: Session, lineage: Lineage) -> list[Finding]:
    """One finding per invariant; a broken one stops the publication of everything that depends on MRR."""
    broken = dict(session.rows(f"select invariant, count(*) from {RELATION} group by invariant"))
    kpis = lineage.kpis_of(_NODE)
    return [_finding(session, name, meaning, int(broken.get(name, 0)), kpis) for name, meaning in INVARIANTS.items()]


def _finding(session: Session, name: str, meaning: str, count: int, kpis: tuple[str, ...]) -> Finding:
    examples = []
    if count:
        rows = session.rows(f"select * from {RELATION} where invariant = $1 limit 5", name)
        examples = [[str(value) for value in row] for row in rows]
    return Finding(
        check_id=f"identity:{name}",
        kind="identity",
        what=f"{name} is broken in {count} places: {meaning}" if count else f"{name} holds: {meaning}",
        expected="no violation",
        passed=count == 0,
        dimension=Dimension.ACCURACY,
        severity=Severity.STOP,
        measured=Decimal(count),
        relation="marts.mrr_movements",
        affected_kpis=kpis,
        detail={"examples": examples},
    )
