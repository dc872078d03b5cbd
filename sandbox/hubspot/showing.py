"""Rows of catalogues and marketing by their keys, as the API shows them now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.hubspot.books import Books
from sandbox.hubspot.catalogues import schema
from sandbox.hubspot.kinds import CUSTOM_ID, KINDS
from sandbox.hubspot.marketing_routes import revenue

Rows = dict[str, Any]


def shown_catalogues(books: Books) -> dict[str, Callable[[], Rows]]:
    """Small catalogues by stream."""
    return {
        "owners": lambda: {body["id"]: body for body in books.owners.bodies.values()},
        "pipelines": lambda: {f"{kind}/{body['id']}": body for kind, bodies in books.pipelines.bodies.items() for body in bodies},
        "properties": lambda: {
            f"{kind.name}/{name}": body for kind in KINDS[:-1] for name, body in books.portal.properties[kind.name].items()
        },
        "schemas": lambda: {CUSTOM_ID[2:]: schema(books.portal, books.begin)},
        "lists": lambda: dict(books.lists.bodies),
        "list_memberships": lambda: {id: {"results": books.lists.memberships(id)} for id in books.lists.bodies},
    }


def shown_marketing(books: Books) -> dict[str, Callable[[], Rows]]:
    """Marketing by stream."""
    marketing = books.marketing
    return {
        "forms": lambda: dict(marketing.forms),
        "form_submissions": lambda: {
            f"{form}/{entry['conversionId']}": entry for form, entries in marketing.submissions.items() for entry in entries
        },
        "marketing_emails": lambda: {
            id: marketing.email(id, stats=True) for id, body in marketing.emails.items() if not body["archived"]
        },
        "marketing_email_statistics": lambda: {
            f"{id}/{row['interval']['start']}": row for id in marketing.emails for row in marketing.histogram([id], 0, 1 << 62)
        },
        "campaigns": lambda: dict(marketing.campaigns),
        "campaign_budgets": lambda: {guid: marketing.totals(guid) for guid in marketing.campaigns},
        "campaign_revenue": lambda: {guid: revenue(books, guid) for guid in marketing.campaigns},
    }
