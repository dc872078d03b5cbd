"""Who may come in: OAuth 2.0 grants, the SOAP login, and access tokens with their life.

https://help.salesforce.com: OAuth authorization flows. The JWT bearer flow proves a signature made with the key whose
certificate the connected app holds.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce import ORG_ID
from sandbox.salesforce.identifiers import long_id
from sandbox.salesforce.reply import Call, Reply

DOMAIN = "acme.my"
INSTANCE_URL = f"https://{DOMAIN}.salesforce.com"
SESSION_SECONDS = 7_200
"""A session ends after two hours without use (default of the org)."""
_LONGEST_ASSERTION = 300
_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com", INSTANCE_URL)
_ELEMENT = re.compile(r"<(?:\w+:)?(username|password)>([^<]*)<")
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class GrantRefused(Exception):
    """A login that fails, as OAuth says it."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error


@dataclass
class Sessions:
    """The connected app's credentials and the sessions that are open."""

    seed: int
    user: str = ""
    username: str = "integration@acme.example"
    logins: int = 0
    closed: bool = False
    _open: dict[str, int] = field(default_factory=dict)
    _refresh: dict[str, str] = field(default_factory=dict)
    _spent: dict[str, str] = field(default_factory=dict)

    def secret(self, what: str) -> str:
        """A secret that the seed decides."""
        return hashlib.sha256(f"salesforce {self.seed} {what}".encode()).hexdigest().upper()

    @property
    def consumer_key(self) -> str:
        """The connected app's key."""
        return "3MVG9" + self.secret("consumer key")

    @property
    def consumer_secret(self) -> str:
        """The connected app's secret."""
        return self.secret("consumer secret")

    @property
    def password(self) -> str:
        """The integration user's password, followed by the security token where the network is not trusted."""
        return self.secret("password")[:16]

    @property
    def security_token(self) -> str:
        """The integration user's security token."""
        return self.secret("security token")[:24]

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

    @property
    def private_key(self) -> str:
        """The key whose certificate the connected app holds, as PEM."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def is_open(self, token: str, now: int) -> bool:
        """Whether the token belongs to a session; its use keeps it alive."""
        used = self._open.get(token)
        if used is None or used < now - SESSION_SECONDS or self.closed:
            return False
        self._open[token] = now
        return True

    def end_all(self) -> None:
        """Every session ends; logging in again is possible."""
        self._open.clear()

    def close(self) -> None:
        """The connected app is blocked."""
        self.closed = True
        self.end_all()

    def authorize(self, now: int) -> str:
        """A refresh token, as a person who approves the connected app gives it."""
        token = "5Aep" + self.secret(f"refresh {len(self._refresh) + len(self._spent)}")[:40]
        self._refresh[token] = self._issue(now)
        return token

    def token(self, call: Call, now: int) -> Reply:
        """The answer of the token endpoint."""
        form = {name: values[0] for name, values in parse_qs(call.body.decode()).items()}
        try:
            more = self._grant(form, call, now)
        except GrantRefused as refused:
            return Reply(400, {"error": refused.error, "error_description": str(refused)})
        return Reply(200, self._answer(more, now))

    def soap(self, call: Call, now: int) -> Reply:
        """The answer of the SOAP login."""
        values = {name: html.unescape(text) for name, text in _ELEMENT.findall(call.body.decode())}
        proper = values.get("username") == self.username and values.get("password") == self.password + self.security_token
        if call.headers.get("soapaction", "").strip('"') != "login" or not proper or self.closed:
            return Reply(500, _FAULT.encode(), media="text/xml;charset=UTF-8")
        url = f"{INSTANCE_URL}/services/Soap/u/{call.version}/{ORG_ID}"
        return Reply(200, _LOGIN.format(token=self._issue(now), url=url).encode(), media="text/xml;charset=UTF-8")

    def _grant(self, form: dict[str, str], call: Call, now: int) -> dict[str, Any]:
        kind = form.get("grant_type", "")
        if self.closed:
            raise GrantRefused("invalid_client", "app blocked by admin")
        if kind == JWT_GRANT:
            self._check_assertion(form.get("assertion", ""), now)
            return {}
        self._check_client(form, call)
        if kind == "password":
            if form.get("username") != self.username or form.get("password") not in (
                self.password,
                self.password + self.security_token,
            ):
                raise GrantRefused("invalid_grant", "authentication failure")
        elif kind == "refresh_token":
            return {"refresh_token": self._rotate(form.get("refresh_token", ""))}
        elif kind != "client_credentials":
            raise GrantRefused("unsupported_grant_type", "grant type not supported")
        return {}

    def _check_client(self, form: dict[str, str], call: Call) -> None:
        key, secret = form.get("client_id", ""), form.get("client_secret", "")
        basic = call.headers.get("authorization", "")
        if basic.startswith("Basic "):
            try:
                key, _, secret = base64.b64decode(basic[6:]).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                key = secret = ""
        if key != self.consumer_key:
            raise GrantRefused("invalid_client_id", "client identifier invalid")
        if secret != self.consumer_secret:
            raise GrantRefused("invalid_client", "invalid client credentials")

    def _check_assertion(self, assertion: str, now: int) -> None:
        options: Any = {"verify_exp": False, "verify_aud": False, "require": ["iss", "sub", "aud", "exp"]}
        try:
            claims = jwt.decode(assertion, self._key.public_key(), algorithms=["RS256"], options=options)
        except jwt.InvalidTokenError:
            raise GrantRefused("invalid_grant", "invalid assertion") from None
        if claims["iss"] != self.consumer_key:
            raise GrantRefused("invalid_client_id", "client identifier invalid")
        if claims["aud"] not in _AUDIENCES:
            raise GrantRefused("invalid_grant", "audience is invalid")
        if not now <= int(claims["exp"]) <= now + _LONGEST_ASSERTION:
            raise GrantRefused("invalid_grant", "expired authorization code" if int(claims["exp"]) < now else "invalid expiry")
        if claims["sub"] != self.username:
            raise GrantRefused("invalid_grant", "user hasn't approved this consumer")

    def _rotate(self, token: str) -> str:
        """A new refresh token for an old one; the sessions of a token that is used twice end."""
        if token in self._spent:
            self._open.pop(self._refresh.pop(self._spent[token], ""), None)
            raise GrantRefused("invalid_grant", "expired access/refresh token")
        if token not in self._refresh:
            raise GrantRefused("invalid_grant", "expired access/refresh token")
        self._open.pop(self._refresh.pop(token), None)
        new = "5Aep" + self.secret(f"refresh {token}")[:40]
        self._spent[token] = new
        self._refresh[new] = ""
        return new

    def _issue(self, now: int) -> str:
        self.logins += 1
        token = f"{ORG_ID}!AQ{self.secret(f'session {self.logins}')[:80]}"
        self._open[token] = now
        return token

    def _answer(self, more: dict[str, Any], now: int) -> dict[str, Any]:
        token = self._issue(now)
        if more.get("refresh_token"):
            self._refresh[more["refresh_token"]] = token
        identity = f"https://login.salesforce.com/id/{long_id(ORG_ID)}/{self.user}"
        issued = str(now * 1_000)
        signature = base64.b64encode(hashlib.sha256((identity + issued).encode()).digest()).decode()
        return {
            "access_token": token, "signature": signature, "scope": "api", "instance_url": INSTANCE_URL, "id": identity,
            "token_type": "Bearer", "issued_at": issued, **more,
        }  # fmt: skip


_LOGIN = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com"><soapenv:Body><loginResponse><result><passwordExpired>false</passwordExpired>'
    "<serverUrl>{url}</serverUrl><sessionId>{token}</sessionId></result></loginResponse></soapenv:Body></soapenv:Envelope>"
)
_FAULT = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>INVALID_LOGIN</faultcode>'
    "<faultstring>INVALID_LOGIN: Invalid username, password, security token; or user locked out.</faultstring><detail>"
    "<sf:LoginFault><sf:exceptionCode>INVALID_LOGIN</sf:exceptionCode><sf:exceptionMessage>Invalid username, password,"
    " security token; or user locked out.</sf:exceptionMessage></sf:LoginFault></detail></soapenv:Fault></soapenv:Body>"
    "</soapenv:Envelope>"
)
