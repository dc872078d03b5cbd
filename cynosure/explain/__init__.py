"""Explaining a figure: from what was published down to the vendors' own objects, and the sums that prove it."""

from __future__ import annotations

from cynosure.explain.document import as_document
from cynosure.explain.explanation import Explanation, explain

__all__ = ["Explanation", "as_document", "explain"]
