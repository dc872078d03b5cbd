"""What was published is kept with its question; when the answer changes, the difference is split by cause and sums up."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from command import call
from hypothesis import given
from hypothesis import strategies as st

from cynosure import report
from cynosure.load import create_raw_table, create_schema
from cynosure.register.attribution import Cause, Versions, attribute, reached_customers
from cynosure.register.changed import PublishedFigure, published
from cynosure.register.parts import Part, packed, unpacked
from cynosure.settings import Settings
from cynosure.warehouse import Session, open_warehouse
from tests.report.small_company import NOW, make_company, mrr_on

DAY = date(2026, 11, 21)
AS_OF = NOW - timedelta(minutes=30)
EURO = Decimal(1000)
SAME = Versions(same_definition=True, same_code=True)


@pytest.fixture
def company(tmp_path: Path) -> Settings:
    """Three customers: one in euro, two in dollars, each with a subscription; their parts are the MRR."""
    company = make_company(tmp_path)
    change(company, _customers)
    report.send_due(company, NOW)
    return company


def change(settings: Settings, do: Callable[[Session], None]) -> None:
    warehouse = open_warehouse(settings.warehouse)
    with warehouse.writing() as session:
        do(session)
    warehouse.publish()


def _customers(session: Session) -> None:
    session.execute(
        "create table marts.mrr_daily (customer_id text, currency text, mrr_date date, native_mrr_amount numeric(18, 6),"
        " mrr_amount numeric(18, 6), rate numeric(18, 8))"
    )
    rest = mrr_on(DAY) - EURO * Decimal("1.1") - 50
    for customer, currency, native, rate in (
        ("cus_E", "EUR", EURO, "1.1"),
        ("cus_A", "USD", rest, "1"),
        ("cus_B", "USD", 50, "1"),
    ):
        session.execute(
            "insert into marts.mrr_daily values ($1, $2, $3, $4, $5, $6)",
            customer, currency, DAY, native, Decimal(native) * Decimal(rate), Decimal(rate),
        )  # fmt: skip
    create_raw_table(session, "stripe", "subscriptions")
    for customer in ("cus_E", "cus_A", "cus_B"):
        version(session, f"sub_{customer}", customer, AS_OF - timedelta(days=9), "0")


def version(session: Session, id: str, customer: str, created: datetime, batch: str, *, deleted: bool = False) -> None:
    """A version of a subscription, as loaded with a batch."""
    session.execute("update raw.stripe__subscriptions set valid_to = $2 where id = $1 and valid_to is null", id, created)
    body = json.dumps({"id": id, "customer": customer, "created": int(created.timestamp())})
    session.execute(
        "insert into raw.stripe__subscriptions values ($1, $2, 'h', null, $3, $4, $3, null, $5)",
        id,
        body,
        created,
        batch,
        deleted,
    )


def worth(session: Session, customer: str, amount: Decimal, rate: str = "1") -> None:
    """The customer's MRR of the day as the models now say, and the total with it."""
    session.execute("delete from marts.mrr_daily where customer_id = $1", customer)
    if amount:
        session.execute(
            "insert into marts.mrr_daily values ($1, $2, $3, $4, $5, $6)",
            customer, "EUR" if rate != "1" else "USD", DAY, amount / Decimal(rate), amount, Decimal(rate),
        )  # fmt: skip
    session.execute(
        "update kpis.mrr set value = (select sum(mrr_amount) from marts.mrr_daily) where grain = 'day' and period_start = $1", DAY
    )


def mrr(company: Settings) -> PublishedFigure:
    return next(f for f in published(company) if (f.entry["kpi"], f.entry["measure"]) == ("mrr", "day"))


