"""An explanation as one JSON document: every row, exact amounts as text. `format` changes when a key does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cynosure.explain.explanation import Explanation
from cynosure.explain.items import Item, Line
from cynosure.explain.objects import Batch, RawObject
from cynosure.explain.terms import Contribution, Term
from cynosure.explain.walk import Proof, Walk

FORMAT = 1


def as_document(explanation: Explanation) -> dict[str, Any]:
    """Everything that is known of a figure, for a program to read."""
    asked, found = explanation.question, explanation.walk
    history = explanation.history
    batches = {(object.source, object.stream, object.batch) for object in history.read.values()}
    return {
        "format": FORMAT,
        "kpi": asked.kpi.name,
        "title": asked.kpi.title,
        "definition": asked.kpi.definition,
        "formula": asked.kpi.formula,
        "unit": asked.kpi.unit,
        "currency": explanation.currency,
        "period": {
            "name": asked.period.name,
            "grain": asked.period.grain,
            "start": asked.period.start,
            "last_day": asked.period.last_day,
            "known_day": asked.known_day,
            "is_running": asked.is_running,
        },
        "dimension": asked.dimension,
        "member": asked.member,
        **vars(asked.published),
        "data_as_of": asked.data_as_of,
        "is_exact": explanation.is_exact,
        "stops": explanation.stops,
        "proofs": [_proof(proof) for proof in (found.proofs if found else ())],
        "waterfall": dict(found.waterfall) if found else {},
        "terms": _terms(explanation, found) if found else [],
        "items": _items(found) if found else {},
        "objects": {key: _object(object) for key, object in sorted(history.read.items())},
        "batches": {
            f"{source}.{stream}/{name}": _batch(history.batch(source, stream, name)) for source, stream, name in sorted(batches)
        },
        "models": [vars(model) for model in explanation.models],
        "streams": [vars(stream) for stream in explanation.streams],
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {**vars(proof), "difference": proof.difference}


def _terms(explanation: Explanation, found: Walk) -> list[dict[str, Any]]:
    parts = (("numerator", found.formula.numerator), ("denominator", found.formula.denominator or {}))
    return [
        {"part": part, "factor": factor, **_term(explanation, found.terms[name])}
        for part, summands in parts
        for name, factor in summands.items()
    ]


def _term(explanation: Explanation, term: Term) -> dict[str, Any]:
    return {
        "name": term.name,
        "words": term.words,
        "is_count": term.is_count,
        "sums": dict(term.sums),
        "rows": dict(term.rows),
        "contributions": [_contribution(explanation, entry) for entry in term.contributions],
    }


def _contribution(explanation: Explanation, entry: Contribution) -> dict[str, Any]:
    return {
        "customer_id": entry.customer,
        "customer_name": explanation.customers.get(entry.customer),
        "day": entry.day,
        "movement": entry.movement,
        "amount": entry.amount,
        "caused_by": entry.caused_by,
        "after": [_line(line) for line in entry.after],
        "before": [_line(line) for line in entry.before],
    }


def _line(line: Line) -> dict[str, Any]:
    return {"item": line.item.id, "amount": line.amount, "rate": line.rate, "rate_day": line.rate_day}


def _items(found: Walk) -> dict[str, Any]:
    return {item.id: {**vars(item), "recomputed": vars(found.recomputed[item.id])} for item in _used(found)}


def _used(found: Walk) -> Iterable[Item]:
    lines = (line for term in found.terms.values() for entry in term.contributions for line in (*entry.after, *entry.before))
    return {line.item.id: line.item for line in lines}.values()


def _object(object: RawObject) -> dict[str, Any]:
    return {name: value for name, value in vars(object).items() if name != "body"}


def _batch(batch: Batch | None) -> dict[str, Any] | None:
    return None if batch is None else vars(batch)
