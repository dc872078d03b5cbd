"""E-mail, one SMTP transaction per recipient; marked as automatic (RFC 3834), with text, HTML and its images.

The Message-ID is the same for every attempt, so that receivers may collapse a repetition.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from cynosure.deliver.channels import Channel, ChannelKind
from cynosure.deliver.errors import Refused
from cynosure.deliver.message import Outgoing, fingerprint
from cynosure.deliver.smtp_session import SmtpSession
from cynosure.document.wording import clean
from cynosure.settings.channels import Channels, Smtp
from cynosure.settings.recipients import address_problem

_MAX_SUBJECT = 200


@dataclass(frozen=True)
class Mailer:
    """A mail server and the policy for addresses."""

    smtp: Smtp
    allowed_domains: tuple[str, ...]
    list_unsubscribe: str = ""

    def send(self, outgoing: Outgoing) -> str:
        """Sends to one recipient; returns the Message-ID."""
        if problem := address_problem(outgoing.address, self.allowed_domains):
            raise Refused(problem)
        message = self.build(outgoing)
        with SmtpSession(self.smtp) as session:
            session.hand_over(parseaddr(self.smtp.sender)[1], outgoing.address, message.as_bytes(policy=SMTP_POLICY))
        return str(message["Message-ID"])

    def find(self, outgoing: Outgoing) -> str:
        """Nothing: SMTP cannot be asked what arrived."""
        return ""

    def build(self, outgoing: Outgoing) -> EmailMessage:
        """The message with all its headers."""
        message = EmailMessage(policy=SMTP_POLICY)
        message["Subject"] = clean(outgoing.message.subject)[:_MAX_SUBJECT]
        message["From"] = self.smtp.sender
        message["To"] = outgoing.address
        message["Date"] = format_datetime(outgoing.created_at)
        message["Message-ID"] = self._message_id(outgoing.message.key, outgoing.address)
        if outgoing.message.thread:
            first = self._message_id(outgoing.message.thread, outgoing.address)
            message["In-Reply-To"] = message["References"] = first
        message["Auto-Submitted"] = "auto-generated"
        if self.list_unsubscribe:
            message["List-Unsubscribe"] = f"<{self.list_unsubscribe}>"
        _fill(message, outgoing)
        return message

    def _message_id(self, key: str, address: str) -> str:
        domain = parseaddr(self.smtp.sender)[1].rpartition("@")[2]
        return f"<{fingerprint(key, address)}@{domain}>"


def _fill(message: EmailMessage, outgoing: Outgoing) -> None:
    html, text = outgoing.message.bodies["html"], outgoing.message.bodies["text"]
    page = html.body
    names = {image.name: f"{image.name}.{outgoing.fingerprint[:16]}" for image in html.images}
    for name, unique in names.items():
        page = page.replace(f'"cid:{name}"', f'"cid:{unique}"')
    message.set_content(text.body)
    message.add_alternative(page, subtype="html")
    part = list(message.iter_parts())[-1]
    assert isinstance(part, EmailMessage)
    for image in html.images:
        part.add_related(image.png, "image", "png", cid=f"<{names[image.name]}>", disposition="inline")


def _open(settings: Channels) -> Channel | None:
    if settings.smtp is None:
        return None
    return Mailer(settings.smtp, settings.allowed_domains, settings.list_unsubscribe)


CHANNEL = ChannelKind("email", ("html", "text"), _open)
