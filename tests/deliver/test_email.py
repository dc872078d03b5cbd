"""E-mail against a real SMTP server, and against servers that break off."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from cynosure.deliver import ControlStore, Message, Recipient, compose, deliver, enqueue, entries
from cynosure.deliver.channels.email import Mailer
from cynosure.deliver.errors import Ambiguous, Refused, RetryLater
from cynosure.deliver.message import Outgoing
from cynosure.document import Chart, Document, Point, Text
from cynosure.settings.channels import Smtp

Build = Callable[..., Message]
ADDRESS = "ada@example.com"


def mailer(port: int, **values: Any) -> Mailer:
    given = {"starttls": "off", "from": "Cynosure <metrics@example.com>"} | values
    smtp = Smtp(host="127.0.0.1", port=port, **given)
    return Mailer(smtp, ("example.com",), "mailto:metrics@example.com?subject=unsubscribe")


def outgoing(message: Message, now: datetime, address: str = ADDRESS) -> Outgoing:
    return Outgoing(message, address, now)


def test_a_mail_has_text_html_and_images_under_a_stable_identity(mail: Any, now: datetime) -> None:
    sink, port = mail
    chart = Chart("c", "Course", "line", (Point("2026-11-20", None), Point("2026-11-21", None)), ("Nothing yet.",))
    message = compose(Document("Résumé", (Text(("Grüße\n.\nend",)), chart)), ("html", "text"), key="k", kind="report")
    ids = {mailer(port).send(outgoing(message, now)) for _ in range(2)}
    first, second = sink.received
    assert ids == {first["Message-ID"]} == {second["Message-ID"]}
    assert [part.get_content_type() for part in first.walk()] == [
        "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
    ]  # fmt: skip
    *_, page, image = first.walk()
    assert f'src="cid:{image["Content-ID"].strip("<>")}"' in page.get_content()
    assert image.get_content()[:4] == b"\x89PNG"
    assert first["Subject"] == "Résumé"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["List-Unsubscribe"] == "<mailto:metrics@example.com?subject=unsubscribe>"
    assert first["Date"].datetime == now


def test_a_reply_refers_to_the_first_message_of_its_thread(mail: Any, message: Build, now: datetime) -> None:
    sink, port = mail
    mailer(port).send(outgoing(message(key="first"), now))
    mailer(port).send(outgoing(message(key="second", thread="first"), now))
    assert sink.received[1]["In-Reply-To"] == sink.received[0]["Message-ID"]


def test_a_subject_cannot_add_headers(mail: Any, message: Build, now: datetime) -> None:
    sink, port = mail
    mailer(port).send(outgoing(message(subject="Hello\r\nBcc: evil@example.net"), now))
    assert sink.received[0]["Bcc"] is None
    assert sink.recipients == [ADDRESS]
    assert sink.received[0]["Subject"] == "Hello Bcc: evil@example.net"


@pytest.mark.parametrize(
    "address",
    ["ada@example.net", "ada@example.com.evil.net", "ada@example.com\r\nRCPT TO:<x@y.zz>", "no address", "a@b@example.com"],
)
def test_only_addresses_in_allowed_domains_are_written_to(address: str, mail: Any, message: Build, now: datetime) -> None:
    sink, port = mail
    with pytest.raises(Refused):
        mailer(port).send(outgoing(message(), now, address))
    assert sink.received == []


@pytest.mark.parametrize(
    ("reply", "error"), [("450 greylisted", RetryLater), ("550 no such user", Refused), ("421 closing", RetryLater)]
)
def test_a_refused_recipient_is_dead_or_retried_by_the_class_of_the_reply(
    reply: str, error: type[Exception], mail: Any, message: Build, now: datetime
) -> None:
    sink, port = mail
    sink.on_rcpt[ADDRESS] = reply
    with pytest.raises(error, match=reply):
        mailer(port).send(outgoing(message(), now))


@pytest.mark.parametrize(("reply", "error"), [("452 disk full", RetryLater), ("554 rejected as spam", Refused)])
def test_a_refusal_of_the_content_is_no_ambiguity(
    reply: str, error: type[Exception], mail: Any, message: Build, now: datetime
) -> None:
    sink, port = mail
    sink.on_data = reply
    with pytest.raises(error, match=reply):
        mailer(port).send(outgoing(message(), now))


def test_a_message_above_the_announced_size_is_refused_before_it_is_sent(mail: Any, now: datetime) -> None:
    _, port = mail
    huge = compose(Document("Huge", (Text(("word " * 70_000,)),)), ("html", "text"), key="k", kind="report")
    with pytest.raises(Refused, match="552"):
        mailer(port).send(outgoing(huge, now))


def test_one_bad_recipient_among_good_ones(mail: Any, store: ControlStore, message: Build, now: datetime) -> None:
    sink, port = mail
    sink.on_rcpt["bob@example.com"] = "550 no such user"
    people = [Recipient("email", f"{name}@example.com") for name in ("ada", "bob", "cem")]
    with store.begin() as tx:
        enqueue(tx, message(), people, now)
    deliver(store, {"email": mailer(port)}, now)
    assert {e.recipient: e.state for e in entries(store)} == {
        "ada@example.com": "sent", "bob@example.com": "dead", "cem@example.com": "sent",
    }  # fmt: skip
    assert sorted(sink.recipients) == ["ada@example.com", "cem@example.com"]


def test_nobody_listening_is_tried_again_later(message: Build, now: datetime) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(RetryLater, match="ConnectionRefused"):
            mailer(unused.getsockname()[1]).send(outgoing(message(), now))


@contextmanager
def broken_server(*replies: bytes, silent: float = 0.0) -> Iterator[int]:
    """Gives these replies, one per line or body it receives, then closes, or stays silent for a while."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for reply in replies:
                connection.sendall(reply)
                received = b""
                wanted = b"\r\n.\r\n" if reply.startswith(b"354") else b"\r\n"
                while not received.endswith(wanted) and (chunk := connection.recv(65536)):
                    received += chunk
            time.sleep(silent)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(5)
    listener.close()


