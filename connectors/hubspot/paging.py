"""Pages of results: entries stay bytes, and paging that turns in a circle is noticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from cynosure.extract import Answer, RetryLater, Unexpected


class _Next(msgspec.Struct):
    after: str


class _Paging(msgspec.Struct):
    next: _Next | None = None


class Envelope(msgspec.Struct):
    """A page: its entries as bytes, where the next one begins, and how many there are where HubSpot says."""

    results: list[msgspec.Raw]
    paging: _Paging | None = None
    total: int | None = None

    @property
    def after(self) -> str | None:
        """The beginning of the next page, if there is one."""
        return self.paging.next.after if self.paging and self.paging.next else None


def envelope(answer: Answer) -> Envelope:
    """The page in an answer; one that is not a page is worth another try."""
    try:
        return msgspec.json.decode(answer.body, type=Envelope)
    except msgspec.ValidationError as error:
        raise RetryLater(f"the answer is not a page: {error}") from None


def followed(ask: Callable[[str | None], Answer], after: str | None) -> Iterator[tuple[Envelope, Answer]]:
    """Every page from `after` on; raises Unexpected when paging turns in a circle."""
    known = {after}
    while True:
        answer = ask(after)
        page = envelope(answer)
        yield page, answer
        if page.after is None:
            return
        if page.after in known:
            raise Unexpected(f"paging does not advance beyond {page.after}; nothing was skipped, state is kept")
        known.add(page.after)
        after = page.after
