"""The routing tree, muted windows and inhibition, without a warehouse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from cynosure.alert.summary import render_summary
from cynosure.settings.routes import Matcher, MuteWindow, Routing, matches, routes_for

TREE = Routing.model_validate(
    {
        "root": {
            "receivers": ["root"],
            "repeat_interval": "4h",
            "routes": [
                {"match": {"area": "revenue"}, "receivers": ["revenue"], "routes": [{"match": {"severity": ["critical", "high"]}, "repeat_interval": "1h"}]},
                {"match": {"severity": "critical"}, "receivers": ["pager"], "continue": True},
                {"match": {"team": "data"}, "receivers": ["data"]},
            ],
        }
    }
)  # fmt: skip


@pytest.mark.parametrize(
    ("labels", "receivers"),
    [
        ({}, ["root"]),
        ({"area": "revenue", "severity": "critical"}, ["revenue"]),
        ({"severity": "critical", "team": "data"}, ["pager", "data"]),
        ({"severity": "critical"}, ["pager"]),
        ({"team": "other"}, ["root"]),
    ],
)
def test_the_first_matching_child_takes_the_alert_unless_it_continues(labels: dict[str, str], receivers: list[str]) -> None:
    assert [name for route in routes_for(TREE, labels) for name in route.receivers] == receivers


def test_a_child_inherits_what_it_does_not_say() -> None:
    (route,) = routes_for(TREE, {"area": "revenue", "severity": "high"})
    assert (route.receivers, route.repeat_interval, route.path) == (("revenue",), timedelta(hours=1), "root.0.0")
    assert routes_for(TREE, {"area": "revenue"})[0].repeat_interval == timedelta(hours=4)


def test_a_matcher_wants_every_label() -> None:
    matcher: Matcher = {"a": ("1", "2"), "b": ("x",)}
    assert matches(matcher, {"a": "2", "b": "x", "c": "y"})
    assert not matches(matcher, {"a": "2"})


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ({"from": "09:00", "until": "17:00"}, (23, 12), (23, 18)),
        ({"from": "22:00", "until": "06:00"}, (23, 23), (23, 12)),
        ({"from": "22:00", "until": "06:00"}, (24, 5), (24, 7)),
        ({"weekdays": ["saturday", "sunday"]}, (22, 12), (23, 12)),
        ({"from": "22:00", "until": "06:00", "weekdays": ["sunday"]}, (23, 5), (24, 5)),
        ({"from": "09:00", "until": "17:00", "timezone": "Asia/Tokyo"}, (23, 1), (23, 12)),
    ],
)
def test_mute_windows_are_local_and_may_span_midnight(
    window: dict[str, object], inside: tuple[int, int], outside: tuple[int, int]
) -> None:
    muted = MuteWindow.model_validate(window)
    assert muted.covers(datetime(2026, 11, *inside, tzinfo=UTC))
    assert not muted.covers(datetime(2026, 11, *outside, tzinfo=UTC))


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ words.__init__.__globals__ }}",
        "{% for i in range(10**9) %}x{% endfor %}",
        "{{ missing }}",
        "{{ 'x' | attr('format') }}",
        "{% import 'os' as os %}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(template: str) -> None:
    assert render_summary(template, {"a": "b"}).startswith("The summary could not be written")


def test_a_summary_is_short_and_clean() -> None:
    assert render_summary("{{ a | upper }}", {"a": "x\r\ny\x00"}) == "X Y"
    assert len(render_summary("{{ a }}", {"a": "word " * 1000})) <= 500
