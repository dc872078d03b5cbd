"""A project that a test may change."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "support"))

from project_copy import Project, copied


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A copy of the parts of the project that people add to."""
    return copied(tmp_path)
