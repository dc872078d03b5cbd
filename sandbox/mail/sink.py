"""The SMTP server of the mail sink, with refusals that can be switched on (RFC 5321 reply codes)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.mailbox import Mailbox

LARGEST_MESSAGE = 25 * 2**20
"""Bytes a message may have; the size that common providers take."""


@dataclass(frozen=True)
class Refusals:
    """How the sink misbehaves; all off by default."""

    on_data: str | None = None
    """Answer the message itself with this, such as `451 try later` or `554 refused`."""
    on_recipient: str | None = None
    """Answer recipients that contain this text with 550."""
    drop_after_data: bool = False
    """Take the message, store it, and break the connection before saying so."""
    delay: float = 0.0
    """Seconds to wait before the answer to the message."""
    largest: int = LARGEST_MESSAGE
    """Bytes beyond which a message is refused with 552."""
    times: int | None = None
    """How many messages are treated so; None for all."""


class Sink:
    """Takes messages into a mailbox."""

    def __init__(self, mailbox: Mailbox, now: Callable[[], int]) -> None:
        self._mailbox = mailbox
        self._now = now
        self.refusals = Refusals()

    def refuse(self, **refusals: Any) -> dict[str, Any]:
        """Set how the sink misbehaves, from now on; nothing for not at all."""
        self.refusals = Refusals(**refusals)
        return asdict(self.refusals)

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Accept a recipient, or not."""
        if self.refusals.on_recipient and self.refusals.on_recipient in address:
            return "550 5.1.1 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Store a message, or refuse it."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        refusals = self._next_refusals()
        if refusals.delay:
            await asyncio.sleep(refusals.delay)
        if len(content) > refusals.largest:
            return f"552 5.3.4 Message exceeds {refusals.largest} bytes"
        if refusals.on_data:
            return refusals.on_data
        self._mailbox.add(content, sender=envelope.mail_from or "", recipients=envelope.rcpt_tos, at=self._now())
        if refusals.drop_after_data and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()
        return "250 OK"

    def _next_refusals(self) -> Refusals:
        refusals = self.refusals
        if refusals.times is None:
            return refusals
        if refusals.times <= 0:
            return Refusals()
        self.refusals = Refusals(**{**asdict(refusals), "times": refusals.times - 1})
        return refusals

    async def listen(self, listener: socket.socket) -> asyncio.Server:
        """Serve SMTP on a socket that already listens."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: SMTP(self, loop=loop, hostname="sandbox.localhost", enable_SMTPUTF8=True, data_size_limit=0),
            sock=listener,
        )
