"""`cynosure audit` says how far it is, what differs and what it repaired; programs read the same as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from simulated import HOUR, Simulated, simulated


@pytest.fixture
def company(tmp_path: Any) -> Any:
    """A company of its own, which the test changes."""
    with simulated(tmp_path / "sandbox", customers=6, months=2) as found:
        yield found


FEW = ("-s", "customers", "-s", "coupons")


def test_a_silent_change_is_found_repaired_and_told(deployment: Any, company: Simulated) -> None:
    company.settle()
    assert deployment.run("audit", "stripe").out.count("nothing was loaded yet") == 1
    assert deployment.run("extract", "stripe", *FEW).code == 0
    assert deployment.run("load").code == 0
    company.advance(HOUR)
    customer = company.all("customer")[0]
    company.put("customer", {**customer, "name": "Renamed in silence"})
    assert deployment.run("audit", "stripe", "--full").code == 0
    company.advance(HOUR)
    deployment.run("extract", "stripe", *FEW)
    deployment.run("load")
    found = deployment.run("audit", "stripe", "-s", "customers")
    assert found.code == 4
    assert "1 different; 1 of them because each has another content at the source" in found.out
    repaired = deployment.run("audit", "stripe", "--repair", "--json")
    answer = json.loads(repaired.out)
    assert {audit["stream"]: audit["repaired"] for audit in answer["streams"]} == {"customers": 1, "coupons": 0}
    assert deployment.run("audit", "stripe").code == 0


def test_a_wrong_stream_or_budget_is_refused_in_words(deployment: Any) -> None:
    wrong = deployment.run("audit", "stripe", "-s", "invoises")
    assert (wrong.code, "did you mean 'invoices'" in wrong.err) == (2, True)
    assert deployment.run("audit", "stripe", "--budget", "0").code == 2
