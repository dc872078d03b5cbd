"""Endpoints of marketing: e-mails, campaigns and forms."""

from __future__ import annotations

from sandbox.hubspot import marketing
from sandbox.hubspot.books import Books
from sandbox.hubspot.call import Body, Call, Endpoint, page_of
from sandbox.hubspot.errors import missing
from sandbox.hubspot.instants import milliseconds


def _emails(call: Call) -> tuple[int, Body]:
    since = milliseconds(call.query["updatedAfter"]) if "updatedAfter" in call.query else 0
    found = [
        call.books.marketing.email(id, stats=call.flag("includeStats"))
        for id, body in call.books.marketing.emails.items()
        if body["archived"] == call.flag("archived") and milliseconds(body["updatedAt"]) > since
    ]
    return 200, {"total": len(found), **page_of(found, call)}


def _email(call: Call) -> tuple[int, Body]:
    known = call.books.marketing.emails.get(call.path["id"])
    if known is None or known["archived"]:
        raise missing("Email not found")
    return 200, call.books.marketing.email(call.path["id"], stats=call.flag("includeStats"))


def _histogram(call: Call) -> tuple[int, Body]:
    start, end = marketing.span(call.query["startTimestamp"], call.query["endTimestamp"])
    ids = call.names("emailIds") or list(call.books.marketing.emails)
    rows = call.books.marketing.histogram(ids, start, end)
    return 200, {"total": len(rows), "results": rows}


def _campaigns(call: Call) -> tuple[int, Body]:
    names = call.names("properties")
    found = [
        {**body, "properties": {name: body["properties"].get(name) for name in names}}
        for body in call.books.marketing.campaigns.values()
    ]
    page = page_of(found, call)
    return 200, {"total": len(found), **page}


def _budget(call: Call) -> tuple[int, Body]:
    return 200, call.books.marketing.totals(call.path["id"])


def _spend(call: Call) -> tuple[int, Body]:
    return 201, call.write("spend", campaign=call.path["id"], name=call.body["name"], amount=call.body["amount"])


def _revenue(call: Call) -> tuple[int, Body]:
    return 200, revenue(call.books, call.path["id"])


def _forms(call: Call) -> tuple[int, Body]:
    found = [body for body in call.books.marketing.forms.values() if body["archived"] == call.flag("archived")]
    return 200, page_of(found, call)


def _submissions(call: Call) -> tuple[int, Body]:
    if call.path["id"] not in call.books.marketing.submissions:
        raise missing("no such form")
    return 200, page_of(call.books.marketing.submissions[call.path["id"]][::-1], call, most=50)


def revenue(books: Books, guid: str) -> Body:
    """What the deals of a campaign amount to."""
    campaign = books.marketing.campaigns.get(guid)
    if campaign is None:
        raise missing(f"no campaign {guid}")
    key = campaign["properties"]["hs_utm"]
    deals = [deal for deal in books.portal.shelves["deals"].living() if deal.properties.get("campaign") == key]
    won = [deal for deal in deals if deal.properties.get("dealstage") == "closedwon"]
    amounts = [sum(float(deal.properties.get("amount", "0")) for deal in group) for group in (deals, won)]
    contacts = {to for deal in deals for to in books.portal.associations.of("deals", deal.id, "contacts")}
    return {"contactsNumber": len(contacts), "currencyCode": campaign["properties"]["hs_currency_code"],
            "dealAmount": amounts[0], "dealsNumber": len(deals), "revenueAmount": amounts[1]}  # fmt: skip


_CAMPAIGNS, _CAMPAIGN_SCOPE = "/marketing/v3/campaigns", "marketing.campaigns.read"
MARKETING = (
    Endpoint("GET", "/marketing/v3/emails/statistics/histogram", "content", _histogram),
    Endpoint("GET", "/marketing/v3/emails/", "content", _emails),
    Endpoint("GET", "/marketing/v3/emails/{id}", "content", _email),
    Endpoint("GET", _CAMPAIGNS, _CAMPAIGN_SCOPE, _campaigns),
    Endpoint("GET", _CAMPAIGNS + "/{id}/budget/totals", _CAMPAIGN_SCOPE, _budget),
    Endpoint("POST", _CAMPAIGNS + "/{id}/spend", _CAMPAIGN_SCOPE, _spend),
    Endpoint("GET", _CAMPAIGNS + "/{id}/reports/revenue", "marketing.campaigns.revenue.read", _revenue),
    Endpoint("GET", "/marketing/v3/forms/", "forms", _forms),
    Endpoint("GET", "/form-integrations/v1/submissions/forms/{id}", "forms", _submissions),
)
