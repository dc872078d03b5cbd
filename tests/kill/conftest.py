"""The process that forks children to be killed, once per session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forking import Forks, forks


@pytest.fixture(scope="session")
def children() -> Iterator[Forks]:
    """Runs stages in children that may be killed."""
    with forks() as found:
        yield found
