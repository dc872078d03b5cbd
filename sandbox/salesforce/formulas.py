"""Fields that are computed whenever they are read: a formula, and roll-up summaries. They move no time stamp."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.salesforce.schema import Row

Formula = Callable[[Any, Row], Any]


def _segment(org: Any, row: Row) -> str | None:
    employees = row.get("NumberOfEmployees")
    if employees is None:
        return None
    return "Enterprise" if employees >= org.enterprise_from else "Mid-Market" if employees >= 50 else "SMB"


def _opportunities(field: str, won: bool) -> Callable[[Any, Row], list[Row]]:
    def of(org: Any, row: Row) -> list[Row]:
        found = org.table("Opportunity").of(field, row["Id"])
        return [deal for deal in found if not deal["IsDeleted"] and (deal["IsWon"] or not won)]

    return of


def _members(org: Any, row: Row, field: str) -> list[Row]:
    return [member for member in org.table("CampaignMember").of("CampaignId", row["Id"]) if member.get(field)]


def _converted(org: Any, row: Row) -> Decimal:
    leads = org.table("Lead")
    return Decimal(sum(leads.rows[member["LeadId"]]["IsConverted"] for member in _members(org, row, "LeadId")))


def _sum(of: Callable[[Any, Row], list[Row]]) -> Formula:
    """The sum in the currency of the campaign, through the corporate currency."""

    def total(org: Any, row: Row) -> Decimal:
        own = org.rate(row.get("CurrencyIsoCode") or org.currency)
        amounts = [Decimal(deal.get("Amount") or 0) / org.rate(deal["CurrencyIsoCode"]) for deal in of(org, row)]
        return (sum(amounts, Decimal(0)) * own).quantize(Decimal("0.01"))

    return total


def formulas() -> dict[tuple[str, str], Formula]:
    """The computed fields of the org, by object and field."""
    by_campaign, won_by_campaign = _opportunities("CampaignId", won=False), _opportunities("CampaignId", won=True)
    won_by_account = _opportunities("AccountId", won=True)
    return {
        ("Account", "Segment__c"): _segment,
        ("Account", "Won_Opportunities__c"): lambda org, row: Decimal(len(won_by_account(org, row))),
        ("Campaign", "NumberOfLeads"): lambda org, row: len(_members(org, row, "LeadId")),
        ("Campaign", "NumberOfConvertedLeads"): lambda org, row: int(_converted(org, row)),
        ("Campaign", "NumberOfContacts"): lambda org, row: len(_members(org, row, "ContactId")),
        ("Campaign", "NumberOfResponses"): lambda org, row: len(_members(org, row, "HasResponded")),
        ("Campaign", "NumberOfOpportunities"): lambda org, row: len(by_campaign(org, row)),
        ("Campaign", "NumberOfWonOpportunities"): lambda org, row: len(won_by_campaign(org, row)),
        ("Campaign", "AmountAllOpportunities"): _sum(by_campaign),
        ("Campaign", "AmountWonOpportunities"): _sum(won_by_campaign),
    }
