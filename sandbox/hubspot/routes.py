"""Every endpoint: its path, the scope it needs, and its answer."""

from __future__ import annotations

from sandbox.hubspot.call import Body, Call, Endpoint, page_of
from sandbox.hubspot.catalogues import schema
from sandbox.hubspot.errors import invalid, missing
from sandbox.hubspot.marketing_routes import MARKETING
from sandbox.hubspot.reading import kind_of
from sandbox.hubspot.searching import Searcher

PORTAL_ID = 26_080_000


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
    return 200, page_of(sorted(found, key=lambda body: int(body["id"])), call)


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
    return 200, page_of(call.books.lists.memberships(call.path["id"]), call, most=250)


def _details(call: Call) -> tuple[int, Body]:
    return 200, {"portalId": PORTAL_ID, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "USD",
                 "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com",
                 "dataHostingLocation": "na1"}  # fmt: skip


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
    *MARKETING,
    Endpoint("GET", "/account-info/v3/details", "", _details),
)
