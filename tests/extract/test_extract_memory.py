"""What a page needed while it was read does not stay in memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from cynosure.extract import extract_source
from cynosure.landing import LandingLog

PAGES, PAGE_BYTES, KEPT_BYTES = 500, 300_000, 1_000


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
@pytest.mark.parametrize(("extracting", "stays"), [(True, False), (False, True)])
def test_pages_among_things_that_are_kept_are_given_back(extracting: bool, stays: bool, tmp_path: Path) -> None:
    command = [sys.executable, __file__, str(tmp_path) if extracting else ""]
    grown = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert (grown > PAGES * PAGE_BYTES / 2) == stays


def main(landing: str) -> None:
    """By how many bytes the process has grown once all its pages are gone; an extraction has begun if it may land something."""
    if landing:
        from test_extract_run import Scripted, page

        extract_source("scripted", Scripted([page("a", 1)]), LandingLog(f"file://{landing}"))
    process = psutil.Process()
    began = process.memory_info().rss
    # one answer was larger than all others: from then on, glibc keeps whatever is smaller
    del [bytes(32 * PAGE_BYTES)][:]
    pages, kept = [], []
    for number in range(PAGES):
        pages.append(b"%d" % number * (PAGE_BYTES // len(str(number))))
        kept.append(b"%d" % number * KEPT_BYTES)
    del pages
    print(process.memory_info().rss - began - sum(map(len, kept)))


if __name__ == "__main__":
    main(sys.argv[1])
