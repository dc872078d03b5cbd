"""Faults that any vendor's answers may have, that pass by themselves, and that must cost time and no row."""

from __future__ import annotations

from typing import Any

PASSING_ANYWHERE: dict[str, dict[str, Any]] = {
    "429 as HTML": {"preset": "rate_limit_html"},
    "500": {"preset": "server_error"},
    "502 as HTML": {"preset": "bad_gateway"},
    "200 as HTML": {"preset": "html"},
    "200 cut off": {"cut": 90},
    "200 empty": {"cut": 0},
    "reset in the body": {"reset": 90},
    "reset before the headers": {"preset": "refused"},
    "promise of more without rows": {"json": {"empty_page": True}},
}
