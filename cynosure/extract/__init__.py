"""Extraction: what a connector is, and the run that lands what it reads."""

from __future__ import annotations

from cynosure.extract.contract import Access, Connector, ConnectorSettings, Cursor, Page, Personal, Record, Stream
from cynosure.extract.discovery import UnknownName, connector_class, connector_names
from cynosure.extract.errors import AccessDenied, Deferred, ExtractError, Misconfigured, RetryLater, Unexpected
from cynosure.extract.http import HttpSource, safe_base_url
from cynosure.extract.rate import RateLimiter
from cynosure.extract.retry import Retrying
from cynosure.extract.run import StreamResult, extract_source

__all__ = [
    "Access", "AccessDenied", "Connector", "ConnectorSettings", "Cursor", "Deferred", "ExtractError", "HttpSource",
    "Misconfigured", "Page", "Personal", "RateLimiter", "Record", "RetryLater", "Retrying", "Stream", "StreamResult",
    "Unexpected", "UnknownName", "connector_class", "connector_names", "extract_source", "safe_base_url",
]  # fmt: skip
