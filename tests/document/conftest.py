"""`pytest tests/document --update-golden` rewrites the golden files after a deliberate change of a format."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", default=False)
