"""Staging shows each object of a stream once, with its values where the vendor puts them, and needs no source to be there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from build import PROJECT, dbt
from five_systems import SYSTEMS, FiveSystems

from cynosure.load import create_schema
from cynosure.warehouse import Warehouse

pytestmark = pytest.mark.slow

SELECTED = [f"staging.{system}" for system in SYSTEMS]
MODELS = {path.stem: path for system in SYSTEMS for path in (PROJECT / "models/staging" / system).glob("*.sql")}
_STREAM = re.compile(r"current_rows\('(\w+)', '(\w+)'[,)]")
_KEY = re.compile(r"^        (?:source\.)?id as (\w+_id),", re.MULTILINE)

#: models with a row for each element of a list inside the objects of a stream: model -> how many an object has
NESTED: dict[str, Callable[[str, dict], int]] = {
    "stg_hubspot__associations": lambda id, body: len(body["to"]),
    "stg_hubspot__campaign_budget_items": lambda id, body: len(body["budgetItems"]) + len(body["spendItems"]),
    "stg_hubspot__pipeline_stages": lambda id, body: len(body["stages"]),
    "stg_hubspot__property_history": lambda id, body: sum(map(len, body["propertiesWithHistory"].values())),
    "stg_intercom__contact_companies": lambda id, body: len(body["data"]),
    "stg_intercom__conversation_parts": lambda id, body: len(body["conversation_parts"]["conversation_parts"]),
    "stg_intercom__office_hours": lambda id, body: len(body["time_intervals"]),
    "stg_zendesk__schedule_holidays": lambda id, body: len(body["holidays"]),
    "stg_zendesk__schedule_intervals": lambda id, body: len(body["intervals"]),
    "stg_zendesk__sla_policy_targets": lambda id, body: len(body["policy_metrics"]),
    "stg_zendesk__ticket_events": lambda id, body: len(body["child_events"]),
}

#: columns for which the simulated accounts have no value; whatever else is empty is read from the wrong place
UNUSED = {
    "stg_hubspot__calls.disposition", "stg_hubspot__companies.annual_revenue", "stg_hubspot__companies.merged_ids",
    "stg_hubspot__companies.parent_company_id", "stg_hubspot__contacts.company_id",
    "stg_hubspot__contacts.evangelist_entered_at", "stg_hubspot__contacts.first_submitted_at",
    "stg_hubspot__contacts.is_unsubscribed", "stg_hubspot__deals.forecast_category", "stg_hubspot__meetings.ended_at",
    "stg_hubspot__tasks.priority", "stg_intercom__companies.last_request_at", "stg_intercom__contacts.owner_id",
    "stg_intercom__conversations.ticket_id", "stg_salesforce__accounts.annual_revenue",
    "stg_salesforce__accounts.parent_account_id", "stg_salesforce__accounts.source",
    "stg_salesforce__campaigns.parent_campaign_id", "stg_salesforce__leads.rating",
    "stg_salesforce__opportunity_line_items.service_date", "stg_salesforce__products.family",
    "stg_salesforce__quotas.product_family", "stg_salesforce__quotas.quantity", "stg_zendesk__organizations.group_id",
    "stg_zendesk__satisfaction_ratings.reason", "stg_zendesk__ticket_metric_events.is_deleted",
    "stg_zendesk__tickets.due_at", "stg_zendesk__tickets.problem_id", "stg_zendesk__tickets.type",
    "stg_zendesk__users.external_id",
}  # fmt: skip


def stream_of(model: str) -> tuple[str, str]:
    """The source and stream that a model reads."""
    found = set(_STREAM.findall(MODELS[model].read_text(encoding="utf-8")))
    assert len(found) == 1, model
    return found.pop()


@pytest.fixture(scope="session")
def staged(warehouse_of_five: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of five systems with all of their staging models, whose tests have passed."""
    command = ["build", "--select", *SELECTED]
    done = dbt(command, warehouse_of_five.dbt_environment(), {}, tmp_path_factory.mktemp("dbt"))
    assert done.returncode == 0, done.stdout[-4000:]
    return warehouse_of_five


def test_every_object_is_there_once(staged: Warehouse, world: FiveSystems) -> None:
    with staged.writing() as session:
        for model in sorted(MODELS.keys() - NESTED.keys()):
            system, stream = stream_of(model)
            key = _KEY.search(MODELS[model].read_text(encoding="utf-8"))
            assert key, model
            shown = [id for (id,) in session.rows(f"select {key[1]} from staging.{model}")]
            assert sorted(shown) == sorted(world.vendors[system].objects(stream)), model


def test_lists_inside_objects_become_rows(staged: Warehouse, world: FiveSystems) -> None:
    with staged.writing() as session:
        for model, count in NESTED.items():
            system, stream = stream_of(model)
            expected = sum(count(id, body) for id, body in world.vendors[system].objects(stream).items())
            assert session.row(f"select count(*) from staging.{model}") == (expected,), model


def test_every_column_is_read_from_where_the_vendor_puts_it(staged: Warehouse) -> None:
    empty = set()
    with staged.writing() as session:
        for model in MODELS.keys() - {"stg_zendesk__schedule_holidays"}:
            columns = session.rows(
                "select column_name from information_schema.columns where table_schema = 'staging' and table_name = $1", model
            )
            filled = session.row(f"select {', '.join(f'count({name})' for (name,) in columns)} from staging.{model}")
            empty |= {f"{model}.{name}" for (name,), count in zip(columns, filled or (), strict=True) if not count}
    assert empty == UNUSED


def test_values_have_their_types(staged: Warehouse, world: FiveSystems) -> None:
    deal = next(d for d in world.vendors["hubspot"].objects("deals").values() if d["properties"]["hs_is_closed_won"] == "true")
    with staged.writing() as session:
        row = session.row(
            "select cast(amount as text), is_won, cast(closed_at at time zone 'UTC' as date) from staging.stg_hubspot__deals"
            f" where deal_id = '{deal['id']}'"
        )
        spent = session.row("select cast(sum(amount) as numeric(24, 2)) from staging.stg_hubspot__campaign_budget_items")
    assert row is not None
    assert (float(row[0]), row[1], row[2].isoformat()) == (
        float(deal["properties"]["amount"]), True, deal["properties"]["closedate"][:10],
    )  # fmt: skip
    budgets = world.vendors["hubspot"].objects("campaign_budgets").values()
    items = [item["amount"] for budget in budgets for item in (*budget["budgetItems"], *budget["spendItems"])]
    assert spent is not None
    assert round(sum(items), 2) == float(spent[0])


def test_sources_that_were_never_loaded_are_empty(new_warehouse: Callable[[], Warehouse], tmp_path: Path) -> None:
    warehouse = new_warehouse()
    with warehouse.writing() as session:
        create_schema(session)
    done = dbt(["run", "--select", *SELECTED], warehouse.dbt_environment(), {}, tmp_path)
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.writing() as session:
        assert {session.row(f"select count(*) from staging.{model}") for model in MODELS} == {(0,)}
