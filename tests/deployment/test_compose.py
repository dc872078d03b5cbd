"""The production topology: complete, closed, and without a single default secret."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yaml"
ONE_SHOT = {"airflow-init"}
STORES = {"postgres", "redis"}
# a name that says that the value must not be known to others; user names, hosts and addresses are no secrets
SECRET = re.compile(r"PASSWORD|SECRET|FERNET|TOKEN|API_KEY")


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def services(compose):
    return compose["services"]


@pytest.fixture(scope="module")
def documented():
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE))


def interpolated(text: str) -> list[tuple[str, str]]:
    """(name, operator) of every variable that compose fills in; $$ is a dollar sign."""
    return re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)(:[-?])?", text)


def test_the_file_fulfils_the_compose_specification(compose):
    carrier = importlib.util.find_spec("check_jsonschema")
    if carrier is None or carrier.origin is None:
        pytest.skip("check-jsonschema, which carries the specification, is not installed")
    text = (Path(carrier.origin).parent / "builtin_schemas/vendor/compose-spec.json").read_text(encoding="utf-8")
    known = {key: value for key, value in compose.items() if not key.startswith("x-")}
    jsonschema.Draft7Validator(json.loads(text)).validate(known)


def test_whatever_a_service_refers_to_exists(compose, services):
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source.startswith("./") or source in compose["volumes"], f"{name}: {source}"
            assert not source.startswith("./") or (ROOT / source).is_dir()
        for config in service.get("configs", []):
            assert config["source"] in compose["configs"], name
    used = {v.split(":")[0] for service in services.values() for v in service.get("volumes", [])}
    assert set(compose["volumes"]) <= used


def test_every_process_of_airflow_is_there(services):
    processes = {str(service.get("command")) for service in services.values()}
    wanted = {"api-server", "scheduler", "dag-processor", "triggerer", "celery worker"}
    assert {f"airflow {name}" for name in wanted} <= processes


def test_every_service_is_watched_and_comes_back(services):
    for name in set(services) - ONE_SHOT:
        assert services[name]["restart"] == "unless-stopped", name
        check = services[name]["healthcheck"]
        assert {"test", "interval", "timeout", "retries"} <= set(check), name
    for name in ONE_SHOT:
        assert services[name]["restart"] == "no"
        waiting = {n for n, s in services.items() if s.get("depends_on", {}).get(name)}
        assert waiting == set(services) - ONE_SHOT - STORES


def test_logs_cannot_fill_the_disk(services):
    for name, service in services.items():
        assert service["logging"]["options"]["max-size"], name


def test_only_the_web_interface_is_published_and_only_to_this_host(services):
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"api-server"}
    assert all(port.startswith("127.0.0.1:") for port in published["api-server"])
    assert not any(service.get("network_mode") or service.get("privileged") for service in services.values())


def test_no_secret_has_a_default(services, documented):
    """Either the variable is demanded by name, or an optional channel stays without one."""
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            for variable, operator in interpolated(str(value)):
                if SECRET.search(variable):
                    default = re.search(rf"\$\{{{variable}:-([^}}]*)\}}", str(value))
                    assert operator == ":?" or (default and not default[1]), f"{name}: {variable}"
            if SECRET.search(key) and value:
                assert interpolated(str(value)), f"{name}: {key} is written down"
    assert {name: value for name, value in documented.items() if SECRET.search(name) and value} == {}


def test_a_missing_variable_is_named(services):
    for variable, reason in re.findall(r"\$\{([A-Z0-9_]+):\?([^}]*)\}", COMPOSE.read_text(encoding="utf-8")):
        assert reason == f"set {variable} in .env"


def test_urls_hold_no_password_in_clear():
    for user, password in re.findall(
        r"://([\w]*):([^@\s]*)@", re.sub(r"\$\{[A-Z0-9_]+:\?[^}]*\}", "$", COMPOSE.read_text("utf-8"))
    ):
        assert password == "$", user


def test_every_variable_is_in_the_example(documented):
    text = COMPOSE.read_text(encoding="utf-8")
    assert {name for name, _ in interpolated(text)} <= set(documented)
    demanded = {name for name, operator in interpolated(text) if operator == ":?"}
    left_empty = set(re.findall(r"^([A-Z0-9_]+)=$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert demanded == left_empty


def test_the_example_covers_what_the_engine_reads(documented):
    read = set(re.findall(r"\"(CYNOSURE_[A-Z]+)\"", (ROOT / "cynosure/settings/__init__.py").read_text(encoding="utf-8")))
    assert read - {"CYNOSURE_CLOCK_FILE"} <= set(documented)


def test_the_example_covers_the_credentials_of_every_connector(documented):
    from cynosure.extract import connector_class, connector_names

    for name in connector_names():
        for field in connector_class(name).settings_model.model_fields:
            assert f"CYNOSURE_{name.upper()}_{field.upper()}" in documented


def test_workers_cannot_reach_the_metadata_and_the_web_interface_cannot_write_the_warehouse(services):
    assert not any("DATABASE" in key or "JWT" in key for key in services["worker"]["environment"])
    assert "//reader:" in services["api-server"]["environment"]["CYNOSURE_WAREHOUSE"]


def test_users_are_kept_by_the_auth_manager_for_production(services):
    for name in set(services) - STORES:
        assert services[name]["environment"]["AIRFLOW__CORE__AUTH_MANAGER"].endswith("FabAuthManager"), name


def test_project_folders_are_mounted_read_only(services):
    for name, service in services.items():
        assert all(volume.endswith(":ro") for volume in service.get("volumes", []) if volume.startswith("./")), name


def test_no_process_may_gain_privileges(services):
    for name in set(services) - STORES:
        assert services[name]["cap_drop"] == ["ALL"], name
        assert services[name]["security_opt"] == ["no-new-privileges:true"], name


def test_a_task_may_not_outlive_its_message_in_the_queue(services):
    """Redis hands a message out again after this time; the task would run twice."""
    seconds = int(services["worker"]["environment"]["AIRFLOW__CELERY_BROKER_TRANSPORT_OPTIONS__VISIBILITY_TIMEOUT"])
    limits = [
        int(hours) for file in (ROOT / "dags").glob("*.py") for hours in re.findall(r"hours=(\d+)", file.read_text("utf-8"))
    ]
    assert seconds > max(limits) * 3600


def test_the_image_is_locked_and_runs_as_nobody_special():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.11-slim"}
    assert "--require-hashes" in text
    user = re.findall(r"^USER (\d+)", text, re.MULTILINE)
    assert user
    assert int(user[-1]) >= 10_000
    assert "ADD " not in text


def test_whatever_the_image_copies_exists_and_reaches_the_build():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    copied = [path for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE) for path in line.split()[:-1]]
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    for path in copied:
        assert (ROOT / path).exists(), path
        assert path.split("/")[0] in let_in, path


def test_secrets_stay_out_of_the_image():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert "*" in ignored
    assert not any(line.startswith("!.env") for line in ignored)


def test_the_shell_scripts_in_it_can_be_read_by_a_shell(compose, services):
    scripts = [compose["configs"]["databases"]["content"]]
    scripts += [s["command"][-1] for s in services.values() if isinstance(s.get("command"), list)]
    assert len(scripts) == 3
    for script in scripts:
        subprocess.run([shutil.which("sh"), "-n"], input=script.replace("$$", "$"), text=True, check=True, timeout=20)


def test_the_programs_in_health_checks_compile(services):
    programs = [s["healthcheck"]["test"][-1] for s in services.values() if s.get("healthcheck", {}).get("test", [""])[0] == "CMD"]
    assert len(programs) == 2
    for program in programs:
        ast.parse(program)
