"""Which failure is tried again, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow_home import use_own_home

use_own_home()

from airflow.sdk import RetryAction

from cynosure.extract import (
    AccessDenied,
    Deferred,
    Misconfigured,
    RetryLater,
    StreamResult,
    Unexpected,
    UnknownName,
)  # fmt: skip
from cynosure.settings import ConfigError
from cynosure.warehouse import WarehouseLocked
from cynosure_airflow.outcome import ModelsFailed, StreamsFailed
from cynosure_airflow.retry import LONGEST, ByRecovery

pytestmark = pytest.mark.airflow


def decide(error: BaseException):
    return ByRecovery().evaluate(error, try_number=1, max_tries=3)


def stream(name: str, outcome: str) -> StreamResult:
    return StreamResult(name, rows=0, deleted=0, batches=0, seconds=1.0, outcome=outcome, error=f"stripe.{name}: {outcome}")


def after(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        AccessDenied("the key was revoked"),
        Misconfigured("api_key is empty"),
        UnknownName("source", "strpe", ["stripe"]),
        Unexpected("the answer is no JSON"),
        ConfigError("config/sources.yaml:3: unknown key"),
        ModelsFailed([], 0),
        StreamsFailed([stream("charges", "failed")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_only_a_person_can_repair_fails_at_once(error):
    assert decide(error).action is RetryAction.FAIL


@pytest.mark.parametrize(
    "error",
    [
        RetryLater("connection reset"),
        Deferred("gave up after 8 tries"),
        WarehouseLocked("being written by process 7"),
        OSError("no space left on device"),
        StreamsFailed([stream("charges", "failed"), stream("invoices", "deferred")]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_is_tried_again_after_the_usual_delay(error):
    decision = decide(error)
    assert decision.action is not RetryAction.FAIL
    assert decision.retry_delay is None


def test_the_source_says_how_long_to_wait():
    decision = decide(RetryLater("busy", retry_after=40))
    assert (decision.action, decision.retry_delay) == (RetryAction.RETRY, timedelta(seconds=40))


def test_the_wait_is_found_in_what_caused_the_failure():
    error = after(Deferred("gave up"), RetryLater("busy", retry_after=7.5))
    assert decide(error).retry_delay == timedelta(seconds=7.5)


@pytest.mark.parametrize(("asked", "waited"), [(86_400, LONGEST), (-5, timedelta())])
def test_a_wait_stays_within_reason(asked, waited):
    assert decide(RetryLater("busy", retry_after=asked)).retry_delay == waited


def test_the_reason_that_airflow_stores_holds_nothing_of_the_message():
    assert "rk_live" not in str(decide(AccessDenied("key rk_live_123 was revoked")).reason)


def test_a_failed_stream_is_named():
    error = StreamsFailed([stream("charges", "failed"), stream("invoices", "deferred")])
    assert "2 streams did not complete (charges, invoices)" in str(error)
    assert "stripe.charges: failed" in str(error)
