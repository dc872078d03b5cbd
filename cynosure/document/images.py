"""The images of a document. An image that cannot be drawn is left out: the numbers go out even so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cynosure.document.blocks import Block, Chart, KpiGrid
from cynosure.document.charts import chart_png, trend_png
from cynosure.document.inline import plain
from cynosure.document.rendered import Image


def drawn_images(block: Block, name: str) -> list[Image | None]:
    """The images of a block in the order they are placed; a trend too short to draw is None."""
    if isinstance(block, Chart):
        alt = plain(block.alt)
        return [image for image in [_drawn(name, alt, chart_png, block)] if image]
    if isinstance(block, KpiGrid) and block.layout == "rows":
        return [_drawn(f"{name}-{n}", "", trend_png, k.trend) if _course(k.trend) else None for n, k in enumerate(block.kpis)]
    return []


def _course(trend: tuple[Any, ...]) -> bool:
    return sum(value is not None for value in trend) > 1


def _drawn(name: str, alt: str, draw: Callable[[Any], bytes], what: Any) -> Image | None:
    """The image, or None if it cannot be drawn: the numbers must go out even so."""
    try:
        return Image(name, draw(what), alt)
    except Exception:  # the drawing engine raises whatever its embedded runtime raises
        return None
