"""What Airflow asks an installed provider: the connection types, one per connector.

Airflow calls this while it imports itself, in every process, so only the generated file is read: importing the
connectors would load every vendor's SDK. `cynosure_airflow.connection_types` writes the file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CONNECTION_TYPES = Path(__file__).with_name("connection_types.json")


def connection_types() -> list[dict[str, Any]]:
    """The connection types as Airflow shows them, one per connector."""
    found: list[dict[str, Any]] = json.loads(CONNECTION_TYPES.read_text(encoding="utf-8"))
    return found


def get_provider_info() -> dict[str, Any]:
    """The provider's metadata, by Airflow's provider_info schema."""
    return {
        "package-name": "cynosure",
        "name": "Cynosure",
        "description": "Connections to the sources of the metrics platform.",
        "connection-types": connection_types(),
    }
