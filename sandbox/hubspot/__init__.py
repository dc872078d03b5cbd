"""A simulated HubSpot account: the CRM and marketing APIs that HubSpot's own Python SDK speaks."""

from __future__ import annotations
