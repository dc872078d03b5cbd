"""Every link, path and command in the documentation is real."""

from __future__ import annotations

import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer import Context
from typer.main import get_command
from typer.testing import CliRunner

from cynosure.cli import app
from cynosure.reference.environment import groups
from cynosure.reference.markdown import anchor

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([*REPOSITORY.glob("*.md"), REPOSITORY / "sql/DECISIONS.md", *REPOSITORY.glob("docs/**/*.md")])
NAMES = [str(page.relative_to(REPOSITORY)) for page in PAGES]
FOLDERS = ("benchmarks", "config", "connectors", "cynosure", "dags", "docs", "plugins", "sandbox", "sql", "tests")
# the names that the recipes give to what they make
EXAMPLES = ("acme_desk", "revenue_per_seat", "weak_week", "monday_revenue")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)


def text_of(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def prose_of(name: str) -> str:
    return _FENCE.sub("", text_of(name))


def links(name: str) -> list[str]:
    found = re.findall(r"(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)", prose_of(name))
    return [target for target in found if not re.match(r"[a-z]+:", target)]


def anchors(page: Path) -> set[str]:
    found: dict[str, int] = {}
    for heading in re.findall(r"^#+ (.+)$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE):
        found[anchor(heading)] = found.get(anchor(heading), 0) + 1
    return {name if n == 0 else f"{name}-{n}" for name, times in found.items() for n in range(times)}


def broken(name: str) -> Iterator[str]:
    page = REPOSITORY / name
    for target in links(name):
        path, _, fragment = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (fragment and fragment not in anchors(file)):
            yield target


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    assert list(broken(name)) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_path_that_is_named_exists(name: str) -> None:
    named = re.findall(r"`((?:" + "|".join(FOLDERS) + r")/[\w./-]*)`", prose_of(name))
    assert [path for path in named if not (REPOSITORY / path).exists() and not any(e in path for e in EXAMPLES)] == []


def shown(name: str) -> list[str]:
    """Lines of shell blocks, with continued lines joined."""
    blocks = [body for _, language, body in _FENCE.findall(text_of(name)) if language in ("sh", "bash", "shell", "console", "")]
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [line.strip().removeprefix("$ ").strip() for line in lines]


def mentioned(name: str) -> list[str]:
    """Commands in the running text."""
    return re.findall(r"`((?:cynosure|make|python -m) [^`\n]+)`", prose_of(name))


def words(line: str) -> tuple[dict[str, str], list[str]]:
    """The variables that a command sets, and the command itself."""
    parts = shlex.split(line, comments=True)
    parts = parts[1:] if parts[:1] == ["export"] else parts
    count = next((n for n, part in enumerate(parts) if not re.match(r"[A-Z_]+=", part)), len(parts))
    return dict(part.split("=", 1) for part in parts[:count]), parts[count:]


WRITTEN = [name for name in NAMES if "reference/" not in name]
COMMANDS = sorted({(name, line) for name in WRITTEN for line in (*shown(name), *mentioned(name)) if line})
OURS = [(name, line) for name, line in COMMANDS if re.search(r"(^|[\s/])cynosure [a-z-]+", line)]


def resolved(arguments: list[str]) -> tuple[Any, Context, list[str]]:
    """The command that the words name, its context, and what is left for it."""
    command: Any = get_command(app)
    context = Context(command, info_name="cynosure")
    while (children := getattr(command, "commands", None)) is not None:
        assert arguments, "a command is missing"
        assert arguments[0] in children, f"there is no command {arguments[0]!r}"
        command, arguments = children[arguments[0]], arguments[1:]
        context = Context(command, info_name=command.name, parent=context)
    return command, context, arguments


@pytest.mark.parametrize(("name", "line"), OURS, ids=[f"{name}: {line}" for name, line in OURS])
def test_a_command_takes_the_arguments_that_are_shown(name: str, line: str) -> None:
    line = re.split(r"\s(?:\||&&|>)\s", line)[0]
    _, parts = words(line)
    assert parts[0].rpartition("/")[2] == "cynosure", f"not understood: {line}"
    if "--version" in parts:
        return
    command, context, arguments = resolved(parts[1:])
    helped = CliRunner().invoke(app, [*context.command_path.split()[1:], "--help"])
    assert (helped.exit_code, command.help.split(".")[0] in " ".join(helped.output.split())) == (0, True)
    # in the running text a command may be called by its name alone
    if arguments or line not in mentioned(name):
        command.make_context(command.name, list(arguments))


def test_enough_commands_are_shown_for_the_test_above_to_mean_something() -> None:
    used = {" ".join(words(line)[1][1:3]) for name, line in OURS if name.startswith("docs/how-to/")}
    assert {"new connector", "new kpi", "new alert", "new report", "alert evaluate", "report send"} <= used


def test_every_variable_that_is_set_is_known() -> None:
    known = {variable.name for group in groups() for variable in group.variables}
    given = {key for _, line in COMMANDS if "CYNOSURE_" in line for key in words(line)[0]}
    assert {key for key in given if key.startswith("CYNOSURE_")} <= known


def test_every_make_target_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    used = {part for _, line in COMMANDS if (m := re.match(r"make ([a-z-]+)", line)) for part in [m[1]]}
    assert used
    assert used <= targets


def test_every_module_that_is_run_exists() -> None:
    used = {m[1] for _, line in COMMANDS if (m := re.search(r"python -m ([\w.]+)", line))}
    assert used
    assert [module for module in used if importlib.util.find_spec(module) is None] == []


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith("docs/how-to/add-")])
def test_a_recipe_is_short(name: str) -> None:
    assert len(text_of(name).splitlines()) <= 25
