"""Getting an access token: client credentials, or an assertion signed with a private key (JWT bearer).

https://help.salesforce.com: OAuth 2.0 client credentials flow, OAuth 2.0 JWT bearer flow.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import jwt
from pydantic import SecretStr
from simple_salesforce.exceptions import SalesforceAuthenticationFailed
from simple_salesforce.login import SalesforceLogin, token_login

from connectors.salesforce.verbatim import VerbatimSession
from cynosure.extract import AccessDenied, Misconfigured, RetryLater
from cynosure.extract.http import vendor_time

_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
# an assertion may live five minutes; the vendor's own clock decides when they are over
_ASSERTION_SECONDS = 180


class LoginRefused(AccessDenied):
    """The credentials themselves are refused: no stream can be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Ticket:
    """An access token and the host that takes it: the org tells it anew at each login, since orgs move."""

    token: str
    instance: str

    def __repr__(self) -> str:
        """Without the token."""
        return f"Ticket({self.instance})"


@dataclass(frozen=True, slots=True)
class Login:
    """How to log in to one org."""

    domain: str
    key: SecretStr
    secret: SecretStr | None
    username: str
    private_key: SecretStr | None

    def __post_init__(self) -> None:
        """Raises Misconfigured unless one of the two ways is complete."""
        if not self.key.get_secret_value().strip():
            raise Misconfigured("consumer_key is empty: copy it from the connected app")
        if self.secret is None and (self.private_key is None or not self.username):
            raise Misconfigured("give consumer_secret (client credentials), or username and private_key (JWT bearer)")

    def ticket(self, session: VerbatimSession, version: str) -> Ticket:
        """A new ticket; raises AccessDenied with what to correct, RetryLater if the login is not available."""
        # the SDK would print the consumer key in a warning
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._ticket(session, version)

    def _ticket(self, session: VerbatimSession, version: str) -> Ticket:
        try:
            token, instance = self._by_assertion(session) if self.secret is None else self._by_secret(session, version)
        except SalesforceAuthenticationFailed as failed:
            raise _refused(failed) from None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RetryLater("the login answered something that is not a token") from None
        if not token or not instance:
            raise RetryLater("the login answered without a token")
        return Ticket(str(token), str(instance))

    def _by_secret(self, session: VerbatimSession, version: str) -> tuple[str, str]:
        assert self.secret is not None
        token, instance = SalesforceLogin(
            session=session,
            domain=self.domain,
            consumer_key=self.key.get_secret_value(),
            consumer_secret=self.secret.get_secret_value(),
            sf_version=version,
        )
        return token, instance

    def _by_assertion(self, session: VerbatimSession) -> tuple[str, str]:
        """The SDK would date the assertion by this machine's clock, so it is made here by the vendor's."""
        assert self.private_key is not None
        session.get(f"https://{self.domain}.salesforce.com/services/data/")
        now = vendor_time(session.answered, 0.0)
        audience = "https://test.salesforce.com" if ".sandbox" in self.domain else "https://login.salesforce.com"
        key = self.key.get_secret_value()
        claims = {"iss": key, "sub": self.username, "aud": audience, "exp": int(now) + _ASSERTION_SECONDS}
        try:
            assertion = jwt.encode(claims, self.private_key.get_secret_value(), algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError):
            raise Misconfigured("private_key is not an RSA private key in PEM form; copy the whole file") from None
        form = {"grant_type": _GRANT, "assertion": assertion}
        url = f"https://{self.domain}.salesforce.com/services/oauth2/token"
        token, instance = token_login(url, form, self.domain, key, None, None, session)
        return token, instance


def _refused(failed: SalesforceAuthenticationFailed) -> Exception:
    code, message = str(failed.code), str(failed.auth_message)[:200]
    if code.isdigit():
        return RetryLater(f"the login answered HTTP {code} with a page instead of a token")
    return LoginRefused(
        f"Salesforce refused the login ({code}: {message}): check consumer_key and consumer_secret (or username and private_key)"
        ", that domain is that of their org (a sandbox has its own: acme--uat.sandbox.my), and that the connected app allows this"
        " flow for its user"
    )
