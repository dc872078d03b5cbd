"""The only reader of the environment and of `config/`: everything else takes what it needs as an argument."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

from cynosure.settings.company import Company
from cynosure.settings.duration import Duration, parse_duration
from cynosure.settings.identity import Identity, read_identity
from cynosure.settings.sources import Freshness, Source, read_sources
from cynosure.settings.yaml_file import ConfigError, read_yaml, read_yaml_as

__all__ = [
    "Company", "ConfigError", "Duration", "Freshness", "Identity", "Settings", "Source",
    "load_settings", "parse_duration", "read_yaml", "read_yaml_as",
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """Where everything is: project files, state, landing log, warehouse and control store."""

    project: Path
    home: Path
    config: Path
    sql: Path
    landing: str
    warehouse: str
    control: str
    clock_file: Path | None
    environment: Mapping[str, str]

    @cached_property
    def company(self) -> Company:
        """The company of `config/company.yaml`."""
        return read_yaml(self.config / "company.yaml", Company)

    @cached_property
    def identity(self) -> Identity:
        """The decisions of `config/identity.yaml` about who is whom."""
        return read_identity(self.config)

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The enabled sources of `config/sources.yaml`, by name."""
        return {name: source for name, source in read_sources(self.config).items() if source.enabled}

    def now(self) -> datetime:
        """The present in UTC; follows the sandbox's clock when a clock file is configured."""
        return datetime.now(UTC) + self._clock_offset()

    def credentials(self, source: str) -> dict[str, str]:
        """Connector settings given by environment, e.g. CYNOSURE_STRIPE_API_KEY gives {'api_key': ...}."""
        prefix = f"CYNOSURE_{source.upper()}_"
        return {k[len(prefix) :].lower(): v for k, v in self.environment.items() if k.startswith(prefix) and v}

    def _clock_offset(self) -> timedelta:
        if self.clock_file is None:
            return timedelta()
        try:
            return timedelta(seconds=float(self.clock_file.read_text()))
        except FileNotFoundError:
            return timedelta()
        except ValueError:
            raise ConfigError(f"{self.clock_file}: not a number of seconds; restart the sandbox to rewrite it") from None


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """Settings from environment variables, with defaults that need none of them."""
    env = dict(os.environ if env is None else env)
    project = Path(env.get("CYNOSURE_PROJECT") or _project()).resolve()
    home = Path(env.get("CYNOSURE_HOME") or project / ".cynosure").resolve()
    clock = env.get("CYNOSURE_CLOCK_FILE")
    return Settings(
        project=project,
        home=home,
        config=Path(env.get("CYNOSURE_CONFIG") or project / "config").resolve(),
        sql=Path(env.get("CYNOSURE_SQL") or project / "sql").resolve(),
        landing=env.get("CYNOSURE_LANDING") or f"file://{home}/landing",
        warehouse=env.get("CYNOSURE_WAREHOUSE") or f"duckdb:///{home}/warehouse.duckdb",
        control=env.get("CYNOSURE_CONTROL") or f"sqlite:///{home}/control.sqlite",
        clock_file=Path(clock) if clock else None,
        environment=env,
    )


def _project() -> Path:
    """The nearest folder upwards that holds config/company.yaml, else the one this package was installed from."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "config" / "company.yaml").exists():
            return folder
    return Path(__file__).resolve().parents[2]
