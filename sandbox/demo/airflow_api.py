"""Airflow from outside, by its REST API."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from sandbox.demo.errors import DemoError

POOL = {"name": "warehouse_writer", "slots": 1, "description": "One writer at a time in the warehouse"}
_API = "/api/v2"
_PATIENCE_SECONDS = 240.0
_PAGE = 100


class AirflowApi:
    """One Airflow, logged in."""

    def __init__(self, url: str, user: str, secret: str) -> None:
        self.url = url
        self._user, self._secret = user, secret
        self._http = httpx.Client(base_url=url, timeout=60, trust_env=False)

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def answers(self) -> bool:
        """Whether the API server is up."""
        return bool(self._health())

    def is_healthy(self) -> bool:
        """Whether scheduler, DAG processor and database report to be well."""
        found = self._health()
        return all(found.get(part, {}).get("status") == "healthy" for part in ("metadatabase", "scheduler", "dag_processor"))

    def _health(self) -> dict[str, Any]:
        try:
            found: dict[str, Any] = self._http.get(f"{_API}/monitor/health", timeout=10).json()
        except (httpx.HTTPError, ValueError):
            return {}
        return found

    def log_in(self) -> None:
        """Takes a token."""
        answer = self._http.post("/auth/token", json={"username": self._user, "password": self._secret})
        if answer.is_error:
            raise DemoError(f"Airflow refuses the demo's own password: {answer.text[:200]}")
        self._http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def dags(self) -> dict[str, dict[str, Any]]:
        """The DAGs by id."""
        return {dag["dag_id"]: dag for dag in self._get("/dags", limit=_PAGE)["dags"]}

    def import_errors(self) -> list[str]:
        """DAG files that could not be read, and plugins that could not be loaded, each with the last line of its error."""
        files = self._get("/importErrors")["import_errors"]
        plugins = self._get("/plugins/importErrors")["import_errors"]
        found = [(e["filename"], e["stack_trace"]) for e in files] + [(e["source"], e["error"]) for e in plugins]
        return [f"{name}: {text.strip().splitlines()[-1]}" for name, text in found]

    def create_pool(self) -> None:
        """The slot of the warehouse's writer; tasks in a pool that does not exist would wait for ever."""
        self._send("POST", "/pools", POOL, accept=(409,))

    def put_connection(self, connection: Mapping[str, str]) -> None:
        """Creates or updates a connection."""
        name = connection["connection_id"]
        if self._send("POST", "/connections", connection, accept=(409,)).status_code == 409:
            self._send("PATCH", f"/connections/{name}", connection)

    def pause(self, dag_id: str, paused: bool) -> None:
        """Pauses a DAG, or lets it run."""
        self._send("PATCH", f"/dags/{dag_id}", {"is_paused": paused})

    def trigger(self, dag_id: str) -> str:
        """Starts a run; its id."""
        run: str = self._send("POST", f"/dags/{dag_id}/dagRuns", {"logical_date": None}).json()["dag_run_id"]
        return run

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """The newest runs, newest first."""
        found: list[dict[str, Any]] = self._get(f"/dags/{dag_id}/dagRuns", limit=10, order_by="-run_after")["dag_runs"]
        return found

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """One run."""
        return self._get(f"/dags/{dag_id}/dagRuns/{run_id}")

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """The task instances of a run."""
        found: list[dict[str, Any]] = self._get(f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return found

    def last_lines(self, dag_id: str, run_id: str, task: Mapping[str, Any], count: int = 12) -> Sequence[str]:
        """The end of a task's log."""
        path = f"/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task['task_id']}/logs/{task['try_number']}"
        content = self._get(path).get("content", [])
        return [str(line.get("event", line) if isinstance(line, dict) else line) for line in content][-count:]

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        found: dict[str, Any] = self._send("GET", path, query=query).json()
        return found

    def _send(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None, accept: Sequence[int] = ()
    ) -> httpx.Response:
        """Asks again while the server is busy: on a small machine everything else is starting at the same time."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            try:
                answer = self._http.request(method, _API + path, json=body, params=query)
            except httpx.TransportError as error:
                reason = str(error)
            else:
                if answer.is_success or answer.status_code in accept:
                    return answer
                reason = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code < 500:
                    raise DemoError(f"Airflow refuses {method} {path}: {reason}")
            if time.monotonic() > deadline:
                raise DemoError(f"Airflow does not answer {method} {path}: {reason}")
            time.sleep(1)