TO_DATA = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


def test_a_connection_lost_before_the_body_is_tried_again(message: Build, now: datetime) -> None:
    with broken_server(*TO_DATA[:4]) as port, pytest.raises(RetryLater):
        mailer(port).send(outgoing(message(), now))


def test_a_connection_lost_after_the_final_dot_is_ambiguous(message: Build, now: datetime) -> None:
    with broken_server(*TO_DATA) as port, pytest.raises(Ambiguous, match="handed over"):
        mailer(port).send(outgoing(message(), now))


def test_a_server_silent_after_the_final_dot_is_ambiguous(message: Build, now: datetime) -> None:
    with broken_server(*TO_DATA, silent=1.0) as port, pytest.raises(Ambiguous):
        mailer(port, acceptance_seconds=0.2).send(outgoing(message(), now))


def test_a_server_slow_to_greet_is_tried_again(message: Build, now: datetime) -> None:
    with broken_server(silent=1.0) as port, pytest.raises(RetryLater):
        mailer(port, command_seconds=0.2).send(outgoing(message(), now))


def test_an_answer_that_is_no_smtp_after_the_dot_is_ambiguous(message: Build, now: datetime) -> None:
    with broken_server(*TO_DATA, b"what?\r\n") as port, pytest.raises(Ambiguous):
        mailer(port).send(outgoing(message(), now))


def test_a_refused_sign_in_does_not_show_the_password(message: Build, now: datetime) -> None:
    greeting = (b"220 hi\r\n", b"250-hi\r\n250 AUTH LOGIN\r\n", b"535 bad: CANARY-smtp\r\n")
    with broken_server(*greeting) as port, pytest.raises(Refused, match="535") as caught:
        mailer(port, user="ada", password="CANARY-smtp").send(outgoing(message(), now))
    assert "CANARY" not in str(caught.value)


def test_tls_is_required_unless_switched_off(mail: Any, message: Build, now: datetime) -> None:
    sink, port = mail
    with pytest.raises(Refused, match="STARTTLS"):
        mailer(port, starttls="required").send(outgoing(message(), now))
    assert sink.received == []
