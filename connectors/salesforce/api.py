"""Requests to one org through `simple-salesforce`: login, bounded renewal, retries, and the vendor's clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from simple_salesforce.api import Salesforce as Client

from connectors.salesforce.allowance import Allowance
from connectors.salesforce.login import Login, LoginRefused, Ticket
from connectors.salesforce.refusals import SessionEnded
from connectors.salesforce.verbatim import VerbatimSession
from cynosure.extract import Answer, Retrying
from cynosure.extract.http import vendor_time

# https://developer.salesforce.com/docs: REST API release notes; pinned, since fields appear and move with versions
API_VERSION = "66.0"
# logins that may follow each other without one request that works
LOGINS = 3
# a session is renewed before it can end in the middle of something
RENEW_SECONDS = 1_800.0

T = TypeVar("T")
Action = Callable[[Client], object]
Understand = Callable[[Answer], T]


@dataclass
class _Own(threading.local):
    """What each thread has for itself: a session and a client for the ticket it was made with."""

    session: VerbatimSession | None = None
    client: Client | None = None
    ticket: Ticket | None = field(default=None)


class SalesforceApi:
    """One org; may be used from several threads, which share one login."""

    def __init__(self, login: Login, base_url: str, retrying: Retrying, share: float) -> None:
        self._login = login
        self._base_url = base_url
        self._retrying = retrying
        self._own = _Own()
        self._lock = threading.Lock()
        self._sessions: list[VerbatimSession] = []
        self._ticket: Ticket | None = None
        self._since = 0.0
        self._unproved = 0
        self._refused: LoginRefused | None = None
        self._seen = 0.0
        self.allowance = Allowance(share)
        self.sleep = retrying.sleep

    def call(self, action: Action, understand: Understand[T]) -> T:
        """What `understand` makes of the answer to an SDK call; raises an ExtractError otherwise."""
        return self._retrying.call(lambda: self._once(action, understand))

    def now(self) -> float:
        """The vendor's clock at its last answer; logs in if there was none yet."""
        if not self._seen:
            self._retrying.call(self._current)
        return self._seen

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def _once(self, action: Action, understand: Understand[T]) -> T:
        for _ in range(LOGINS):
            ticket = self._current()
            session, client = self._mine(ticket)
            self.allowance.check()
            try:
                action(client)
            except SessionEnded:
                self._expired(ticket)
                continue
            return understand(self._taken(session, ticket))
        raise _never_valid()

    def _taken(self, session: VerbatimSession, ticket: Ticket) -> Answer:
        headers = session.answered
        self._seen = vendor_time(headers, self._seen)
        if ticket is self._ticket:
            self._unproved = 0
        self.allowance.note(headers)
        return Answer(session.body, headers, self._seen)

    def _mine(self, ticket: Ticket) -> tuple[VerbatimSession, Client]:
        own = self._own
        if own.session is None:
            own.session = VerbatimSession(self._base_url)
            with self._lock:
                self._sessions.append(own.session)
        if own.client is None or own.ticket is not ticket:
            url = f"https://{ticket.instance}"
            own.client = Client(session_id=ticket.token, instance_url=url, version=API_VERSION, session=own.session)
            own.ticket = ticket
        return own.session, own.client

    def _current(self) -> Ticket:
        """The ticket that all threads use; one of them gets a new one when it is old or has been refused."""
        with self._lock:
            old = self._ticket is not None and time.monotonic() - self._since > RENEW_SECONDS
            if self._ticket is None or old:
                self._ticket = self._new_ticket()
            return self._ticket

    def _new_ticket(self) -> Ticket:
        if self._refused is None and self._unproved >= LOGINS:
            self._refused = _never_valid()
        if self._refused is not None:
            raise self._refused
        session = VerbatimSession(self._base_url)
        try:
            ticket = self._login.ticket(session, API_VERSION)
        except LoginRefused as refused:
            # asking again with the same credentials would lock the user out
            self._refused = refused
            raise
        finally:
            session.close()
        self._unproved += 1
        self._since = time.monotonic()
        self._seen = max(self._seen, vendor_time(session.answered, self._seen))
        return ticket

    def _expired(self, ticket: Ticket) -> None:
        with self._lock:
            if self._ticket is ticket:
                self._ticket = None


def _never_valid() -> LoginRefused:
    return LoginRefused(
        f"Salesforce refuses the session right after each of {LOGINS} logins: look at the connected app's policies and at the"
        " integration user's IP ranges and login hours (Setup > Connected Apps OAuth Usage)"
    )
