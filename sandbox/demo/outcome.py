"""What came out of the job, told at the end: figures, comparison with the truth, messages, and where to look."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any

from sandbox.demo import connections, environments, streams
from sandbox.demo.airflow_api import AirflowApi
from sandbox.demo.folders import PROJECT, Folders
from sandbox.demo.screen import Screen
from sandbox.demo.tellings import Telling, as_last_read
from sandbox.demo.truth import compare
from sandbox.slack.workspace import channel_id

_COMMAND_SECONDS = 120
_SHOWN = 12
_WAREHOUSE = "warehouse.published.duckdb"


def tell(folders: Folders, endpoints: Mapping[str, Any], told: Sequence[Telling], screen: Screen) -> bool:
    """Prints everything; whether the truth was met. `told` is what was true before this and earlier jobs."""
    screen.title("KPIs")
    print_board(folders, endpoints)
    screen.title("MRR per customer and day, against the truth of the simulation")
    found = compare(endpoints["control"], folders.home / _WAREHOUSE)
    screen.compared(found)
    screen.title("Rows of every source, against the truth of the simulation")
    sources = {name: source["connector"] for name, source in connections.served(endpoints).items()}
    before = as_last_read(told, sources, folders.home / _WAREHOUSE)
    compared = streams.compare(before, streams.told(endpoints["control"]), sources, folders.home / _WAREHOUSE)
    screen.streams(compared)
    screen.title("Sent")
    screen.lines(sent(folders, endpoints) or ["nothing: no report was due and no rule fired"])
    return found.is_met and bool(compared) and all(stream.is_met for stream in compared)


def print_board(folders: Folders, endpoints: Mapping[str, Any]) -> None:
    """The board as the platform's own command prints it."""
    sys.stdout.flush()
    environment = {**environments.clean(), **environments.platform(folders, endpoints)}
    subprocess.run([*cynosure(), "kpis"], env=environment, timeout=_COMMAND_SECONDS, check=False, cwd=PROJECT)


def cynosure() -> list[str]:
    """The platform's command line."""
    return [str(Path(sys.executable).with_name("cynosure"))]


def sent(folders: Folders, endpoints: Mapping[str, Any]) -> list[str]:
    """Mails and Slack messages that arrived, newest first, one line each."""
    channels = {channel_id(name): name for name in endpoints["slack_channels"]}
    lines = [(at, f"e-mail  {subject}  →  {to}") for at, subject, to in _mails(folders.sandbox / "mail")]
    lines += [
        (at, f"Slack   {text}  →  {channel}")
        for at, text, channel in _posts(folders.sandbox / "slack" / "messages.ndjson", channels)
    ]
    newest = [line for _, line in sorted(lines, reverse=True)]
    more = [f"and {len(newest) - _SHOWN} more"] if len(newest) > _SHOWN else []
    return newest[:_SHOWN] + more


def where(folders: Folders, endpoints: Mapping[str, Any], api: AirflowApi) -> list[str]:
    """Where to look now."""
    return [
        f"Airflow     {api.url}   user {environments.USER}, password {environments.password(folders)}",
        f"Inbox       {endpoints['inbox']}   mails and Slack messages as their readers see them",
        f"Warehouse   {folders.home / _WAREHOUSE}   opens with any DuckDB client",
        f"Shell       . {folders.environment} && cynosure status   (also: cynosure sandbox advance 7d)",
        f"Logs        {folders.demo}",
        "End         make stop",
    ]


def _mails(folder: Path) -> list[tuple[float, str, str]]:
    found = []
    for path in folder.glob("*.eml"):
        message = BytesParser(policy=policy.default).parsebytes(path.read_bytes(), headersonly=True)
        found.append((path.stat().st_mtime, str(message["subject"]), str(message["to"])))
    return found


def _posts(journal: Path, channels: Mapping[str, str]) -> list[tuple[float, str, str]]:
    entries = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()] if journal.exists() else []
    posted = [entry["message"] for entry in entries if "message" in entry]
    return [(float(m["ts"]), m["text"].split("\n")[0], f"#{channels.get(m['channel'], m['channel'])}") for m in posted]
