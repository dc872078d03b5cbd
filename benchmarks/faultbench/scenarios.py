"""The faults, each as what is done to a lab. What came of it is judged afterwards, by the truth alone.

Numbers follow the fault catalogue (docs/reference/faults.md). A scenario that does not name systems applies to every vendor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from benchmarks.faultbench import cast
from benchmarks.faultbench.lab import DAY, HOUR, MINUTE, SETTLED, Lab
from sandbox.story import events as told

Act = Callable[[Lab], None]
TELLING = ("hubspot", "salesforce", "zendesk", "intercom")
"""Vendors that hear the story; Stripe's company lives by itself."""


@dataclass(frozen=True)
class Scenario:
    """A fault: its number, what happens in words, and how it is brought about."""

    number: str
    what: str
    act: Act
    systems: tuple[str, ...] | None = None


SCENARIOS: list[Scenario] = []


def fault(number: str, what: str, systems: Iterable[str] | None = None) -> Callable[[Act], Act]:
    """Adds a scenario."""

    def add(act: Act) -> Act:
        SCENARIOS.append(Scenario(number, what, act, None if systems is None else tuple(systems)))
        return act

    return add


def introduced(lab: Lab) -> None:
    """The cast is met and was read once."""
    if lab.system in TELLING:
        lab.tell(*cast.introduction(lab.now))
    lab.advance(SETTLED)
    lab.run()


def changed(lab: Lab) -> None:
    """Everything of the cast changes, in one second."""
    if lab.system in TELLING:
        lab.advance(HOUR)
        lab.tell(*cast.changes(lab.now))
    else:
        lab.advance(HOUR)
        active = next(body for body in lab.world.store.all("subscription") if body["status"] == "active")
        lab.write("cancel_subscription", id=active["id"], params={})
        lab.write("update_customer", id=active["customer"], params={"name": "Renamed"})


@fault("F01", "objects change after the first load")
def _changed_later(lab: Lab) -> None:
    introduced(lab)
    changed(lab)


@fault("F04", "an object is deleted", ("stripe",))
def _gone(lab: Lab) -> None:
    made = lab.write("create_customer", params={"name": "Short-lived"})
    introduced(lab)
    lab.advance(HOUR)
    lab.write("delete_customer", id=made["id"], params={})


@fault("F02", "nothing was read for 31 days")
def _away(lab: Lab) -> None:
    introduced(lab)
    changed(lab)
    lab.advance(31 * DAY)


