"""Renders the one-line summary of an alert from a template that people write: sandboxed, strict, short."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cynosure.document.wording import clean

MAX_LENGTH = 500
_FILTERS = ("capitalize", "default", "join", "lower", "replace", "title", "trim", "upper")


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    environment.filters = {name: environment.filters[name] for name in _FILTERS}
    environment.tests = {name: environment.tests[name] for name in ("defined", "none")}
    return environment


def render_summary(template: str, words: Mapping[str, str]) -> str:
    """The summary; a template that fails is replaced by the reason, because the alert must go out all the same."""
    try:
        rendered = _environment().from_string(template).render(dict(words))
    except (TemplateError, TypeError, ValueError, OverflowError) as error:
        return f"The summary could not be written: {clean(str(error))[:MAX_LENGTH]}"
    return clean(rendered)[:MAX_LENGTH]
