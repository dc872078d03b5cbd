"""Loading: landed batches become raw history, each batch and its record in one transaction, in order, exactly once."""

from __future__ import annotations

from cynosure.load.batch import LoadError, LoadResult, load_batch
from cynosure.load.run import load_landing, pending
from cynosure.load.schema import create_raw_table, create_schema, raw_table

__all__ = ["LoadError", "LoadResult", "create_raw_table", "create_schema", "load_batch", "load_landing", "pending", "raw_table"]
