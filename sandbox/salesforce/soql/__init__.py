"""SOQL: the part of the query language that a reader of the org needs."""

from __future__ import annotations

from sandbox.salesforce.soql.execution import Found, run
from sandbox.salesforce.soql.grammar import parse
from sandbox.salesforce.soql.language import Query, SoqlError

__all__ = ["Found", "Query", "SoqlError", "parse", "run"]
