"""Raw history: what one batch after another makes of it, on every engine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from landed import NOW, SOURCE, STREAM, current, history, land, load

from cynosure.landing import LandingError, LandingLog
from cynosure.load import LoadError, load_landing
from cynosure.load.batch import load_batch
from cynosure.warehouse import Warehouse, open_warehouse


def test_a_changed_object_closes_its_version_and_an_unchanged_one_writes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1}), ("b", {"v": 1})])
    land(tmp_path, 2, [("a", {"v": 2}), ("b", {"v": 1})])
    first, second = load(warehouse, tmp_path)
    assert (first.new, first.changed, first.unchanged) == (2, 0, 0)
    assert (second.new, second.changed, second.unchanged) == (0, 1, 1)
    with warehouse.writing() as session:
        versions = session.rows("select id, batch_id, valid_to is null from raw.stripe__invoices order by 1, 2")
    assert versions == [("a", "00000001", False), ("a", "00000002", True), ("b", "00000001", True)]


def test_a_version_ends_at_the_instant_the_next_one_begins(warehouse: Warehouse, tmp_path: Path) -> None:
    for number in (1, 2, 3):
        land(tmp_path, number, [("a", {"v": number})])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        spans = session.rows("select valid_from, valid_to from raw.stripe__invoices order by batch_id")
    assert [end for _, end in spans] == [spans[1][0], spans[2][0], None]


def test_a_tombstone_keeps_the_last_body(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    land(tmp_path, 2, [("a", None)])
    assert load(warehouse, tmp_path)[1].deleted == 1
    with warehouse.writing() as session:
        assert current(session) == {}
        assert session.row("select cast(payload as text) from raw.stripe__invoices where is_deleted") == ('{"v": 1}',)


def test_a_tombstone_of_an_object_never_seen_is_kept_without_body(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("ghost", None)])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        assert session.rows("select id, payload, is_deleted from raw.stripe__invoices") == [("ghost", None, True)]


def test_a_deleted_object_that_returns_lives_again(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    land(tmp_path, 2, [("a", None)])
    land(tmp_path, 3, [("a", {"v": 1})])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        assert current(session) == {"a": {"v": 1}}
        assert len(history(session)) == 3


def test_of_several_lines_about_one_object_in_a_batch_the_last_counts(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1}), ("a", {"v": 2}), ("a", {"v": 3})])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        assert current(session) == {"a": {"v": 3}}
        assert len(history(session)) == 1


def test_a_complete_listing_buries_what_it_no_longer_contains(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1}), ("b", {"v": 1}), ("c", {"v": 1})], listing_from=1, ends=True)
    land(tmp_path, 2, [("a", {"v": 1})], listing_from=2)
    land(tmp_path, 3, [("d", {"v": 1})], listing_from=2, ends=True)
    results = load(warehouse, tmp_path)
    assert [result.deleted for result in results] == [0, 0, 2]
    with warehouse.writing() as session:
        assert sorted(current(session)) == ["a", "d"]


def test_an_unfinished_listing_buries_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1}), ("b", {"v": 1})], listing_from=1, ends=True)
    land(tmp_path, 2, [("a", {"v": 1})], listing_from=2)
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        assert sorted(current(session)) == ["a", "b"]


def test_a_first_listing_in_which_objects_come_again_ends_in_the_last_word(warehouse: Warehouse, tmp_path: Path) -> None:
    """Everything in a first listing is expected to be new; where that is wrong, it is compared as ever."""
    land(tmp_path, 1, [("a", {"v": 1}), ("b", {"v": 1}), ("gone", None)], listing_from=1)
    land(tmp_path, 2, [("c", {"v": 1}), ("d", {"v": 1})], listing_from=1)
    land(tmp_path, 3, [("b", {"v": 2}), ("e", {"v": 1})], listing_from=1)
    land(tmp_path, 4, [("f", {"v": 1}), ("f", {"v": 2}), ("d", {"v": 1})], listing_from=1, ends=True)
    results = load(warehouse, tmp_path)
    assert [(r.new, r.changed, r.unchanged, r.deleted) for r in results] == [
        (2, 0, 0, 1),
        (2, 0, 0, 0),
        (1, 1, 0, 0),
        (1, 0, 1, 0),
    ]
    with warehouse.writing() as session:
        assert current(session) == {"a": {"v": 1}, "b": {"v": 2}, "c": {"v": 1}, "d": {"v": 1}, "e": {"v": 1}, "f": {"v": 2}}
        assert len(history(session)) == 8


def test_loading_again_changes_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        before = history(session)
    assert load(warehouse, tmp_path) == []
    with warehouse.writing() as session:
        log = LandingLog(f"file://{tmp_path}").stream(SOURCE, STREAM)
        head = log.head()
        assert head is not None
        assert load_batch(session, log, head, NOW).applied is False
        assert history(session) == before


def test_batches_are_refused_out_of_order(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    load(warehouse, tmp_path)
    land(tmp_path, 2, [("a", {"v": 2})])
    third = land(tmp_path, 3, [("a", {"v": 3})])
    with warehouse.writing() as session, pytest.raises(LoadError, match="must follow 00000001"):
        load_batch(session, LandingLog(f"file://{tmp_path}").stream(SOURCE, STREAM), third, NOW)


def test_a_log_that_does_not_belong_to_the_warehouse_is_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path / "one", 1, [("a", {"v": 1})])
    load(warehouse, tmp_path / "one")
    other = land(tmp_path / "two", 1, [("a", {"v": 2})])
    with warehouse.writing() as session, pytest.raises(LoadError, match="do not belong together"):
        load_batch(session, LandingLog(f"file://{tmp_path / 'two'}").stream(SOURCE, STREAM), other, NOW)


def test_a_damaged_file_is_named_and_nothing_of_its_batch_is_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    manifest = land(tmp_path, 2, [("b", {"v": 1})])
    part = tmp_path / SOURCE / STREAM / manifest.batch / manifest.parts[0].name
    part.write_bytes(part.read_bytes()[:-3] + b"xyz")
    with pytest.raises(LandingError, match=f"{part.name} is damaged"):
        load(warehouse, tmp_path)
    with warehouse.writing() as session:
        assert sorted(current(session)) == ["a"]


def test_a_missing_file_is_named(warehouse: Warehouse, tmp_path: Path) -> None:
    manifest = land(tmp_path, 1, [("a", {"v": 1})])
    (tmp_path / SOURCE / STREAM / manifest.batch / manifest.parts[0].name).unlink()
    with pytest.raises(LandingError, match="is missing although its manifest lists it"):
        load(warehouse, tmp_path)


HOSTILE = [
    b'{"n": 1.10, "big": 123456789012345678901234567890, "e": 1E5, "neg": -0.0}',
    '{"text": "naïve \U0001f600 \\u202e \\" \\\\ \\n ,\\"payload\\":", "id": "x"}'.encode(),
    b'{"\\u0000key": "a\\u0000b", "esc": "\\\\u0000"}',
    b'{"deep": ' + b"[" * 200 + b"]" * 200 + b"}",
    b'{"long": "' + b"x" * 3_000_000 + b'"}',
    b'["quotes", "\\"", "\'", "\\\\.", "", "NULL", "\\\\N", "a,b;c|d"]',
    b'{\n  "pretty" : [ 1 ,\r\n 2 ]\n}',
]


@pytest.mark.parametrize("body", HOSTILE, ids=["numbers", "text", "nul", "deep", "long", "quotes", "pretty"])
def test_what_a_source_sends_arrives_to_the_byte(warehouse: Warehouse, tmp_path: Path, body: bytes) -> None:
    land(tmp_path, 1, [('weird "id" ,"payload":', body)])
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        stored = session.row("select id, cast(payload as text) from raw.stripe__invoices")
    assert stored is not None
    assert stored[0] == 'weird "id" ,"payload":'
    assert json.loads(stored[1], parse_float=str, parse_int=str) == json.loads(
        body.replace(b"a\\u0000b", b"a\\ufffdb").replace(b"\\u0000key", b"\\ufffdkey"), parse_float=str, parse_int=str
    )


def test_replaying_the_log_gives_the_identical_raw_tables(warehouse: Warehouse, tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1}), ("b", {"v": 1})], listing_from=1, ends=True)
    land(tmp_path, 2, [("a", {"v": 2}), ("b", None)])
    load(warehouse, tmp_path)
    land(tmp_path, 3, [("b", {"v": 3})], listing_from=3, ends=True)
    load(warehouse, tmp_path)
    with warehouse.writing() as session:
        grown = history(session)
    fresh = open_warehouse(f"duckdb://{tmp_path}/fresh.duckdb")
    load_landing(fresh, LandingLog(f"file://{tmp_path}"), [(SOURCE, STREAM)], NOW)
    with fresh.writing() as session:
        assert history(session) == grown


ops = st.lists(
    st.lists(st.tuples(st.sampled_from("abcd"), st.one_of(st.none(), st.integers(0, 2))), max_size=5), min_size=1, max_size=5
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=ops, cut=st.integers(0, 5))
def test_any_sequence_of_batches_ends_in_the_last_word_about_each_object(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, int | None]]], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("log")
    truth: dict[str, int | None] = {}
    warehouse = open_warehouse(f"duckdb://{folder}/w.duckdb")
    for number, rows in enumerate(batches, 1):
        land(folder, number, [(id, None if v is None else {"v": v}) for id, v in rows])
        truth.update(rows)
        if number == cut:
            load(warehouse, folder)
    load(warehouse, folder)
    with warehouse.writing() as session:
        assert {id: body["v"] for id, body in current(session).items()} == {id: v for id, v in truth.items() if v is not None}
        overlaps = session.row(
            "select count(*) from raw.stripe__invoices a join raw.stripe__invoices b on a.id = b.id and a.batch_id < b.batch_id"
            " where a.valid_to is null or a.valid_to > b.valid_from"
        )
    assert overlaps == (0,)
