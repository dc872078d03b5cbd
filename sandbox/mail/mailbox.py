"""The messages the sink took: one .eml file each, and an index of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path


@dataclass(frozen=True)
class Mail:
    """What the index says of a message."""

    number: int
    received_at: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    size: int


class Mailbox:
    """Messages in a folder, oldest first; survives a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._index = folder / "index.ndjson"
        self._mails = list(self._read_index())

    def add(self, content: bytes, *, sender: str, recipients: list[str], at: int) -> Mail:
        """Store a message as it arrived."""
        message = parse(content)
        mail = Mail(
            number=self._mails[-1].number + 1 if self._mails else 1,
            received_at=at,
            sender=sender,
            recipients=tuple(recipients),
            subject=str(message["subject"] or ""),
            message_id=str(message["message-id"] or ""),
            size=len(content),
        )
        self.path(mail.number).write_bytes(content)
        with self._index.open("a", encoding="utf-8") as index:
            index.write(json.dumps(asdict(mail)) + "\n")
        self._mails.append(mail)
        return mail

    def all(self) -> list[Mail]:
        """What the index holds, oldest first."""
        return list(self._mails)

    def path(self, number: int) -> Path:
        """Where the message lies."""
        return self._folder / f"{number:06}.eml"

    def message(self, number: int) -> EmailMessage:
        """A message, parsed; KeyError if there is none of that number."""
        if not any(mail.number == number for mail in self._mails):
            raise KeyError(number)
        return parse(self.path(number).read_bytes())

    def clear(self) -> None:
        """Throw all messages away."""
        for mail in self._mails:
            self.path(mail.number).unlink(missing_ok=True)
        self._index.unlink(missing_ok=True)
        self._mails = []

    def _read_index(self) -> Iterator[Mail]:
        if not self._index.exists():
            return
        for line in self._index.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                # a torn last line of a killed process: its message was never acknowledged
                return
            yield Mail(**{**entry, "recipients": tuple(entry["recipients"])})


def parse(content: bytes) -> EmailMessage:
    """The message that the bytes hold."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message
