"""Properties that follow from others: dates on which stages were entered and left, and what a deal amounts to."""

from __future__ import annotations

from decimal import Decimal

from sandbox.hubspot.definitions import DEAL_STAGES, TICKET_STAGES
from sandbox.hubspot.instants import iso
from sandbox.hubspot.shelf import Item
from sandbox.story.events import LIFECYCLE

_DEAL = {id: (probability, closed) for id, _, probability, closed in DEAL_STAGES}
_CLOSED_TICKET = {id for id, _, state in TICKET_STAGES if state == "CLOSED"}
Values = dict[str, str]


def derived(kind: str, item: Item, values: Values, now: int) -> Values:
    """The given values and what follows from them."""
    if kind in ("contacts", "companies"):
        return {**values, **_lifecycle(item, values, now)}
    if kind == "deals":
        return {**values, **_stage(item, values, now), **_worth(item, values)}
    if kind == "tickets":
        return {**values, **_ticket(item, values, now)}
    return values


def _lifecycle(item: Item, values: Values, now: int) -> Values:
    found = _entered(item, values, "lifecyclestage", "hs_v2_date", now)
    stage = values.get("lifecyclestage")
    if stage in LIFECYCLE and found:
        found[f"hs_lifecyclestage_{stage}_date"] = iso(now)
    if values.get("hubspot_owner_id") and "hubspot_owner_assigneddate" not in values and item.properties.get("email"):
        found["hubspot_owner_assigneddate"] = iso(now)
    return found


def _stage(item: Item, values: Values, now: int) -> Values:
    found = _entered(item, values, "dealstage", "hs_v2_date", now)
    if found:
        found["hs_v2_date_entered_current_stage"] = iso(now)
    return found


def _entered(item: Item, values: Values, property: str, family: str, now: int) -> Values:
    """The dates of a move from one stage to another."""
    before, after = item.properties.get(property, ""), values.get(property)
    if after is None or after == before:
        return {}
    found = {f"{family}_exited_{before}": iso(now)} if before else {}
    if after:
        found |= {f"{family}_entered_{after}": iso(now)}
    return found


def _worth(item: Item, values: Values) -> Values:
    stage = values.get("dealstage", item.properties.get("dealstage", ""))
    amount = values.get("amount", item.properties.get("amount", ""))
    probability, closed = _DEAL.get(stage, ("0.1", False))
    won = closed and probability == "1.0"
    found = {
        "hs_is_closed": str(closed).lower(),
        "hs_is_closed_won": str(won).lower(),
        "hs_deal_stage_probability": probability,
        "amount_in_home_currency": amount,
    }
    if amount:
        found["hs_projected_amount"] = f"{Decimal(amount) * Decimal(probability):f}"
        found["hs_closed_amount"] = amount if won else "0"
    return found


def _ticket(item: Item, values: Values, now: int) -> Values:
    before, after = item.properties.get("hs_pipeline_stage"), values.get("hs_pipeline_stage")
    if after is None or after == before:
        return {}
    found = {f"hs_v2_date_entered_{after}": iso(now)} if after in ("1", "4") else {}
    if after in _CLOSED_TICKET:
        found |= {"closed_date": iso(now), "time_to_close": str(now - item.created)}
    elif before in _CLOSED_TICKET:
        found |= {"closed_date": "", "time_to_close": ""}
    return found
