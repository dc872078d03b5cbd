"""What the DAGs loop over, read from `config/` alone: nothing here may be slow, every task reads it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from airflow.sdk import AssetAny, AssetOrTimeSchedule, CronTriggerTimetable, MultipleCronTriggerTimetable

from cynosure.settings import Source, load_settings
from cynosure.settings.recipients import read_recipients
from cynosure.settings.reports import WEEKDAYS, Report, Schedule, read_reports
from cynosure_airflow import assets

_UTC = "UTC"


@dataclass(frozen=True)
class PlannedReport:
    """A report with the time zones of its recipients."""

    name: str
    report: Report
    timezones: tuple[str, ...]

    @property
    def timetable(self) -> MultipleCronTriggerTimetable:
        """When the report is due, and when it waits no longer for late data.

        In one time zone these are the exact instants. Recipients in several get a run at every instant that may be
        theirs in summer or in winter; what is not due then is not sent.
        """
        times = [at for at in (self.report.schedule.at, self.report.hold_until) if at]
        if len(self.timezones) == 1:
            return MultipleCronTriggerTimetable(*(cron(self.report.schedule, at) for at in times), timezone=self.timezones[0])
        instants = sorted({_utc(at, zone, month) for at in times for zone in self.timezones for month in (1, 7)})
        return MultipleCronTriggerTimetable(*(cron(Schedule(at=at), at) for at in instants), timezone=_UTC)


def sources() -> dict[str, Source]:
    """The enabled sources by name."""
    return load_settings().sources


def reports() -> list[PlannedReport]:
    """All reports."""
    config = load_settings().config
    groups = read_recipients(config).groups
    return [
        PlannedReport(name, report, tuple(sorted({groups[group].timezone for group in report.groups})))
        for name, report in read_reports(config).items()
    ]


def at(schedule: str) -> CronTriggerTimetable:
    """A clock in UTC."""
    return CronTriggerTimetable(schedule, timezone=_UTC)


def after(*followed: assets.Asset, clock: CronTriggerTimetable | MultipleCronTriggerTimetable) -> AssetOrTimeSchedule:
    """After any of these assets, and by the clock in any case: events may be merged or lost, time is not."""
    return AssetOrTimeSchedule(timetable=clock, assets=AssetAny(*followed))


def cron(schedule: Schedule, moment: time) -> str:
    """A local time on the days of a schedule, as cron; a day that some months lack becomes their last one."""
    if schedule.day_of_month is not None:
        day = str(schedule.day_of_month) if schedule.day_of_month <= 28 else "L"
        return f"{moment.minute} {moment.hour} {day} * *"
    # cron counts from Sunday, which is 0
    days = ",".join(str((WEEKDAYS.index(day) + 1) % 7) for day in schedule.weekdays) or "*"
    return f"{moment.minute} {moment.hour} * * {days}"


def _utc(moment: time, zone: str, month: int) -> time:
    local = datetime(2026, month, 1, moment.hour, moment.minute, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC).time()
