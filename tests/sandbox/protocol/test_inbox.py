"""The inbox page: mails and Slack messages as their readers see them, and nothing that could act."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from types import SimpleNamespace

import httpx
import pytest

from sandbox.inbox.mrkdwn import to_html
from sandbox.slack.workspace import Message, channel_id

PIXEL = b"\x89PNG\r\n\x1a\n\x00"


@pytest.fixture
def inbox(site: SimpleNamespace) -> Iterator[httpx.Client]:
    """A browser without scripts."""
    with httpx.Client(base_url=site.endpoints["inbox"], follow_redirects=True) as browser:
        yield browser


@pytest.fixture
def mail(site: SimpleNamespace) -> int:
    """A mail with text, HTML, an inline image and an attachment."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "MRR <up>"
    message.set_content("plain & simple")
    message.add_alternative('<h1>Board</h1><img src="cid:chart@example.com"><script>x()</script>', subtype="html")
    message.get_payload()[1].add_related(PIXEL, "image", "png", cid="<chart@example.com>")
    message.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="Zahlen ä.csv")
    kept = site.site.mailbox.add(message.as_bytes(), sender="a@example.com", recipients=["b@example.com"], at=0)
    return int(kept.number)


def test_the_home_page_opens_the_newest_mail(inbox: httpx.Client, mail: int) -> None:
    page = inbox.get("/")
    assert page.url.path == f"/mail/{mail}"
    assert "MRR &lt;up&gt;" in page.text
    assert f'src="/mail/{mail}/html" sandbox=' in page.text


def test_inline_images_are_part_of_the_message(inbox: httpx.Client, mail: int) -> None:
    shown = inbox.get(f"/mail/{mail}/html")
    assert "data:image/png;base64,iVBORw0KGgoA" in shown.text
    assert "cid:" not in shown.text


def test_a_mail_can_run_no_script_and_load_nothing(inbox: httpx.Client, mail: int) -> None:
    policy = inbox.get(f"/mail/{mail}/html").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy + inbox.get(f"/mail/{mail}").text


def test_text_headers_source_and_attachments_are_there(inbox: httpx.Client, mail: int) -> None:
    assert "plain &amp; simple" in inbox.get(f"/mail/{mail}?view=text").text
    assert "MRR &lt;up&gt;" in inbox.get(f"/mail/{mail}?view=headers").text
    assert inbox.get(f"/mail/{mail}/source").text.startswith("From: a@example.com")
    page = inbox.get(f"/mail/{mail}").text
    assert "Zahlen ä.csv" in page
    position = page.split("/attachments/")[1].split('"')[0]
    saved = inbox.get(f"/mail/{mail}/attachments/{position}")
    assert saved.content == b"a,b\n"
    assert saved.headers["content-disposition"].startswith("attachment")


def test_an_empty_inbox_says_so(inbox: httpx.Client, site: SimpleNamespace) -> None:
    site.site.workspace._messages.clear()
    assert "Nothing has arrived yet" in inbox.get("/").text


def test_every_kind_of_block_is_shown(inbox: httpx.Client, site: SimpleNamespace) -> None:
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Daily metrics :bar_chart:"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*MRR*\n$12"}, {"type": "mrkdwn", "text": "_ARR_"}]},
        {"type": "divider"},
        {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "chart", "title": {"type": "plain_text", "text": "T"}},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "data as of <https://example.com|today>"}]},
        {"type": "actions", "elements": [{"type": "button", "url": "https://example.com/b", "text": {"type": "plain_text", "text": "Open"}}]},
        {"type": "section", "text": {"type": "plain_text", "text": "<script>"}, "accessory": {"type": "button", "url": "javascript:x()", "text": {"type": "plain_text", "text": "No"}}},
    ]  # fmt: skip
    site.site.workspace.post(Message(channel_id("metrics"), "", "fallback", blocks), at=0)
    page = inbox.get("/slack/metrics").text
    for piece in (
        "Daily metrics 📊", "<strong>MRR</strong><br>$12", "<em>ARR</em>", "<hr>", 'src="https://example.com/a.png"',
        '<a href="https://example.com" target="_blank" rel="noopener noreferrer">today</a>', "https://example.com/b", "&lt;script&gt;",
    ):  # fmt: skip
        assert piece in page
    assert "javascript:" not in page
    assert "fallback" not in page


def test_unknown_pages_are_not_found(inbox: httpx.Client) -> None:
    for path in ("/mail/99999", "/mail/99999/html", "/slack/nowhere", "/files/F0", "/mail/1/attachments/77"):
        assert inbox.get(path).status_code == 404


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("*bold* _italic_ ~gone~ `code`", "<strong>bold</strong> <em>italic</em> <del>gone</del> <code>code</code>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("a &amp; b &lt;c&gt;", "a &amp; b &lt;c&gt;"),
        ("<script>alert(1)</script>", '<span class="mention">@script</span>alert(1)<span class="mention">@/script</span>'),
        ("<javascript:x()|here>", '<span class="mention">@here</span>'),
        ('<https://e.com/"><b>', '<a href="https://e.com/&quot;" target="_blank" rel="noopener noreferrer">https://e.com/&quot;</a><span class="mention">@b</span>'),
        ("<@U1|ada> <#C1|metrics> <!here>", '<span class="mention">@ada</span> <span class="mention">#metrics</span> <span class="mention">@here</span>'),
        ("```*a*\n<b>```", "<pre>*a*\n&lt;b&gt;</pre>"),
        ("> quoted\n> more\nafter", "<blockquote>quoted<br>more</blockquote>after"),
        (":warning: :unheard_of:", "⚠️ :unheard_of:"),
        ("one\ntwo", "one<br>two"),
    ],
)  # fmt: skip
def test_mrkdwn_becomes_html(text: str, expected: str) -> None:
    assert to_html(text) == expected
