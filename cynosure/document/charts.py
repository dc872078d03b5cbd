"""Draws charts as PNG on a transparent ground, in colours that read on white and on black alike.

Specifications are Vega-Lite (https://vega.github.io/vega-lite/docs/) with inline data only.
Binary floats appear here only, as positions of ink.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import vl_convert

from cynosure.document.blocks import Chart, Point
from cynosure.document.figures import MINUS, SUFFIXES, SYMBOLS

ACCENT, RISE, FALL, MUTED, FAINT = "#4a74e0", "#4a74e0", "#c9705f", "#7b8594", "#a9b1bd"
WIDTH, HEIGHT, SCALE = 484, 156, 2
Spec = dict[str, Any]


def chart_png(chart: Chart) -> bytes:
    """The chart as PNG at twice its layout size."""
    return _png(_waterfall(chart) if chart.kind == "waterfall" else _line(chart))


def trend_png(trend: Sequence[Decimal | None]) -> bytes:
    """A course without axes, its last value marked."""
    values = [{"i": i, "v": float(v)} for i, v in enumerate(trend) if v is not None]
    x = {"field": "i", "type": "quantitative", "axis": None}
    y = {"field": "v", "type": "quantitative", "axis": None, "scale": {"zero": False}}
    line = {"mark": {"type": "line", "color": MUTED, "strokeWidth": 1.4}, "encoding": {"x": x, "y": y}}
    last = {
        "mark": {"type": "circle", "color": ACCENT, "size": 26, "opacity": 1},
        "data": {"values": values[-1:]},
    }
    return _png(
        {
            "width": 96,
            "height": 22,
            "layer": [line, last | {"encoding": {"x": x, "y": y}}],
            "data": {"values": values},
        }
    )


def _png(spec: Spec) -> bytes:
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "background": None,
        "padding": {"left": 2, "right": 2, "top": 4, "bottom": 2},
        "autosize": {"type": "fit", "contains": "padding"} if spec["height"] > 100 else "pad",
        "config": {
            "view": {"stroke": None},
            "font": "Helvetica Neue, Helvetica, Liberation Sans, Arial, sans-serif",
            "axis": {
                "labelColor": MUTED,
                "labelFontSize": 11,
                "title": None,
                "domain": False,
                "ticks": False,
                "grid": False,
            },
            "text": {"fontSize": 11, "color": MUTED},
        },
    }
    return bytes(vl_convert.vegalite_to_png(whole | spec, scale=SCALE, allowed_base_urls=[]))


def _line(chart: Chart) -> Spec:
    values = [{"at": p.at, "v": float(p.value)} for p in chart.points if p.value is not None]
    x = {
        "field": "at",
        "type": "temporal",
        "axis": {"format": "%-d %b", "tickCount": 5, "labelFlush": True, "labelPadding": 6},
    }
    axis = {
        "labelExpr": _axis_label(chart),
        "tickCount": 4,
        "grid": True,
        "gridColor": FAINT,
        "gridWidth": 0.5,
        "labelPadding": 8,
    }
    y = {"field": "v", "type": "quantitative", "axis": axis, "scale": {"zero": False, "nice": True}}
    line = {
        "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "interpolate": "monotone"},
        "encoding": {"x": x, "y": y},
    }
    last = {
        "data": {"values": values[-1:]},
        "mark": {"type": "circle", "color": ACCENT, "size": 60, "opacity": 1},
        "encoding": {"x": x, "y": y},
    }
    return {"width": WIDTH, "height": HEIGHT, "data": {"values": values}, "layer": [line, last]}


def _axis_label(chart: Chart) -> str:
    if chart.unit == "percent":
        return "format(datum.value, '.1~%')"
    prefix = (SYMBOLS.get(chart.currency or "") or f"{chart.currency} ") if chart.unit == "currency" else ""
    suffix = SUFFIXES.get(chart.unit, "")
    return f"'{prefix}' + replace(format(datum.value, '~s'), 'G', 'B') + '{suffix}'"


def _waterfall(chart: Chart) -> Spec:
    steps = _steps(chart.points)
    order = [step["name"] for step in steps]
    x = {
        "field": "name",
        "type": "nominal",
        "sort": order,
        "axis": {"labelAngle": 0, "labelPadding": 10, "labelLimit": 90, "labelFontSize": 10},
    }
    y = {"field": "low", "type": "quantitative", "axis": None, "scale": {"zero": False, "padding": 14}}
    return {
        "width": WIDTH,
        "height": HEIGHT + 24,
        "data": {"values": steps},
        "layer": [
            _bars(x, y, "up", RISE),
            _bars(x, y, "down", FALL),
            {
                "transform": [{"filter": "datum.kind == 'total'"}],
                "mark": {"type": "tick", "color": MUTED, "thickness": 3, "bandSize": 42},
                "encoding": {"x": x, "y": y},
            },
            _labels(x, y, "datum.kind != 'down'", "high", -9),
            _labels(x, y, "datum.kind == 'down'", "low", 10),
        ],
    }


def _bars(x: Spec, y: Spec, kind: str, color: str) -> Spec:
    return {
        "transform": [{"filter": f"datum.kind == '{kind}'"}],
        "mark": {"type": "bar", "color": color, "width": 34, "cornerRadius": 1, "minBandSize": 2},
        "encoding": {"x": x, "y": y, "y2": {"field": "high"}},
    }


def _labels(x: Spec, y: Spec, condition: str, field: str, shift: int) -> Spec:
    return {
        "transform": [{"filter": condition}],
        "mark": {"type": "text", "dy": shift},
        "encoding": {"x": x, "y": y | {"field": field}, "text": {"field": "label"}},
    }


def _steps(points: tuple[Point, ...]) -> list[Spec]:
    """Floating bars between the first and the last total; movements stand where the running sum puts them."""
    amounts = [point.value or Decimal(0) for point in points]
    levels = list(accumulate(amounts[:-1]))
    steps = []
    for i, (point, amount) in enumerate(zip(points, amounts, strict=True)):
        total = i in (0, len(points) - 1)
        before, after = (amount, amount) if total else (levels[i - 1], levels[i])
        kind = "total" if total else "up" if amount >= 0 else "down"
        sign = "" if total or not amount else "+" if amount > 0 else MINUS
        steps.append(
            {
                "name": point.at,
                "kind": kind,
                "low": float(min(before, after)),
                "high": float(max(before, after)),
                "label": f"{sign}{abs(amount):,.0f}",
            }
        )
    return steps
