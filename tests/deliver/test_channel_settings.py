"""Credentials come from the environment, are checked, and are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from cynosure.settings import ConfigError, load_settings
from cynosure.settings.channels import Channels, read_channels
from cynosure.settings.recipients import cleared

RECIPIENTS = """
allowed_domains: [example.com]
operators: data
groups:
  data: {channels: {slack: ["#data"], email: [ada@example.com]}}
"""
SMTP = {"CYNOSURE_SMTP_HOST": "mail.example.com", "CYNOSURE_SMTP_FROM": "metrics@example.com"}


def channels(tmp_path: Path, recipients: str = RECIPIENTS, **env: str) -> Channels:
    (tmp_path / "recipients.yaml").write_text(recipients)
    return read_channels(load_settings({"CYNOSURE_CONFIG": str(tmp_path), "CYNOSURE_HOME": str(tmp_path)} | env))


def test_without_credentials_only_the_folder_is_configured(tmp_path: Path) -> None:
    found = channels(tmp_path)
    assert (found.smtp, found.slack, found.folder) == (None, None, tmp_path / "delivered")


def test_credentials_are_secret_types(tmp_path: Path) -> None:
    found = channels(tmp_path, **SMTP, CYNOSURE_SMTP_PASSWORD="CANARY-1", CYNOSURE_SMTP_USER="u", CYNOSURE_SLACK_TOKEN="CANARY-2")
    assert found.smtp is not None
    assert found.smtp.starttls == "required"
    assert found.smtp.password.get_secret_value() == "CANARY-1"
    assert "CANARY" not in repr(found)
    assert "CANARY" not in found.model_dump_json()


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("CYNOSURE_SMTP_PORT", "CANARY", "CYNOSURE_SMTP_PORT"),
        ("CYNOSURE_SMTP_STARTTLS", "CANARY", "CYNOSURE_SMTP_STARTTLS"),
        ("CYNOSURE_SMTP_PASWORD", "CANARY", "CYNOSURE_SMTP_PASWORD"),
        ("CYNOSURE_SLACK_BASE_URL", "http://CANARY.example.net", "CYNOSURE_SLACK_BASE_URL"),
        ("CYNOSURE_SLACK_BASE_URL", "ftp://127.0.0.1", "CYNOSURE_SLACK_BASE_URL"),
    ],
)
def test_a_wrong_variable_is_named_and_its_value_kept_back(variable: str, value: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        channels(tmp_path, **SMTP | {"CYNOSURE_SLACK_TOKEN": "t", variable: value})
    assert "CANARY" not in str(caught.value)


def test_a_password_is_not_sent_in_clear(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="over TLS only"):
        channels(tmp_path, **SMTP, CYNOSURE_SMTP_PASSWORD="p", CYNOSURE_SMTP_STARTTLS="off")


@pytest.mark.parametrize("base_url", ["https://slack.com/api/", "http://127.0.0.1:5000/api", "https://slack-gov.com/api/"])
def test_slack_may_be_reached_by_https_or_on_this_machine(base_url: str, tmp_path: Path) -> None:
    found = channels(tmp_path, CYNOSURE_SLACK_TOKEN="t", CYNOSURE_SLACK_BASE_URL=base_url)
    assert found.slack is not None
    assert found.slack.base_url == base_url.rstrip("/") + "/"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("ada@example.com", "ada@example.net"), "outside the allowed domains"),
        (("ada@example.com", "ada"), "no e-mail address"),
        (("operators: data", "operators: dta"), "is no group; allowed: data"),
        (("groups:", "grups:"), "unknown key"),
        (("{channels:", "{timezone: Mars/Olympus, channels:"), "no time zone"),
    ],
)
def test_a_wrong_recipients_file_is_explained(change: tuple[str, str], says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=says):
        channels(tmp_path, RECIPIENTS.replace(*change))


def test_clearance_covers_lower_classes_and_never_an_unknown_one() -> None:
    assert [cleared("internal", c) for c in ("public", "internal", "confidential", "typo")] == [True, True, False, False]
    assert not cleared("restricted", "typo")
