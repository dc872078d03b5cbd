"""Every command explains itself, and speaks JSON to programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import click
import pytest
import typer

from cynosure.cli import app


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    for name, child in getattr(command, "commands", {}).items():
        yield from commands(child, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_says_what_the_command_and_each_of_its_options_does(path: tuple[str, ...], deployment: Any) -> None:
    command = COMMANDS[path]
    ended = deployment.run(*path, "--help")
    assert ended.code == 0
    assert command.help
    assert command.help.split("\n")[0].split(".")[0][:20] in " ".join(ended.out.split())
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, option.name


def test_without_a_command_the_help_is_shown(deployment: Any) -> None:
    assert "Commands:" in deployment.run().said


@pytest.mark.parametrize(
    "arguments",
    [
        ("check-connection", "stripe", "--json"),
        ("extract", "stripe", "-s", "coupons", "--json"),
        ("extract", "ecb", "--json"),
        ("load", "--json"),
        ("status", "--json"),
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_json_output_is_one_document_and_nothing_else(deployment: Any, arguments: tuple[str, ...]) -> None:
    ended = deployment.run(*arguments)
    assert ended.code == 0
    assert json.loads(ended.out)


def test_extract_then_load_then_extract_says_what_was_new(deployment: Any) -> None:
    first = json.loads(deployment.run("extract", "stripe", "-s", "customers", "--json").out)["stripe"][0]
    assert first["rows"] == len(deployment.company.all("customer"))
    loaded = json.loads(deployment.run("load", "--json").out)["stripe.customers"]
    assert [batch["new"] for batch in loaded] == [first["rows"]]
    assert json.loads(deployment.run("load", "--json").out)["stripe.customers"] == []
    assert "nothing new to load" in deployment.run("load").out


def test_replay_rebuilds_the_warehouse_from_the_landing_log_alone(deployment: Any) -> None:
    assert deployment.run("extract", "stripe", "-s", "customers").code == 0
    assert deployment.run("load").code == 0
    other = f"duckdb://{deployment.home}/other.duckdb"
    replayed = json.loads(deployment.run("replay", other, "--json", CYNOSURE_STRIPE_BASE_URL="http://127.0.0.1:9").out)
    assert replayed["stripe.customers"][0]["new"] == len(deployment.company.all("customer"))
    again = deployment.run("replay", other)
    assert (again.code, "not empty" in again.err) == (1, True)
