"""One SMTP session that knows whether a lost connection came before or after the message was handed over.

The body goes out in two steps: everything before the final dot may be repeated safely; once the dot is
written and its answer lost, the outcome is unknown (RFC 5321 section 4.5.3.2.6 lets it take ten minutes).
"""

from __future__ import annotations

import re
import smtplib
import ssl
import time
from types import TracebackType

from cynosure.deliver.errors import Ambiguous, DeliveryError, Refused, RetryLater
from cynosure.document.wording import clean
from cynosure.settings.channels import Smtp

_BEFORE_DOT_SECONDS = 100
_GOODBYE_SECONDS = 3
_LOCAL_FAULTS = (smtplib.SMTPNotSupportedError, ssl.SSLCertVerificationError)


class SmtpSession:
    """Use as a context manager; raises RetryLater, Refused or Ambiguous, whose texts hold no password."""

    def __init__(self, settings: Smtp) -> None:
        """Nothing is opened before entering."""
        self._settings = settings
        self._deadline = time.monotonic() + _BEFORE_DOT_SECONDS
        self._smtp: smtplib.SMTP | None = None
        self._handed_over = False

    def __enter__(self) -> SmtpSession:
        """Connects, secures the connection and signs in."""
        try:
            self._open()
        except (OSError, smtplib.SMTPException) as error:
            self._close()
            raise self._translated(error) from None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Says goodbye after success, hangs up after an error."""
        if error is None:
            self._goodbye()
        self._close()
        if isinstance(error, (OSError, smtplib.SMTPException)):
            raise self._translated(error) from None

    def hand_over(self, sender: str, address: str, data: bytes) -> None:
        """Sends one message, CRLF line ends, to one recipient."""
        smtp = self._in_time()
        smtp.ehlo_or_helo_if_needed()
        _expect(250, *smtp.mail(sender, [f"size={len(data)}"] if smtp.has_extn("size") else []))
        _expect(250, *self._in_time().rcpt(address))
        _expect(354, *self._in_time().docmd("DATA"))
        self._in_time().send(re.sub(rb"(?m)^\.", b"..", data))
        self._set_timeout(self._settings.acceptance_seconds)
        self._handed_over = True
        smtp.send(b".\r\n")
        code, answer = smtp.getreply()
        self._handed_over = not 200 <= code < 600
        _expect(250, code, answer)

    def _open(self) -> None:
        host, port, seconds = self._settings.host, self._settings.port, self._seconds()
        if self._settings.starttls == "implicit":
            self._smtp = smtplib.SMTP_SSL(host, port, timeout=seconds, context=ssl.create_default_context())
        else:
            self._smtp = smtplib.SMTP(host, port, timeout=seconds)
        if self._settings.starttls == "required":
            self._in_time().starttls(context=ssl.create_default_context())
        if self._settings.user:
            self._in_time().login(self._settings.user, self._settings.password.get_secret_value())

    def _goodbye(self) -> None:
        try:
            self._set_timeout(_GOODBYE_SECONDS)
            if self._smtp is not None:
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            return

    def _close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()

    def _in_time(self) -> smtplib.SMTP:
        """The session, its next answer due before the deadline of everything that precedes the final dot."""
        assert self._smtp is not None
        self._set_timeout(self._seconds())
        return self._smtp

    def _set_timeout(self, seconds: float) -> None:
        if self._smtp is not None and self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)

    def _seconds(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server is too slow")
        return min(self._settings.command_seconds, left)

    def _translated(self, error: OSError | smtplib.SMTPException) -> DeliveryError:
        if isinstance(error, smtplib.SMTPResponseException) and not self._handed_over:
            answer = error.smtp_error
            words = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
            reason = f"mail server: {error.smtp_code} {self._redacted(words)}"
            return Refused(reason) if 500 <= error.smtp_code < 600 else RetryLater(reason)
        reason = f"mail server: {type(error).__name__}: {self._redacted(str(error))}"
        if self._handed_over:
            return Ambiguous(f"{reason}, after the message was handed over")
        return Refused(reason) if isinstance(error, _LOCAL_FAULTS) else RetryLater(reason)

    def _redacted(self, words: str) -> str:
        secret = self._settings.password.get_secret_value()
        return clean(words.replace(secret, "***") if secret else words)


def _expect(wanted: int, code: int, answer: bytes) -> None:
    if code not in (wanted, 251):
        raise smtplib.SMTPResponseException(code, answer)
