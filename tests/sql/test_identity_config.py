"""`config/identity.yaml` reaches the models as decided, and a mistake in it is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from cynosure.settings import Company, ConfigError
from cynosure.settings.company import Segment
from cynosure.settings.identity import Identity, read_identity
from cynosure.transform import project
from cynosure.transform.need import fingerprint
from cynosure.warehouse import open_warehouse

LINKS = """links:
  - {record: hubspot/companies/7, customer: cus_D, reason: trades under another name}
  - {record: zendesk/organizations/8, customer: null, reason: a test account}
free_mail_domains: [post.example]
"""


def test_decisions_become_variables_of_the_models(tmp_path: Path) -> None:
    (tmp_path / "identity.yaml").write_text(LINKS)
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")
    dbt = project(tmp_path, tmp_path, warehouse, Company(name="x"), read_identity(tmp_path))
    assert dbt.variables["identity_overrides"] == [
        {"record": "hubspot/companies/7", "customer": "cus_D"},
        {"record": "zendesk/organizations/8", "customer": None},
    ]
    assert dbt.variables["further_free_mail_domains"] == ["post.example"]


def test_another_decision_is_a_reason_to_build(tmp_path: Path) -> None:
    warehouse = open_warehouse(f"duckdb://{tmp_path}/w.duckdb")

    def of(company: Company, identity: Identity) -> str:
        return fingerprint(project(tmp_path, tmp_path, warehouse, company, identity))

    asis = of(Company(name="x"), Identity())
    assert of(Company(name="y"), Identity()) == asis
    assert of(Company(name="x", segments=(Segment(name="everyone"),)), Identity()) != asis
    assert of(Company(name="x"), Identity(free_mail_domains=("post.example",))) != asis


def test_no_file_decides_nothing(tmp_path: Path) -> None:
    assert read_identity(tmp_path) == Identity()


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("links:\n  - {record: hubspot/7, customer: cus_D, reason: r}\n", "identity.yaml:2: links.0.record"),
        ("links:\n  - {record: hubspot/companies/7, customer: D, reason: r}\n", "identity.yaml:2: links.0.customer"),
        ("links:\n  - {record: hubspot/companies/7, reason: r}\n", "identity.yaml:2: links.0.customer"),
        ("links:\n  - {record: hubspot/companies/7, customer: cus_D}\n", "identity.yaml:2: links.0.reason"),
        ("free_mail_domains: [a@b.example]\n", "identity.yaml:1: free_mail_domains.0"),
    ],
)
def test_a_mistake_is_located(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / "identity.yaml").write_text(text)
    with pytest.raises(ConfigError, match=place):
        read_identity(tmp_path)
