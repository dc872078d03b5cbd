"""The environments of what the demo starts. Nothing of a real installation in the caller's environment gets in."""

from __future__ import annotations

import base64
import hashlib
import os
import shlex
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.demo.folders import PROJECT, Folders, kept, write_private

LOOPBACK = "127.0.0.1"
USER = "admin"
WORKERS = 6
"""Tasks at once: reading waits for rate limits most of the time, so there may be more of them than processors."""
_OWN = ("AIRFLOW", "CYNOSURE", "DBT", "PYTHONPATH")
_USUAL_PORT = 8080


def clean() -> dict[str, str]:
    """The caller's environment without anything that configures Airflow, dbt or the platform; the network stays local."""
    kept_variables = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept_variables.get("PATH", "")])
    local = {"NO_PROXY": f"{LOOPBACK},localhost", "no_proxy": f"{LOOPBACK},localhost"}
    return {**kept_variables, **local, "PATH": path, "PYTHONUNBUFFERED": "1", "DBT_SEND_ANONYMOUS_USAGE_STATS": "false"}


def platform(folders: Folders, endpoints: Mapping[str, Any]) -> dict[str, str]:
    """What the engine reads, except the credentials of sources."""
    smtp_host, _, smtp_port = endpoints["smtp"].rpartition(":")
    return {
        "CYNOSURE_PROJECT": str(PROJECT),
        "CYNOSURE_HOME": str(folders.home),
        "CYNOSURE_CLOCK_FILE": str(folders.sandbox / "clock"),
        "CYNOSURE_SMTP_HOST": smtp_host,
        "CYNOSURE_SMTP_PORT": smtp_port,
        "CYNOSURE_SMTP_STARTTLS": "off",
        "CYNOSURE_SMTP_FROM": "metrics@northwind.example",
        "CYNOSURE_SLACK_TOKEN": endpoints["keys"]["slack"],
        "CYNOSURE_SLACK_BASE_URL": endpoints["slack"],
    }


def airflow(folders: Folders, port: int) -> dict[str, str]:
    """Airflow on SQLite with a worker per source, on loopback only, with a password of its own."""
    url = f"http://{LOOPBACK}:{port}"
    options = {
        ("core", "dags_folder"): str(PROJECT / "dags"),
        ("core", "plugins_folder"): str(PROJECT / "plugins"),
        ("core", "load_examples"): "False",
        ("core", "executor"): "LocalExecutor",
        ("core", "parallelism"): str(WORKERS),
        ("core", "simple_auth_manager_users"): f"{USER}:admin",
        ("core", "simple_auth_manager_passwords_file"): str(folders.airflow / "passwords.json"),
        ("core", "execution_api_server_url"): f"{url}/execution/",
        ("core", "fernet_key"): _fernet_key(folders),
        ("database", "sql_alchemy_conn"): f"sqlite:///{folders.airflow}/airflow.db",
        ("api", "host"): LOOPBACK,
        ("api", "port"): str(port),
        ("api", "base_url"): url,
        ("api", "workers"): "1",
        ("api", "secret_key"): kept(folders.airflow / "secret_key"),
        ("api_auth", "jwt_secret"): kept(folders.airflow / "jwt_secret"),
        ("dag_processor", "parsing_processes"): "1",
        ("scheduler", "scheduler_idle_sleep_time"): "0.5",
        ("usage_data_collection", "enabled"): "False",
        # a cold API server on a small machine may need longer than the default of five seconds
        ("workers", "execution_api_timeout"): "30",
    }
    return {
        "AIRFLOW_HOME": str(folders.airflow),
        "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
        **{f"AIRFLOW__{section}__{option}".upper(): value for (section, option), value in options.items()},
    }


def password(folders: Folders) -> str:
    """The password of the web interface, made once; Airflow reads the file."""
    secret = kept(folders.airflow / "password", 8)
    write_private(folders.airflow / "passwords.json", f'{{"{USER}": "{secret}"}}')
    return secret


def write_shell_file(folders: Folders, variables: Mapping[str, str]) -> None:
    """The environment for `. .cynosure/demo/environment`: the commands are on the path and know the demo's company."""
    path = f'export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"'
    lines = [path, *[f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]]
    write_private(folders.environment, "\n".join(lines) + "\n")


def free_port(preferred: int = _USUAL_PORT) -> int:
    """The preferred port if nobody listens there, else any that is free."""
    for port in (preferred, 0):
        with socket.socket() as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((LOOPBACK, port))
            except OSError:
                continue
            found: int = trial.getsockname()[1]
            return found
    raise OSError("no free port")


def _fernet_key(folders: Folders) -> str:
    digest = hashlib.sha256(kept(folders.airflow / "fernet_seed").encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