def test_every_figure_is_kept_with_its_question_its_state_and_its_readers(company: Settings) -> None:
    entries = {f"{f.entry['kpi']}.{f.entry['measure']}": f.entry for f in published(company)}
    assert {(entry["kind"], entry["name"], entry["audience"]) for entry in entries.values()} == {("report", "daily", "board")}
    assert set(entries) == {
        "mrr.day", "net_new_mrr.month_to_date", "active_customers.day", "mrr_churn_rate.month", "new_mrr.month_to_date",
        "failed_payment_amount.day",
    }  # fmt: skip
    kept = entries["mrr.day"]
    assert (kept["shown"], kept["value"], kept["data_as_of"]) == ("$41,032.75", f"{mrr_on(DAY)}0000", AS_OF)
    assert kept["recipients"] == ["email:ada@example.com", "slack:#board"]
    for entry in entries.values():
        with open_warehouse(company.warehouse).reading() as session:
            (found,) = session.row(entry["query"]) or (None,)
        assert found == (None if entry["value"] is None else Decimal(entry["value"])), entry["query"]


def test_what_has_not_changed_needs_no_reason(company: Settings) -> None:
    assert [figure for figure in published(company) if figure.is_changed] == []
    assert mrr(company).causes == {}


def happened(session: Session, cause: Cause) -> None:
    """Something that takes 10 from MRR, or adds it."""
    later, before = NOW + timedelta(minutes=5), AS_OF - timedelta(days=2)
    if cause == "late data":
        version(session, "sub_late", "cus_C", before, "zz")
        worth(session, "cus_C", Decimal(10))
    if cause == "source edit":
        version(session, "sub_cus_B", "cus_B", AS_OF - timedelta(days=9), "zz")
        worth(session, "cus_B", Decimal(40))
    if cause == "deletion":
        version(session, "sub_cus_B", "cus_B", later, "zz", deleted=True)
        worth(session, "cus_B", Decimal(0))
    if cause == "fx":
        worth(session, "cus_E", EURO * Decimal("1.2"), "1.2")
    if cause in ("definition change", "code", "unexplained"):
        worth(session, "cus_B", Decimal(60))


EXPECTED: dict[Cause, int] = {
    "late data": 10, "source edit": -10, "deletion": -50, "fx": 100, "definition change": 10, "code": 10, "unexplained": 10,
}  # fmt: skip


@pytest.mark.parametrize("cause", EXPECTED)
def test_a_change_has_the_cause_that_made_it(cause: Cause, company: Settings) -> None:
    change(company, lambda session: happened(session, cause))
    (company.sql / "macros").mkdir()
    if cause == "code":
        (company.sql / "macros" / "m.sql").write_text("{% macro m() %}{% endmacro %}")
    if cause == "definition change":
        (company.sql / "models" / "kpis" / "revenue" / "mrr.sql").write_text("select 1")
    found = mrr(company)
    assert (found.is_changed, found.difference) == (True, EXPECTED[cause])
    assert found.causes == {cause: EXPECTED[cause]}


def test_several_causes_share_the_difference(company: Settings) -> None:
    change(company, lambda session: (happened(session, "late data"), happened(session, "fx"), happened(session, "deletion"))[0])
    assert mrr(company).causes == {"late data": 10, "fx": 100, "deletion": -50}
    assert mrr(company).difference == 60


def test_a_rate_that_moves_beside_an_edit_counts_apart_from_it(company: Settings) -> None:
    def both(session: Session) -> None:
        version(session, "sub_cus_E", "cus_E", AS_OF - timedelta(days=9), "zz")
        worth(session, "cus_E", 2 * EURO * Decimal("1.2"), "1.2")

    change(company, both)
    assert mrr(company).causes == {"source edit": 1200, "fx": 100}


@pytest.mark.parametrize(
    ("kpi", "grain", "cause"), [("failed_payment_amount", "day", "unexplained"), ("mrr_churn_rate", "month", "incomplete period")]
)
def test_a_figure_without_parts_is_told_by_what_else_has_changed(kpi: str, grain: str, cause: Cause, company: Settings) -> None:
    change(company, lambda s: s.execute(f"update kpis.{kpi} set value = 0.5 where grain = '{grain}'") and None)
    found = next(f for f in published(company) if f.entry["kpi"] == kpi)
    assert list(found.causes) == [cause]
    assert sum(found.causes.values()) == found.difference


