"""What a figure of the MRR family is made of, customer by customer, so that a later change can be split by cause."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cynosure.register.question import Question
from cynosure.warehouse import Session

_BALANCES = """
    select customer_id, currency, mrr_date, mrr_amount, rate
    from marts.mrr_daily where mrr_date between $1 and $2 and native_mrr_amount > 0
"""
_FLOWS = """
    select moved.customer_id, moved.currency, moved.movement_date, sum({amount}), max(rates.rate)
    from marts.mrr_movements_by_plan as moved
    left join marts.exchange_rates as rates on moved.currency = rates.currency and moved.movement_date = rates.rate_date
    where moved.movement_date between $1 and $2 and moved.movement in ({movements})
    group by moved.customer_id, moved.currency, moved.movement_date
"""
# times their parts, which are kept once for all of them
_BALANCE_KPIS = {"mrr": 1, "arr": 12}
_GAINS = ("new", "expansion", "reactivation")
_LOSSES = ("contraction", "churn")
_FLOW_KPIS = {
    "new_mrr": (("new",), "moved.amount"),
    "expansion_mrr": (("expansion",), "moved.amount"),
    "reactivated_mrr": (("reactivation",), "moved.amount"),
    "contraction_mrr": (("contraction",), "moved.amount"),
    "churned_mrr": (("churn",), "moved.amount"),
    "net_new_mrr": ((*_GAINS, *_LOSSES), "moved.signed_amount"),
    "fx_mrr": (("fx",), "moved.signed_amount"),
}

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Part:
    """What one customer adds to a figure in one currency on one day, and the rate that it was converted at."""

    amount: Decimal
    rate: Decimal | None


Parts = Mapping[Key, Part]


def read_parts(session: Session, question: Question) -> dict[Key, Part] | None:
    """The parts of a KPI by customer, currency and day; None for a KPI that is no sum over customers.

    The KPI is `multiple` times their sum.
    """
    kpi, day = question.kpi, question.day
    first = day.replace(day=1) if question.measure == "month_to_date" else day
    if not _has(session, "mrr_daily" if kpi in _BALANCE_KPIS else "mrr_movements_by_plan"):
        return None
    if kpi in _BALANCE_KPIS and question.measure == "day":
        query = _BALANCES
    elif kpi in _FLOW_KPIS and question.measure != "month":
        movements, amount = _FLOW_KPIS[kpi]
        query = _FLOWS.format(amount=amount, movements=", ".join(f"'{movement}'" for movement in movements))
    else:
        return None
    rows = session.rows(query, first, day)
    return {
        (str(customer), str(currency), str(on)[:10]): Part(Decimal(str(amount)), None if rate is None else Decimal(str(rate)))
        for customer, currency, on, amount, rate in rows
    }


def multiple(kpi: str) -> int:
    """How many times the sum of its parts a KPI is."""
    return _BALANCE_KPIS.get(kpi, 1)


def _has(session: Session, mart: str) -> bool:
    query = "select 1 from information_schema.tables where table_schema = 'marts' and table_name = $1"
    return session.row(query, mart) is not None


def packed(parts: Parts) -> str:
    """The parts as a short text, the same for the same parts."""
    rows = sorted([*key, str(part.amount), None if part.rate is None else str(part.rate)] for key, part in parts.items())
    return base64.b64encode(zlib.compress(json.dumps(rows).encode(), 9)).decode()


def unpacked(text: str) -> dict[Key, Part]:
    """The parts of such a text."""
    rows = json.loads(zlib.decompress(base64.b64decode(text)))
    return {
        (customer, currency, day): Part(Decimal(amount), None if rate is None else Decimal(rate))
        for customer, currency, day, amount, rate in rows
    }
