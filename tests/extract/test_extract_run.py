"""The extraction run: checkpoints, failures, and what is kept of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cynosure.extract import (
    Access,
    AccessDenied,
    Connector,
    ConnectorSettings,
    Cursor,
    Deferred,
    Page,
    Record,
    Stream,
    Unexpected,
    UnknownName,
    extract_source,
)  # fmt: skip
from cynosure.extract import run as extract_run
from cynosure.landing import LandingLog, Manifest


class Scripted(Connector):
    """Yields the pages a test gives it."""

    name = "scripted"
    title = "Scripted"
    api_version = "1"
    settings_model = ConnectorSettings
    streams = (Stream("good", "Works."), Stream("bad", "Does what the test says."))
    concurrency = 2

    def __init__(self, pages: list[Page | Exception]) -> None:
        super().__init__(ConnectorSettings())
        self.pages = pages
        self.cursors: list[Cursor | None] = []

    def check(self) -> list[Access]:
        return []

    def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
        if stream.name == "good":
            yield Page([Record("g", b"{}")], 1.0, {"at": 1}, as_of=1.0)
            return
        self.cursors.append(cursor)
        for page in self.pages:
            if isinstance(page, Exception):
                raise page
            yield page


def page(ids: str, cursor: int | None = None, **more: Any) -> Page:
    return Page([Record(id, b'{"id":"%s"}' % id.encode()) for id in ids], 10.0, {"at": cursor} if cursor else None, **more)


def run(folder: Path, *pages: Page | Exception, streams: list[str] | None = None) -> tuple[Any, Scripted, list[Manifest]]:
    connector = Scripted(list(pages))
    landing = LandingLog(f"file://{folder}")
    results = {r.stream: r for r in extract_source("s", connector, landing, streams=streams)}
    return results, connector, list(landing.stream("s", "bad").since(0))


def test_a_run_lands_one_batch_and_the_next_resumes_from_its_cursor(tmp_path: Path) -> None:
    results, _, manifests = run(tmp_path, page("ab"), page("c", 5, as_of=9.0))
    assert (results["bad"].rows, results["bad"].outcome, results["bad"].as_of) == (3, "ok", 9.0)
    assert [(m.rows, m.cursor_before, m.cursor_after) for m in manifests] == [(3, None, {"at": 5})]
    _, again, _ = run(tmp_path, page("", 6, as_of=11.0))
    assert again.cursors == [{"at": 5}]


def test_a_run_that_finds_nothing_still_records_how_far_it_looked(tmp_path: Path) -> None:
    run(tmp_path, page("a", 5, as_of=9.0))
    _, _, manifests = run(tmp_path, page("", 6, as_of=11.0))
    assert [(m.rows, m.as_of) for m in manifests] == [(1, 9.0), (0, 11.0)]


def test_a_run_that_moves_nothing_writes_nothing(tmp_path: Path) -> None:
    run(tmp_path, page("a", 5, as_of=9.0))
    assert len(run(tmp_path, page("", 5, as_of=9.0))[2]) == 1


def test_a_failing_stream_is_named_and_the_others_go_on(tmp_path: Path) -> None:
    results, _, manifests = run(tmp_path, AccessDenied("the key may not read this"))
    assert results["good"].outcome == "ok"
    assert results["bad"].outcome == "failed"
    assert results["bad"].error == "s.bad: the key may not read this"
    assert manifests == []


def test_what_was_read_up_to_a_checkpoint_survives_a_failure(tmp_path: Path) -> None:
    results, _, manifests = run(tmp_path, page("ab", 3), page("c"), Deferred("busy"))
    assert results["bad"].outcome == "deferred"
    assert [(m.cursor_after, m.as_of) for m in manifests] == [({"at": 3}, None)]


def test_without_a_checkpoint_a_failed_run_leaves_no_trace(tmp_path: Path) -> None:
    _, _, manifests = run(tmp_path, page("ab"), Unexpected("odd"))
    assert manifests == []
    assert not list((tmp_path / "s" / "bad").rglob("*.zst"))


def test_a_connector_that_ends_without_saying_where_is_an_error(tmp_path: Path) -> None:
    results, _, manifests = run(tmp_path, page("ab", 3), page("c"))
    assert "stopped without a cursor" in results["bad"].error
    assert manifests[-1].cursor_after == {"at": 3}


def test_a_stream_that_asks_for_every_parent_begins_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    streams = (Stream("good", "Short."), Stream("bad", "Long.", sync="children"))
    monkeypatch.setattr(Scripted, "streams", streams)
    monkeypatch.setattr(Scripted, "concurrency", 1)
    told: list[str] = []
    connector = Scripted([page("a", 1)])
    results = extract_source("s", connector, LandingLog(f"file://{tmp_path}"), progress=lambda stream, rows: told.append(stream))
    assert told == ["bad", "good"]
    assert [result.stream for result in results] == ["good", "bad"]


def test_long_reads_commit_in_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 2)
    _, _, manifests = run(tmp_path, page("ab", 1), page("c", 2), page("de", 3, as_of=1.0))
    assert [(m.rows, m.cursor_before, m.cursor_after) for m in manifests] == [(2, None, {"at": 1}), (3, {"at": 1}, {"at": 3})]


def test_a_listing_is_bracketed_over_batches_and_interruptions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract_run, "CHECKPOINT_ROWS", 1)
    run(tmp_path, page("a", 1, begins=True), page("b", 2), Deferred("busy"))
    _, _, manifests = run(tmp_path, page("c", 3), page("", 4, as_of=1.0, ends=True))
    assert [(m.listing_from, m.sweep_from) for m in manifests] == [
        ("00000001", None), ("00000001", None), ("00000001", None), ("00000001", "00000001"),
    ]  # fmt: skip
    _, _, manifests = run(tmp_path, page("d", 5, as_of=2.0))
    assert manifests[-1].listing_from is None


def test_an_object_that_is_not_json_fails_the_stream(tmp_path: Path) -> None:
    results, _, _ = run(tmp_path, Page([Record("x", b'{"a": nope}')], 1.0, {"at": 1}))
    assert "object x is not valid JSON" in results["bad"].error


def test_an_unknown_stream_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'good'.*bad, good"):
        run(tmp_path, streams=["goood"])


def test_two_runs_of_one_stream_at_once_never_mix(tmp_path: Path) -> None:
    both = threading.Barrier(2)

    class Slow(Scripted):
        def read(self, stream: Stream, cursor: Cursor | None) -> Iterator[Page]:
            both.wait(10)
            yield page("ab", 5, as_of=9.0)

    landing = LandingLog(f"file://{tmp_path}")
    outcomes: list[str] = []

    def extract() -> None:
        outcomes.extend(r.outcome for r in extract_source("s", Slow([]), landing, streams=["bad"]))

    runs = [threading.Thread(target=extract) for _ in range(2)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join()
    assert sorted(outcomes) == ["deferred", "ok"]
    assert [m.rows for m in landing.stream("s", "bad").since(0)] == [2]
