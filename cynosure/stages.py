"""Each stage as one call on the settings: the single entrance of the command line and of Airflow alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from pydantic import ValidationError

from cynosure.check import Auditor, AuditResult, CheckResult, run_audit, run_checks
from cynosure.extract import (
    Access,
    Connector,
    ConnectorSettings,
    Misconfigured,
    Stream,
    StreamResult,
    UnknownName,
    connector_class,
    extract_source,
)  # fmt: skip
from cynosure.extract.run import Progress as ExtractProgress
from cynosure.landing import LandingLog
from cynosure.load import LoadResult, create_schema, load_landing
from cynosure.load.run import Progress as LoadProgress
from cynosure.settings import Settings, Source
from cynosure.settings.targets import check_targets, read_targets
from cynosure.transform import DbtProject, Need, TransformResult, needed, project, transform
from cynosure.transform.dbt import Progress as TransformProgress
from cynosure.transform.kpis import read_kpis
from cynosure.warehouse import Warehouse, WarehouseError, open_warehouse

Credentials = Mapping[str, object]
#: told the source, the stream and the pages of its walk so far
AuditProgress = Callable[[str, str, int], None]


@dataclass(frozen=True)
class Stages:
    """The stages of one deployment, in their order: extract, load, transform, check, audit."""

    settings: Settings

    @cached_property
    def warehouse(self) -> Warehouse:
        """The warehouse that the settings name."""
        return open_warehouse(self.settings.warehouse)

    @cached_property
    def landing(self) -> LandingLog:
        """The landing log that the settings name."""
        return LandingLog(self.settings.landing)

    @cached_property
    def dbt(self) -> DbtProject:
        """The dbt project against the warehouse."""
        known = self.settings
        targets, kpis = read_targets(known.config), read_kpis(known.sql)
        check_targets(known.config, targets, {name: kpi.better for name, kpi in kpis.items()})
        return project(known.sql, known.home, self.warehouse, known.company, known.identity, targets)

    @cached_property
    def streams(self) -> dict[str, list[str]]:
        """Names of the enabled streams of each enabled source."""
        return {name: enabled(name, source) for name, source in self.settings.sources.items()}

    def source(self, name: str) -> Source:
        """An enabled source; raises UnknownName listing those there are."""
        if name not in self.settings.sources:
            raise UnknownName("source", name, sorted(self.settings.sources))
        return self.settings.sources[name]

    @contextmanager
    def connector(self, name: str, credentials: Credentials | None = None) -> Iterator[Connector]:
        """The connector of a source, with the given credentials or those of the environment."""
        source = self.source(name)
        kind = connector_class(source.connector)
        given = self.settings.credentials(name) if credentials is None else credentials
        connector = kind(connector_settings(kind, name, given), share=source.rate_share, state=self.settings.home / "pace")
        connector.read_also(source.further)
        try:
            yield connector
        finally:
            connector.close()

    def check_connection(self, name: str, credentials: Credentials | None = None) -> list[Access]:
        """Proves the credentials of a source, stream by stream."""
        with self.connector(name, credentials) as connector:
            allowed = {access.stream: access for access in connector.check()}
        return [allowed[stream] for stream in self.streams[name] if stream in allowed]

    def extract(
        self,
        name: str,
        streams: Iterable[str] | None = None,
        credentials: Credentials | None = None,
        progress: ExtractProgress = lambda stream, rows: None,
    ) -> list[StreamResult]:
        """Lands what a source has that is not landed yet; a failing stream is reported, the others go on."""
        with self.connector(name, credentials) as connector:
            wanted = list(streams) if streams is not None else self.streams[name]
            return extract_source(name, connector, self.landing, streams=wanted, progress=progress)

    def load(self, progress: LoadProgress = lambda stream, result: None) -> dict[str, list[LoadResult]]:
        """Applies everything landed to raw history."""
        declared = [(source, stream) for source, streams in self.streams.items() for stream in streams]
        return load_landing(self.warehouse, self.landing, declared, self.settings.now(), progress)

    def replay(self, target: str, progress: LoadProgress = lambda stream, result: None) -> dict[str, list[LoadResult]]:
        """Rebuilds raw history from the landing log in another, empty warehouse, without asking any source."""
        warehouse = open_warehouse(target)
        with warehouse.writing() as session:
            if session.row("select 1 from information_schema.tables where table_schema = 'ops' and table_name = 'loads'"):
                raise WarehouseError("the warehouse to replay into is not empty; name a new one, or run `load` to continue it")
        declared = sorted({*self.landing.streams(), *((s, t) for s, ts in self.streams.items() for t in ts)})
        return load_landing(warehouse, self.landing, declared, self.settings.now(), progress)

    def transform(
        self,
        progress: TransformProgress = lambda done, of, node, status: None,
        *,
        need: Need | None = None,
        select: Iterable[str] = (),
        anew: bool = False,
    ) -> TransformResult:
        """Builds and tests all models, or what is needed, or what is selected; `anew` forgets what incremental ones hold."""
        now = self.settings.now()
        return transform(self.dbt, self.warehouse, now, need=need, select=tuple(select), anew=anew, progress=progress)

    def what_to_build(self) -> Need:
        """What `transform` should build now, and why; no reason when it would change nothing."""
        with self.warehouse.writing() as session:
            create_schema(session)
            return needed(session, self.dbt, self.settings.company.timezone, self.settings.now())

    def check(self) -> CheckResult:
        """Evaluates freshness, quality and identities, and what the audit has found so far."""
        declared = {name: self._declared(name) for name in self.streams}
        return run_checks(self.warehouse, self.dbt, self.settings.config, self.settings.sources, declared, self.settings.now())

    def audit(
        self,
        names: Iterable[str] | None = None,
        credentials: Mapping[str, Credentials] | None = None,
        *,
        streams: Iterable[str] | None = None,
        budget: int | None = None,
        full: bool = False,
        repair: bool | None = None,
        progress: AuditProgress = lambda source, stream, pages: None,
    ) -> AuditResult:
        """Walks what the sources hold and compares it with the warehouse; `budget` and `repair` override the configuration.

        `full` walks every stream to its end now instead of a slice.
        """
        wanted = list(names) if names is not None else list(self.streams)
        declared = {name: self._declared(name, streams) for name in wanted}
        with ExitStack() as connectors:
            auditors = [
                Auditor(
                    self.warehouse,
                    self.landing,
                    name,
                    connectors.enter_context(self.connector(name, (credentials or {}).get(name))),
                    self.settings.now(),
                    budget=budget or (None if full else self.source(name).audit.requests),
                    full=full,
                    repair=self.source(name).audit.repair if repair is None else repair,
                    progress=partial(progress, name),
                )
                for name in wanted
            ]
            return run_audit(auditors, self.dbt, declared, self.settings.now())

    def _declared(self, source: str, only: Iterable[str] | None = None) -> list[Stream]:
        """The enabled streams of a source, or some of them; raises UnknownName for one that it does not have."""
        known = {stream.name: stream for stream in _all(self.source(source))}
        enabled = self.streams[source]
        for name in only or ():
            if name not in enabled:
                raise UnknownName("stream", name, enabled)
        return [known[name] for name in (only or enabled)]


def connector_settings(kind: type[Connector], source: str, given: Credentials) -> ConnectorSettings:
    """The connector's settings from text values; raises Misconfigured naming the field, never its value."""
    known = set(kind.settings_model.model_fields)
    try:
        return kind.settings_model.model_validate({key: value for key, value in given.items() if key in known})
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg'].lower()}" for e in error.errors(include_input=False))
        variables = ", ".join(f"CYNOSURE_{source.upper()}_{name.upper()}" for name in sorted(known))
        raise Misconfigured(
            f"the connection of {source} is incomplete: {problems}. Set it in the Airflow connection, or by {variables}"
        ) from None


def _all(source: Source) -> tuple[Stream, ...]:
    """The connector's streams and those that the configuration adds."""
    kind = connector_class(source.connector)
    return (*kind.streams, *(kind.further(name, object) for name, object in source.further.items()))


def enabled(name: str, source: Source) -> list[str]:
    """Names of the streams of a source that are read; raises UnknownName for a configured one that there is not."""
    names = [stream.name for stream in _all(source)]
    for stream in source.streams:
        if stream not in names:
            raise UnknownName(f"stream of {name} (config/sources.yaml)", stream, names)
    disabled = {stream for stream, settings in source.streams.items() if not settings.enabled}
    return [stream for stream in names if stream not in disabled]
