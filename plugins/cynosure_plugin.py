"""The one plugin: a page that shows how far the data is, inside Airflow's own interface."""

from __future__ import annotations

from typing import ClassVar

from airflow.plugins_manager import AirflowPlugin

from cynosure_airflow.deferred_app import DeferredApp

_PREFIX = "/cynosure"


class CynosurePlugin(AirflowPlugin):
    """Registers the status page."""

    name = "cynosure"
    fastapi_apps: ClassVar = [{"app": DeferredApp("cynosure_airflow.page"), "url_prefix": _PREFIX, "name": "Cynosure"}]
    external_views: ClassVar = [
        {"name": "Cynosure", "href": f"{_PREFIX}/status", "destination": "nav", "url_route": "cynosure", "nav_top_level": True}
    ]
