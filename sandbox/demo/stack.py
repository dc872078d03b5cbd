"""Brings up the sandbox and Airflow, as far as they do not run already, and takes them down again."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import httpx

from sandbox.demo import connections, environments
from sandbox.demo.airflow_api import AirflowApi
from sandbox.demo.errors import DemoError
from sandbox.demo.folders import PROJECT, Folders, read_json, write_private
from sandbox.demo.processes import Processes, Started

Say = Callable[[str], None]

SANDBOX, MIGRATION = "sandbox", "airflow-db-migrate"
# tasks speak to the API server, so the scheduler waits for it; the triggerer is not needed by the job
_FIRST = {"airflow-api-server": ("api-server",), "airflow-dag-processor": ("dag-processor",)}
_THEN = {"airflow-scheduler": ("scheduler", "--skip-serve-logs"), "airflow-triggerer": ("triggerer", "--skip-serve-logs")}
_NEEDED = (*_FIRST, "airflow-scheduler")
_SANDBOX_SECONDS, _MIGRATION_SECONDS, _AIRFLOW_SECONDS = 240.0, 180.0, 240.0
_POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Company:
    """The simulated company: its size, used when the sandbox is new."""

    customers: int = 300
    months: int = 24
    seed: int = 7
    story: float = 0.3
    """How much happens around it."""


@dataclass
class Stack:
    """Everything that runs in the background."""

    folders: Folders
    processes: Processes
    say: Say

    def up(self, company: Company) -> AirflowApi:
        """The running stack, logged in; what runs already is used as it is."""
        self.folders.create()
        found = self._reusable()
        if found is not None:
            self.say("an earlier demo is still running: using its sandbox and its Airflow")
            return found
        self._clear()
        try:
            return self._start(company)
        except BaseException:
            self.say("stopping what was started")
            self.processes.end()
            raise

    def down(self) -> list[str]:
        """Ends everything; process ids that would not end."""
        left = self.processes.end()
        if not left:
            # a sandbox that was killed could not take its address back
            (self.folders.sandbox / "endpoints.json").unlink(missing_ok=True)
        return left

    @property
    def endpoints(self) -> dict[str, Any]:
        """Where the sandbox listens."""
        found = self.folders.endpoints()
        if found is None:
            raise DemoError("the sandbox is not running; start it with `make demo`")
        return found

    @property
    def connections(self) -> list[dict[str, str]]:
        """The Airflow connections of the sources."""
        return connections.airflow_connections(self.endpoints)

    def api(self) -> AirflowApi:
        """Airflow's API, at the address it was started with."""
        found = read_json(self.folders.demo / "airflow.json")
        if found is None:
            raise DemoError("Airflow is not running; start it with `make demo`")
        return AirflowApi(found["url"], environments.USER, environments.password(self.folders))

    def _reusable(self) -> AirflowApi | None:
        running = self.processes.running()
        if not {SANDBOX, *_NEEDED} <= set(running) or not _answers(self.folders.endpoints()):
            return None
        api = self.api()
        if not api.is_healthy():
            return None
        api.log_in()
        return api

    def _clear(self) -> None:
        """Nothing half-started may stay: two schedulers on one database would fight."""
        if self.processes.running():
            self.say("ending what an earlier demo left half running")
        left = self.down()
        if left:
            raise DemoError(f"processes {', '.join(left)} of an earlier demo do not end; end them and try again")

    def _start(self, company: Company) -> AirflowApi:
        port = environments.free_port()
        airflow = {**environments.clean(), **environments.airflow(self.folders, port)}
        environments.password(self.folders)
        sandbox = self._start_sandbox(company)
        self._migrate(airflow)
        self._wait(SANDBOX, sandbox, lambda: self._listens(sandbox), _SANDBOX_SECONDS)
        endpoints = self.endpoints
        self.say(f"the simulated company answers; its inbox is at {endpoints['inbox']}")
        platform = environments.platform(self.folders, endpoints)
        environments.write_shell_file(self.folders, {**platform, **connections.variables(endpoints)})
        variables = {**airflow, **platform}
        started = {name: self._airflow(name, command, variables) for name, command in _FIRST.items()}
        api = AirflowApi(f"http://{environments.LOOPBACK}:{port}", environments.USER, environments.password(self.folders))
        write_private(self.folders.demo / "airflow.json", f'{{"url": "{api.url}"}}\n')
        self.say(f"Airflow is starting at {api.url}")
        self._wait("airflow-api-server", started["airflow-api-server"], api.answers, _AIRFLOW_SECONDS)
        started |= {name: self._airflow(name, command, variables) for name, command in _THEN.items()}
        for name in _NEEDED:
            self._wait(name, started[name], api.is_healthy, _AIRFLOW_SECONDS)
        api.log_in()
        return api

    def _start_sandbox(self, company: Company) -> Started:
        self.say("building the simulated company, and Airflow's database beside it")
        size = [f"--{name}={value}" for name, value in vars(company).items()]
        # the 15 exports a minute that Zendesk would leave us would make everybody wait for minutes
        size.append("--no-limits")
        command = [sys.executable, "-m", "sandbox", "serve", "--state", str(self.folders.sandbox), *size]
        environment = {**environments.clean(), "PYTHONPATH": str(PROJECT)}
        return self.processes.start(SANDBOX, command, environment, self.folders.log(SANDBOX))

    def _listens(self, sandbox: Started) -> bool:
        found = self.folders.endpoints()
        return found is not None and found.get("pid") == sandbox.pid and _answers(found)

    def _migrate(self, environment: Mapping[str, str]) -> None:
        """Creates or upgrades Airflow's database, once per version; a half-made one is thrown away."""
        done = self.folders.airflow / "migrated"
        wanted = version("apache-airflow")
        if done.exists() and done.read_text(encoding="utf-8") == wanted:
            return
        if not done.exists():
            (self.folders.airflow / "airflow.db").unlink(missing_ok=True)
        command = [sys.executable, "-m", "airflow", "db", "migrate"]
        started = self.processes.start(MIGRATION, command, environment, self.folders.log(MIGRATION))
        deadline = time.monotonic() + _MIGRATION_SECONDS
        while started.running():
            if time.monotonic() > deadline:
                raise DemoError(f"Airflow's database was not ready in time; see {self.folders.log(MIGRATION)}")
            time.sleep(_POLL_SECONDS)
        if "migration done" not in self.folders.log(MIGRATION).read_text(encoding="utf-8", errors="replace"):
            raise DemoError(f"Airflow's database could not be made:\n{self._tail(MIGRATION)}")
        write_private(done, wanted)

    def _airflow(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> Started:
        return self.processes.start(name, [sys.executable, "-m", "airflow", *command], environment, self.folders.log(name))

    def _wait(self, name: str, started: Started, ready: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not ready():
            if started.running() is None:
                raise DemoError(f"{name} ended while it was starting:\n{self._tail(name)}")
            if time.monotonic() > deadline:
                raise DemoError(
                    f"{name} was not ready within {seconds:.0f} s; the end of {self.folders.log(name)}:\n{self._tail(name)}"
                )
            time.sleep(_POLL_SECONDS)

    def _tail(self, name: str, lines: int = 12) -> str:
        try:
            text = self.folders.log(name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def _answers(endpoints: Mapping[str, Any] | None) -> bool:
    if endpoints is None:
        return False
    try:
        return httpx.get(endpoints["control"] + "/health", timeout=10, trust_env=False).is_success
    except httpx.HTTPError:
        return False
