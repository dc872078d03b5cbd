"""Small catalogues, read whole once a day: what is not among them any more is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from connectors.hubspot.catalogue import OBJECT_TYPES
from connectors.hubspot.objects import instant
from connectors.hubspot.paging import envelope
from connectors.hubspot.properties import PropertyCatalogue
from connectors.hubspot.refusals import Gone
from connectors.hubspot.transport import HubspotApi
from cynosure.extract import Answer, Record, RetryLater

PAGE = 100
# https://developers.hubspot.com/docs/api-reference/crm-lists-v3/guide: lists and members a page
LISTS_PAGE, MEMBERS_PAGE = 250, 250
CAMPAIGNS_PATH = "/marketing/v3/campaigns"
PIPELINES_OF = {"deals": "crm.objects.deals.read", "tickets": "tickets"}
_CAMPAIGN_PROPERTIES = (
    "hs_name", "hs_start_date", "hs_end_date", "hs_goal", "hs_audience", "hs_notes", "hs_owner", "hs_currency_code",
    "hs_campaign_status", "hs_utm", "hs_budget_items_sum_amount", "hs_spend_items_sum_amount", "hs_object_id",
)  # fmt: skip

#: rows and the vendor's clock
Rows = Iterator[tuple[list[Record], float]]


class _Entry(msgspec.Struct, rename="camel"):
    """The fields of any entry that extraction itself needs."""

    id: str = ""
    name: str = ""
    list_id: str = ""
    object_type_id: str = ""
    updated_at: str | None = None


class _Lists(msgspec.Struct, rename="camel"):
    lists: list[msgspec.Raw]
    has_more: bool
    offset: int
    total: int


_entry = msgspec.json.Decoder(_Entry).decode


class Snapshots:
    """Each snapshot stream by its name."""

    def __init__(self, api: HubspotApi, properties: PropertyCatalogue) -> None:
        self._api = api
        self._properties = properties
        self._readers: dict[str, Callable[[], Rows]] = {
            "owners": self._owners,
            "pipelines": self._pipelines,
            "properties": self._all_properties,
            "schemas": self._schemas,
            "lists": self._lists,
            "list_memberships": self._memberships,
            "forms": self._forms,
            "campaigns": self._campaigns,
            "campaign_budgets": lambda: self._per_campaign("budget/totals"),
            "campaign_revenue": lambda: self._per_campaign("reports/revenue"),
        }

    def rows(self, stream: str) -> Rows:
        """All rows of a stream."""
        return self._readers[stream]()

    def list_count(self) -> int:
        """How many lists there are, by HubSpot's own count."""
        return self._list_page(0)[0].total

    def custom_types(self) -> list[str]:
        """Type ids of the account's own types of records."""
        return sorted(_entry(raw).object_type_id for raw in envelope(self._schema_answer()).results)

    def form_ids(self) -> list[str]:
        """Ids of all forms."""
        return sorted(record.id for rows, _ in self._forms() for record in rows)

    def _owners(self) -> Rows:
        for archived in (True, False):
            only = {"archived": True} if archived else {}
            yield from self._paged(
                lambda client: client.crm.owners.owners_api.get_page, scope="crm.objects.owners.read", limit=PAGE, **only
            )

    def _pipelines(self) -> Rows:
        for kind, scope in PIPELINES_OF.items():
            answer = self._api.call(lambda client: client.crm.pipelines.pipelines_api.get_all, kind, scope=scope)
            yield [_record(raw, f"{kind}/") for raw in envelope(answer).results], answer.seen

    def _all_properties(self) -> Rows:
        for kind in OBJECT_TYPES:
            for archived in (True, False):  # a name may be in use again: the living come last
                answer = self._properties.answer(kind.name, kind.scope, archived=archived)
                entries = envelope(answer).results
                yield [Record(f"{kind.name}/{_entry(raw).name}", bytes(raw)) for raw in entries], answer.seen

    def _schemas(self) -> Rows:
        answer = self._schema_answer()
        yield [_record(raw) for raw in envelope(answer).results], answer.seen

    def _schema_answer(self) -> Answer:
        return self._api.call(lambda client: client.crm.schemas.core_api.get_all, scope="crm.schemas.custom.read")

    def _lists(self) -> Rows:
        offset = 0
        while True:
            page, seen = self._list_page(offset)
            yield [Record(_entry(raw).list_id, bytes(raw), instant(_entry(raw).updated_at)) for raw in page.lists], seen
            if not page.has_more:
                return
            if page.offset <= offset:
                raise RetryLater(f"lists: paging does not advance beyond {offset}")
            offset = page.offset

    def _list_page(self, offset: int) -> tuple[_Lists, float]:
        body = {"offset": offset, "count": LISTS_PAGE, "query": ""}

        def ask() -> tuple[_Lists, float]:
            answer = self._api.call(lambda client: client.crm.lists.lists_api.do_search, body, scope="crm.lists.read")
            try:
                page = msgspec.json.decode(answer.body, type=_Lists)
            except msgspec.ValidationError as error:
                raise RetryLater(f"lists: the answer is not a page: {error}") from None
            if offset + len(page.lists) < page.total and not page.has_more:
                raise RetryLater(f"lists: {page.total} lists exist, {offset + len(page.lists)} were shown")
            return page, answer.seen

        return self._api.retried(ask)

    def _memberships(self) -> Rows:
        for lists, _ in self._lists():
            for known in lists:
                members: list[msgspec.Raw] = []
                seen = 0.0
                pages = self._api.pages(
                    lambda client: client.crm.lists.memberships_api.get_page, known.id, scope="crm.lists.read", limit=MEMBERS_PAGE
                )
                for page, answer in pages:
                    members += page.results
                    seen = answer.seen
                yield [Record(known.id, msgspec.json.encode({"results": members}))], seen

    def _forms(self) -> Rows:
        yield from self._paged(lambda client: client.marketing.forms.forms_api.get_page, scope="forms", limit=PAGE)

    def _campaigns(self) -> Rows:
        params = {"limit": PAGE, "properties": ",".join(_CAMPAIGN_PROPERTIES)}
        for page, answer in self._api.get_pages(CAMPAIGNS_PATH, params):
            yield [_record(raw) for raw in page.results], answer.seen

    def _per_campaign(self, path: str) -> Rows:
        """One request per campaign; one that vanishes meanwhile is left out."""
        for campaigns, _ in self._campaigns():
            for campaign in campaigns:
                try:
                    answer = self._api.get(f"{CAMPAIGNS_PATH}/{campaign.id}/{path}")
                except Gone:
                    continue
                yield [Record(campaign.id, answer.body)], answer.seen

    def _paged(self, pick: Any, **more: Any) -> Rows:
        for page, answer in self._api.pages(pick, **more):
            yield [_record(raw) for raw in page.results], answer.seen


def _record(raw: msgspec.Raw, prefix: str = "") -> Record:
    known = _entry(raw)
    return Record(f"{prefix}{known.id}", bytes(raw), instant(known.updated_at))
