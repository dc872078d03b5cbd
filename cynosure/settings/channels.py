"""How messages leave: CYNOSURE_SMTP_*, CYNOSURE_SLACK_*, and the address policy of `recipients.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from cynosure.settings import ConfigError, Settings
from cynosure.settings.recipients import Recipients, read_recipients

M = TypeVar("M", bound=BaseModel)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TLS_WORDS = {"true": "required", "1": "required", "yes": "required", "false": "off", "0": "off", "no": "off"}


class Smtp(BaseModel):
    """The mail server; `starttls` is required, implicit (TLS from the start) or off."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    host: str
    port: int = Field(default=587, ge=1, le=65535)
    user: str = ""
    password: SecretStr = SecretStr("")
    starttls: Literal["required", "off", "implicit"] = "required"
    sender: str = Field(alias="from")
    command_seconds: float = Field(default=20, gt=0)
    acceptance_seconds: float = Field(default=180, gt=0, description="wait for the answer to the final dot")

    @field_validator("starttls", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return _TLS_WORDS.get(str(value).lower(), str(value).lower())

    @model_validator(mode="after")
    def _no_password_in_clear(self) -> Smtp:
        if self.starttls == "off" and self.password.get_secret_value() and self.host not in _LOOPBACK:
            raise ValueError("a password is sent over TLS only; set CYNOSURE_SMTP_STARTTLS to required or implicit")
        return self


class Slack(BaseModel):
    """The Slack app's bot token; another base URL than Slack's must be https or on this machine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr
    base_url: str = "https://slack.com/api/"
    timeout_seconds: int = Field(default=20, gt=0)

    @field_validator("base_url")
    @classmethod
    def _trusted(cls, value: str) -> str:
        url = urlsplit(value)
        if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
            raise ValueError("the token is sent to https addresses or to this machine only")
        return value.rstrip("/") + "/"


class Channels(BaseModel):
    """Everything the channels need; a channel without settings is not configured."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    smtp: Smtp | None = None
    slack: Slack | None = None
    folder: Path
    allowed_domains: tuple[str, ...] = ()
    list_unsubscribe: str = ""


def read_channels(settings: Settings, recipients: Recipients | None = None) -> Channels:
    """The channels of this installation; raises ConfigError naming the variable, never its value."""
    known = recipients or read_recipients(settings.config)
    return Channels(
        smtp=_section(Smtp, "smtp", settings.credentials("smtp"), required="host"),
        slack=_section(Slack, "slack", settings.credentials("slack"), required="token"),
        folder=Path(settings.environment.get("CYNOSURE_DELIVERED") or settings.home / "delivered"),
        allowed_domains=known.allowed_domains,
        list_unsubscribe=known.list_unsubscribe,
    )


def _section(model: type[M], name: str, values: Mapping[str, str], required: str) -> M | None:
    if required not in values:
        return None
    try:
        return model.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = "_".join(str(part) for part in first["loc"]).upper()
        raise ConfigError(f"CYNOSURE_{name.upper()}{'_' * bool(key)}{key}: {first['msg']}") from None
