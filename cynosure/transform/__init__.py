"""Transformation: the dbt project in `sql/`, built in one go, with every node's result kept."""

from __future__ import annotations

from cynosure.transform.dbt import DbtProject, NodeResult, TransformError
from cynosure.transform.need import reason_to_build
from cynosure.transform.run import TransformResult, project, transform

__all__ = ["DbtProject", "NodeResult", "TransformError", "TransformResult", "project", "reason_to_build", "transform"]
