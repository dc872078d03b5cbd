"""What every connector promises, as checks on an Account: the contract suite runs them on all, the controls on broken ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from contracted import YEAR, Account
from landed_state import lines_landed
from pydantic import SecretStr

from cynosure.extract import AccessDenied, Connector, ConnectorSettings, Cursor, ExtractError, Misconfigured, Page, Stream
from cynosure.extract import run as extract_run
from cynosure.landing import LandingLog
from cynosure.load import load_landing
from cynosure.warehouse import open_warehouse

# requests of a run that finds nothing new, beside two for each stream
_HANDFUL = 10
# pages of a stream after which it is killed: the first ones
_KILLS = 2


class Killed(BaseException):
    """Stands for SIGKILL: nothing that catches exceptions may run on."""


# --- what is declared


def declared(kind: type[Connector]) -> None:
    """Everything that documentation, forms, audit and erasure are made of is there."""
    assert kind.title
    assert kind.api_version
    assert len((kind.__doc__ or "").split()) >= 15, "the class docstring is the documentation page"
    assert kind.streams
    names = [stream.name for stream in kind.streams]
    assert len(names) == len(set(names))
    for stream in kind.streams:
        assert stream.name.isidentifier(), stream.name
        assert stream.name == stream.name.lower(), stream.name
        assert len(f"{kind.name}__{stream.name}") <= 63, "PostgreSQL cuts longer names"
        assert stream.description.endswith("."), stream.name
        assert stream.docs.startswith("https://"), stream.name
        assert 0 < stream.walked_within_days <= 31, stream.name


def form(kind: type[Connector]) -> None:
    """Every setting has a title and a description, and what is secret cannot be printed."""
    for name, field in kind.settings_model.model_fields.items():
        assert field.title, name
        assert field.description, name
        hides = any(word in name for word in ("secret", "token", "password", "private_key", "api_key"))
        types = {field.annotation, *getattr(field.annotation, "__args__", ())}
        assert not hides or SecretStr in types or name.endswith(("_url", "_id")), f"{name} can be printed"
    assert (kind.settings_model.__doc__ or "") != (ConnectorSettings.__doc__ or "")


def refuses_foreign_urls(account: Account) -> None:
    """A key is never sent in clear text to another machine."""
    url = {name: "http://example.org" for name, value in account.connection.items() if value == account.url}
    assert url, "there is a setting for the base URL"
    try:
        connector = account.connector(**url)
        connector.check()
    except (Misconfigured, ValueError):
        return
    raise AssertionError("a base URL in clear text was accepted")


# --- credentials


def good_key(account: Account) -> None:
    """Credentials that may read everything are proved stream by stream."""
    connector = account.connector()
    found = connector.check()
    connector.close()
    assert {access.stream: access.reason for access in found if not access.allowed} == {}
    assert [access.stream for access in found] == list(account.streams)


def wrong_key(account: Account, folder: Path) -> None:
    """Wrong credentials are refused in words, by the check and by every stream, and nothing is landed."""
    wrong = {name: value[:-6] + "wrong1" for name, value in account.secrets.items() if "\n" not in value}
    said = []
    try:
        connector = account.connector(**wrong)
        found = connector.check()
        assert not any(access.allowed for access in found), "a wrong key was accepted"
        said += [access.reason for access in found]
    except (AccessDenied, Misconfigured) as refusal:
        said.append(str(refusal))
    assert all(len(text.split()) >= 6 for text in said), f"not a sentence to act on: {said}"
    results = account.extract(folder, **wrong)
    assert {result.outcome for result in results.values()} == {"failed"}
    assert not list(folder.rglob("manifest.json"))
    said += [result.error for result in results.values()]
    values = [*account.secrets.values(), *wrong.values()]
    assert not [text for text in said for value in values if value in text], "a message shows the key"


def forbidden_stream(account: Account, stream: str, folder: Path) -> None:
    """A stream that may not be read fails by name and says what is missing; the others are complete."""
    account.on_server(lambda: account.vendor.revoke(stream))
    connector = account.connector()
    denied = {access.stream: access.reason for access in connector.check() if not access.allowed}
    connector.close()
    assert stream in denied, "the check did not notice"
    assert all(len(reason.split()) >= 5 for reason in denied.values()), denied
    results = account.extract(folder)
    assert results[stream].outcome == "failed"
    unexpected = {name: r.error for name, r in results.items() if r.outcome != "ok" and name not in denied}
    assert unexpected == {}
    complete(account, folder, [name for name, result in results.items() if result.outcome == "ok"])


# --- completeness


def complete(account: Account, folder: Path, streams: list[str] | None = None) -> None:
    """What is landed is what exists, id by id."""
    truth, landed = account.truth(), account.landed(folder)
    wrong = {}
    for name in streams if streams is not None else account.streams:
        if name in truth:
            missing, extra = set(truth[name]["ids"]) - set(landed[name]), set(landed[name]) - set(truth[name]["ids"])
            if missing or extra:
                wrong[name] = {"missing": sorted(missing)[:5], "extra": sorted(extra)[:5], "of": len(truth[name]["ids"])}
    assert wrong == {}


def first_load(account: Account, folder: Path) -> None:
    """A first reading brings every object of every stream with the body that the vendor shows."""
    landed, _ = account.clean(folder)
    truth = account.truth()
    assert set(account.streams) <= set(truth), "the vendor knows nothing of some streams"
    complete(account, folder / "clean")
    assert sum(len(found) for found in landed.values()) > 50 or account.name == "desk"
    for name in account.streams:
        shown = account.bodies(name)
        differing = {id for id, body in (shown or {}).items() if landed[name].get(id) != body}
        assert not differing, f"{name}: {sorted(differing)[:3]} of {len(shown or {})} differ from what the vendor shows"


def warehouse_takes_it(account: Account, folder: Path) -> dict[str, dict[str, Any]]:
    """What was landed can be loaded, one living row per object; the bodies by stream and id."""
    warehouse = open_warehouse(f"duckdb://{folder}/w.duckdb")
    declared_streams = [(account.name, name) for name in account.streams]
    load_landing(warehouse, LandingLog(f"file://{folder}/landing"), declared_streams, datetime(2026, 1, 1, tzinfo=UTC))
    found = {}
    with warehouse.writing() as session:
        for name in account.streams:
            rows = session.rows(
                f"select id, cast(payload as text) from raw.{account.name}__{name} where valid_to is null and not is_deleted"
            )
            assert len(rows) == len({id for id, _ in rows}), name
            found[name] = {id: json.loads(body) for id, body in rows}
    return found


def second_read(account: Account, folder: Path) -> None:
    """With nothing new, a second run changes nothing and asks for a handful of pages."""
    first = account.extract(folder)
    assert {r.error for r in first.values()} == {""}
    account.advance(600)
    before = {name: account.landed(folder)[name] for name in account.streams}
    asked = account.answered()
    second = account.extract(folder)
    cost = account.answered() - asked
    assert {r.error for r in second.values()} == {""}
    after = account.landed(folder)
    changed = {name: [id for id in after[name] if after[name][id] != before[name].get(id)][:3] for name in after}
    assert {name: ids for name, ids in changed.items() if ids} == {}, "an unchanged object has another body"
    complete(account, folder)
    allowed = 2 * len(account.streams) + _HANDFUL
    assert cost <= allowed, f"{cost} requests for nothing new, {allowed} would be a handful"


def future_cursor(account: Account, folder: Path) -> None:
    """A cursor that lies ahead of the source's clock ends the run, and nobody concludes that everything is gone."""
    account.clean(folder)
    for name, stream in account.streams.items():
        head = LandingLog(f"file://{folder}/clean").stream(account.name, name).head()
        assert head is not None
        cursor: Any = _ahead(head.cursor_after)
        connector = account.connector(retrying=account.retrying(2))
        seen: set[str] = set()
        try:
            for page in connector.read(stream, cursor):
                seen |= {record.id for record in page.records}
                if page.ends:
                    assert set(account.truth()[name]["ids"]) <= seen, f"{name}: a listing ended without what exists"
        except ExtractError:
            continue
        finally:
            connector.close()


