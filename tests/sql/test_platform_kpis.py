"""What the engine records of its own work, as KPIs: each equals what plain Python makes of the same records."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from build import PROJECT, dbt

from cynosure.load import create_schema
from cynosure.transform.periods import GRAINS, period_start
from cynosure.warehouse import Session, Warehouse

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("America/New_York")
BEGIN = datetime(2026, 2, 26, 1, tzinfo=UTC)
HOURS = 24 * 12
Figures = dict[tuple[str, date, str, str], Fraction | None]


@dataclass
class Records:
    """Rows of ops, made at random by the hour over twelve days, around midnight in the company's zone as well."""

    loads: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="session")
def records() -> Records:
    chance, made = random.Random(11), Records()
    for hour in range(0, HOURS, 5):
        at = BEGIN + timedelta(hours=hour)
        for number, (source, stream) in enumerate((("stripe", "events"), ("stripe", "invoices"), ("zendesk", "tickets"))):
            if chance.random() < 0.7:
                made.loads.append(_load(chance, at + timedelta(minutes=number), source, stream, hour))
            if hour % 3 == 0:
                made.findings += _audit(chance, at, source, stream)
        for dimension in ("completeness", "validity", "consistency"):
            for table in ("marts.customers", "marts.payments"):
                made.findings.append(_quality(chance, at, dimension, table))
        made.runs += _build(chance, at, hour)
    return made


def _load(chance: random.Random, at: datetime, source: str, stream: str, hour: int) -> dict[str, Any]:
    read = at - timedelta(seconds=chance.randrange(30, 4000))
    return {
        "source": source, "stream": stream, "batch_id": f"b{hour}", "mode": "changes", "rows_read": 9,
        "rows_new": chance.randrange(50), "rows_changed": chance.randrange(9), "rows_unchanged": 3,
        "rows_deleted": chance.randrange(3), "cursor_after": None,
        "source_as_of": None if chance.random() < 0.2 else read - timedelta(seconds=chance.randrange(600)),
        "extracted_at": read, "loaded_at": at, "api_version": "1", "connector_version": "1", "manifest_sha256": "",
    }  # fmt: skip


def _finding(at: datetime, check: str, kind: str, dimension: str, detail: dict[str, int], **where: str) -> dict[str, Any]:
    return {
        "finding_id": f"{check}@{at.isoformat()}", "check_id": check, "kind": kind, "source": None, "stream": None,
        "relation": None, "what": "", "measured": None, "expected": "", "severity": "warn", "status": "passed",
        "dimension": dimension, "affected_kpis": "[]", "detail": json.dumps(detail), "found_at": at, "data_as_of": None,
    } | where  # fmt: skip


def _quality(chance: random.Random, at: datetime, dimension: str, table: str) -> dict[str, Any]:
    rows = chance.choice((0, 40, 90))
    detail = {"rows": rows, "failures": chance.randrange(100)}
    return _finding(at, f"quality:{dimension}_{table}", "quality", dimension, detail, relation=table)


def _audit(chance: random.Random, at: datetime, source: str, stream: str) -> Iterator[dict[str, Any]]:
    sides = {"source": chance.randrange(20), "warehouse": chance.randrange(20)}
    for part, detail in (("ids", {"missing": chance.randrange(4), "extra": 1}), ("content", {"different": chance.randrange(9)})):
        yield _finding(at, f"audit:{source}.{stream}:{part}", "audit", "accuracy", sides | detail, source=source, stream=stream)
    yield _finding(at, f"audit:{source}.{stream}:walk", "audit", "timeliness", {"pages": 3}, source=source, stream=stream)


def _build(chance: random.Random, at: datetime, hour: int) -> Iterator[dict[str, Any]]:
    run = f"{chance.choice(('partial', 'abc'))}-{hour}"
    for node in range(4):
        status = chance.choices(("success", "pass", "warn", "error", "skipped"), (40, 40, 10, 2, 2))[0]
        yield {
            "run_id": run, "node": f"n{node}", "resource_type": "model", "status": status, "affected_rows": None, "failures": None,
            "seconds": chance.randrange(1, 90_000) / 1000, "started_at": at, "message": "",
        }  # fmt: skip


