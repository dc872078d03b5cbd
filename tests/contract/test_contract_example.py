"""A sixth source is one file and one test: what `cynosure new connector` writes keeps the contract as it is; broken ones do not."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import contract_checks as checks
import pytest
from contracted import Account
from desk import HOSTILE, desk_account

from cynosure.extract import AccessDenied, Connector, Cursor, ExtractError, Page, Record, Stream
from cynosure.reference.scaffolds import new_connector
from cynosure.settings import load_settings

ROOT = Path(__file__).parents[2]
BIG = 9_007_199_254_740_993


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The connector that the command writes, loaded from its one file."""
    scaffold = new_connector(load_settings({"CYNOSURE_PROJECT": str(ROOT)}), "desk")
    path = next(path for path in scaffold.files if path.name == "desk.py")
    file = tmp_path_factory.mktemp("connectors") / "desk.py"
    file.write_text(scaffold.files[path])
    spec = importlib.util.spec_from_file_location("written_desk", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.Desk


@pytest.fixture
def desk(written: Any) -> Iterator[Account]:
    with desk_account(written) as account:
        yield account


Check = Callable[[Account, Path], object]
CHECKS: dict[str, Check] = {
    "declared": lambda account, folder: (checks.declared(account.kind), checks.form(account.kind)),
    "foreign urls": lambda account, folder: checks.refuses_foreign_urls(account),
    "good key": lambda account, folder: checks.good_key(account),
    "wrong key": checks.wrong_key,
    "forbidden stream": lambda account, folder: checks.forbidden_stream(account, "items", folder),
    "first load": checks.first_load,
    "second read": checks.second_read,
    "future cursor": checks.future_cursor,
    "killed": checks.killed_between_pages,
    "two at once": checks.two_at_once,
    "walks": checks.walks,
    "fetches": checks.fetches,
    "500": lambda account, folder: checks.survives(account, folder, {"preset": "server_error"}, 2),
    "html": lambda account, folder: checks.survives(account, folder, {"preset": "html"}, 2),
    "cut": lambda account, folder: checks.survives(account, folder, {"cut": 30}, 2),
    "reset": lambda account, folder: checks.survives(account, folder, {"reset": 30}, 2),
    "expired token": lambda account, folder: checks.honest(account, folder, {"preset": "expired_token"}, nth=2),
    "quota": lambda account, folder: checks.honest(account, folder, {"preset": "quota"}, nth=2),
    "empty page": lambda account, folder: checks.honest(account, folder, {"json": {"empty_page": True}}, nth=2),
    "loop": lambda account, folder: checks.honest(account, folder, {"json": {"repeat_cursor": True}}),
    "no end": lambda account, folder: checks.honest(account, folder, {"json": {"drop_end": True}}),
    "duplicate": lambda account, folder: checks.honest(account, folder, {"json": {"duplicate": True}}),
    "new field": lambda account, folder: _some(checks.keeps(account, folder, "add_field", "new", bool)),
    "big number": lambda account, folder: _some(checks.keeps(account, folder, "big_number", "n", lambda value: value == BIG)),
    "hostile text": lambda account, folder: _some(
        checks.keeps(account, folder, "hostile_text", "t", lambda value: value == HOSTILE.replace("\0", "\ufffd"))
    ),
}  # fmt: skip


def _some(count: int) -> None:
    assert count > 0, "the field is nowhere"


@pytest.mark.parametrize("check", CHECKS)
def test_what_the_command_writes_keeps_the_contract(desk: Account, tmp_path: Path, check: str) -> None:
    CHECKS[check](desk, tmp_path)


def _read_with(change: Callable[[Any, Iterator[Page]], Iterator[Page]]) -> dict[str, Any]:
    """A connector whose pages are changed on the way."""

    def read(self: Any, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        yield from change(self, super(type(self), self).read(stream, cursor))

    return {"read": read}


def _first_page_only(self: Any, pages: Iterator[Page]) -> Iterator[Page]:
    page = next(pages)
    yield replace(page, cursor={"listed": page.seen}, as_of=page.seen, ends=True)


def _swallows_errors(self: Any, pages: Iterator[Page]) -> Iterator[Page]:
    last = Page([], 0.0, begins=True)
    try:
        for last in pages:
            yield last
    except ExtractError:
        yield Page([], last.seen, {"listed": last.seen}, as_of=last.seen, begins=last.seen == 0.0, ends=True)


def _skips_on_resume(self: Any, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
    """Says that it is beyond a page before the page is kept."""
    done = cursor["page"] if cursor and "page" in cursor else 0
    for number, records, seen, more in self._pages(done + 1):
        yield Page(records if number != done + 1 or not done else [], seen, {"page": number} if more else {}, as_of=seen)


def _changing(record: Record, counter: list[int]) -> Record:
    counter.append(1)
    return replace(record, payload=json.dumps({**json.loads(bytes(record.payload or b"{}")), "read": len(counter)}).encode())


_COUNTER: list[int] = []


def _rewritten(change: Callable[[Record], Record]) -> dict[str, Any]:
    return _read_with(lambda self, pages: (replace(page, records=[change(r) for r in page.records]) for page in pages))


def _as_float(record: Record) -> Record:
    body = json.loads(bytes(record.payload or b"{}"), parse_int=float)
    return replace(record, payload=json.dumps(body).encode())


def _known_fields(record: Record) -> Record:
    body = {name: value for name, value in json.loads(bytes(record.payload or b"{}")).items() if name in ("id", "size")}
    return replace(record, payload=json.dumps(body).encode())


def _short_walk(self: Any, stream: Stream, after: Cursor | None) -> Iterator[Page]:
    *pages, _ = super(type(self), self).walk(stream, after)
    yield from pages[:-1]
    yield replace(pages[-1], cursor=None, ends=True)


def _silent_fetch(self: Any, stream: Stream, ids: Sequence[str]) -> Iterator[Page]:
    yield from ()


def _telltale(self: Any, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
    try:
        yield from super(type(self), self).read(stream, cursor)
    except AccessDenied as denied:
        raise AccessDenied(f"{denied} (key {self.settings.api_key.get_secret_value()} was refused)") from None


def _everything_again(self: Any, pages: Iterator[Page]) -> Iterator[Page]:
    for _ in range(15):
        self._page(1)
    yield from pages


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "reads the first page only": (_read_with(_first_page_only), "first load"),
    "takes a failure for the end": (_read_with(_swallows_errors), "quota"),
    "takes a refusal for an empty stream": (_read_with(_swallows_errors), "forbidden stream"),
    "takes a page that is not JSON for the end": (_read_with(_swallows_errors), "no end"),
    "skips a page when it resumes": ({"read": _skips_on_resume}, "killed"),
    "changes what it read": (_rewritten(lambda record: _changing(record, _COUNTER)), "second read"),
    "rounds numbers": (_rewritten(_as_float), "big number"),
    "keeps the fields it knows": (_rewritten(_known_fields), "new field"),
    "forgets a page of the walk": ({"walk": _short_walk}, "walks"),
    "leaves out what it was asked for": ({"fetch": _silent_fetch}, "fetches"),
    "shows its key": ({"read": _telltale}, "wrong key"),
    "asks again for what it has": (_read_with(_everything_again), "second read"),
    "accepts every key": ({"check": lambda self: []}, "good key"),
    "is not documented": ({"__doc__": "Reads."}, "declared"),
}


@pytest.mark.parametrize("breakage", BROKEN)
def test_a_connector_breaks_the_contract_that(written: Any, tmp_path: Path, breakage: str) -> None:
    members, check = BROKEN[breakage]
    broken: type[Connector] = type("Broken", (written,), members)
    with desk_account(broken) as account, pytest.raises(AssertionError):
        CHECKS[check](account, tmp_path)