def _ahead(value: Any) -> Any:
    """The cursor with every instant a year later."""
    if isinstance(value, dict):
        return {key: _ahead(entry) for key, entry in value.items()}
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.replace(year=moment.year + 1).isoformat() if moment.day < 29 else value
    factor = 1_000 if value > 1e11 else 1
    return value + YEAR * factor if value > 1e8 else value


# --- resuming


def killed_between_pages(account: Account, folder: Path) -> int:
    """Killed after any page, with a checkpoint at every page, the next run ends with the whole truth; how many kills there were."""
    kills = 0
    with patch.object(extract_run, "CHECKPOINT_ROWS", 0):
        for name, stream in account.streams.items():
            number = 0
            while True:
                number += 1
                if not _killed_after(account, stream, number, folder / name / str(number)):
                    break
                kills += 1
                results = account.extract(folder / name / str(number), [name])
                assert results[name].outcome == "ok", results[name].error
                _same_ids(account, folder / name / str(number), name, f"killed after page {number}")
                if number >= _KILLS:
                    break
    return kills


def _killed_after(account: Account, stream: Stream, pages: int, folder: Path) -> bool:
    """One run that dies after so many pages; False if it had no more."""
    connector = account.connector()
    read = connector.read

    def dying(stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        for number, page in enumerate(read(stream, cursor), 1):
            yield page
            if number == pages:
                raise Killed

    try:
        with patch.object(connector, "read", dying):
            account.extract(folder, [stream.name], connector=connector)
    except Killed:
        return True
    return False


def _same_ids(account: Account, folder: Path, name: str, when: str) -> None:
    wanted = set(account.truth()[name]["ids"])
    found = {line["id"] for line in lines_landed(folder, name, source=account.name) if not line["deleted"]}
    assert not wanted - found, f"{name}, {when}: {sorted(wanted - found)[:5]} of {len(wanted)} are lost"


def two_at_once(account: Account, folder: Path) -> None:
    """Two runs of the same source at once: neither fails for good, and the log holds the truth."""
    results: list[dict[str, Any]] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(account.extract(folder, state=folder / "pace"))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert errors == []
    ended = {result.outcome for found in results for result in found.values()}
    assert ended <= {"ok", "deferred"}, [r.error for found in results for r in found.values() if r.outcome == "failed"]
    assert {r.error for r in account.extract(folder, state=folder / "pace").values()} == {""}
    complete(account, folder)


# --- the audit


def walks(account: Account, folder: Path) -> None:
    """A walk enumerates exactly what exists, with the bytes that reading lands, and can go on after every page."""
    landed, _ = account.clean(folder)
    truth = account.truth()
    connector = account.connector()
    walked = 0
    try:
        for name, stream in account.streams.items():
            pages = connector.walk(stream, None)
            if pages is None:
                continue
            walked += 1
            _walk(connector, stream, list(pages), set(truth[name]["ids"]), landed[name])
    finally:
        connector.close()
    assert walked, "no stream can be audited"


def _walk(connector: Connector, stream: Stream, pages: list[Page], ids: set[str], landed: dict[str, Any]) -> None:
    name = stream.name
    found = {record.id: record for page in pages for record in page.records if not record.deleted}
    assert [page.ends for page in pages] == [False] * (len(pages) - 1) + [True], f"{name}: the last page ends, and no other"
    lost, extra = sorted(ids - set(found)), sorted(set(found) - ids)
    assert (lost, extra) == ([], []), f"{name}: the walk lacks {lost[:5]}, and has {extra[:5]} too many"
    bodies = {id: json.loads(bytes(record.payload)) for id, record in found.items() if record.payload is not None}
    differing = [id for id, body in bodies.items() if body != landed[id]]
    assert not differing, f"{name}: {differing[:3]} of {len(bodies)} differ from what reading lands"
    for number in sorted({0, len(pages) // 2, len(pages) - 2} & set(range(len(pages) - 1))):
        page = pages[number]
        if page.cursor is not None:
            rest = connector.walk(stream, json.loads(json.dumps(page.cursor)))
            resumed = {record.id for later in rest or () for record in later.records}
            due = {record.id for later in pages[number + 1 :] for record in later.records if not record.deleted}
            assert due <= resumed, f"{name}: resumed after page {number + 1}, the walk lacks {sorted(due - resumed)[:5]}"


def fetches(account: Account, folder: Path) -> None:
    """Single objects come as reading lands them; deleted ones come as tombstones, and none is left out."""
    landed, _ = account.clean(folder)
    truth = account.truth()
    connector = account.connector()
    try:
        for name, stream in account.streams.items():
            some, gone = list(landed[name])[:3], [id for id in truth[name]["deleted"] if id not in landed[name]][:2]
            pages = connector.fetch(stream, [*some, *gone]) if some or gone else None
            if pages is None:
                continue
            found = {record.id: record for page in pages for record in page.records}
            assert set(found) >= {*some, *gone}, f"{name}: asked for {[*some, *gone]}, got {sorted(found)}"
            assert [id for id in gone if not found[id].deleted] == [], f"{name}: deleted objects live"
            bodies = {id: json.loads(bytes(found[id].payload or b"null")) for id in some}
            assert {id for id in some if bodies[id] != landed[name][id]} == set(), f"{name}: fetched bodies differ from read ones"
    finally:
        connector.close()


# --- faults


def survives(account: Account, folder: Path, do: dict[str, Any], nth: int) -> int:
    """A failure that passes costs time and no row; how often it struck."""
    with account.fault(do, must_strike=False, nth=nth) as struck:
        results = account.extract(folder)
    assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
    complete(account, folder)
    return struck()


def honest(account: Account, folder: Path, do: dict[str, Any], times: int | None = None, **match: Any) -> int:
    """Whatever comes, a run that says it is well has everything; one that has not says so by name; the next run has all."""
    with account.fault(do, times, must_strike=False, **match) as struck:
        results = account.extract(folder, retrying=account.retrying(3))
    complete(account, folder, [name for name, result in results.items() if result.outcome == "ok"])
    for name, result in results.items():
        if result.outcome != "ok":
            assert result.error.startswith(f"{account.name}.{name}: "), result.error
            assert len(result.error.split()) >= 4, result.error
            # an answer of another shape than documented may be told in the decoder's words
            assert "unforeseen" not in result.error or "ValidationError" in result.error, result.error
    account.advance(600)
    recovers(account, folder)
    return struck()


def recovers(account: Account, folder: Path) -> None:
    """After the fault, runs end well with everything; a first reading that went on needs another for what happened since."""
    for last in (False, True):
        results = account.extract(folder)
        assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
        try:
            complete(account, folder)
            break
        except AssertionError:
            if last:
                raise


def keeps(account: Account, folder: Path, distortion: str, field: str, expected: Callable[[Any], bool], **match: Any) -> int:
    """Objects with an unexpected field are landed and loaded with it, none is lost; how many have it."""
    with account.fault({"json": {distortion: field}}, None, must_strike=False, **match):
        results = account.extract(folder / "landing", retrying=account.retrying(3))
    assert {name: r.error for name, r in results.items() if r.outcome != "ok"} == {}
    complete(account, folder / "landing")
    loaded = warehouse_takes_it(account, folder)
    values = [value for found in loaded.values() for body in found.values() for value in _values(body, field)]
    assert all(expected(value) for value in values), [value for value in values if not expected(value)][:3]
    return len(values)


def _values(body: Any, field: str) -> list[Any]:
    """The values of a field, at any depth."""
    if isinstance(body, list):
        return [value for entry in body for value in _values(entry, field)]
    if not isinstance(body, dict):
        return []
    own = [body[field]] if field in body else []
    return own + [value for entry in body.values() for value in _values(entry, field)]
