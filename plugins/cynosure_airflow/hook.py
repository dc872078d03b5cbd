"""One hook class per connection type, so that Airflow lists the types and can test a connection.

The classes are made on demand from the generated list: `cynosure_airflow.hook.StripeHook` and so on.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from airflow.sdk import BaseHook

from cynosure_airflow.provider import connection_types


class ConnectorHook(BaseHook):
    """Credentials of one connector."""

    conn_name_attr = "connection"
    connector = ""

    def __init__(self, connection: str | None = None, **rest: Any) -> None:
        super().__init__(**rest)
        self.connection = connection or self.default_conn_name

    def get_conn(self) -> dict[str, object]:
        """The settings that the connection holds, by the connector's names."""
        from cynosure.extract import connector_class
        from cynosure_airflow.connections import from_connection

        return from_connection(connector_class(self.connector), self.get_connection(self.connection))

    def test_connection(self) -> tuple[bool, str]:
        """Asks the source for every stream; the sentence says what is missing."""
        from cynosure.extract import ExtractError
        from cynosure.settings import ConfigError, load_settings
        from cynosure.stages import Stages

        stages = Stages(load_settings())
        try:
            found = stages.check_connection(self._source(stages.settings.sources), self.get_conn())
        except (ExtractError, ConfigError) as error:
            return False, str(error)
        refused = [f"{access.stream}: {access.reason}" for access in found if not access.allowed]
        if refused:
            return False, f"{len(refused)} of {len(found)} streams are refused. " + "; ".join(refused)
        return True, f"All {len(found)} streams can be read."

    def _source(self, sources: Any) -> str:
        named = [name for name, source in sources.items() if source.connector == self.connector]
        mine = [name for name in named if sources[name].connection == self.connection]
        return (mine or named or [self.connector])[0]


@cache
def _hook_class(name: str) -> type[ConnectorHook]:
    for declared in connection_types():
        if declared["hook-class-name"].rpartition(".")[2] == name:
            kind = str(declared["connection-type"])
            about = {
                "__doc__": f"Credentials of {declared['hook-name']}.",
                "__module__": __name__,
                "conn_type": kind,
                "default_conn_name": kind,
                "hook_name": declared["hook-name"],
                "connector": kind.removeprefix("cynosure_"),
            }
            return type(name, (ConnectorHook,), about)
    raise AttributeError(f"there is no hook {name}; run `make docs` after adding a connector")


def __getattr__(name: str) -> type[ConnectorHook]:
    if name.startswith("_"):
        raise AttributeError(name)
    return _hook_class(name)
