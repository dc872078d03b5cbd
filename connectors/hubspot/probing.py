"""One cheap request for each stream, to prove the permission for it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from connectors.hubspot.catalogue import BY_NAME, OBJECT_TYPES, ObjectType
from connectors.hubspot.objects import Asked, listed
from connectors.hubspot.refusals import Gone
from connectors.hubspot.snapshots import CAMPAIGNS_PATH, Snapshots
from connectors.hubspot.transport import HubspotApi

_NO_CAMPAIGN = "00000000-0000-0000-0000-000000000000"
_PER_RECORD: dict[str, Callable[[ObjectType], bool]] = {
    "property_history": lambda kind: bool(kind.tracked),
    "associations": lambda kind: bool(kind.pairs),
}
_PER_CAMPAIGN = {"campaign_budgets": "budget/totals", "campaign_revenue": "reports/revenue"}


def probe(api: HubspotApi, stream: str, snapshots: Snapshots) -> None:
    """Asks for a little of a stream; raises AccessDenied when that is not allowed."""
    if stream in BY_NAME:
        _first_page(api, stream)
    elif stream in _PER_RECORD:
        for kind in filter(_PER_RECORD[stream], OBJECT_TYPES):
            _first_page(api, kind.name)
    elif stream in ("marketing_emails", "marketing_email_statistics"):
        api.call(lambda client: client.marketing.emails.marketing_emails_api.get_page, scope="content", limit=1)
    elif stream in _PER_CAMPAIGN:
        _unknown_campaign(api, _PER_CAMPAIGN[stream])
    else:
        rows = snapshots.rows({"custom_objects": "schemas", "form_submissions": "forms"}.get(stream, stream))
        # pipelines and properties need the scope of each type of record
        for _ in rows if stream in ("pipelines", "properties") else islice(rows, 1):
            pass


def _first_page(api: HubspotApi, kind: str) -> None:
    next(listed(api, Asked(kind, BY_NAME[kind].scope, ("hs_object_id",))))


def _unknown_campaign(api: HubspotApi, path: str) -> None:
    try:
        api.get(f"{CAMPAIGNS_PATH}/{_NO_CAMPAIGN}/{path}")
    except Gone:
        return
