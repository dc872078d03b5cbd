"""The workspace behind the stand-in: channels, messages and files, kept in a folder."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sandbox.journal import Journal

CHANNELS = (
    "general", "metrics", "alerts", "incidents", "data", "revenue", "finance", "sales", "marketing", "success",
    "executives", "board",
)  # fmt: skip
"""Channels that exist from the start."""


@dataclass(frozen=True)
class Message:
    """One message; `ts` identifies it within its channel."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    files: list[str] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    is_edited: bool = False
    by_webhook: bool = False


@dataclass(frozen=True)
class File:
    """One uploaded file."""

    id: str
    name: str
    title: str
    size: int


class Workspace:
    """Channels, messages and files; survives a restart."""

    def __init__(self, folder: Path, channels: tuple[str, ...] = CHANNELS) -> None:
        self._folder = folder
        (folder / "files").mkdir(parents=True, exist_ok=True)
        self._log = Journal(folder / "messages.ndjson")
        self._channels = {channel_id(name): name for name in channels}
        self._archived: set[str] = set()
        self._messages: dict[tuple[str, str], Message] = {}
        self._files: dict[str, File] = {}
        self._replay()

    def channels(self) -> dict[str, str]:
        """Names of the channels by id."""
        return dict(self._channels)

    def add_channel(self, name: str) -> str:
        """Create a channel and return its id."""
        self._channels[channel_id(name)] = name.lstrip("#")
        return channel_id(name)

    def archive(self, name: str) -> None:
        """Archive a channel: nothing can be posted to it."""
        self._archived.add(channel_id(name))

    def find_channel(self, name_or_id: str) -> str | None:
        """The id of a channel given by id or name, with or without #."""
        if name_or_id in self._channels:
            return name_or_id
        id = channel_id(name_or_id)
        return id if id in self._channels else None

    def is_archived(self, channel: str) -> bool:
        """Whether a channel is archived."""
        return channel in self._archived

    def post(self, message: Message, *, at: int) -> Message:
        """Store a new message and give it its time stamp."""
        posted = replace(message, ts=f"{at}.{len(self._messages) + 1:06}")
        self._keep(posted)
        return posted

    def update(self, message: Message) -> None:
        """Replace a message by its channel and time stamp."""
        self._keep(replace(message, is_edited=True))

    def message(self, channel: str, ts: str) -> Message | None:
        """A message by channel and time stamp."""
        return self._messages.get((channel, ts))

    def history(self, channel: str | None = None) -> list[Message]:
        """Messages of a channel, or of all, newest first."""
        fitting = [message for message in self._messages.values() if channel in (None, message.channel)]
        return sorted(fitting, key=lambda message: message.ts, reverse=True)

    def reserve_file(self, name: str, size: int) -> File:
        """A file that is about to be uploaded."""
        number = len(self._files) + 1
        digest = hashlib.sha256(f"{number}{name}".encode()).hexdigest()[:10].upper()
        self._files[f"F{digest}"] = File(f"F{digest}", name, name, size)
        return self._files[f"F{digest}"]

    def store_file(self, id: str, content: bytes) -> None:
        """The content of a reserved file; KeyError if the id is unknown."""
        self._files[id] = replace(self._files[id], size=len(content))
        (self._folder / "files" / id).write_bytes(content)

    def share_file(self, id: str, title: str | None) -> File:
        """Finish an upload; KeyError if nothing was uploaded under the id."""
        if not (self._folder / "files" / id).exists():
            raise KeyError(id)
        self._files[id] = replace(self._files[id], title=title or self._files[id].name)
        self._log.append({"file": asdict(self._files[id])})
        return self._files[id]

    def file(self, id: str) -> File:
        """A file by id; KeyError if there is none."""
        return self._files[id]

    def content(self, id: str) -> bytes:
        """The content of an uploaded file; KeyError if the id is unknown."""
        return (self._folder / "files" / self._files[id].id).read_bytes()

    def _keep(self, message: Message) -> None:
        self._messages[message.channel, message.ts] = message
        self._log.append({"message": asdict(message)})

    def _replay(self) -> None:
        if not self._log.exists():
            return
        self._log.repair()
        for entry in self._log.entries():
            if "message" in entry:
                message = Message(**entry["message"])
                self._messages[message.channel, message.ts] = message
            else:
                self._files[entry["file"]["id"]] = File(**entry["file"])


def channel_id(name: str) -> str:
    """The id of the channel of a name, the same in every run."""
    return "C" + hashlib.sha256(name.lstrip("#").encode()).hexdigest()[:9].upper()
