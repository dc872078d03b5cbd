"""A simulated Zendesk Support account (https://developer.zendesk.com/api-reference/ticketing/introduction/)."""

from __future__ import annotations

SUBDOMAIN = "northwind"
HOST = f"https://{SUBDOMAIN}.zendesk.com"
"""Every URL in an answer stands on this host, wherever the server really listens."""
API = f"{HOST}/api/v2"
