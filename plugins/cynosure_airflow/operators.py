"""One operator per stage: each calls the engine once and shows what came of it in the log and on the asset.

Operators hold names only. Settings and credentials are read when a task runs; rows and secrets never pass through XCom.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from airflow.sdk import Asset, BaseOperator
from airflow.sdk.exceptions import AirflowSkipException

from cynosure.transform import Need
from cynosure_airflow.log_table import log_table
from cynosure_airflow.outcome import AuditFailed, ModelsFailed, StreamsFailed, summary
from cynosure_airflow.records import is_published

if TYPE_CHECKING:
    from cynosure.stages import Stages

WAREHOUSE_POOL = "warehouse_writer"
# libraries that log every request they make
_CHATTY = ("stripe", "httpx", "httpcore", "urllib3")


class StageOperator(BaseOperator):
    """A task that calls one stage of the engine."""

    ui_color = "#eef2f7"
    template_fields: ClassVar[tuple[str, ...]] = ()

    @cached_property
    def stages(self) -> Stages:
        """The stages of this installation."""
        from cynosure.settings import load_settings
        from cynosure.stages import Stages

        for name in _CHATTY:
            logging.getLogger(name).setLevel(logging.WARNING)
        return Stages(load_settings())

    def credentials(self, source: str) -> dict[str, object]:
        """The credentials of a source, masked in the log from here on."""
        from cynosure_airflow.connections import credentials

        return credentials(self.stages.settings, source, self.stages.source(source))

    def tell(self, context: Mapping[str, Any], **extra: object) -> None:
        """Shows figures of this run on the assets it produced."""
        for asset in self.outlets:
            if isinstance(asset, Asset):
                context["outlet_events"][asset].extra.update(extra)


class ExtractOperator(StageOperator):
    """Reads every enabled stream of a source into the landing log; streams that fail are named after all were tried."""

    def __init__(self, *, source: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> None:
        """Lands what is new; raises StreamsFailed naming the streams that could not be read to the end."""
        results = self.stages.extract(self.source, credentials=self.credentials(self.source))
        log_table(
            self.log,
            ("stream", "rows", "deleted", "seconds", "outcome"),
            [(r.stream, r.rows, r.deleted, r.seconds, r.outcome) for r in results],
        )
        for notice in (notice for result in results for notice in result.notices):
            self.log.warning("%s", notice)
        failed = [result for result in results if result.outcome != "ok"]
        if failed:
            raise StreamsFailed(failed)
        self.tell(context, **summary(results, "rows", "deleted"))


class LoadOperator(StageOperator):
    """Applies everything landed, of every source, to raw history."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """Loads; each batch is one transaction, so that a killed task can simply run again."""
        loaded = {stream: batches for stream, batches in self.stages.load().items() if batches}
        figures = ("rows", "new", "changed", "unchanged", "deleted")
        totals = {
            stream: {name: sum(getattr(b, name) for b in batches) for name in figures} for stream, batches in loaded.items()
        }
        log_table(
            self.log,
            ("stream", "batches", *figures),
            [(stream, len(loaded[stream]), *found.values()) for stream, found in totals.items()],
        )
        self.tell(context, **{stream: found for stream, found in totals.items() if found["rows"]})


class TransformOperator(StageOperator):
    """Builds and tests all models with dbt; skips when nothing came since the last good build, unless started by hand."""

    _nodes = 0

    def execute(self, context: Mapping[str, Any]) -> None:
        """Builds; raises ModelsFailed naming models and tests that stopped what depends on them."""
        by_hand = context["dag_run"].run_type == "manual"
        need = Need("it was started by hand") if by_hand else self.stages.what_to_build()
        if not need:
            raise AirflowSkipException("nothing has changed since the last build, which ended well")
        self.log.info("building %s because %s", " ".join(need.select) or "everything", need.reason)
        select, anew = context["params"].get("select"), bool(context["params"].get("full_refresh"))
        result = self.stages.transform(self._progress, need=need, select=[str(select)] if select else (), anew=anew)
        log_table(
            self.log,
            ("slowest", "status", "seconds"),
            [(n.node, n.status, n.seconds) for n in sorted(result.nodes, key=lambda n: -n.seconds)[:10]],
        )
        if result.failed:
            raise ModelsFailed(result.failed, len(result.skipped))
        self.tell(context, nodes=len(result.nodes), warned=len(result.warned))

    def _progress(self, done: int, of: int, node: str, status: str) -> None:
        # dbt tells the total with models, not with tests
        self._nodes = of or self._nodes
        self.log.info("%d of %d  %s  %s", done, self._nodes, node, status)


class CheckOperator(StageOperator):
    """Evaluates freshness, quality and identities. It succeeds when they were evaluated: bad findings are what alerts tell."""

    def execute(self, context: Mapping[str, Any]) -> None:
        """Stores one finding per check and shows those that failed; skips before the first build."""
        if not is_published(self.stages.warehouse):
            raise AirflowSkipException("nothing has been built yet")
        self._show(context, self.stages.check())

    def _show(self, context: Mapping[str, Any], result: Any) -> None:
        log_table(
            self.log,
            ("severity", "check", "found", "expected"),
            [(f.severity.value, f.check_id, f.what, f.expected) for f in result.failed],
        )
        counts = {"checks": len(result.findings), "failed": len(result.failed), "holding_back": len(result.stopping)}
        self.log.info("%(checks)d checks, %(failed)d failed, %(holding_back)d of them hold figures back", counts)
        self.tell(context, **counts, data_as_of=str(result.data_as_of or ""))


class AuditOperator(CheckOperator):
    """Walks a part of what a source holds, and compares what was walked to its end with the warehouse."""

    def __init__(self, *, source: str, **rest: Any) -> None:
        super().__init__(**rest)
        self.source = source

    def execute(self, context: Mapping[str, Any]) -> None:
        """Stores what is known of each stream; raises AuditFailed naming the streams that could not be walked."""
        if not is_published(self.stages.warehouse):
            raise AirflowSkipException("nothing has been built yet")
        found = self.stages.audit([self.source], {self.source: self.credentials(self.source)})
        if not found.streams:
            raise AirflowSkipException(f"nothing of {self.source} has been loaded yet")
        log_table(
            self.log,
            ("stream", "walk", "pages", "missing", "extra", "different", "repaired"),
            [(s.stream, s.walk.phase, s.pages, s.missing, s.extra, s.different, s.repaired) for s in found.streams],
        )
        self._show(context, found)
        if found.errors:
            raise AuditFailed(found.errors)
