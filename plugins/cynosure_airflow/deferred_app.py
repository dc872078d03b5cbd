"""An ASGI application that is built at its first request.

A plugin is imported in every process and again in every task; only the API server ever answers a request.
"""

from __future__ import annotations

import importlib
from functools import cached_property
from typing import Any


class DeferredApp:
    """Stands for `create_app()` of a module."""

    def __init__(self, module: str) -> None:
        self._module = module

    @cached_property
    def app(self) -> Any:
        """The application itself."""
        return importlib.import_module(self._module).create_app()

    @property
    def routes(self) -> list[Any]:
        """The routes of the application, for whoever inspects the server."""
        return list(self.app.routes)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers by the application."""
        await self.app(scope, receive, send)

    def __repr__(self) -> str:
        """What Airflow shows in its list of plugins."""
        return f"{self._module}.create_app()"