@pytest.fixture(scope="session")
def figures(records: Records, new_warehouse: Callable[[], Warehouse], tmp_path_factory: Any) -> Callable[[str], Figures]:
    """What the models say, on each engine."""
    warehouse = new_warehouse()
    with warehouse.writing() as session:
        create_schema(session)
        for table, rows in vars(records).items():
            for row in rows:
                _insert(session, {"runs": "model_runs"}.get(table, table), row)
    variables = {"timezone": str(ZONE)}
    command = ["build", "--select", "+path:models/kpis/data_platform"]
    done = dbt(command, warehouse.dbt_environment(), variables, tmp_path_factory.mktemp("dbt"))
    assert done.returncode == 0, done.stdout[-4000:]

    def read(kpi: str) -> Figures:
        with warehouse.writing() as session:
            rows = session.rows(f"select grain, period_start, dimension, member, value from kpis.{kpi}")
        return {tuple(key): None if value is None else Fraction(str(value)) for *key, value in rows}

    return read


def _insert(session: Session, table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(f"${n}" for n in range(1, len(row) + 1))
    session.execute(f"insert into ops.{table} ({', '.join(row)}) values ({marks})", *row.values())


def local(at: datetime) -> date:
    return at.astimezone(ZONE).date()


def places(value: Fraction) -> Fraction:
    """Six decimals, half away from zero, as the models keep them."""
    return Fraction(int(abs(value) * 10**6 + Fraction(1, 2)), 10**6) * (-1 if value < 0 else 1)


def shares(facts: Iterable[tuple[date, dict[str, str], Fraction, Fraction]]) -> Figures:
    """Ratios of sums by grain, period, dimension and member."""
    sums: dict[tuple[str, date, str, str], list[Fraction]] = defaultdict(lambda: [Fraction(0), Fraction(0)])
    for day, members, top, bottom in facts:
        for dimension, member in {"all": "all", **members}.items():
            for grain in GRAINS:
                both = sums[grain, period_start(grain, day), dimension, member]
                both[0], both[1] = both[0] + top, both[1] + bottom
    return {key: places(top / bottom) if bottom else None for key, (top, bottom) in sums.items()}


def last_of_each_day(findings: Iterable[dict[str, Any]]) -> Iterator[tuple[date, dict[str, Any], dict[str, int]]]:
    newest: dict[tuple[str, date], dict[str, Any]] = {}
    for finding in sorted(findings, key=lambda found: found["found_at"]):
        newest[finding["check_id"], local(finding["found_at"])] = finding
    for (_, day), finding in newest.items():
        yield day, finding, json.loads(finding["detail"])


@pytest.mark.parametrize("dimension", ["completeness", "validity", "consistency"])
def test_rules_kept_by_the_last_check_of_each_day(dimension: str, records: Records, figures: Callable[[str], Figures]) -> None:
    wanted = [found for found in records.findings if (found["kind"], found["dimension"]) == ("quality", dimension)]
    expected = shares(
        (day, {"table": found["relation"]}, Fraction(rows - min(rows, detail["failures"])), Fraction(rows))
        for day, found, detail in last_of_each_day(wanted)
        for rows in [detail["rows"]]
    )
    assert None in expected.values()
    assert figures(f"data_{dimension}") == expected


def test_accuracy_is_what_the_last_audit_of_each_day_found_the_same(records: Records, figures: Callable[[str], Figures]) -> None:
    streams: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0])
    audits = [found for found in records.findings if found["kind"] == "audit" and not found["check_id"].endswith(":walk")]
    for day, found, detail in last_of_each_day(audits):
        counts = streams[day, found["source"], found["stream"]]
        counts[0] = max(counts[0], detail["source"], detail["warehouse"])
        counts[1] += sum(detail.get(kind, 0) for kind in ("missing", "extra", "different"))
    expected = shares(
        (day, {"source": source, "table": f"{source}.{stream}"}, Fraction(total - min(total, wrong)), Fraction(total))
        for (day, source, stream), (total, wrong) in streams.items()
    )
    assert figures("data_accuracy") == expected


