"""A figure is explained down to the vendors' objects: every way of adding up gives it, and what was altered is noticed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command import Ended, call

from cynosure.cli.output import print_json
from cynosure.explain import Explanation, as_document, explain
from cynosure.explain.formula import read_formula
from cynosure.explain.periods import Period
from cynosure.settings import ConfigError, Settings
from cynosure.warehouse import Session

pytestmark = pytest.mark.slow

SQL = Path(__file__).resolve().parents[2] / "sql"
FORMULAS = {path.stem: read_formula(path) for path in sorted(SQL.glob("models/kpis/*/*.sql"))}
WALKED = [name for name, formula in FORMULAS.items() if formula]
WAYS = ["movements of the ledger", "subscription item periods", "raw objects"]
NOTHING = Decimal(0)

Explain = Callable[..., Explanation]


@pytest.fixture
def settings(company: Any, landed: Path) -> Settings:
    return replace(company.settings, landing=f"file://{landed}", warehouse=company.warehouse.url)


@pytest.fixture
def session(company: Any) -> Iterator[Session]:
    """The built warehouse; what a test alters in it is undone."""
    with company.warehouse.writing() as session:
        session.execute("begin")
        yield session
        session.execute("rollback")


@pytest.fixture
def explained(session: Session, settings: Settings) -> Explain:
    return lambda kpi, period="2026-02", *member: explain(session, settings, kpi, period, *member)


def figures(session: Session, kpi: str) -> list[tuple[str, str, str]]:
    """Of each dimension by month, and of the total by every grain, the newest figure of the largest member."""
    query = (
        "select grain, dimension, member, max(period_start) from kpis.{} where value is not null"
        " group by grain, dimension, member order by grain, dimension, max(abs(value)) desc, member"
    )
    found = {(grain, dimension): (start, member) for grain, dimension, member, start in reversed(session.rows(query.format(kpi)))}
    return [
        (Period(grain, start).name, dimension, member)
        for (grain, dimension), (start, member) in found.items()
        if dimension == "all" or grain == "month"
    ]


def test_what_the_waterfall_and_the_retention_windows_give_can_be_followed_to_rows() -> None:
    assert {"mrr", "arr", "new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr", "reactivated_mrr", "net_new_mrr",
            "fx_mrr", "active_customers", "new_customers", "churned_customers", "arpu", "mrr_churn_rate", "net_mrr_churn_rate",
            "mrr_growth_rate", "quick_ratio", "nrr", "grr", "customer_churn_rate", "nrr_trailing_12_months"} <= set(WALKED)  # fmt: skip


@pytest.mark.parametrize("kpi", WALKED)
def test_every_way_of_adding_up_gives_the_figure(kpi: str, session: Session, explained: Explain) -> None:
    followed = 0
    for period, dimension, member in figures(session, kpi):
        found = explained(kpi, period, dimension, member)
        if not found.walk:
            continue
        assert [proof for proof in found.walk.proofs if proof.difference] == [], (period, dimension, member)
        assert [value.missing for value in found.walk.recomputed.values() if value.missing] == []
        assert found.is_exact
        followed += 1
    assert followed


@pytest.mark.parametrize("kpi", ["mrr", "net_new_mrr", "churned_mrr"])
def test_parts_name_the_objects_that_they_come_from(kpi: str, explained: Explain) -> None:
    document = as_document(explained(kpi, "2025"))
    for term in document["terms"]:
        assert [proof["way"] for proof in document["proofs"]] == WAYS
        assert sum(entry["amount"] for entry in term["contributions"]) == term["sums"][WAYS[0]]
        for entry in term["contributions"]:
            assert entry["after"] or entry["before"]
            for line in (*entry["after"], *entry["before"]):
                objects = [document["objects"][key] for key in document["items"][line["item"]]["recomputed"]["objects"]]
                assert {"subscriptions", "events", "invoices", "invoice_items"} & {object["stream"] for object in objects}
                assert "prices" in {object["stream"] for object in objects}
    assert document["objects"]
    assert {object["intact"] for object in document["objects"].values()} == {True}
    for batch in document["batches"].values():
        assert (bool(batch["api_version"]), batch["landing_agrees"]) == (True, True)
        assert all(Path(path).exists() for path in batch["landing"])


def test_the_waterfall_of_a_balance_closes(explained: Explain) -> None:
    found = explained("mrr", "2025-Q4")
    assert found.walk
    steps = dict(found.walk.waterfall)
    closing = steps.pop("closing")
    assert (sum(steps.values()), closing) == (closing, found.question.published.value)


# what is altered, and the way of adding up that no longer gives the figure
ALTERED = {
    "kpis.mrr": ("update kpis.mrr set value = value + 1", set(WAYS)),
    "the ledger": ("update marts.mrr_movements_by_plan set signed_amount = signed_amount + 1 where movement = 'new'", {WAYS[0]}),
    "an item period": ("update marts.subscription_item_periods set monthly_amount = monthly_amount + 1", {WAYS[1]}),
    "a rate": ("update marts.exchange_rates set rate = rate * 2 where currency = 'EUR'", {WAYS[1]}),
    "a raw price": (
        "update raw.stripe__prices set payload = cast(replace(cast(payload as text), '\"unit_amount_decimal\":\"',"
        " '\"unit_amount_decimal\":\"9') as json)",
        {WAYS[2]},
    ),
    "a raw rate": (
        "update raw.ecb__reference_rates set payload = cast(replace(cast(payload as text), '\"rate\": \"', '\"rate\": \"9') as json)"
        " where id like '%/USD'",
        {WAYS[2]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_makes_a_difference(what: str, session: Session, explained: Explain) -> None:
    statement, ways = ALTERED[what]
    session.execute(statement)
    found = explained("mrr")
    assert found.walk
    assert {proof.way for proof in found.walk.proofs if proof.difference} == ways
    assert not found.is_exact
    assert bool(found.altered) == what.startswith("a raw")


def test_an_altered_object_that_changes_no_amount_is_noticed_by_its_hash(session: Session, explained: Explain) -> None:
    session.execute("update raw.stripe__prices set payload = cast(' ' || cast(payload as text) as json)")
    found = explained("mrr")
    assert found.walk
    assert [proof for proof in found.walk.proofs if proof.difference] == []
    assert found.altered
    assert not found.is_exact


def test_other_figures_show_their_models_and_streams_and_say_where_they_stop(explained: Explain) -> None:
    found = explained("win_rate", "2026-Q1")
    assert (found.walk, bool(found.stops)) == (None, True)
    assert {"opportunities"} <= {model.name for model in found.models}
    streams = {stream.name: stream for stream in found.streams}
    assert streams["salesforce.opportunities"].objects
    assert all(stream.batches and stream.read_at for stream in found.streams)
    assert all(model.rows is not None for model in found.models if model.layer != "staging")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("mr", "2026-01"), "did you mean 'mrr'"),
        (("mrr", "2026-1"), "is no period; write it as 2026, 2026-Q2"),
        (("mrr", "2026-W60"), "is no period"),
        (("mrr", "2031-05"), "no figure for 2031-05: there are data from 20"),
        (("nrr", "2026-W04"), "nrr has no grain 'week'; the grains are month"),
        (("mrr", "2026-01", "colour", "red"), "no dimension 'colour'; the dimensions are all"),
        (("mrr", "2026-01", "currency", "all"), "add --member; there are EUR"),
        (("mrr", "2026-01", "currency", "EURO"), "did you mean 'EUR'?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_figure_that_does_not_exist_is_refused_with_what_there_is(
    asked: tuple[str, ...], said: str, explained: Explain
) -> None:
    with pytest.raises(ConfigError) as refused:
        explained(*asked)
    assert said in str(refused.value)


KEYS = {
    "": "format kpi title definition formula unit currency period dimension member value numerator denominator sample_size"
    " data_as_of is_exact stops proofs waterfall terms items objects batches models streams",
    "period": "name grain start last_day known_day is_running",
    "proofs": "part way figure sum rows difference",
    "terms": "part factor name words is_count sums rows contributions",
    "contributions": "customer_id customer_name day movement amount caused_by after before",
    "after": "item amount rate rate_day",
    "items": "id item subscription customer plan price currency quantity from_at until_at status list_amount monthly_amount"
    " told_by status_by taxed_by recomputed",
    "recomputed": "amount arithmetic objects missing",
    "objects": "source stream id batch extracted_at intact",
    "batches": "mode api_version extracted_at landing landing_agrees",
    "models": "name layer distance parents rows",
    "streams": "name objects versions deleted batches last_batch read_at as_of",
}


def test_the_document_has_the_keys_of_its_format(explained: Explain, capsys: pytest.CaptureFixture[str]) -> None:
    print_json(as_document(explained("mrr")))
    document = json.loads(capsys.readouterr().out)
    found = {
        "": document,
        "period": document["period"],
        **{name: document[name][0] for name in ("proofs", "terms", "models", "streams")},
    }
    found |= {name: next(iter(document[name].values())) for name in ("items", "objects", "batches")}
    found["contributions"] = found["terms"]["contributions"][0]
    found["after"], found["recomputed"] = found["contributions"]["after"][0], found["items"]["recomputed"]
    assert document["format"] == 1
    assert {name: set(keys) for name, keys in found.items()} == {name: set(keys.split()) for name, keys in KEYS.items()}
    # money stays exact: it is text
    assert Decimal(document["value"]) == Decimal(document["proofs"][0]["sum"])


def command(settings: Settings, *arguments: str) -> Ended:
    env = {
        "CYNOSURE_PROJECT": str(settings.project),
        "CYNOSURE_HOME": str(settings.home),
        "CYNOSURE_WAREHOUSE": settings.warehouse,
    }
    return call("explain", *arguments, env={**env, "CYNOSURE_LANDING": settings.landing})


def test_the_command_reads_what_is_published_and_fails_where_it_does_not_add_up(company: Any, settings: Settings) -> None:
    good = command(settings, "mrr", "2026-02")
    assert (good.code, "it adds up exactly" in good.out) == (0, True)
    running = command(settings, "new_mrr", "2026-03")
    assert "so far, to 2026-03-19" in running.out
    assert json.loads(command(settings, "mrr", "2026-02", "--json").out)["is_exact"] is True
    change = "update kpis.mrr set value = value + {}"
    try:
        _publish(company, change.format(1))
        bad = command(settings, "mrr", "2026-02")
        assert (bad.code, "it does NOT add up" in bad.out) == (4, True)
    finally:
        _publish(company, change.format(-1))


def _publish(company: Any, statement: str) -> None:
    with company.warehouse.writing() as session:
        session.execute(statement)
    company.warehouse.publish()


def test_contributors_are_the_customers_that_pay(company: Any, explained: Explain) -> None:
    truth = company.world.truth.mrr_daily()
    paying = {row["customer"] for row in truth if row["date"] == "2026-02-28" and Decimal(row["reporting"]) > NOTHING}
    found = explained("mrr")
    assert found.walk
    assert {entry.customer for entry in found.walk.terms["closing_mrr"].contributions} == paying
    assert found.question.period.last_day == date(2026, 2, 28)
