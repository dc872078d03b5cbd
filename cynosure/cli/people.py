"""Placeholder."""

import typer


def register(app: typer.Typer) -> None:
    """Adds nothing yet."""