def test_builds_last_and_end_as_their_nodes_did(records: Records, figures: Callable[[str], Figures]) -> None:
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for node in records.runs:
        runs[node["run_id"]].append(node)
    facts = {
        run: (
            local(nodes[0]["started_at"]),
            places(sum((Fraction(Decimal(str(n["seconds"]))) for n in nodes), Fraction(0)) / 3600),
            Fraction(not {n["status"] for n in nodes} & {"error", "skipped"}),
        )
        for run, nodes in runs.items()
    }
    member = {"pipeline": "transform"}
    durations = shares((day, member, hours, Fraction(1)) for run, (day, hours, _) in facts.items() if run.startswith("abc"))
    assert figures("etl_job_duration") == durations
    assert figures("pipeline_success_rate") == shares((day, member, well, Fraction(1)) for day, _, well in facts.values())


def test_volume_and_lag_are_those_of_the_batches(records: Records, figures: Callable[[str], Figures]) -> None:
    facts = [
        (
            local(load["loaded_at"]), {"source": load["source"]},
            Fraction(load["rows_new"] + load["rows_changed"] + load["rows_deleted"]),
            places(Fraction(int((load["loaded_at"] - load["extracted_at"]).total_seconds()), 60)),
        )
        for load in records.loads
    ]  # fmt: skip
    lags = shares((day, member, minutes, Fraction(1)) for day, member, _, minutes in facts)
    assert figures("processing_lag") == lags
    volumes: Figures = defaultdict(lambda: Fraction(0))
    for day, member, rows, _ in facts:
        for dimension, name in {"all": "all", **member}.items():
            for grain in GRAINS:
                volumes[grain, period_start(grain, day), dimension, name] += rows
    assert figures("data_volume") == volumes


def test_freshness_is_the_age_of_the_stalest_table_at_the_end_of_the_period(
    records: Records, figures: Callable[[str], Figures]
) -> None:
    days = sorted({local(load["loaded_at"]) for load in records.loads})
    newest = max(load["loaded_at"] for load in records.loads)
    ages: dict[tuple[date, str, str], Fraction] = {}
    for day in (days[0] + timedelta(days=n) for n in range((days[-1] - days[0]).days + 1)):
        end = min(datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(days=1), newest)
        for source, stream in {(load["source"], load["stream"]) for load in records.loads}:
            seen = [
                load["source_as_of"] for load in records.loads
                if (load["source"], load["stream"]) == (source, stream) and local(load["loaded_at"]) <= day and load["source_as_of"]
            ]  # fmt: skip
            if seen:
                ages[day, source, stream] = Fraction(int((end - max(seen)).total_seconds()), 60)
    expected: Figures = {}
    for grain in GRAINS:
        last = {period_start(grain, day): day for day, _, _ in sorted(ages)}
        for (day, source, stream), age in ages.items():
            start = period_start(grain, day)
            if last[start] == day:
                for key in (("all", "all"), ("source", source), ("table", f"{source}.{stream}")):
                    expected[grain, start, *key] = max(places(age), expected.get((grain, start, *key)) or Fraction(0))
    assert figures("data_freshness") == expected


def test_the_project_has_no_other_kpi_of_the_platform() -> None:
    tested = {
        "data_accuracy", "data_completeness", "data_consistency", "data_validity", "data_freshness", "etl_job_duration",
        "pipeline_success_rate", "processing_lag", "data_volume",
    }  # fmt: skip
    assert {path.stem for path in (PROJECT / "models/kpis/data_platform").glob("*.sql")} == tested
