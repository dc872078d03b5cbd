"""An installation against the sandbox, as production has one, and its stages that must not fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.sandbox_process import LIVE_KEY
from cynosure.settings import load_settings
from cynosure.stages import Stages
from cynosure.transform import Need, TransformResult
from sandbox.demo import connections


def installation(home: Path, endpoints: Mapping[str, Any], clock: Path, **variables: str) -> Stages:
    """One with its state in `home` and the sandbox's time; `variables` of the environment beyond those of the sources."""
    given = {
        "CYNOSURE_HOME": str(home),
        "CYNOSURE_CLOCK_FILE": str(clock),
        **connections.variables(endpoints),
        "CYNOSURE_STRIPE_API_KEY": LIVE_KEY,
        **variables,
    }
    return Stages(load_settings({**os.environ, **given}))


def extracted(stages: Stages) -> int:
    """Reads every source; rows landed."""
    landed = 0
    for source in stages.streams:
        for result in stages.extract(source):
            if result.outcome != "ok":
                raise SystemExit(f"{source}.{result.stream}: {result.error}")
            landed += result.rows
    return landed


def built(stages: Stages, need: Need | None = None) -> TransformResult:
    """Builds everything, or what is needed."""
    result = stages.transform(need=need)
    if result.failed:
        raise SystemExit(f"dbt: {result.failed[0].node}: {result.failed[0].message}")
    return result
