"""Test clocks: customers on one are kept out of lists; the sandbox moves all time by its own clock."""

from __future__ import annotations

from sandbox.stripe.billing import params as read
from sandbox.stripe.billing import templates
from sandbox.stripe.billing.books import Body, Books
from sandbox.stripe.billing.calendar import DAY
from sandbox.stripe.billing.params import Params
from sandbox.stripe.errors import StripeError

_KEPT_FOR = 30 * DAY


class TestClocks:
    """Writes on test clocks."""

    __test__ = False

    def __init__(self, books: Books) -> None:
        self._books = books

    def create(self, params: Params, *, at: int) -> Body:
        """A new clock that shows `frozen_time`."""
        frozen = read.integer(params, "frozen_time")
        body = {
            **templates.TEST_CLOCK,
            "id": self._books.ids.new("clock_"),
            "created": at,
            "deletes_after": at + _KEPT_FOR,
            "frozen_time": at if frozen is None else frozen,
            "name": params.get("name") or None,
        }
        return self._books.add("test_clock", body, at, "test_helpers.test_clock.created")

    def advance(self, id: str, params: Params, *, at: int) -> Body:
        """Show a later time; nothing is billed by it."""
        body = self._books.need("test_clock", id)
        frozen = read.integer(params, "frozen_time") or 0
        if frozen <= body["frozen_time"]:
            raise StripeError("frozen_time must be after the clock's current time.", param="frozen_time")
        body["frozen_time"] = frozen
        return self._books.change("test_clock", body, at, "test_helpers.test_clock.ready")
