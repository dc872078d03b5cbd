"""Every endpoint: its path, the scope it needs, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from sandbox.hubspot import marketing
from sandbox.hubspot.books import Books
from sandbox.hubspot.catalogues import schema
from sandbox.hubspot.errors import invalid, missing
from sandbox.hubspot.instants import milliseconds
from sandbox.hubspot.kinds import Kind
from sandbox.hubspot.reading import Reader, kind_of
from sandbox.hubspot.searching import Searcher
from sandbox.vendor import Surroundings

Body = Any
PORTAL_ID = 26_080_000


@dataclass
class Call:
    """A request on its way."""

    books: Books
    path: Mapping[str, str]
    query: QueryParams
    body: Body
    now: int
    around: Surroundings

    @property
    def kind(self) -> Kind:
        """The type of record that the path names."""
        return kind_of(self.path["kind"])

    @property
    def reader(self) -> Reader:
        """Reads the CRM now."""
        return Reader(self.books.portal, self.now)

    def names(self, name: str) -> list[str]:
        """A list in the query, repeated or separated by commas."""
        return [part for value in self.query.getlist(name) for part in value.split(",") if part]

    def flag(self, name: str) -> bool:
        """A boolean in the query."""
        return self.query.get(name, "false").lower() == "true"

    def write(self, operation: str, **arguments: Any) -> Body:
        """Carries out a write through the journal."""
        return self.around.write(operation, arguments)


Answer = Callable[[Call], tuple[int, Body]]


@dataclass(frozen=True)
class Endpoint:
    """A method and a path, and what they answer."""

    method: str
    path: str
    scope: str | Callable[[Call], str]
    answer: Answer
    is_search: bool = False


def _of_kind(call: Call) -> str:
    return call.kind.scope


def _list(call: Call) -> tuple[int, Body]:
    query = {
        "limit": call.query.get("limit"), "after": call.query.get("after"), "archived": call.flag("archived"),
        "properties": call.names("properties"), "history": call.names("propertiesWithHistory"),
        "associations": call.names("associations"),
    }  # fmt: skip
    return 200, call.reader.page(call.kind, query, f"/crm/v3/objects/{call.path['kind']}")


def _get(call: Call) -> tuple[int, Body]:
    wanted = {"inputs": [{"id": call.path["id"]}], "properties": call.names("properties"),
              "idProperty": call.query.get("idProperty"),
              "propertiesWithHistory": call.names("propertiesWithHistory")}  # fmt: skip
    status, body = call.reader.batch(call.kind, wanted)
    if status != 200:
        raise missing("Object not found.  objectId are usually numeric.")
    return 200, body["results"][0]


def _search(call: Call) -> tuple[int, Body]:
    hides = call.around.faults.hides
    return 200, Searcher(call.books.portal, call.now, lambda id: hides(id, call.now)).search(call.kind, call.body)


def _create(call: Call) -> tuple[int, Body]:
    return 201, call.write("create", kind=call.kind.name, properties=call.body.get("properties") or {})


def _update(call: Call) -> tuple[int, Body]:
    return 200, call.write("update", kind=call.kind.name, id=call.path["id"], properties=call.body["properties"])


def _archive(call: Call) -> tuple[int, Body]:
    return 204, call.write("archive", kind=call.kind.name, id=call.path["id"])


def _merge(call: Call) -> tuple[int, Body]:
    return 200, call.write("merge", kind=call.kind.name, **call.body)


def _erase(call: Call) -> tuple[int, Body]:
    return 204, call.write("erase", kind=call.kind.name, id=call.body["objectId"])


def _associated(call: Call) -> tuple[int, Body]:
    return call.reader.associated(call.kind, kind_of(call.path["other"]), call.body)


def _associate(call: Call) -> tuple[int, Body]:
    other = kind_of(call.path["other"]).name
    return 200, call.write("associate", kind=call.kind.name, id=call.path["id"], other=other, to=call.path["to"])


def _dissociate(call: Call) -> tuple[int, Body]:
    other = kind_of(call.path["other"]).name
    return 204, call.write("dissociate", kind=call.kind.name, id=call.path["id"], other=other, to=call.path["to"])


def _owners(call: Call) -> tuple[int, Body]:
    found = [body for body in call.books.owners.bodies.values() if body["archived"] == call.flag("archived")]
    return 200, _page(sorted(found, key=lambda body: int(body["id"])), call)


def _pipelines(call: Call) -> tuple[int, Body]:
    return 200, {"results": call.books.pipelines.bodies.get(call.kind.name, [])}


def _add_stage(call: Call) -> tuple[int, Body]:
    given = {"label": call.body["label"], "metadata": call.body.get("metadata")}
    return 201, call.write("add_stage", kind=call.kind.name, pipeline=call.path["pipeline"], **given)


def _properties(call: Call) -> tuple[int, Body]:
    known = call.books.portal.properties[call.kind.name].values()
    return 200, {"results": [body for body in known if body["archived"] == call.flag("archived")]}


def _schemas(call: Call) -> tuple[int, Body]:
    return 200, {"results": [schema(call.books.portal, call.books.begin)]}


def _lists(call: Call) -> tuple[int, Body]:
    offset, size = int(call.body.get("offset") or 0), int(call.body.get("count") or 20)
    if size > 500:
        raise invalid("count must be at most 500")
    found = list(call.books.lists.bodies.values())
    shown = found[offset : offset + size]
    following = offset + len(shown)
    return 200, {"offset": following, "hasMore": following < len(found), "lists": shown, "total": len(found)}


def _memberships(call: Call) -> tuple[int, Body]:
    return 200, _page(call.books.lists.memberships(call.path["id"]), call, most=250)


def _emails(call: Call) -> tuple[int, Body]:
    since = milliseconds(call.query["updatedAfter"]) if "updatedAfter" in call.query else 0
    found = [
        call.books.marketing.email(id, stats=call.flag("includeStats"))
        for id, body in call.books.marketing.emails.items()
        if body["archived"] == call.flag("archived") and milliseconds(body["updatedAt"]) > since
    ]
    return 200, {"total": len(found), **_page(found, call)}


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
    page = _page(found, call)
    return 200, {"total": len(found), **page}


def _budget(call: Call) -> tuple[int, Body]:
    return 200, call.books.marketing.totals(call.path["id"])


def _spend(call: Call) -> tuple[int, Body]:
    return 201, call.write("spend", campaign=call.path["id"], name=call.body["name"], amount=call.body["amount"])


def _revenue(call: Call) -> tuple[int, Body]:
    return 200, revenue(call.books, call.path["id"])


def _forms(call: Call) -> tuple[int, Body]:
    found = [body for body in call.books.marketing.forms.values() if body["archived"] == call.flag("archived")]
    return 200, _page(found, call)


def _submissions(call: Call) -> tuple[int, Body]:
    if call.path["id"] not in call.books.marketing.submissions:
        raise missing("no such form")
    return 200, _page(call.books.marketing.submissions[call.path["id"]][::-1], call, most=50)


def _details(call: Call) -> tuple[int, Body]:
    return 200, {"portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD",
                 "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com",
                 "dataHostingLocation": "na1"}  # fmt: skip


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


def _page(found: list[Body], call: Call, most: int = 100) -> Body:
    """A page of a list whose `after` is a position."""
    start, limit = int(call.query.get("after") or 0), int(call.query.get("limit") or 100)
    if not 0 < limit <= most:
        raise invalid(f"limit must be between 1 and {most}")
    body: Body = {"results": found[start : start + limit]}
    if start + limit < len(found):
        body["paging"] = {"next": {"after": str(start + limit), "link": "?"}}
    return body


def _crm(prefix: str) -> list[Endpoint]:
    """The endpoints of records, as each version of the API has them."""
    return [
        Endpoint("POST", f"{prefix}/{{kind}}/search", _of_kind, _search, is_search=True),
        Endpoint("POST", f"{prefix}/{{kind}}/batch/read", _of_kind, lambda call: call.reader.batch(call.kind, call.body)),
        Endpoint("POST", f"{prefix}/{{kind}}/merge", _of_kind, _merge),
        Endpoint("POST", f"{prefix}/{{kind}}/gdpr-delete", _of_kind, _erase),
        Endpoint("GET", f"{prefix}/{{kind}}/{{id}}", _of_kind, _get),
        Endpoint("PATCH", f"{prefix}/{{kind}}/{{id}}", _of_kind, _update),
        Endpoint("DELETE", f"{prefix}/{{kind}}/{{id}}", _of_kind, _archive),
        Endpoint("GET", f"{prefix}/{{kind}}", _of_kind, _list),
        Endpoint("POST", f"{prefix}/{{kind}}", _of_kind, _create),
    ]


_PAIR = "/crm/v4/objects/{kind}/{id}/associations"
_CAMPAIGNS, _CAMPAIGN_SCOPE = "/marketing/v3/campaigns", "marketing.campaigns.read"
ENDPOINTS = (
    *(endpoint for version in ("2026-03", "2026-09") for endpoint in _crm(f"/crm/objects/{version}")),
    *_crm("/crm/v3/objects"),
    Endpoint("POST", "/crm/v4/associations/{kind}/{other}/batch/read", _of_kind, _associated),
    Endpoint("PUT", _PAIR + "/default/{other}/{to}", _of_kind, _associate),
    Endpoint("PUT", _PAIR + "/{other}/{to}", _of_kind, _associate),
    Endpoint("DELETE", _PAIR + "/{other}/{to}", _of_kind, _dissociate),
    Endpoint("GET", "/crm/v3/owners/", "crm.objects.owners.read", _owners),
    Endpoint("GET", "/crm/v3/owners", "crm.objects.owners.read", _owners),
    Endpoint("GET", "/crm/v3/pipelines/{kind}", _of_kind, _pipelines),
    Endpoint("POST", "/crm/v3/pipelines/{kind}/{pipeline}/stages", _of_kind, _add_stage),
    Endpoint("GET", "/crm/v3/properties/{kind}", _of_kind, _properties),
    Endpoint("GET", "/crm-object-schemas/v3/schemas", "crm.schemas.custom.read", _schemas),
    Endpoint("POST", "/crm/v3/lists/search", "crm.lists.read", _lists),
    Endpoint("GET", "/crm/v3/lists/{id}/memberships", "crm.lists.read", _memberships),
    Endpoint("GET", "/marketing/v3/emails/statistics/histogram", "content", _histogram),
    Endpoint("GET", "/marketing/v3/emails/", "content", _emails),
    Endpoint("GET", "/marketing/v3/emails/{id}", "content", _email),
    Endpoint("GET", _CAMPAIGNS, _CAMPAIGN_SCOPE, _campaigns),
    Endpoint("GET", _CAMPAIGNS + "/{id}/budget/totals", _CAMPAIGN_SCOPE, _budget),
    Endpoint("POST", _CAMPAIGNS + "/{id}/spend", _CAMPAIGN_SCOPE, _spend),
    Endpoint("GET", _CAMPAIGNS + "/{id}/reports/revenue", "marketing.campaigns.revenue.read", _revenue),
    Endpoint("GET", "/marketing/v3/forms/", "forms", _forms),
    Endpoint("GET", "/form-integrations/v1/submissions/forms/{id}", "forms", _submissions),
    Endpoint("GET", "/account-info/v3/details", "", _details),
)
