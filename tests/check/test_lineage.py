"""Which figures a late or broken stream concerns."""

from __future__ import annotations

from typing import Any

from cynosure.check.lineage import Lineage


def node(name: str, schema: str, **meta: Any) -> dict[str, Any]:
    return {"name": name, "schema": schema, "resource_type": "model", "config": {"meta": meta}}


MANIFEST = {
    "sources": {"source.leads": {"identifier": "crm__leads"}, "source.invoices": {"identifier": "billing__invoices"}},
    "nodes": {
        "groups": node("int_groups", "intermediate", frames_only=True),
        "prospects": node("int_prospects", "intermediate"),
        "revenue": node("revenue", "kpis"),
        "leads": node("leads", "kpis"),
    },
    "child_map": {
        "source.leads": ["groups", "prospects"],
        "source.invoices": ["revenue"],
        "groups": ["revenue"],
        "prospects": ["leads"],
    },
}


def test_a_stream_concerns_the_kpis_that_are_computed_from_it() -> None:
    assert Lineage(MANIFEST).kpis_of_stream("billing", "invoices") == ("revenue",)
    assert Lineage(MANIFEST).kpis_of_stream("crm", "unheard_of") == ()


def test_what_only_tells_the_groups_of_a_figure_does_not_concern_its_total() -> None:
    assert Lineage(MANIFEST).kpis_of_stream("crm", "leads") == ("leads",)
