"""Every document case in every format: golden files, and nothing shown that was not meant."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from cynosure.document import (
    Change,
    Chart,
    Divider,
    Document,
    Figure,
    Heading,
    Kpi,
    KpiGrid,
    Link,
    Note,
    Point,
    Table,
    Text,
    formats,
    render,
)

GOLDEN = Path(__file__).parent / "golden"
HOSTILE = "<script>alert(1)</script> <!channel> <@U1> &amp; ```x``` \r\nBcc: evil@example.net\x00\u202e *b* 12"


def usd(name: str, value: str | None, *, signed: bool = False) -> Figure:
    return Figure(name, None if value is None else Decimal(value), "currency", "USD", signed)


def percent(name: str, value: str, *, signed: bool = True) -> Figure:
    return Figure(name, Decimal(value), "percent", signed=signed)


MRR = Kpi(
    "MRR",
    usd("mrr", "48213.505"),
    (
        Change(usd("day", "196.5", signed=True), "vs previous day", "good", percent("relative", "0.0041")),
        Change(percent("month", "-0.031"), "vs 21 Oct"),
    ),
    (percent("attained", "0.964", signed=False), " of target ", usd("target", "50000")),
    tuple(Decimal(v) for v in (1, 3, 2, 5, 4)),
)
LATE = Kpi("Failed payments", usd("failed", None), stamp="Stripe late: as of 21 Nov 2026, 20:00 UTC")
LINE = Chart(
    "mrr",
    "MRR, last 3 days",
    "line",
    tuple(Point(f"2026-11-{d}", Decimal(v)) for d, v in ((19, 40), (20, 42), (21, 45))),
    ("From ", usd("first", "40"), " to ", usd("last", "45"), "."),
    "currency",
    "USD",
)
WATERFALL = Chart(
    "movements",
    "Movements",
    "waterfall",
    tuple(Point(n, Decimal(v)) for n, v in (("Opening", 40), ("New", 7), ("Churn", -2), ("Closing", 45))),
    ("Opening ", usd("opening", "40"), ", closing ", usd("closing", "45"), "."),
    "currency",
    "USD",
)
CUSTOMERS = Table(
    ("Customer", "Change", "MRR"),
    (
        ("Ada Lovelace Ltd", "New", usd("ada", "199", signed=True)),
        ("Über 北京", "Churned", usd("u", "-57", signed=True)),
    ),
)
FACTS = Table((), (("Change", percent("fact", "-0.065")), ("Since", "22 Nov 2026")))
CASES = {
    "words": Document(
        "Title", (Heading("Section 2"), Text(("Plain words.",)), Divider(), Link("Site", "https://example.com/1"))
    ),
    "tiles": Document("Board", (KpiGrid((MRR, LATE)),), overline="Acme", subtitle="21 November 2026"),
    "rows": Document("Board", (KpiGrid((MRR, LATE), "rows"),)),
    "table": Document("Changes", (CUSTOMERS, Table(("A",), (), empty="No changes."), FACTS)),
    "charts": Document("Charts", (LINE, WATERFALL)),
    "notes": Document(
        "Notes", (Note(("As of 05:42.",)), Note(("Late.",), "warning"), Note(("Down.",), "critical"))
    ),
    "framed": Document(
        "Framed", (Text(("Body ", usd("b", "1")),), ), preheader=("MRR ", usd("p", "2")), footer=("In USD.",)
    ),
    "hostile": Document(
        HOSTILE,
        (
            Heading(HOSTILE),
            Text((HOSTILE + " ", usd("h", "1234.5"))),
            KpiGrid((Kpi(HOSTILE, usd("k", "-5"), stamp=HOSTILE),)),
            Table((HOSTILE, "MRR"), ((HOSTILE + "USD\N{NO-BREAK SPACE}", usd("t", "7")),)),
            Note((HOSTILE,), "critical"),
            Link(HOSTILE, "javascript:alert(1)"),
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("format", sorted(formats()))
@pytest.mark.parametrize("case", sorted(CASES))
def test_a_document_renders_as_its_golden_file(case: str, format: str, request: pytest.FixtureRequest) -> None:
    rendered = render(CASES[case], format)
    body = json.dumps(json.loads(rendered.body), indent=1, ensure_ascii=False) if format == "slack" else rendered.body
    golden = GOLDEN / f"{case}.{ {'slack': 'json', 'text': 'txt'}.get(format, format) }"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(body.rstrip() + "\n")
    assert body.rstrip() + "\n" == golden.read_text()


def test_golden_files_stay_readable() -> None:
    sizes = {path.name: len(path.read_text().splitlines()) for path in GOLDEN.iterdir()}
    assert {name: lines for name, lines in sizes.items() if lines > 200} == {}
    assert len(sizes) == len(CASES) * len(formats())


def test_html_neutralises_hostile_text() -> None:
    body = render(CASES["hostile"], "html").body
    assert "<script>alert" not in body
    assert "javascript:" not in body
    assert "\x00" not in body
    assert "\u202e" not in body


def test_slack_neutralises_mentions_and_code_fences() -> None:
    body = json.dumps(json.loads(render(CASES["hostile"], "slack").body), ensure_ascii=False)
    assert "<!channel>" not in body
    assert "<@U1>" not in body
    table = next(b["text"]["text"] for b in json.loads(render(CASES["hostile"], "slack").body)["blocks"] if "MRR" in str(b))
    assert table.count("```") == 2


def test_text_fits_80_columns_when_words_do() -> None:
    longest = max(len(line) for case in CASES.values() for line in render(case, "text").body.splitlines())
    assert longest <= 80


def test_every_chart_has_a_png_and_alternative_text() -> None:
    rendered = render(CASES["charts"], "html")
    assert [image.png[:4] for image in rendered.images] == [b"\x89PNG", b"\x89PNG"]
    assert [image.alt for image in rendered.images] == [
        "From $40.00 to $45.00.",
        "Opening $40.00, closing $45.00.",
    ]
    assert re.findall(r'src="cid:([^"]+)"', rendered.body) == [image.name for image in rendered.images]


def test_a_chart_that_cannot_be_drawn_leaves_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> bytes:
        raise ValueError("no engine")

    monkeypatch.setattr("cynosure.document.charts.vl_convert.vegalite_to_png", broken)
    rendered = render(CASES["charts"], "html")
    assert rendered.images == ()
    assert "could not be drawn" in rendered.body
    assert "$45.00" in rendered.body


def test_a_large_document_stays_below_the_size_at_which_mail_is_cut() -> None:
    rows = tuple((f"Customer number {n} Incorporated", "Expansion", usd(f"r{n}", str(n))) for n in range(40))
    grid = KpiGrid((MRR,) * 24, "rows")
    document = Document("Large", (KpiGrid((MRR,) * 4), grid, LINE, WATERFALL, Table(CUSTOMERS.columns, rows)))
    assert len(render(document, "html").body.encode()) < 90_000


def test_slack_keeps_its_limits_and_says_that_it_shortened() -> None:
    document = Document("Long", tuple(Text((f"Paragraph {n} " + "word & " * 300,)) for n in range(80)))
    blocks = json.loads(render(document, "slack").body)["blocks"]
    texts = [block["text"]["text"] for block in blocks if block["type"] == "section"]
    assert len(blocks) <= 50
    assert sum(map(len, texts)) <= 13_000
    assert max(map(len, texts)) <= 3000
    assert "Shortened" in blocks[-1]["elements"][0]["text"]


def test_slack_parts_a_long_word_without_splitting_an_entity() -> None:
    document = Document("Long", (Text(("&" * 1500,)),))
    texts = [b["text"]["text"] for b in json.loads(render(document, "slack").body)["blocks"] if b["type"] == "section"]
    assert len(texts) > 1
    assert all(re.fullmatch(r"(&amp;| )+", text) for text in texts)
