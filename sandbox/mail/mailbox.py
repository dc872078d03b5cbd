"""The messages the sink took: one .eml file each, and an index of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from sandbox.journal import Journal


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
        self._index_path = folder / "index.ndjson"
        self._index = Journal(self._index_path)
        self._mails: list[Mail] = []
        if self._index.exists():
            self._index.repair()
            self._mails = [Mail(**entry | {"recipients": tuple(entry["recipients"])}) for entry in self._index.entries()]

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
        self._index.append(asdict(mail))
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
        self._index_path.unlink(missing_ok=True)
        self._mails = []


def parse(content: bytes) -> EmailMessage:
    """The message that the bytes hold."""
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return message
