"""Extraction: what a connector is, and the run that lands what it reads."""

from __future__ import annotations

from cynosure.extract.contract import Access, Connector, ConnectorSettings, Cursor, Page, Personal, Record, Stream, Totals
from cynosure.extract.discovery import UnknownName, connector_class, connector_names
from cynosure.extract.errors import AccessDenied, Deferred, ExtractError, Misconfigured, RetryLater, Unexpected
from cynosure.extract.http import Answer, HttpSource, safe_base_url
from cynosure.extract.rate import RateLimiter
from cynosure.extract.retry import Retrying
from cynosure.extract.run import StreamResult, extract_source

__all__ = [
    "Access", "AccessDenied", "Answer", "Connector", "ConnectorSettings", "Cursor", "Deferred", "ExtractError", "HttpSource",
    "Misconfigured", "Page", "Personal", "RateLimiter", "Record", "RetryLater", "Retrying", "Stream", "StreamResult",
    "Totals", "Unexpected", "UnknownName", "connector_class", "connector_names", "extract_source", "safe_base_url",
]  # fmt: skip
