"""What each Zendesk stream is and how it is read; endpoints follow https://developer.zendesk.com/api-reference/ticketing/."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cynosure.extract import Personal, Stream

CONFIDENTIAL, RESTRICTED = Personal.CONFIDENTIAL, Personal.RESTRICTED
_DOCS = "https://developer.zendesk.com/api-reference/ticketing/"
DAY = 86_400

# the first instant that can matter: Zendesk did not exist before 2007. Time-based exports refuse a start of zero
EARLIEST = 1_167_609_600
# https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/: the last minute is left out
UNSETTLED_SECONDS = 60
EXPORT_PAGE, LIST_PAGE = 1000, 100
# once a day the last day is read again, for rows that were written late
LOOKBACK_SECONDS, LOOKBACK_EVERY = 26 * 3600, DAY - 3600
# a breach may be withdrawn long after it happened
METRIC_EVENT_LOOKBACK_SECONDS = 7 * DAY
# what vanishes without a trace is found by reading everything again
RELIST_EVERY = 28 * DAY
# deleted tickets are scrubbed after 30 days: a longer gap could miss one
MEMORY_SECONDS = 29 * DAY
# ratings can be changed long after they were given, and are filtered by their creation
RATING_LOOKBACK_SECONDS, RATINGS_EVERY = 30 * DAY, 7 * DAY
# small catalogues are listed once a day, and every time as long as they are as short as this
CATALOGUE_EVERY, CHEAP_PAGES = DAY - 3600, 10
PERMANENTLY_DELETED_EVERY = 7 * DAY


@dataclass(frozen=True, slots=True)
class Export:
    """An incremental export, by cursor or by time; `relisted` says that rows can vanish without a trace."""

    stream: Stream
    path: str
    by: Literal["cursor", "time"]
    params: Mapping[str, str] = field(default_factory=dict)
    relisted: bool = False
    lookback: int = LOOKBACK_SECONDS
    #: the list that shows the same rows by cursor, for a second with more rows than a page
    fallback: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list that is read as a whole; `paged` False: Zendesk sends it in one answer. `eager`: at every run while short."""

    stream: Stream
    path: str
    rows: str
    paged: bool = True
    params: Mapping[str, str] = field(default_factory=dict)
    eager: bool = False
    key: str = "id"


def _export(name: str, description: str, docs: str, cursor: str, personal: Mapping[str, Personal] | None = None) -> Stream:
    return Stream(name, description, cursor=cursor, personal=personal or {}, docs=_DOCS + docs)


def _list(name: str, description: str, docs: str, personal: Mapping[str, Personal] | None = None, key: str = "id") -> Stream:
    return Stream(
        name, description, primary_key=key, sync="snapshot", cadence="daily", personal=personal or {}, docs=_DOCS + docs
    )


TICKETS = Export(
    _export(
        "tickets", "Requests for help, each with its metric set.", "tickets/tickets/", "generated_timestamp",
        {"subject": CONFIDENTIAL, "raw_subject": CONFIDENTIAL, "description": RESTRICTED, "recipient": RESTRICTED,
         "via.source": RESTRICTED, "custom_fields": CONFIDENTIAL, "satisfaction_rating.comment": CONFIDENTIAL},
    ),
    "/api/v2/incremental/tickets/cursor.json", "cursor", {"include": "metric_sets"}, relisted=True,
)  # fmt: skip
USERS = Export(
    _export(
        "users", "People who ask and people who help.", "users/users/", "updated_at",
        {"name": CONFIDENTIAL, "email": RESTRICTED, "phone": RESTRICTED, "photo": RESTRICTED, "notes": RESTRICTED,
         "details": RESTRICTED, "alias": CONFIDENTIAL, "signature": CONFIDENTIAL, "user_fields": CONFIDENTIAL},
    ),
    "/api/v2/incremental/users/cursor.json", "cursor", relisted=True,
)  # fmt: skip
ORGANIZATIONS = Export(
    _export(
        "organizations", "Companies of the people who ask.", "organizations/organizations/", "updated_at",
        {"notes": CONFIDENTIAL, "details": CONFIDENTIAL, "organization_fields": CONFIDENTIAL},
    ),
    "/api/v2/incremental/organizations.json", "time", relisted=True, fallback="/api/v2/organizations.json",
)  # fmt: skip
TICKET_EVENTS = Export(
    _export(
        "ticket_events", "Every update of every ticket with its changes and comments.",
        "ticket-management/incremental_exports/#incremental-ticket-event-export", "timestamp",
        {"child_events.body": RESTRICTED, "child_events.plain_body": RESTRICTED, "child_events.html_body": RESTRICTED,
         "child_events.attachments": RESTRICTED, "system": RESTRICTED},
    ),
    "/api/v2/incremental/ticket_events.json", "time", {"include": "comment_events"},
)  # fmt: skip
METRIC_EVENTS = Export(
    _export("ticket_metric_events", "When replies, work and waiting began, paused, ended or missed their service level.",
            "tickets/ticket_metric_events/", "time"),
    "/api/v2/incremental/ticket_metric_events.json", "time", {"include_changes": "true"}, lookback=METRIC_EVENT_LOOKBACK_SECONDS,
    fallback="/api/v2/incremental/ticket_metric_events.json",
)  # fmt: skip

