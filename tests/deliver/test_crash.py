"""SIGKILL at every boundary of the sender: nothing is lost, and at most one message per crash is repeated."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from cynosure.deliver import ControlStore, Message, Recipient, deliver, enqueue, entries
from cynosure.deliver.channels.file import Folder
from cynosure.deliver.leases import LEASE
from cynosure.deliver.message import Outgoing

PROJECT = Path(__file__).resolve().parents[2]
CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from cynosure.deliver import deliver, open_store
from cynosure.deliver.channels.file import Folder

class Logged(Folder):
    def send(self, outgoing):
        with open(self.root / "log", "a") as log:
            log.write(outgoing.address + "\\n")
        return super().send(outgoing)

deliver(open_store(sys.argv[1]), {"file": Logged(Path(sys.argv[2]))}, datetime.fromisoformat(sys.argv[3]))
"""
POINTS = ["deliver.after_claim", "deliver.after_send", "deliver.before_settle_commit", "deliver.after_settle"]


@pytest.mark.kill
@pytest.mark.parametrize("hit", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_a_killed_sender_loses_nothing_and_repeats_at_most_one(
    point: str, hit: int, store: ControlStore, message: Callable[..., Message], now: datetime, tmp_path: Path
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    people = [Recipient("file", name) for name in ("ada", "bob", "cem")]
    with store.begin() as tx:
        enqueue(tx, message(), people, now)
    url = str(store.engine.url)
    environment = {"CYNOSURE_KILL_AT": f"{point}:{hit}", "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-c", CHILD, url, str(folder), now.isoformat()]
    child = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert child.returncode == -signal.SIGKILL, child.stderr

    class Logged(Folder):
        def send(self, outgoing: Outgoing) -> str:
            with (folder / "log").open("a") as log:
                log.write(outgoing.address + "\n")
            return super().send(outgoing)

    deliver(store, {"file": Logged(folder)}, now + LEASE + timedelta(minutes=1))
    assert {e.state for e in entries(store)} == {"sent"}
    sent = Counter((folder / "log").read_text().split())
    assert set(sent) == {"ada", "bob", "cem"}
    assert sum(sent.values()) <= 4
    assert len(list(folder.glob("*/*.html"))) == 3
