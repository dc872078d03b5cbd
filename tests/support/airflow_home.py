"""Points Airflow at a home of its own before anything imports it; a test session never touches another installation."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DAGS, PLUGINS = PROJECT / "dags", PROJECT / "plugins"


def use_own_home() -> Path:
    """The home of this process; made at the first call."""
    if os.environ.get("CYNOSURE_TEST_AIRFLOW") == str(os.getpid()):
        return Path(os.environ["AIRFLOW_HOME"])
    if "airflow.configuration" in sys.modules:
        raise RuntimeError("airflow was imported before its home was chosen; import airflow_home first")
    home = Path(tempfile.mkdtemp(prefix="cynosure-airflow-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ.update(
        {
            "CYNOSURE_TEST_AIRFLOW": str(os.getpid()),
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(PLUGINS),
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
            "AIRFLOW__API_AUTH__JWT_SECRET": "j" * 64,
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        }
    )
    return home
