"""Whether a build would change anything: an hourly run with nothing new should cost next to nothing."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from cynosure.transform.dbt import DbtProject
from cynosure.warehouse import Session

#: begins the run id of a build of some models only, which says nothing about the others
PARTIAL = "partial"
_FINGERPRINT = 12
_PARTS = ("dbt_project.yml", "models", "macros", "tests", "seeds")


def fingerprint(dbt: DbtProject) -> str:
    """Changes when any file of the dbt project does, or what the configuration tells it."""
    digest = hashlib.sha256(json.dumps(dict(dbt.variables), sort_keys=True).encode())
    for part in _PARTS:
        for path in sorted((dbt.sql / part).rglob("*")) if (dbt.sql / part).is_dir() else [dbt.sql / part]:
            if path.is_file():
                digest.update(str(path.relative_to(dbt.sql)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:_FINGERPRINT]


def reason_to_build(session: Session, dbt: DbtProject, timezone: str, now: datetime) -> str:
    """Why the models should be built now, in words; empty if nothing was ever loaded, or the last build was good and
    nothing has happened since."""
    moved = _row(session, "select max(loaded_at) from ops.loads where rows_new + rows_changed + rows_deleted > 0")
    last = session.row(
        "select run_id, min(started_at) from ops.model_runs where run_id not like $1 group by run_id order by 2 desc limit 1",
        f"{PARTIAL}-%",
    )
    if last is None:
        return "nothing has been built yet" if moved else ""
    run_id, began = last
    bad = _row(
        session,
        "select count(*) from ops.model_runs where run_id = $1 and status in ('error', 'fail', 'runtime error', 'skipped')",
        run_id,
    )
    zone = ZoneInfo(timezone)
    reasons = {
        f"{bad} models or tests of the last build did not end well": bool(bad),
        "rows have arrived since the last build": moved is not None and moved >= began,
        "a new day has begun": now.astimezone(zone).date() > began.astimezone(zone).date(),
        "the dbt project or the configuration has changed": not run_id.startswith(fingerprint(dbt)),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def _row(session: Session, sql: str, *args: object) -> Any:
    found = session.row(sql, *args)
    return found[0] if found else None
