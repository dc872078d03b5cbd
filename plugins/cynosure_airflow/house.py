"""What every DAG has in common: owner, retries by error class, time limits, one run at a time, and a page that explains it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import DAG, Param

from cynosure_airflow.retry import ByRecovery

OWNER = "data"
_START = datetime(2026, 1, 1, tzinfo=UTC)

TRANSFORM_PARAMETERS = {
    "select": Param(
        None, type=["null", "string"], title="Only these models", description="A dbt selector such as +mrr_daily; empty for all"
    ),
    "full_refresh": Param(False, type="boolean", title="Rebuild from nothing", description="Also what is built incrementally"),
}


def house_dag(
    dag_id: str, *, schedule: Any, doc: str, tags: list[str], limit: timedelta = timedelta(minutes=50), **rest: Any
) -> DAG:
    """A DAG in house style; `limit` bounds a whole run."""
    return DAG(
        dag_id=dag_id,
        schedule=schedule,
        start_date=_START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=limit,
        doc_md=doc,
        tags=["cynosure", *tags],
        default_args={
            "owner": OWNER,
            "retries": 2,
            "retry_delay": timedelta(minutes=2),
            "retry_exponential_backoff": 2,
            "max_retry_delay": timedelta(minutes=15),
            "retry_policy": ByRecovery(),
            "execution_timeout": limit - timedelta(minutes=5),
        },
        **rest,
    )


def page(title: str, *, does: str, reads: str, promises: str, red: str) -> str:
    """The page of a DAG: what it does, what it reads, what it promises, and what to do when it is red."""
    parts = {"What it does": does, "What it reads": reads, "What it promises": promises, "When it is red": red}
    return f"### {title}\n\n" + "\n\n".join(f"**{heading}.** {' '.join(text.split())}" for heading, text in parts.items())
