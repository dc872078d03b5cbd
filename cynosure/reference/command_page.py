"""`docs/reference/commands.md`: every command as its own `--help` describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from typer import Context

from cynosure.reference.markdown import anchor, bullets, code, link, page, table

Command = Any  # typer keeps its own copy of click, whose classes are private


def command_page(root: Command, exit_codes: str) -> str:
    """The page, from the root command and the paragraph about exit codes."""
    found = list(commands(root))
    contents = bullets(
        f"{link(code(context.command_path), '#' + anchor(context.command_path))}: {command.help}" for context, command in found
    )
    return page("Commands", root.help, exit_codes, contents, *(_section(context, command) for context, command in found))


def commands(command: Command, parent: Context | None = None, name: str = "cynosure") -> Iterator[tuple[Context, Command]]:
    """Every command that does something, with the context that knows its full name."""
    context = Context(command, info_name=name, parent=parent)
    subcommands = getattr(command, "commands", None)
    if subcommands is None:
        yield context, command
        return
    for child_name, child in subcommands.items():
        yield from commands(child, context, child_name)


def _section(context: Context, command: Command) -> str:
    usage = command.get_usage(context).removeprefix("Usage: ")
    records = [parameter.get_help_record(context) for parameter in command.get_params(context)]
    rows = [(code(" ".join(name.split())), text) for name, text in filter(None, records) if not name.startswith(("-h", "--help"))]
    parameters = table(("parameter", "meaning"), rows) if rows else ""
    heading = f"## {context.command_path}"
    return "\n\n".join(part for part in (heading, command.help, f"```\n{' '.join(usage.split())}\n```", parameters) if part)
