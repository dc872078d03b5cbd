"""The one plugin: a page that shows how far the data is, inside Airflow's own interface."""

from __future__ import annotations

from airflow.plugins_manager import AirflowPlugin

from cynosure_airflow.deferred_app import DeferredApp

_PREFIX = "/cynosure"


class CynosurePlugin(AirflowPlugin):
    """Registers the status page."""

    name = "cynosure"
    fastapi_apps = [{"app": DeferredApp("cynosure_airflow.page"), "url_prefix": _PREFIX, "name": "Cynosure"}]  # noqa: RUF012
    external_views = [  # noqa: RUF012
        {"name": "Cynosure", "href": f"{_PREFIX}/status", "destination": "nav", "url_route": "cynosure", "nav_top_level": True}
    ]
