"""How customers and prospects are told apart by size in tests: by employees, and by what a customer has ever paid."""

from __future__ import annotations

SEGMENTS = (("enterprise", 250, 300), ("mid_market", 50, 100), ("smb", 0, None))
"""Name, employees and MRR in the reporting currency from which on, the largest first."""


def segment(employees: int | None, peak: int = 0) -> str:
    """The first segment of which either limit is reached; nobody has said how large: unknown."""
    for name, people, mrr in SEGMENTS:
        if (employees is not None and employees >= people) or (mrr is not None and peak >= mrr * 10**6):
            return name
    return "unknown"
