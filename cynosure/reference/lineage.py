"""Which models and streams stand behind a model, read from the SQL text alone, without starting dbt."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
_REF = re.compile(r"\bref\(\s*'(\w+)'\s*\)")
# source('stripe', 'events'), and macros that take the same two words
_STREAM = re.compile(r"\(\s*'(\w+)',\s*'(\w+)'")
_CALL = re.compile(r"\b(\w+)\(")
_MACRO = re.compile(r"\{%-?\s*macro (\w+)\(.*?\{%-?\s*endmacro\s*-?%\}", re.DOTALL)


@dataclass(frozen=True)
class SqlLineage:
    """The models of a dbt project and what each reads; `streams` are the declared (source, stream) pairs."""

    project: Path
    streams: Collection[tuple[str, str]]

    @cached_property
    def models(self) -> dict[str, Path]:
        """The file of each model."""
        return {path.stem: path for path in sorted(self.project.glob("models/**/*.sql"))}

    def parents(self, model: str) -> list[str]:
        """The models that a model reads itself, sorted."""
        return sorted(self._reads[model][0])

    def sources_of(self, model: str) -> list[str]:
        """The raw streams upstream of a model, as source.stream, sorted."""
        found: set[str] = set()
        seen, waiting = set(), [model]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            models, streams = self._reads[current]
            found.update(streams)
            waiting.extend(models)
        return sorted(found)

    @cached_property
    def _macros(self) -> Mapping[str, str]:
        texts = (_text(path) for path in sorted(self.project.glob("macros/**/*.sql")))
        return {found[1]: found[0] for text in texts for found in _MACRO.finditer(text)}

    @cached_property
    def _reads(self) -> Mapping[str, tuple[set[str], set[str]]]:
        return {model: self._read(_text(path)) for model, path in self.models.items()}

    def _read(self, text: str, within: frozenset[str] = frozenset()) -> tuple[set[str], set[str]]:
        models = set(_REF.findall(text)) & set(self.models)
        streams = {f"{source}.{stream}" for source, stream in _STREAM.findall(text) if (source, stream) in self.streams}
        for macro in set(_CALL.findall(text)) & set(self._macros) - within:
            more_models, more_streams = self._read(self._macros[macro], within | {macro})
            models |= more_models
            streams |= more_streams
        return models, streams


def _text(path: Path) -> str:
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))