@fault("F06", "500 rows in one second, some read before", TELLING)
def _ties(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    at = lab.now
    crowd = [told.PersonMet(at, cast.person(number)) for number in range(1, 501)]
    lab.tell(*crowd[:250], *cast.ticket(at, "bench:tie:0"), *cast.chat(at, "bench:tie:0"))
    lab.advance(2 * MINUTE)
    lab.run()
    lab.tell(*crowd[250:], *(event for n in range(1, 40) for event in cast.ticket(at, f"bench:tie:{n}")))
    lab.tell(*(event for n in range(1, 40) for event in cast.chat(at, f"bench:tie:{n}")))


@fault("F07", "a changed row becomes visible four minutes late", TELLING)
def _late(lab: Lab) -> None:
    introduced(lab)
    before = {stream: set(rows) for stream, rows in lab.truth().items()}
    at = lab.now
    lab.tell(told.PersonMet(at, cast.person(7)), *cast.ticket(at, "bench:late"), *cast.chat(at, "bench:late"))
    new = {id for stream, rows in lab.truth().items() for id in set(rows) - before.get(stream, set())}
    for id in new:
        rule = {"match": {"vendor": lab.system}, "do": {"hide": id, "until": at + 4 * MINUTE}, "times": None}
        lab.server.do(lambda rule=rule: lab.site.faults.add(rule))
    lab.advance(3 * MINUTE)
    lab.run()


@fault("F12", "records are erased without a trace", TELLING)
def _erased(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    lab.tell(
        told.Removed(lab.now, lab.system, "deal", cast.DEAL.key, "erase"),
        told.Removed(lab.now, lab.system, "ticket", cast.TICKET, "erase"),
        told.Removed(lab.now, lab.system, "chat", cast.CHAT, "erase"),
        told.Removed(lab.now, lab.system, "person", cast.person().key, "erase"),
    )


@fault("F13", "records are archived and one is restored", TELLING)
def _archived(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    lab.tell(told.Removed(lab.now, lab.system, "deal", cast.DEAL.key, "archive"))
    lab.tell(told.Removed(lab.now, lab.system, "person", cast.person().key, "archive"))
    lab.advance(SETTLED)
    lab.run()
    lab.advance(HOUR)
    lab.tell(told.Restored(lab.now, lab.system, "person", cast.person().key))


@fault("F14", "duplicates are merged", TELLING)
def _merged(lab: Lab) -> None:
    introduced(lab)
    lab.tell(told.Duplicated(lab.now, lab.system, cast.person().key, cast.COPY, "P. Person", "pat@bench.example"))
    lab.advance(SETTLED)
    lab.run()
    lab.advance(HOUR)
    lab.tell(told.Merged(lab.now, lab.system, cast.person().key, cast.COPY))


@fault("F15", "a listing breaks off at its third page, while everything is compared")
def _broken_walk(lab: Lab) -> None:
    introduced(lab)
    with lab.fault({"preset": "server_error"}, times=None, nth=3):
        lab.look()
        lab.run()


@fault("F16", "a ticket and a conversation are deleted", ("zendesk", "intercom"))
def _deleted(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    lab.tell(
        told.Removed(lab.now, lab.system, "ticket", cast.TICKET, "delete"),
        told.Removed(lab.now, lab.system, "chat", cast.CHAT, "delete"),
    )


@fault("F17", "closed tickets are archived, and change once more", ("zendesk",))
def _archived_tickets(lab: Lab) -> None:
    introduced(lab)
    lab.tell(told.TicketTurned(lab.now, cast.TICKET, "solved"))
    lab.advance(150 * DAY)


@fault("F18", "10,001 rows share one millisecond", ("hubspot",))
def _cap(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    lab.tell(*(told.PersonMet(lab.now, cast.person(number)) for number in range(1, 10_002)))


@fault("F19", "2,500 tickets share one second", ("zendesk",))
def _second(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    at = lab.now
    lab.tell(*(next(iter(cast.ticket(at, f"bench:second:{number}"))) for number in range(2_500)))


@fault("F20", "a page does not say whether more follow")
def _no_end(lab: Lab) -> None:
    with lab.fault({"json": {"drop_end": True}}, nth=5):
        lab.run()


@fault("F20", "a page is empty and says that more follow")
def _empty_page(lab: Lab) -> None:
    with lab.fault({"json": {"empty_page": True}}, nth=5):
        lab.run()


@fault("F20", "the cursor does not advance")
def _stuck(lab: Lab) -> None:
    introduced(lab)
    with lab.fault({"json": {"repeat_cursor": True}}, times=None):
        changed(lab)
        lab.advance(SETTLED)
        lab.run()


@fault("F21", "more replies than one answer holds", ("zendesk", "intercom"))
def _many_replies(lab: Lab) -> None:
    introduced(lab)
    at = lab.now
    lab.tell(*(told.ChatReplied(at, cast.CHAT, cast.AGENT.key, f"Reply {n}", public=True) for n in range(501)))
    lab.tell(*(told.TicketReplied(at, cast.TICKET, cast.AGENT.key, f"Reply {n}", public=True) for n in range(501)))


@fault("F22", "rows come twice and in another order")
def _twice(lab: Lab) -> None:
    with lab.fault({"json": {"duplicate": True, "swap": True}}, times=6):
        lab.run()


@fault("F26", "an answer is cut off")
def _cut(lab: Lab) -> None:
    with lab.fault({"preset": "truncated"}, times=3, nth=4):
        lab.run()


@fault("F26", "the connection breaks within an answer")
def _reset(lab: Lab) -> None:
    with lab.fault({"preset": "reset"}, times=3, nth=4):
        lab.run()


@fault("F26", "a web page comes instead of data, with status 200")
def _page(lab: Lab) -> None:
    with lab.fault({"preset": "html"}, times=2, nth=4):
        lab.run()


@fault("F27", "requests are refused for their rate, with and without a wait")
def _limited(lab: Lab) -> None:
    with lab.fault({"preset": "rate_limit"}, times=2, nth=4), lab.fault({"preset": "rate_limit_wait"}, times=2, nth=9):
        lab.run()


@fault("F28", "requests are refused longer than anybody waits")
def _limited_for_long(lab: Lab) -> None:
    with lab.fault({"preset": "rate_limit"}, times=12, nth=6):
        lab.run()


@fault("F29", "the service is unavailable for a moment, again and again")
def _unavailable(lab: Lab) -> None:
    introduced(lab)
    changed(lab)
    lab.advance(SETTLED)
    with lab.fault({"preset": "unavailable"}, times=2, nth=2):
        lab.run()


@fault("F33", "the key is refused for a while")
def _refused(lab: Lab) -> None:
    introduced(lab)
    changed(lab)
    lab.advance(SETTLED)
    with lab.fault({"preset": "unauthorized"}, times=None):
        lab.run()


@fault("F33", "the key expires in the middle of a run")
def _expires(lab: Lab) -> None:
    with lab.fault({"preset": "expired_token"}, times=1, nth=6):
        lab.run()


@fault("F34", "another program has used up the quota, until the next day")
def _quota(lab: Lab) -> None:
    introduced(lab)
    changed(lab)
    lab.advance(SETTLED)
    with lab.fault({"preset": "quota"}, times=None, nth=2):
        lab.run()
    lab.advance(DAY)


# a text that the rows have which answers at these paths carry
_TEXTS = {
    "stripe": ("/v1/customers*", "name"), "hubspot": ("*/contacts*", "jobtitle"), "salesforce": ("*", "CreatedById"),
    "zendesk": ("*/tickets*", "subject"), "intercom": ("/contacts*", "name"),
}  # fmt: skip


@fault("F36", "a field changes its type for a while")
def _type(lab: Lab) -> None:
    introduced(lab)
    path, field = _TEXTS[lab.system]
    with lab.fault({"json": {"change_type": field}}, times=3, path=path):
        changed(lab)
        lab.advance(SETTLED)
        lab.run()


@fault("F38", "hostile text in a row, for a while")
def _hostile(lab: Lab) -> None:
    introduced(lab)
    path, field = _TEXTS[lab.system]
    with lab.fault({"json": {"hostile_text": field}}, times=3, path=path):
        changed(lab)
        lab.advance(SETTLED)
        lab.run()


@fault("F42", "the first load is killed again and again")
def _killed(lab: Lab) -> None:
    for pages in (3, 7, 12):
        lab.kill_after(pages)


@fault("F44", "two runs, and nothing new")
def _again(lab: Lab) -> None:
    introduced(lab)
    lab.advance(HOUR)
    lab.run()
    lab.advance(HOUR)
    lab.run()


@fault("F45", "two runs at once")
def _overlap(lab: Lab) -> None:
    lab.run_twice_at_once()
