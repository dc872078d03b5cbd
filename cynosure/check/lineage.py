"""Which KPIs depend on a stream or a model, from dbt's own lineage."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any


class Lineage:
    """dbt's graph of nodes, asked in the direction from data to figures; empty before the first build.

    A model with `frames_only` in its `meta` tells by which groups or for which days figures are shown: it is not followed,
    as no total depends on it. A CRM that is late must not hold back revenue because customers have a segment.
    """

    def __init__(self, manifest: Mapping[str, Any]) -> None:
        self._nodes: Mapping[str, Any] = manifest.get("nodes", {})
        self._children: Mapping[str, list[str]] = manifest.get("child_map", {})
        self._sources: Mapping[str, Any] = manifest.get("sources", {})

    def kpis_of(self, node: str) -> tuple[str, ...]:
        """Names of the KPI models downstream of a node (itself included), sorted."""
        return tuple(sorted(self._nodes[n]["name"] for n in self._downstream(node) if self._is_kpi(n)))

    def kpis_of_stream(self, source: str, stream: str) -> tuple[str, ...]:
        """Names of the KPI models that use a stream; empty if nothing does."""
        node = self._stream_nodes.get(f"{source}__{stream}")
        return self.kpis_of(node) if node else ()

    @cached_property
    def _stream_nodes(self) -> dict[str, str]:
        return {entry["identifier"]: id for id, entry in self._sources.items()}

    def _is_kpi(self, node: str) -> bool:
        entry = self._nodes.get(node)
        return entry is not None and entry["resource_type"] == "model" and entry["schema"] == "kpis"

    def _downstream(self, node: str) -> set[str]:
        found: set[str] = set()
        waiting = [node]
        while waiting:
            current = waiting.pop()
            if current not in found:
                found.add(current)
                waiting.extend(() if self._only_frames(current) else self._children.get(current, ()))
        return found

    def _only_frames(self, node: str) -> bool:
        return bool(self._nodes.get(node, {}).get("config", {}).get("meta", {}).get("frames_only"))