def test_a_kpi_that_is_gone_is_listed_without_an_answer(company: Settings) -> None:
    file = company.sql / "models" / "kpis" / "revenue" / "_revenue.yml"
    models = json.loads(file.read_text())
    models["models"] = [model for model in models["models"] if model["name"] != "failed_payment_amount"]
    file.write_text(json.dumps(models))
    found = next(f for f in published(company) if f.entry["kpi"] == "failed_payment_amount")
    assert (found.is_changed, found.now, found.causes) == (True, None, {})


def command(company: Settings, *arguments: str) -> str:
    return call("published", *arguments, env={"CYNOSURE_PROJECT": str(company.project), "CYNOSURE_HOME": str(company.home)}).out


def test_the_command_lists_what_was_said_and_why_it_is_another_figure_now(company: Settings) -> None:
    assert command(company, "--changed") == "no published figure has changed\n"
    change(company, lambda session: (happened(session, "late data"), happened(session, "fx"))[0])
    (row,) = [line for line in command(company, "--changed").splitlines() if "mrr day" in line]
    assert all(part in row for part in ("daily (board)", "$41,032.75", "$41,142.75", "late data +$10.00, fx +$100.00"))
    (found,) = json.loads(command(company, "--changed", "--json"))
    assert (found["kpi"], found["difference"], found["changed"]) == ("mrr", "110.000000", True)
    assert {cause: Decimal(amount) for cause, amount in found["causes"].items()} == {"late data": 10, "fx": 100}


@pytest.mark.parametrize("engine", ["duckdb", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_reached_a_customer_since_is_read_alike_from_every_warehouse(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"duckdb://{tmp_path}/w.duckdb" if engine == "duckdb" else _database(request.getfixturevalue("postgres_server"))
    with open_warehouse(url).writing() as session:
        create_schema(session)
        create_raw_table(session, "stripe", "subscriptions")
        before, later = AS_OF - timedelta(days=3), AS_OF + timedelta(days=1)
        for customer in ("edited", "gone", "untouched"):
            version(session, f"sub_{customer}", customer, before, "b1")
        version(session, "sub_edited", "edited", before, "b2")
        version(session, "sub_gone", "gone", before, "b2", deleted=True)
        version(session, "sub_late", "late", before, "b2")
        version(session, "sub_backdated", "backdated", later, "b2")
        found = reached_customers(session, {"stripe.subscriptions": "b1"}, AS_OF)
    assert found == {"edited": "source edit", "gone": "deletion", "late": "late data", "backdated": "source edit"}


def _database(server: str) -> str:
    name = f"p{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={server}", autocommit=True) as connection:
        connection.execute(f"create database {name}".encode())
    return f"postgresql://postgres@/{name}?host={server}"


PARTS = st.dictionaries(
    st.tuples(st.sampled_from("abcd"), st.sampled_from(["EUR", "USD"]), st.just("2026-11-21")),
    st.builds(Part, st.decimals(-1000, 1000, places=6), st.none() | st.decimals("0.5", "2", places=8)),
)


@given(
    PARTS,
    PARTS,
    st.dictionaries(st.sampled_from("abcd"), st.sampled_from(["late data", "source edit", "deletion"])),
    st.booleans(),
)
def test_causes_always_sum_to_the_difference(
    then: dict[tuple[str, str, str], Part], now: dict[tuple[str, str, str], Part], reached: dict[str, Cause], same: bool
) -> None:
    causes = attribute(then, now, reached, Versions(same, same_code=not same))
    assert sum(causes.values()) == sum(p.amount for p in now.values()) - sum(p.amount for p in then.values())


@given(PARTS)
def test_parts_are_kept_exactly(parts: dict[tuple[str, str, str], Part]) -> None:
    assert unpacked(packed(parts)) == parts
