"""Transformation: the dbt project in `sql/`, built in one go, with every node's result kept."""

from __future__ import annotations

from cynosure.transform.dbt import DbtProject, NodeResult, TransformError
from cynosure.transform.need import Need, needed
from cynosure.transform.run import TransformResult, project, transform

__all__ = ["DbtProject", "Need", "NodeResult", "TransformError", "TransformResult", "needed", "project", "transform"]
