"""HubSpot: customer relations and marketing. See the connector's class for what it brings and which scopes it needs."""

from __future__ import annotations

from connectors.hubspot.connector import Hubspot, HubspotSettings

__all__ = ["Hubspot", "HubspotSettings"]
