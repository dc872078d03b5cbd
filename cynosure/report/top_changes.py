"""The customers whose MRR moved most on a day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from cynosure import document as doc
from cynosure.warehouse import Session

_QUERY = """
    select coalesce(customers.name, movements.customer_id), movements.movement, movements.signed_amount
    from marts.mrr_movements as movements
    left join marts.customers as customers on customers.customer_id = movements.customer_id
    where movements.movement_date = $1 and movements.movement <> 'fx'
    order by abs(movements.signed_amount) desc, movements.customer_id, movements.movement
    limit $2
"""
_WORDS = {"new": "New", "reactivation": "Reactivated", "expansion": "Expansion", "contraction": "Contraction", "churn": "Churned"}


def top_changes(session: Session, day: date, rows: int, currency: str) -> doc.Table:
    """Customer, what happened, and the change of MRR, the largest first."""
    found = session.rows(_QUERY, day, rows)
    cells = tuple(
        (name, _WORDS.get(movement, movement), doc.Figure(f"top_changes.{n}", Decimal(amount), "currency", currency, signed=True))
        for n, (name, movement, amount) in enumerate(found, start=1)
    )
    return doc.Table(("Customer", "What happened", "MRR"), cells, empty="No customer's MRR changed on this day.")
