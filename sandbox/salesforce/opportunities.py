"""What the org derives of an opportunity: probability, forecast, fiscal period, and its stage history."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.salesforce.schema import Row
from sandbox.salesforce.values import to_day

STAGES: tuple[tuple[str, int, str, bool, bool], ...] = (
    ("Qualification", 10, "Pipeline", False, False),
    ("Discovery", 25, "Pipeline", False, False),
    ("Proposal", 50, "BestCase", False, False),
    ("Negotiation", 75, "Forecast", False, False),
    ("Closed Won", 100, "Closed", True, True),
    ("Closed Lost", 0, "Omitted", True, False),
)
"""Label, probability, forecast category, whether closed, whether won."""
FORECAST_NAMES = {"BestCase": "Best Case", "Forecast": "Commit"}
_HISTORIC = ("StageName", "Amount", "Probability", "ExpectedRevenue", "CloseDate", "ForecastCategory", "CurrencyIsoCode")


def derived(org: Any, row: Row, at: int, before: Row) -> Row:
    """The fields that follow from the others; `before` is the record as it was, empty for a new one."""
    _, probability, category, closed, won = next(stage for stage in STAGES if stage[0] == row["StageName"])
    amount, day = row.get("Amount"), to_day(row["CloseDate"])
    quarter = (day.month - 1) // 3 + 1
    values: Row = {
        "Probability": Decimal(probability), "ForecastCategory": category, "IsClosed": closed, "IsWon": won,
        "ForecastCategoryName": FORECAST_NAMES.get(category, category),
        "ExpectedRevenue": None if amount is None else Decimal(amount) * probability / 100,
        "FiscalYear": day.year, "FiscalQuarter": quarter, "Fiscal": f"{day.year} {quarter}",
        "PushCount": row.get("PushCount") or 0,
    }  # fmt: skip
    if before and before["StageName"] != row["StageName"]:
        values["LastStageChangeDate"] = at
    if before and row["CloseDate"][:7] > before["CloseDate"][:7]:
        values["PushCount"] += 1
    return values


def is_worth_history(before: Row, row: Row) -> bool:
    """Whether amount, probability, stage or close date differ."""
    return any(before.get(name) != row.get(name) for name in ("Amount", "Probability", "StageName", "CloseDate"))


def snapshot(row: Row, before: Row) -> Row:
    """The history row of an opportunity as it is now."""
    values = {"OpportunityId": row["Id"], **{name: row.get(name) for name in _HISTORIC}}
    if before:
        values |= {"PrevAmount": before.get("Amount"), "PrevCloseDate": before.get("CloseDate")}
    return values
