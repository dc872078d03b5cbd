"""One customer across systems: every rule on its own, and the whole against what is true of the simulated company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from build import dbt, fill
from five_systems import AS_OF, SOURCES, FiveSystems
from stripe_rows import RawRow

from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

OVERRIDES = [
    {"record": "hubspot/companies/7", "customer": "cus_D"},
    {"record": "hubspot/companies/8", "customer": None},
    {"record": "stripe/customers/cus_C2", "customer": "cus_C1"},
]


def hand_made() -> list[RawRow]:
    """A few records, each with one peculiarity."""
    customers = {
        "cus_A": "pay+stripe@acme.com", "cus_B": "Ann@gmail.com", "cus_C1": "x@holding.com", "cus_C2": "y@holding.com",
        "cus_D": None, "cus_E": "pay@old.com", "cus_F1": "pay@shared.com", "cus_F2": "buy@shared.com",
    }  # fmt: skip
    rows = [("stripe", "customers", id, {"id": id, "email": email, "created": 1}) for id, email in customers.items()]
    companies = {
        "1": {"domain": "other.com", "stripe_customer_id": "cus_A"},
        "2": {"domain": "acme.com"},
        "3": {"domain": "gmail.com"},
        "4": {"domain": "holding.com"},
        "5": {"domain": ""},
        "6": {"domain": "acme.com", "stripe_customer_id": "cus_E"},
        "7": {"domain": "acme.com"},
        "8": {"domain": "acme.com"},
        "9": {"domain": "shared.com"},
    }
    rows += [("hubspot", "companies", id, {"id": id, "properties": values}) for id, values in companies.items()]
    for contact, email in {"51": "ann@gmail.com", "52": "zoe@acme.com", "53": "joe@gmail.com"}.items():
        rows.append(("hubspot", "contacts", contact, {"id": contact, "properties": {"email": email}}))
    rows.append(("hubspot", "associations", "contacts/51/companies", {"from": {"id": "51"}, "to": [{"toObjectId": 5}]}))
    rows += [
        ("salesforce", "accounts", "1", {"Id": "1", "Website": "https://www.ACME.com/about"}),
        ("intercom", "companies", "1", {"id": "1", "company_id": "cus_D"}),
        ("zendesk", "organizations", "1", {"id": 1, "external_id": "CUS_A", "domain_names": []}),
        ("zendesk", "organizations", "2", {"id": 2, "external_id": "crm-77", "domain_names": ["other.com"]}),
        ("zendesk", "organizations", "3", {"id": 3, "domain_names": []}),
    ]
    for number, email in enumerate(("u1@acme.com", "u2@acme.com", "u3@old.com")):
        rows.append(("zendesk", "users", str(number), {"id": number, "email": email, "organization_id": 3}))
    return [RawRow(stream, id, body, AS_OF, source=source) for source, stream, id, body in rows]


#: record -> customer, status, method and confidence in hundredths
RULES = {
    "stripe/customers/cus_A": ("cus_A", "matched", "explicit_id", 98),
    "stripe/customers/cus_C2": ("cus_C1", "matched", "override", 100),
    "hubspot/companies/1": ("cus_A", "matched", "explicit_id", 98),
    "hubspot/companies/2": ("cus_A", "matched", "domain", 95),
    "hubspot/companies/3": (None, "unmatched", None, None),  # anybody has an address there
    "hubspot/companies/4": ("cus_C1", "matched", "domain", 95),  # one customer's, since two were declared to be one
    "hubspot/companies/5": ("cus_B", "matched", "email", 90),
    "hubspot/companies/6": ("cus_E", "conflicting", "explicit_id", 78),
    "hubspot/companies/7": ("cus_D", "matched", "override", 100),  # whatever speaks against it
    "hubspot/companies/8": (None, "excluded", "override", 100),
    "hubspot/companies/9": (None, "unmatched", None, None),  # two customers share the domain
    "hubspot/contacts/51": ("cus_B", "matched", "association", 90),
    "hubspot/contacts/52": ("cus_A", "matched", "domain", 95),
    "hubspot/contacts/53": (None, "unmatched", None, None),
    "salesforce/accounts/1": ("cus_A", "matched", "domain", 95),
    "intercom/companies/1": ("cus_D", "matched", "explicit_id", 98),
    "zendesk/organizations/1": ("cus_A", "matched", "explicit_id", 98),  # in whatever case it was typed
    "zendesk/organizations/2": ("cus_A", "matched", "domain", 92),  # a domain known from a record that states its customer
    "zendesk/organizations/3": ("cus_A", "conflicting", "people_domain", 60),  # two against one
}


def test_each_rule(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> None:
    warehouse = new_warehouse()
    fill(warehouse, hand_made(), AS_OF, SOURCES)
    command = ["build", "--select", "+customer_identities"]
    done = dbt(command, warehouse.dbt_environment(), {"identity_overrides": OVERRIDES}, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.writing() as session:
        rows = session.rows(
            "select identity_record_id, customer_id, status, method, cast(confidence * 100 as integer) from marts.customer_identities"
        )
    found = {record: tuple(rest) for record, *rest in rows}
    assert {record: found[record] for record in RULES} == RULES
    assert len(found) == len(rows) == 8 + 9 + 3 + 1 + 1 + 3


@pytest.fixture(scope="session")
def identified(warehouse_of_five: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Record, customer and status of every record of the simulated company."""
    command = ["build", "--select", "+customer_identities"]
    variables = {"further_free_mail_domains": ["mail.example", "post.example"]}
    done = dbt(command, warehouse_of_five.dbt_environment(), variables, tmp_path_factory.mktemp("dbt"))
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse_of_five.writing() as session:
        return session.rows("select system, record_type, record_id, customer_id from marts.customer_identities")


def test_no_record_is_taken_for_somebody_else(identified: list[Any], world: FiveSystems) -> None:
    truth = world.customer_of()
    found = {(system, kind, id): customer for system, kind, id, customer in identified if system != "stripe"}
    assert found.keys() == truth.keys()
    assert {record: customer for record, customer in found.items() if customer not in (None, truth[record])} == {}


def test_nearly_every_record_of_a_customer_is_found(identified: list[Any], world: FiveSystems) -> None:
    truth = world.customer_of()
    due = Counter(system for (system, _, _), customer in truth.items() if customer)
    found = Counter(system for system, kind, id, customer in identified if customer and truth.get((system, kind, id)))
    recall = {system: found[system] / due[system] for system in due}
    assert min(recall.values()) >= 0.90, recall
    assert sum(found[system] for system in due) / due.total() >= 0.92
