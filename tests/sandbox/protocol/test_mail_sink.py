"""The mail sink over SMTP: what it keeps, and how it can refuse."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from sandbox.mail.mailbox import Mailbox

Refuse = Callable[..., None]


@pytest.fixture
def smtp(site: SimpleNamespace) -> Iterator[smtplib.SMTP]:
    """A connection to the sink."""
    host, port = site.endpoints["smtp"].split(":")
    with smtplib.SMTP(host, int(port), timeout=5) as connection:
        yield connection


@pytest.fixture
def refuse(site: SimpleNamespace) -> Refuse:
    """Sets refusals by the control API."""

    def set_refusals(**refusals: Any) -> None:
        httpx.post(site.endpoints["control"] + "/mail", json=refusals).raise_for_status()

    return set_refusals


def letter(subject: str = "Daily metrics", to: str = "cfo@example.com") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"], message["Subject"] = "cynosure@example.com", to, subject
    message["Message-ID"] = "<1@example.com>"
    message.set_content("MRR 12.00\n")
    message.add_alternative("<p>MRR <b>12.00</b></p>", subtype="html")
    return message


def mails(site: SimpleNamespace) -> list[Any]:
    return list(site.site.mailbox.all())


def test_a_message_is_kept_as_it_arrived(smtp: smtplib.SMTP, site: SimpleNamespace, build: SimpleNamespace) -> None:
    sent = letter("Umsatz läuft 📈")
    sent.set_boundary("parts")
    smtp.send_message(sent, to_addrs=["cfo@example.com", "ceo@example.com"])
    (mail,) = mails(site)
    assert (mail.subject, mail.sender) == ("Umsatz läuft 📈", "cynosure@example.com")
    assert (mail.recipients, mail.message_id) == (("cfo@example.com", "ceo@example.com"), "<1@example.com>")
    assert mail.received_at == build.start
    assert site.site.mailbox.path(mail.number).read_bytes().rstrip() == sent.as_bytes().rstrip()


def test_mails_survive_a_restart_and_a_torn_index(tmp_path: Path) -> None:
    box = Mailbox(tmp_path)
    for number in range(3):
        box.add(letter(f"No {number}").as_bytes(), sender="a@b.c", recipients=["d@e.f"], at=5)
    index = tmp_path / "index.ndjson"
    index.write_bytes(index.read_bytes()[:-20])
    again = Mailbox(tmp_path)
    assert [mail.subject for mail in again.all()] == ["No 0", "No 1"]
    assert again.add(letter("next").as_bytes(), sender="a@b.c", recipients=[], at=6).number == 3
    assert [mail.subject for mail in Mailbox(tmp_path).all()] == ["No 0", "No 1", "next"]


@pytest.mark.parametrize("reply", ["451 4.3.0 Try again later", "554 5.7.1 Message refused"])
def test_a_message_is_refused_for_now_or_for_good(smtp: smtplib.SMTP, site: SimpleNamespace, refuse: Refuse, reply: str) -> None:
    refuse(on_data=reply)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        smtp.send_message(letter())
    assert refused.value.smtp_code == int(reply[:3])
    assert mails(site) == []


def test_a_refusal_can_pass(smtp: smtplib.SMTP, site: SimpleNamespace, refuse: Refuse) -> None:
    refuse(on_data="451 4.3.0 Try again later", times=1)
    with pytest.raises(smtplib.SMTPDataError):
        smtp.send_message(letter())
    smtp.send_message(letter())
    assert len(mails(site)) == 1


def test_one_bad_recipient_does_not_stop_the_others(smtp: smtplib.SMTP, site: SimpleNamespace, refuse: Refuse) -> None:
    refuse(on_recipient="nobody@")
    refused = smtp.send_message(letter(), to_addrs=["nobody@example.com", "cfo@example.com"])
    assert refused["nobody@example.com"][0] == 550
    assert mails(site)[0].recipients == ("cfo@example.com",)


def test_the_connection_can_break_after_the_message_was_taken(smtp: smtplib.SMTP, site: SimpleNamespace, refuse: Refuse) -> None:
    refuse(drop_after_data=True)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        smtp.send_message(letter())
    assert len(mails(site)) == 1


def test_a_message_can_be_too_large(smtp: smtplib.SMTP, site: SimpleNamespace, refuse: Refuse) -> None:
    refuse(largest=100)
    with pytest.raises(smtplib.SMTPDataError, match="exceeds 100 bytes"):
        smtp.send_message(letter())
    assert mails(site) == []


def test_the_answer_can_come_late(site: SimpleNamespace, refuse: Refuse) -> None:
    refuse(delay=0.5)
    host, port = site.endpoints["smtp"].split(":")
    impatient = smtplib.SMTP(host, int(port), timeout=0.1)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        impatient.send_message(letter())
    impatient.close()


def test_an_unknown_refusal_is_refused(site: SimpleNamespace) -> None:
    response = httpx.post(site.endpoints["control"] + "/mail", json={"on_moon": True})
    assert response.status_code == 400
    assert "on_moon" in response.json()["error"]
