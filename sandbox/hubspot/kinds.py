"""Types of records: their names, type ids, dates, default properties, tracked history, and how they associate."""

from __future__ import annotations

from dataclasses import dataclass

CUSTOM_ID, CUSTOM_NAME = "2-4815162", "p26080000_workspaces"


@dataclass(frozen=True)
class Kind:
    """A type of record; `modified` and `created` are properties, `scope` is what reading it needs."""

    name: str
    type_id: str
    scope: str
    defaults: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    created: str = "createdate"
    tracked: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()

    @property
    def always(self) -> tuple[str, ...]:
        """Properties that every answer carries."""
        return ("hs_object_id", self.created, self.modified)


_SIDES = ("contacts", "companies", "deals")
_CONTACTS = "crm.objects.contacts.read"

KINDS = (
    Kind("contacts", "0-1", _CONTACTS, ("email", "firstname", "lastname"), "lastmodifieddate",
         tracked=("lifecyclestage", "hs_lead_status", "hubspot_owner_id"), pairs=("companies",)),
    Kind("companies", "0-2", "crm.objects.companies.read", ("name", "domain"), tracked=("lifecyclestage", "hubspot_owner_id")),
    Kind("deals", "0-3", "crm.objects.deals.read", ("dealname", "amount", "closedate", "pipeline", "dealstage"),
         tracked=("dealstage", "amount", "closedate", "hubspot_owner_id", "pipeline"), pairs=("companies", "contacts",
             "line_items")),
    Kind("tickets", "0-5", "tickets", ("subject", "content", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category",
                                       "hs_ticket_priority"),
         tracked=("hs_pipeline_stage", "hubspot_owner_id"), pairs=("companies", "contacts")),
    Kind("line_items", "0-8", "crm.objects.line_items.read", ("name", "quantity", "price", "amount", "hs_product_id")),
    Kind("products", "0-7", "e-commerce", ("name", "description", "price", "hs_sku")),
    Kind("calls", "0-48", _CONTACTS, ("hs_timestamp",), created="hs_createdate", pairs=_SIDES),
    Kind("emails", "0-49", "sales-email-read", ("hs_timestamp",), created="hs_createdate", pairs=_SIDES),
    Kind("meetings", "0-47", _CONTACTS, ("hs_timestamp",), created="hs_createdate", pairs=_SIDES),
    Kind("notes", "0-46", _CONTACTS, ("hs_timestamp",), created="hs_createdate", pairs=_SIDES),
    Kind("tasks", "0-27", _CONTACTS, ("hs_timestamp",), created="hs_createdate", pairs=_SIDES),
    Kind(CUSTOM_NAME, CUSTOM_ID, "crm.objects.custom.read", ("workspace",), created="hs_createdate"),
)  # fmt: skip

BY_NAME = {key: kind for kind in KINDS for key in (kind.name, kind.type_id)}
BY_NAME |= {name.rstrip("s"): BY_NAME[name] for name in ("contacts", "deals", "tickets", "products", "line_items", "calls")}

#: from, to: type id of the plain association, and of the primary one where there is one; the way back is derived
_TYPE_IDS = {
    ("contacts", "companies"): (279, 1), ("deals", "companies"): (341, 5), ("tickets", "companies"): (339, 26),
    ("contacts", "deals"): (4, None), ("contacts", "tickets"): (15, None), ("deals", "line_items"): (19, None),
    ("deals", "tickets"): (27, None),
    ("calls", "contacts"): (194, None), ("calls", "companies"): (182, None), ("calls", "deals"): (206, None),
    ("emails", "contacts"): (198, None), ("emails", "companies"): (186, None), ("emails", "deals"): (210, None),
    ("meetings", "contacts"): (200, None), ("meetings", "companies"): (188, None), ("meetings", "deals"): (212, None),
    ("notes", "contacts"): (202, None), ("notes", "companies"): (190, None), ("notes", "deals"): (214, None),
    ("tasks", "contacts"): (204, None), ("tasks", "companies"): (192, None), ("tasks", "deals"): (216, None),
    (CUSTOM_NAME, "companies"): (1001, None),
}  # fmt: skip
_BACK = {
    ("companies", "contacts"): (280, 2), ("companies", "deals"): (342, 6), ("companies", "tickets"): (340, 25),
    ("deals", "contacts"): (3, None), ("tickets", "contacts"): (16, None), ("line_items", "deals"): (20, None),
    ("tickets", "deals"): (28, None), ("companies", CUSTOM_NAME): (1002, None),
}  # fmt: skip
ASSOCIATION_TYPES: dict[tuple[str, str], tuple[int, int | None]] = {
    **{(b, a): (plain - 1, None) for (a, b), (plain, _) in _TYPE_IDS.items()},
    **_TYPE_IDS,
    **_BACK,
}
"""https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide"""
