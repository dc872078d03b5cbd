"""Segment, region, channel and owner of a customer: which record is believed, and what the configuration decides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from build import dbt, fill
from five_systems import AS_OF, SOURCES
from stripe_rows import RawRow

from cynosure.settings import Company
from cynosure.settings.company import Region, Segment
from cynosure.warehouse import Warehouse

COMPANY = Company(
    name="x",
    segments=(
        Segment(name="enterprise", employees_from=250),
        Segment(name="mid_market", employees_from=50),
        Segment(name="smb", employees_from=0),
    ),
    regions=(Region(name="home", countries=("US",)), Region(name="abroad", countries=("DE", "JP"))),
)


def hand_made() -> list[RawRow]:
    """Customers known to both CRMs, to one, to none."""
    stripe = {"cus_both": "US", "cus_hub": None, "cus_small": "DE", "cus_nobody": "FR", "cus_old": None}
    rows: list[tuple[str, str, str, dict[str, Any]]] = [
        ("stripe", "customers", id, {"id": id, "email": f"a@{id[4:]}.com", "created": 1, "address": {"country": country}})
        for id, country in stripe.items()
    ]
    companies = {
        "1": {"stripe_customer_id": "cus_both", "numberofemployees": "10", "hubspot_owner_id": "7", "createdate": "2025-01-01"},
        "2": {"stripe_customer_id": "cus_hub", "numberofemployees": "50", "hubspot_owner_id": "7", "country": "jp"},
        "3": {"stripe_customer_id": "cus_small", "numberofemployees": "0"},
        "4": {"stripe_customer_id": "cus_old", "country": "Ruritania"},
    }
    rows += [("hubspot", "companies", id, {"id": id, "properties": values}) for id, values in companies.items()]
    rows.append(("hubspot", "owners", "7", {"id": "7", "firstName": "Grace", "lastName": "Kim"}))
    people = {
        "21": ("a@both.com", "ORGANIC_SEARCH", "2025-02-01"),
        "22": ("b@both.com", "PAID_SEARCH", "2025-01-01"),
        "23": ("c@both.com", "", "2024-01-01"),
    }
    for id, (email, source, created) in people.items():
        values = {"email": email, "hs_analytics_source": source, "createdate": f"{created}T00:00:00Z"}
        rows.append(("hubspot", "contacts", id, {"id": id, "properties": values}))
    rows += [
        ("salesforce", "users", "u1", {"Id": "u1", "Name": "Omar Diaz"}),
        ("salesforce", "accounts", "a1", {"Id": "a1", "Stripe_Customer_Id__c": "cus_both", "NumberOfEmployees": 249, "OwnerId": "u1"}),
        ("salesforce", "accounts", "a2", {"Id": "a2", "Stripe_Customer_Id__c": "cus_small", "OwnerId": "u1"}),
        ("salesforce", "leads", "l1", {"Id": "l1", "LeadSource": "Web", "ConvertedAccountId": "a1", "CreatedDate": "2020-01-01"}),
        (
            "salesforce", "leads", "l2",
            {"Id": "l2", "LeadSource": "Partner Referral", "ConvertedAccountId": "a2", "CreatedDate": "2025-01-01"},
        ),
    ]  # fmt: skip
    return [RawRow(stream, id, body, AS_OF, source=source) for source, stream, id, body in rows]


#: customer -> segment, region, channel and owner
GROUPS = {
    # Salesforce is asked about the company first, HubSpot about people; of those the first whose source is known
    "cus_both": ("mid_market", "home", "paid_search", "Omar Diaz"),
    "cus_hub": ("mid_market", "abroad", "unknown", "Grace Kim"),
    # what Salesforce leaves empty, HubSpot tells; the source is one that only Salesforce knows
    "cus_small": ("smb", "abroad", "partner_referral", "Omar Diaz"),
    "cus_nobody": ("unknown", "unknown", "unknown", "unknown"),
    "cus_old": ("unknown", "unknown", "unknown", "unknown"),
}


@pytest.mark.slow
def test_each_group_is_what_the_first_record_that_knows_says(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> None:
    warehouse = new_warehouse()
    fill(warehouse, hand_made(), AS_OF, SOURCES)
    command = ["build", "--indirect-selection", "cautious", "--select", "+int_customer_groups"]
    done = dbt(command, warehouse.dbt_environment(), COMPANY.rules(), tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.writing() as session:
        rows = session.rows("select customer_id, segment, region, channel, owner_name from intermediate.int_customer_groups")
    assert {customer: tuple(rest) for customer, *rest in rows} == GROUPS
