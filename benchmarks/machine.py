"""What the results were measured on; without it no number means anything."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version

import psutil

_PACKAGES = ("duckdb", "dlt", "pyarrow", "psycopg", "msgspec", "zstandard", "stripe", "dbt-core", "dbt-duckdb")


def description(quick: bool) -> str:
    """A paragraph of Markdown."""
    memory = psutil.virtual_memory().total / 2**30
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    lines = [
        f"- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.system()} {platform.machine()}, {os.cpu_count()} cores,"
        f" {memory:.0f} GiB of memory, Python {platform.python_version()}",
        f"- {packages}",
        f"- load average when it began: {load}; far above 0 means that other work shared the machine: then the ratios of"
        " processor seconds say more than those of wall seconds",
        "- ratios are of runs side by side, min / median / max",
    ]
    if quick:
        lines.append("- **quick: sizes far too small to mean anything**")
    return "\n".join(lines)
