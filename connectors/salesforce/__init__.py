"""Salesforce: accounts, pipeline, campaigns and activities. See the connector's class for what it brings and needs."""

from __future__ import annotations

from connectors.salesforce.connector import Salesforce
from connectors.salesforce.settings import SalesforceSettings

__all__ = ["Salesforce", "SalesforceSettings"]
