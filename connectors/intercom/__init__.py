"""Intercom: contacts, companies, conversations with parts and statistics, tickets, and how the workspace is set up."""

from __future__ import annotations

from connectors.intercom.connector import Intercom, IntercomSettings

__all__ = ["Intercom", "IntercomSettings"]
