"""Zendesk Support: customer service. See the connector's class for what it brings and which key it needs."""

from __future__ import annotations

from connectors.zendesk.connector import Zendesk
from connectors.zendesk.settings import ZendeskSettings

__all__ = ["Zendesk", "ZendeskSettings"]
