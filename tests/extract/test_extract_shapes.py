"""Threads may decode at once from the very first answer on."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys, threading
import msgspec
from cynosure.extract import Connector, ConnectorSettings

class Source(Connector):
    def check(self): return []
    def read(self, stream, cursor): return iter(())

sys.setswitchinterval(1e-6)
for _ in range({rounds}):
    part = msgspec.defstruct("Part", [("id", int)])
    page = msgspec.defstruct("Page", [("parts", list[part]), ("more", bool, False)])
    {before}
    ready = threading.Barrier(4)
    def decode():
        ready.wait()
        msgspec.json.decode(b'{{"parts": [{{"id": 1}}], "more": true}}', type=page)
    threads = [threading.Thread(target=decode) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
"""


# what is expected without a connector is a mistake of the library: once it is mended, nothing has to be learned beforehand
@pytest.mark.parametrize(("before", "rounds", "ends"), [("Source(ConnectorSettings())", 1_000, 0), ("pass", 50_000, -11)])
def test_a_connector_has_learned_what_its_answers_look_like(before: str, rounds: int, ends: int) -> None:
    command = [sys.executable, "-c", PROGRAM.format(before=before, rounds=rounds)]
    assert subprocess.run(command, capture_output=True, check=False).returncode == ends
