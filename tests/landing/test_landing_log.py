"""The landing log: a batch exists once its manifest does, and exactly one of two racing runs commits it."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from landed import SOURCE, STREAM, land, lines_of

from cynosure.extract import Record
from cynosure.landing import BatchTaken, LandingError, LandingLog, row
from cynosure.landing.row import encode


def log(folder: Path):
    return LandingLog(f"file://{folder}").stream(SOURCE, STREAM)


def test_an_empty_log_has_no_head(tmp_path: Path) -> None:
    assert log(tmp_path).head() is None
    assert list(log(tmp_path).since(0)) == []


def test_files_without_a_manifest_do_not_exist(tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    writer = log(tmp_path).begin(2)
    writer.add([Record("b", b"{}")], seen=1.0)
    writer.close()
    assert log(tmp_path).head().batch == "00000001"


def test_the_next_commit_of_a_number_removes_what_a_killed_run_left(tmp_path: Path) -> None:
    killed = log(tmp_path).begin(1)
    killed.add([Record("b", b"{}")], seen=1.0)
    killed.close()
    manifest = land(tmp_path, 1, [("a", {"v": 1})])
    assert sorted(p.name for p in (tmp_path / SOURCE / STREAM / "00000001").iterdir()) == sorted(
        ["manifest.json", manifest.parts[0].name]
    )


def test_of_two_runs_that_read_at_once_one_commits_and_the_other_is_told(tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    with pytest.raises(BatchTaken, match="was committed by another run"):
        land(tmp_path, 1, [("a", {"v": 2})])
    (part,) = log(tmp_path).head().parts
    (line,) = lines_of(tmp_path / SOURCE / STREAM / "00000001" / part.name)
    assert line["payload"] == {"v": 1}


def test_a_run_whose_files_the_winner_has_cleared_away_is_told_the_same(tmp_path: Path) -> None:
    loser = log(tmp_path).begin(1)
    loser.add([Record("b", b"{}")], seen=1.0)
    land(tmp_path, 1, [("a", {"v": 1})])
    with pytest.raises(BatchTaken, match="was committed by another run"):
        loser.close()
    loser.discard()


@pytest.mark.parametrize("hint", [b"", b"garbage", b"00000099", b"00000001"])
def test_a_lost_torn_or_stale_hint_never_hides_a_batch(tmp_path: Path, hint: bytes) -> None:
    for number in (1, 2, 3):
        land(tmp_path, number, [("a", {"v": number})])
    (tmp_path / SOURCE / STREAM / "HEAD").write_bytes(hint)
    assert log(tmp_path).head().batch == "00000003"


def test_a_damaged_manifest_is_named(tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    (tmp_path / SOURCE / STREAM / "00000001" / "manifest.json").write_text("{")
    with pytest.raises(LandingError, match=r"00000001/manifest.json is not a readable manifest"):
        log(tmp_path).head()


def test_a_manifest_of_another_stream_is_refused(tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    (tmp_path / SOURCE / STREAM).rename(tmp_path / SOURCE / "charges")
    with pytest.raises(LandingError, match="was moved by hand"):
        LandingLog(f"file://{tmp_path}").stream(SOURCE, "charges").head()


def test_a_log_in_memory_works_like_one_on_disk() -> None:
    memory = LandingLog("memory://landing-test").stream(SOURCE, STREAM)
    assert memory.head() is None


def test_an_unwritable_log_says_so(tmp_path: Path) -> None:
    (tmp_path / SOURCE).write_text("a file where a folder should be")
    with pytest.raises(OSError, match="Not a directory|File exists"):
        land(tmp_path, 1, [("a", {"v": 1})])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def line_of(record: Record) -> tuple[list[str], int]:
    """The columns of one encoded line, and how many NULs were replaced."""
    encoded = encode([record], first=7, seen=2.0)
    assert encoded.text.count(b"\n") == 1
    assert encoded.longest == len(encoded.text)
    return encoded.text.decode().removesuffix("\n").split("\t"), encoded.nul_replaced


@given(
    id=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    value=st.dictionaries(st.text(), json_values, max_size=4),
    deleted=st.booleans(),
)
def test_a_line_has_seven_columns_that_hold_what_was_given(id: str, value: dict, deleted: bool) -> None:
    try:
        payload = json.dumps(value, indent=2, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return
    (n, key, _, changed, seen, tombstone, body), _ = line_of(Record(id, payload, 1.5, deleted))
    assert (n, key, changed, seen) == ("7", id, "1970-01-01T00:00:01.500000+00:00", "1970-01-01T00:00:02+00:00")
    assert json.loads(body) == json.loads(json.dumps(value).replace("\\u0000", "\\ufffd"))
    assert tombstone == ("true" if deleted else "false")


@pytest.mark.parametrize("white", ["\n", "\r\n", "\t", " \n\t"])
def test_white_space_between_tokens_does_not_make_an_object_look_changed(white: str) -> None:
    pretty = b'{"a":[1,2]}'.replace(b"1,", b"1," + white.encode())
    assert line_of(Record("a", pretty)) == line_of(Record("a", b'{"a":[1,2]}'))


def test_an_escaped_backslash_before_u0000_is_not_a_nul() -> None:
    columns, replaced = line_of(Record("a", rb'{"a":"\\u0000","b":"\u0000"}'))
    assert replaced == 1
    assert columns[-1] == r'{"a":"\\u0000","b":"\ufffd"}'


@pytest.mark.parametrize(("name", "searched"), [("Zoë \\n", False), ("Zoë \\u0000", True)])
def test_objects_are_searched_one_by_one_only_where_their_page_has_a_nul(
    name: str, searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Searched(Exception):
        """A search takes ten times as long as everything else that is done with a page."""

    class Pattern:
        def subn(self, by: bytes, body: bytes) -> None:
            raise Searched

    monkeypatch.setattr(row, "_NUL", Pattern())
    with pytest.raises(Searched) if searched else nullcontext():
        encode([Record("a", f'{{\n  "name": "{name}"\n}}'.encode())], first=1, seen=2.0)


@pytest.mark.parametrize("body", [b"{", b'{"a":NaN}', b'{"a":"\xff"}', b"<html>", b'{"a":"\t"}'])
def test_what_is_not_json_is_refused_by_name_and_nothing_of_its_page_is_kept(tmp_path: Path, body: bytes) -> None:
    writer = log(tmp_path).begin(1)
    with pytest.raises(LandingError, match="object in_7 is not valid JSON"):
        writer.add([Record("in_6", b"{}"), Record("in_7", body)], seen=1.0)
    assert writer.rows == 0
    assert writer.close() == ()


@pytest.mark.parametrize("id", ["", "a\tb", "a\nb", "\x00"])
def test_a_key_that_could_break_a_line_is_refused(id: str) -> None:
    with pytest.raises(LandingError, match="cannot be the key of an object"):
        line_of(Record(id, b"{}"))


def test_a_log_of_another_format_says_what_to_do(tmp_path: Path) -> None:
    land(tmp_path, 1, [("a", {"v": 1})])
    manifest = tmp_path / SOURCE / STREAM / "00000001" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 2', '"format": 1'))
    with pytest.raises(LandingError, match="landing format 1, this version reads 2: move the landing log .* and extract anew"):
        log(tmp_path).head()
