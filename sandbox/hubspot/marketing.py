"""Marketing of the account: campaigns with budget and spend, e-mails with growing statistics, forms and who filled them in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.currencies import decimals
from sandbox.hubspot.errors import missing
from sandbox.hubspot.existence import Existence
from sandbox.hubspot.instants import day, iso, milliseconds
from sandbox.story.people import Campaign

Body = dict[str, Any]
DAY = 86_400_000
COUNTERS = ("sent", "open", "delivered", "bounce", "unsubscribed", "click", "reply", "dropped", "selected", "spamreport",
            "suppressed", "hardbounced", "softbounced", "pending", "contactslost", "notsent")  # fmt: skip
_RATIOS = {"open": "openratio", "click": "clickratio", "delivered": "deliveredratio", "bounce": "bounceratio",
           "unsubscribed": "unsubscribedratio"}  # fmt: skip


class Marketing:
    """Campaigns, e-mails and forms."""

    def __init__(self, existence: Existence) -> None:
        self._existence = existence
        self.campaigns: dict[str, Body] = {}
        self.items: dict[str, dict[str, list[Body]]] = {}
        self.emails: dict[str, Body] = {}
        self.counts: dict[str, dict[int, dict[str, int]]] = {}
        """e-mail id -> day (epoch milliseconds) -> counters of that day."""
        self.forms: dict[str, Body] = {}
        self.submissions: dict[str, list[Body]] = {}

    def plan(self, campaign: Campaign, owner: str, at: int) -> None:
        """A campaign exists, or is described anew."""
        guid = guid_of("campaign", campaign.key)
        known = self.campaigns.get(guid)
        budget = major(campaign.budget, campaign.currency)
        properties = {
            "hs_name": campaign.name, "hs_start_date": day(campaign.start * 1000) if campaign.start else None,
            "hs_end_date": day(campaign.end * 1000) if campaign.end else None, "hs_owner": owner or None,
            "hs_currency_code": campaign.currency.upper(), "hs_campaign_status": "in_progress", "hs_goal": None,
            "hs_audience": None, "hs_notes": None, "hs_utm": campaign.key, "hs_object_id": str(500 + len(self.campaigns)),
            "hs_budget_items_sum_amount": budget, "hs_spend_items_sum_amount": "0",
        }  # fmt: skip
        created = known["createdAt"] if known else iso(at * 1000)
        self.campaigns[guid] = {"id": guid, "properties": properties, "createdAt": created, "updatedAt": iso(at * 1000)}
        self.items.setdefault(guid, {"budgetItems": [], "spendItems": []})["budgetItems"] = [_item(1, "Budget", budget, 0, at)]
        self._sum(guid, at)
        for stream in ("campaigns", "campaign_budgets", "campaign_revenue"):
            self._existence.begins(stream, guid)

    def spend(self, guid: str, name: str, amount: str, at: int) -> Body:
        """Money spent on a campaign; the sum is computed, the item has no date of its own but its creation."""
        if guid not in self.campaigns:
            raise missing(f"no campaign {guid}")
        items = self.items[guid]["spendItems"]
        items.append(_item(1000 + len(items), name, amount, len(items), at))
        self._sum(guid, at)
        return items[-1]

    def totals(self, guid: str) -> Body:
        """Budget and spend of a campaign."""
        if guid not in self.campaigns:
            raise missing(f"no campaign {guid}")
        items = self.items[guid]
        budget, spent = (sum((item["amount"] for item in items[name]), 0.0) for name in ("budgetItems", "spendItems"))
        return {**items, "budgetTotal": budget, "spendTotal": spent, "remainingBudget": budget - spent,
                "currencyCode": self.campaigns[guid]["properties"]["hs_currency_code"]}  # fmt: skip

    def send(self, key: str, name: str, campaign: str, subject: str, recipients: int, at: int) -> str:
        """An e-mail goes out; gives its id."""
        id = str(40_000_000_001 + len(self.emails))
        now = iso(at * 1000)
        self.emails[id] = {
            "id": id, "name": name, "subject": subject, "type": "BATCH_EMAIL", "state": "PUBLISHED", "isPublished": True,
            "publishDate": now, "publishedAt": now, "createdAt": now, "updatedAt": now, "campaign": guid_of("campaign", campaign),
            "campaignName": name, "subcategory": "batch", "businessUnitId": 0, "workflowNames": [], "archived": False,
            "activeDomain": "example.com", "isTransactional": False, "language": "en", "sendOnPublish": True,
        }  # fmt: skip
        self.counts[id] = {}
        self._existence.begins("marketing_emails", id)
        self.count(id, {"selected": recipients, "sent": recipients}, at)
        return id

    def count(self, id: str, totals: dict[str, int], at: int) -> None:
        """Totals so far: what is new belongs to this day; the e-mail's own dates stay."""
        before = self.counters(id)
        today = at * 1000 // DAY * DAY
        counts = self.counts[id].setdefault(today, dict.fromkeys(COUNTERS, 0))
        for name, total in totals.items():
            counts[name] += total - before[name]
        self._existence.begins("marketing_email_statistics", f"{id}/{iso(today)}")

    def counters(self, id: str, days: Iterable[int] | None = None) -> dict[str, int]:
        """Counters of an e-mail, of all days or of some."""
        chosen = self.counts[id] if days is None else days
        return {name: sum(self.counts[id][d][name] for d in chosen) for name in COUNTERS}

    def email(self, id: str, *, stats: bool) -> Body:
        """An e-mail, with its statistics if asked."""
        body = self.emails[id]
        return {**body, "stats": statistics(self.counters(id))} if stats else body

    def delete_email(self, id: str, at: int) -> None:
        """An e-mail goes to the archive."""
        if id not in self.emails:
            raise missing(f"no e-mail {id}")
        self.emails[id] |= {"archived": True, "deletedAt": iso(at * 1000)}
        self._existence.ends("marketing_emails", id)

    def histogram(self, ids: list[str], start: int, end: int) -> list[Body]:
        """Statistics day by day of the e-mails together."""
        days = sorted({d for id in ids for d in self.counts.get(id, {}) if start <= d < end})
        rows = []
        for at in days:
            sums = [self.counters(id, [at]) for id in ids if at in self.counts.get(id, {})]
            together = {name: sum(counts[name] for counts in sums) for name in COUNTERS}
            rows.append({"interval": {"start": iso(at), "end": iso(at + DAY)}, "aggregations": statistics(together)})
        return rows

    def form(self, name: str, at: int) -> str:
        """A form by its name, made when it is first filled in; gives its id."""
        guid = guid_of("form", name)
        if guid not in self.forms:
            self.forms[guid] = {
                "id": guid, "name": name, "createdAt": iso(at * 1000), "updatedAt": iso(at * 1000), "archived": False,
                "formType": "hubspot", "fieldGroups": [{"groupType": "default_group", "fields": [{"name": "email",
                    "required": True}]}],
                "configuration": {"language": "en"}, "displayOptions": {"theme": "default_style"},
                "legalConsentOptions": {"type": "none"},
            }  # fmt: skip
            self.submissions[guid] = []
            self._existence.begins("forms", guid)
        return guid

    def submit(self, form: str, values: dict[str, str], at: int) -> None:
        """A form is filled in."""
        entries = self.submissions[form]
        conversion = guid_of("conversion", f"{form} {len(entries)}")
        fields = [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in values.items()]
        entries.append(
            {"conversionId": conversion, "submittedAt": at * 1000, "values": fields, "pageUrl": "https://example.com/"}
        )
        self._existence.begins("form_submissions", f"{form}/{conversion}")

    def _sum(self, guid: str, at: int) -> None:
        properties = self.campaigns[guid]["properties"]
        for name in ("budget", "spend"):
            total = sum((Decimal(str(item["amount"])) for item in self.items[guid][f"{name}Items"]), Decimal(0))
            properties[f"hs_{name}_items_sum_amount"] = f"{total.normalize():f}"
        self.campaigns[guid]["updatedAt"] = iso(at * 1000)


def statistics(counters: dict[str, int]) -> Body:
    """Counters with their ratios, which are percentages of what was delivered."""
    base = max(counters["delivered"], 1)
    ratios = {ratio: round(100 * counters[name] / base, 3) for name, ratio in _RATIOS.items()}
    ratios["clickthroughratio"] = round(100 * counters["click"] / max(counters["open"], 1), 3)
    return {"counters": counters, "ratios": ratios, "deviceBreakdown": {}, "qualifierStats": {}}


def guid_of(what: str, key: str) -> str:
    """An id of the form HubSpot gives to campaigns and forms, the same in every run."""
    text = hashlib.sha256(f"hubspot {what} {key}".encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:32]}"


def major(amount: int, currency: str) -> str:
    """An amount in minor units as the text of major units."""
    value = Decimal(amount).scaleb(-decimals(currency.lower()))
    return f"{value:f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value)}"


def span(start: str, end: str) -> tuple[int, int]:
    """A span of time as a query gives it."""
    return milliseconds(start), milliseconds(end)


def _item(id: int, name: str, amount: str, order: int, at: int) -> Body:
    return {"id": str(id), "name": name, "amount": float(amount), "order": order, "createdAt": at * 1000, "updatedAt": at * 1000}
