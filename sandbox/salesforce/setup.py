"""What the org holds before anybody sells: users' profiles and roles, stages, currencies, price book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from random import Random

from sandbox.company.catalogue import CURRENCIES
from sandbox.currencies import decimals
from sandbox.salesforce import ORG_ID
from sandbox.salesforce.identifiers import long_id, record_id
from sandbox.salesforce.opportunities import FORECAST_NAMES, STAGES
from sandbox.salesforce.org import Org
from sandbox.salesforce.records import Records
from sandbox.salesforce.schema import Row

_ROLES = (("ceo", "Management", None), ("manager", "Sales Manager", "ceo"), ("rep", "Sales Representative", "manager"),
          ("marketer", "Marketing", "ceo"), ("agent", "Customer Support", "ceo"), ("engineer", "Engineering", "ceo"))  # fmt: skip
_MONTHS_AHEAD = 24


@dataclass(frozen=True)
class Furnished:
    """Ids of what is there from the beginning."""

    user: str
    profile: str
    roles: dict[str, str]
    queue: str
    pricebook: str


def furnish(org: Org, records: Records, begin: int, start: int) -> Furnished:
    """Makes the beginnings of an org at an instant."""
    records.user = record_id(org.kinds["User"].prefix, 1)
    profile = records.create("Profile", {"Name": "Standard User", "UserType": "Standard"}, begin)["Id"]
    admin = records.create("Profile", {"Name": "Minimum Access - API Only", "UserType": "Standard"}, begin)["Id"]
    _integration_user(org, records, admin, begin)
    roles: dict[str, str] = {}
    for key, name, parent in _ROLES:
        values = {"Name": name, "DeveloperName": name.replace(" ", ""), "ParentRoleId": roles.get(parent or "")}
        roles[key] = records.create("UserRole", values, begin)["Id"]
    queue = records.create("Group", {"Name": "Inbound leads", "Type": "Queue", "DeveloperName": "Inbound"}, begin)["Id"]
    book = records.create("Pricebook2", {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True}, begin)["Id"]
    _stages(records, begin)
    _organization(org, begin)
    _currencies(org, records, begin, start)
    return Furnished(records.user, profile, roles, queue, book)


def _integration_user(org: Org, records: Records, profile: str, at: int) -> None:
    values: Row = {
        "Username": "integration@acme.example", "Name": "Integration User", "FirstName": "Integration", "LastName": "User",
        "Email": "integration@acme.example", "IsActive": True, "UserType": "Standard", "ProfileId": profile,
        "TimeZoneSidKey": org.timezone,
    }  # fmt: skip
    records.create("User", values, at)


def _stages(records: Records, at: int) -> None:
    old = (("Verbal Agreement", 90, "Forecast", False, False, False),)
    for number, (label, probability, category, closed, won, *active) in enumerate((*STAGES, *old), start=1):
        values = {
            "MasterLabel": label, "ApiName": label, "IsActive": not active, "SortOrder": number, "IsClosed": closed,
            "IsWon": won, "DefaultProbability": Decimal(probability), "ForecastCategory": category,
            "ForecastCategoryName": FORECAST_NAMES.get(category, category),
        }  # fmt: skip
        records.create("OpportunityStage", values, at)


def _organization(org: Org, at: int) -> None:
    id = long_id(ORG_ID)
    user = record_id(org.kinds["User"].prefix, 1)
    values: Row = {
        "Name": "Acme", "DefaultCurrencyIsoCode": org.currency, "TimeZoneSidKey": org.timezone, "FiscalYearStartMonth": 1,
        "OrganizationType": "Enterprise Edition", "InstanceName": "NA5", "IsSandbox": False, "LanguageLocaleKey": "en_US",
        "CreatedDate": at, "CreatedById": user, "LastModifiedDate": at, "LastModifiedById": user, "SystemModstamp": at,
    }  # fmt: skip
    org.table("Organization").put({"Id": id}, values)
    org.truth.came("organizations", id)


def _currencies(org: Org, records: Records, begin: int, start: int) -> None:
    base = CURRENCIES.get(org.currency.lower(), 100) / 10 ** decimals(org.currency.lower())
    known = {*CURRENCIES, org.currency.lower()}
    for code in sorted(known):
        relative = CURRENCIES.get(code, 100) / 10 ** decimals(code) / base
        rate = Decimal(1) if code.upper() == org.currency else Decimal(str(round(relative, 6)))
        values = {
            "IsoCode": code.upper(), "ConversionRate": rate, "DecimalPlaces": decimals(code), "IsActive": True,
            "IsCorporate": code.upper() == org.currency,
        }  # fmt: skip
        records.create("CurrencyType", values, begin)
        _dated(org, records, code.upper(), rate, begin, start)


def _dated(org: Org, records: Records, code: str, rate: Decimal, begin: int, start: int) -> None:
    """A rate for each month: the ranges follow one another without a gap."""
    random = Random(f"salesforce {org.seed} rates {code}")
    first, last = datetime.fromtimestamp(begin, UTC), datetime.fromtimestamp(start, UTC)
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + _MONTHS_AHEAD)
    for month in months:
        wobble = Decimal(1) if rate == 1 else Decimal(str(round(random.uniform(0.97, 1.03), 4)))
        values = {
            "IsoCode": code, "StartDate": _first_of(month), "NextStartDate": _first_of(month + 1),
            "ConversionRate": (rate * wobble).quantize(Decimal("0.000001")),
        }  # fmt: skip
        records.create("DatedConversionRate", values, begin)


def _first_of(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}-01"
