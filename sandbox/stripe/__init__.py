"""Stripe as the sandbox speaks it: objects, billing, and the REST API v1 of version 2026-10-28.endive."""

from __future__ import annotations

API_VERSION = "2026-10-28.endive"
"""The one API version the sandbox implements; every other is refused."""
