"""Reading KPIs: metadata beside the model, values from the warehouse, changes in the right unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cynosure.settings import ConfigError, Settings
from cynosure.transform.kpis import KpiReader, read_kpis
from cynosure.warehouse import open_warehouse
from tests.report.small_company import CONTRACT, make_company, mrr_on


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_company(tmp_path_factory.mktemp("company"))


@pytest.fixture
def reader(company: Settings) -> Iterator[KpiReader]:
    with open_warehouse(company.warehouse).reading() as session:
        yield KpiReader(session)


def test_metadata_is_read_from_beside_the_model(company: Settings) -> None:
    kpi = read_kpis(company.sql)["mrr"]
    assert (kpi.unit, kpi.better, kpi.classification, kpi.sources) == ("currency", "up", "confidential", ("stripe",))


def test_every_kpi_of_the_project_has_readable_metadata() -> None:
    kpis = read_kpis(Path(__file__).resolve().parents[2] / "sql")
    assert {"mrr", "net_new_mrr", "failed_payment_amount", "mrr_churn_rate"} <= set(kpis)


def test_wrong_metadata_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "kpis" / "revenue"
    folder.mkdir(parents=True)
    meta = "{title: t, formula: f, unit: dollars}"
    (folder / "_revenue.yml").write_text(f"models: [{{name: mrr, config: {{meta: {meta}}}}}]")
    with pytest.raises(ConfigError, match=r"_revenue.yml: mrr: config.meta.unit"):
        read_kpis(tmp_path)


def test_values_and_series_are_exact_decimals(reader: KpiReader) -> None:
    day = date(2026, 11, 21)
    assert reader.value("mrr", "day", day) == mrr_on(day)
    assert reader.series("mrr", "day", date(2026, 11, 20), day) == [(d, mrr_on(d)) for d in (date(2026, 11, 20), day)]
    assert reader.total("new_mrr", date(2026, 11, 1), day) == Decimal("262.5")


def test_what_is_not_there_has_no_value(reader: KpiReader) -> None:
    assert reader.value("mrr", "day", date(2030, 1, 1)) is None
    assert reader.value("mrr", "day", date(2026, 11, 21), ("plan", "none")) is None
    assert reader.total("new_mrr", date(2026, 8, 31), date(2026, 9, 2)) is None


def test_a_binary_float_is_refused(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb:///{tmp_path}/w.duckdb")
    with warehouse.writing() as session:
        session.execute("create schema kpis")
        session.execute(f"create table kpis.wrong ({CONTRACT.replace('value numeric(24, 6)', 'value double')})")
        session.execute("insert into kpis.wrong values ('2026-11-21', 'day', 'all', 'all', 0.1, null, null, 1)")
        with pytest.raises(TypeError, match="binary float"):
            KpiReader(session).value("wrong", "day", date(2026, 11, 21))


def test_changes_of_rates_are_points_and_of_money_are_money(company: Settings) -> None:
    kpis = read_kpis(company.sql)
    assert kpis["mrr_churn_rate"].difference("d", Decimal("0.021"), Decimal("0.020"), "USD").text == "+0.1\N{NO-BREAK SPACE}pts"
    assert kpis["mrr"].difference("d", Decimal(90), Decimal(100), "USD").text == "−$10.00"
    assert kpis["mrr"].difference("d", Decimal(90), None, "USD").text == "n/a"
    relative = kpis["mrr"].relative("r", Decimal(90), Decimal(100))
    assert relative is not None
    assert relative.text == "−10.0%"
    assert kpis["mrr"].relative("r", Decimal(90), Decimal(0)) is None


def test_less_is_better_where_the_kpi_says_so(company: Settings) -> None:
    kpis = read_kpis(company.sql)
    rise = kpis["mrr"].difference("d", Decimal(2), Decimal(1), "USD")
    assert [kpis[name].tone(rise) for name in ("mrr", "churned_mrr", "fx_mrr")] == ["good", "bad", "neutral"]
