"""What every connector promises when all is well. A new connector is found and tested without a line here."""

from __future__ import annotations

from pathlib import Path

import contract_checks as checks
import pytest
from contracted import Account

from cynosure.extract import connector_class, connector_names
from sandbox.discovery import system_names


def test_every_connector_has_a_simulated_vendor() -> None:
    assert [name for name in connector_names() if name not in system_names()] == []


@pytest.mark.parametrize("name", connector_names())
def test_it_declares_what_documentation_and_audit_are_made_of(name: str) -> None:
    checks.declared(connector_class(name))
    checks.form(connector_class(name))


def test_a_base_url_in_clear_text_is_refused(account: Account) -> None:
    checks.refuses_foreign_urls(account)


def test_credentials_are_proved_stream_by_stream(account: Account) -> None:
    checks.good_key(account)


def test_wrong_credentials_are_refused_in_words(account: Account, tmp_path: Path) -> None:
    if not account.secrets:
        pytest.skip("needs no credentials")
    checks.wrong_key(account, tmp_path)


def test_a_stream_that_is_forbidden_fails_by_name_and_the_others_are_complete(fresh: Account, tmp_path: Path) -> None:
    if not fresh.secrets:
        pytest.skip("needs no credentials")
    truth = fresh.truth()
    largest = max(fresh.streams, key=lambda name: len(truth[name]["ids"]) if name in truth else 0)
    checks.forbidden_stream(fresh, largest, tmp_path / "landing")


def test_a_first_load_brings_exactly_what_exists(account: Account, once: Path) -> None:
    checks.first_load(account, once)


def test_a_second_run_with_nothing_new_changes_nothing_and_costs_a_handful_of_requests(fresh: Account, tmp_path: Path) -> None:
    checks.second_read(fresh, tmp_path / "landing")


def test_a_cursor_in_the_future_ends_and_concludes_nothing(account: Account, once: Path) -> None:
    checks.future_cursor(account, once)


def test_killed_between_any_two_pages_nothing_is_lost(account: Account, tmp_path: Path) -> None:
    assert checks.killed_between_pages(account, tmp_path) >= len(account.streams) // 2


def test_two_runs_at_once_end_with_the_truth(account: Account, tmp_path: Path) -> None:
    checks.two_at_once(account, tmp_path)


def test_a_walk_enumerates_what_exists_and_resumes_anywhere(account: Account, once: Path) -> None:
    checks.walks(account, once)


def test_single_objects_are_fetched_as_they_are_read(account: Account, once: Path) -> None:
    checks.fetches(account, once)