EXPORTS = (TICKETS, TICKET_EVENTS, METRIC_EVENTS, USERS, ORGANIZATIONS)

RATINGS = Listing(
    Stream("satisfaction_ratings", "What people said about the help, as it stands now.", cursor="updated_at",
           personal={"comment": CONFIDENTIAL}, docs=_DOCS + "ticket-management/satisfaction_ratings/"),
    "/api/v2/satisfaction_ratings.json", "satisfaction_ratings",
)  # fmt: skip
DELETED_TICKETS = Listing(
    Stream("deleted_tickets", "The bin: tickets deleted in the last 30 days, when and by whom.", sync="snapshot",
           personal={"subject": CONFIDENTIAL, "actor.name": CONFIDENTIAL}, docs=_DOCS + "tickets/tickets/#list-deleted-tickets"),
    "/api/v2/deleted_tickets.json", "deleted_tickets", eager=True,
)  # fmt: skip
SCHEDULES = Listing(
    _list("schedules", "Business hours, each schedule with its holidays.", "ticket-management/schedules/"),
    "/api/v2/business_hours/schedules.json", "schedules", paged=False,
)  # fmt: skip

LISTINGS = (
    Listing(_list("groups", "Groups of agents.", "groups/groups/"), "/api/v2/groups.json", "groups",
            params={"exclude_deleted": "false"}),
    Listing(_list("group_memberships", "Which agent is in which group.", "groups/group_memberships/"),
            "/api/v2/group_memberships.json", "group_memberships", eager=True),
    Listing(_list("organization_memberships", "Which person belongs to which organizations.",
                  "organizations/organization_memberships/"),
            "/api/v2/organization_memberships.json", "organization_memberships", eager=True),
    Listing(_list("sla_policies", "Service levels: to whom they apply, and their targets.", "ticket-management/sla_policies/"),
            "/api/v2/slas/policies.json", "sla_policies"),
    SCHEDULES,
    Listing(_list("ticket_fields", "Fields of tickets, with their types and options.", "tickets/ticket_fields/"),
            "/api/v2/ticket_fields.json", "ticket_fields"),
    Listing(_list("ticket_forms", "Forms, and the fields that each asks for.", "tickets/ticket_forms/"),
            "/api/v2/ticket_forms.json", "ticket_forms"),
    Listing(_list("custom_statuses", "What agents see as the status, by category.", "tickets/custom_ticket_statuses/"),
            "/api/v2/custom_statuses.json", "custom_statuses", paged=False),
    Listing(_list("brands", "Brands under which help is given.", "account-configuration/brands/"), "/api/v2/brands.json",
            "brands"),
    Listing(_list("tags", "Tags in use and how often.", "ticket-management/tags/", key="name"), "/api/v2/tags.json", "tags",
            key="name"),
    DELETED_TICKETS,
)  # fmt: skip

COUNTED = ("tickets", "users", "organizations", "groups", "satisfaction_ratings", "ticket_fields", "tags")
"""Streams that Zendesk counts: beyond 100,000 only about once a day."""
