"""Which failures are worth another try: decided by the class of the error, never by its text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from airflow.sdk import RetryDecision, RetryPolicy

from cynosure.settings import ConfigError

# Airflow's retries are for minutes; seconds are waited inside the engine
LONGEST = timedelta(minutes=15)


class ByRecovery(RetryPolicy):
    """Errors that only a person can repair fail at once; the others wait as long as the source asked for."""

    def evaluate(self, exception: BaseException, try_number: int, max_tries: int, context: Any = None) -> RetryDecision:
        """Fail now, retry after the source's own delay, or Airflow's default."""
        if is_final(exception):
            return RetryDecision.fail(f"{type(exception).__name__}: no retry can repair this")
        wait = asked_to_wait(exception)
        if wait is not None:
            return RetryDecision.retry(min(wait, LONGEST), "the source asked to wait")
        return RetryDecision.default()


def is_final(error: BaseException) -> bool:
    """Whether only a person can repair it."""
    return bool(getattr(error, "final", False)) or isinstance(error, ConfigError)


def asked_to_wait(error: BaseException) -> timedelta | None:
    """The wait that the source asked for, carried by the error or by what caused it."""
    seen: BaseException | None = error
    while seen is not None:
        seconds = getattr(seen, "retry_after", None)
        if seconds is not None:
            return timedelta(seconds=max(float(seconds), 0.0))
        seen = seen.__cause__
    return None
