"""A Salesforce org: REST API, Bulk API 2.0 queries and OAuth over a simulated sales team."""

from __future__ import annotations

API_VERSIONS = ("59.0", "64.0", "65.0", "66.0")
"""Versions that the org answers to."""
ORG_ID = "00D5g00000CYnoS"
"""The org's own id, 15 characters."""
