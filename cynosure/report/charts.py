"""The charts of a report: a KPI's course, and how MRR moved within the month."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from cynosure import document as doc
from cynosure.report.measure import Measurement, spoken
from cynosure.settings.reports import Trend, Waterfall

_SHORT = {
    "new_mrr": "New", "expansion_mrr": "Expansion", "reactivated_mrr": "Reactivated",
    "contraction_mrr": "Contraction", "churned_mrr": "Churn", "fx_mrr": "Currency",
}  # fmt: skip


def trend(chart: Trend, at: Measurement) -> doc.Block | None:
    """A line of daily values; None if there are not two of them."""
    kpi = at.kpis[chart.kpi]
    days = at.reader.series(chart.kpi, "day", at.day - timedelta(days=chart.days - 1), at.day)
    known = [(day, value) for day, value in days if value is not None]
    if len(known) < 2:
        return None
    (first, start), (last, end) = known[0], known[-1]
    name = f"{kpi.name}.trend"
    alt: doc.Line = (
        "From ", kpi.figure(f"{name}.first", start, at.currency), f" on {spoken(first)} to ",
        kpi.figure(f"{name}.last", end, at.currency), f" on {spoken(last)}.",
    )  # fmt: skip
    points = tuple(doc.Point(day.isoformat(), value) for day, value in days)
    return doc.Chart(name, f"{kpi.title}, {len(days)} days", "line", points, alt, kpi.unit, at.currency)


def waterfall(chart: Waterfall, at: Measurement) -> doc.Block:
    """Opening, movements and closing of the month so far; a remark instead if they do not add up."""
    first = at.day.replace(day=1)
    opening = at.reader.value(chart.opening, "day", first - timedelta(days=1))
    closing = at.reader.value(chart.opening, "day", at.day)
    names = [*chart.gains, *chart.losses, *chart.either]
    amounts = {name: at.reader.total(name, first, at.day) for name in names}
    moved = {n: -a if n in chart.losses else a for n, a in amounts.items() if a is not None}
    if opening is None or closing is None or len(moved) < len(names):
        return doc.Note(("MRR movements of the month: not every day is there yet.",))
    if opening + sum(moved.values(), Decimal(0)) != closing:
        return doc.Note(("MRR movements of the month do not add up to MRR; the chart is left out.",), "warning")
    steps = [(_SHORT.get(n) or at.kpis[n].title, amount) for n, amount in moved.items() if amount or n not in chart.either]
    points = [
        doc.Point("Opening", opening),
        *(doc.Point(label, amount) for label, amount in steps),
        doc.Point("Closing", closing),
    ]
    alt = (_money("waterfall.opening", opening, at), " at the start of the month, ",
           _money("waterfall.closing", closing, at), f" on {spoken(at.day)}.")  # fmt: skip
    title = f"MRR movements in {at.day:%B}"
    return doc.Chart("waterfall", title, "waterfall", tuple(points), alt, "currency", at.currency)


def _money(name: str, value: Decimal, at: Measurement) -> doc.Figure:
    return doc.Figure(name, value, "currency", at.currency)
