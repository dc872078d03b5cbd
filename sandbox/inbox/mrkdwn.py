"""Slack's mrkdwn as HTML (docs.slack.dev/messaging/formatting-message-text); everything else is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from markupsafe import Markup

EMOJI = {
    "white_check_mark": "✅", "warning": "⚠️", "rotating_light": "🚨", "x": "❌", "red_circle": "🔴",
    "large_green_circle": "🟢", "large_yellow_circle": "🟡", "large_orange_circle": "🟠", "large_blue_circle": "🔵",
    "chart_with_upwards_trend": "📈", "chart_with_downwards_trend": "📉", "bar_chart": "📊", "bell": "🔔", "no_bell": "🔕",
    "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "information_source": "ℹ️", "arrow_up": "⬆️", "arrow_down": "⬇️",
    "arrow_up_small": "🔼", "arrow_down_small": "🔽", "small_red_triangle": "🔺", "small_red_triangle_down": "🔻",
    "moneybag": "💰", "tada": "🎉", "fire": "🔥", "eyes": "👀", "star": "⭐", "star2": "🌟", "mag": "🔍", "link": "🔗",
    "calendar": "📅", "clock3": "🕒", "email": "📧", "memo": "📝", "heavy_check_mark": "✔️", "no_entry": "⛔", "point_right": "👉",
}  # fmt: skip
"""The emoji a metrics message is likely to name."""

_CODE_BLOCK = re.compile(r"```\n?(.+?)\n?```", re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_ANGLE = re.compile(r"<([^<>\n]+)>")
_STYLES = (
    (re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])"), r"<strong>\1</strong>"),
    (re.compile(r"(?<![\w_])_(\S(?:[^_\n]*\S)?)_(?![\w_])"), r"<em>\1</em>"),
    (re.compile(r"(?<![\w~])~(\S(?:[^~\n]*\S)?)~(?![\w~])"), r"<del>\1</del>"),
)
_EMOJI = re.compile(r":([a-z0-9_+-]+):")


def emoji(text: str) -> str:
    """Text with the names of emoji replaced by emoji."""
    return _EMOJI.sub(lambda found: EMOJI.get(found[1], found[0]), text)


def to_html(text: str) -> Markup:
    """HTML that shows the text as Slack would."""
    kept: list[str] = []

    def keep(render: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            kept.append(render(found))
            return f"\0{len(kept) - 1}\0"

        return replace

    text = text.replace("\0", "")
    text = _CODE_BLOCK.sub(keep(lambda found: f"<pre>{_escape(found[1])}</pre>"), text)
    text = _CODE.sub(keep(lambda found: f"<code>{_escape(found[1])}</code>"), text)
    text = _ANGLE.sub(keep(lambda found: _angle(found[1])), text)
    text = emoji(_escape(text))
    for pattern, replacement in _STYLES:
        text = pattern.sub(replacement, text)
    text = _quoted(text)
    # kept pieces may hold others that were kept before them
    for number in range(len(kept) - 1, -1, -1):
        text = text.replace(f"\0{number}\0", kept[number])
    return Markup(text)  # noqa: S704 - every piece of the message was escaped above


def _escape(text: str) -> str:
    # Slack's own escapes (&amp; &lt; &gt;) stand for the characters
    return html.escape(html.unescape(text))


def _angle(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("http://", "https://", "mailto:")):
        shown = emoji(_escape(label or target))
        return f'<a href="{_escape(target)}" target="_blank" rel="noopener noreferrer">{shown}</a>'
    if target.startswith("!date^"):
        return _escape(label)
    name = label or target.lstrip("@#!").partition("^")[0]
    sign = "#" if target.startswith("#") else "@"
    return f'<span class="mention">{sign}{_escape(name)}</span>'


def _quoted(text: str) -> str:
    lines: list[str] = []
    for is_quote, group in _grouped(text.split("\n")):
        joined = "<br>".join(group)
        lines.append(f"<blockquote>{joined}</blockquote>" if is_quote else joined)
    return "<br>".join(lines).replace("</blockquote><br>", "</blockquote>").replace("<br><blockquote>", "<blockquote>")


def _grouped(lines: list[str]) -> list[tuple[bool, list[str]]]:
    groups: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quote = line.startswith("&gt;")
        content = line.removeprefix("&gt;").lstrip(" ") if is_quote else line
        if groups and groups[-1][0] == is_quote:
            groups[-1][1].append(content)
        else:
            groups.append((is_quote, [content]))
    return groups
