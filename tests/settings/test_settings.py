"""Configuration: what is wrong is said with file, line and what would be accepted."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cynosure.settings import Company, ConfigError, load_settings, parse_duration, read_yaml
from cynosure.settings.sources import read_sources

ROOT = Path(__file__).resolve().parents[2]


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("name: X\ntimezone: Mars/Olympus\n", r"company.yaml:2: timezone: .*'Mars/Olympus' is no time zone; use a name such as"),
        ("name: X\ncurrency: dollars\n", r"company.yaml:2: currency: .*\[A-Z\]\{3\}"),
        (
            "name: X\nzone: UTC\n",
            r"company.yaml:2: zone: unknown key \(did you mean 'timezone'\?\); allowed: addons, currency, name, regions, segments, timezone",
        ),
        ("timezone: UTC\n", r"company.yaml:1: name: Field required"),
        ("name: X\nsegments: [{name: all}]\n", "'all' is not a name for one segment alone"),
        ("name: X\nsegments: [{name: a}, {name: b}]\n", "nobody is left for segment 'b': 'a' has no limit"),
        ("name: X\nregions: [{name: a, countries: [DE]}, {name: b, countries: [DE]}]\n", "DE is in two regions"),
        ("name: X\nname: Y\n", r"company.yaml:2: 'name' is given twice"),
        ("name: [X\n", r"company.yaml:2: not valid YAML"),
        ("name: \x00\n", r"company.yaml: not valid YAML"),
        ("- a\n", r"company.yaml:1: file: .*should be a valid dictionary"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line_and_what_is_accepted(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        read_yaml(written(tmp_path, "company.yaml", text), Company)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="company.yaml: no such file"):
        read_yaml(tmp_path / "company.yaml", Company)


def test_an_error_deep_inside_is_located(tmp_path: Path) -> None:
    text = "stripe:\n  connector: stripe\n  connection: c\n  streams:\n    events:\n      freshness:\n        load: soon\n"
    written(tmp_path, "sources.yaml", text)
    with pytest.raises(
        ConfigError, match=r"sources.yaml:7: stripe.streams.events.freshness.load: .*'soon' is no duration; write"
    ):
        read_sources(tmp_path)


def test_the_files_in_the_repository_are_valid() -> None:
    settings = load_settings({"CYNOSURE_PROJECT": str(ROOT)})
    assert settings.company.currency == "USD"
    assert {"stripe", "ecb"} <= set(settings.sources)


@pytest.mark.parametrize(
    ("text", "span"), [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800), ("1w", 604_800), ("1h30m", 5400)]
)
def test_durations_are_written_as_people_write_them(text: str, span: int) -> None:
    assert parse_duration(text) == timedelta(seconds=span)


@pytest.mark.parametrize("text", ["", "2", "h", "2 h", "1.5h", "-1h", "2hours"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="is no duration"):
        parse_duration(text)


def test_the_present_follows_the_sandboxs_clock(tmp_path: Path) -> None:
    clock = written(tmp_path, "clock", "604800.0")
    settings = load_settings({"CYNOSURE_CLOCK_FILE": str(clock)})
    assert timedelta(days=6, hours=23) < settings.now() - datetime.now(UTC) < timedelta(days=7, hours=1)


def test_credentials_are_read_by_prefix_and_never_shown(tmp_path: Path) -> None:
    settings = load_settings(
        {"CYNOSURE_STRIPE_API_KEY": "rk_test_x", "CYNOSURE_ECB_BASE_URL": "https://x", "CYNOSURE_STRIPE_EMPTY": ""}
    )
    assert settings.credentials("stripe") == {"api_key": "rk_test_x"}


def test_a_fault_point_kills_at_the_named_hit_and_only_there() -> None:
    code = "from cynosure.settings.faultpoint import reach\nfor i in range(3):\n  print(i, flush=True); reach('a'); reach('b')"
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "CYNOSURE_KILL_AT": "b:2"}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout.split()) == (-9, ["0", "1"])
