"""The landing log: everything a source sent, as it sent it, on any fsspec URL. It can be replayed without the source."""

from __future__ import annotations

from cynosure.landing.log import BatchWriter, LandingLog, StreamLog
from cynosure.landing.manifest import BatchTaken, LandingError, Manifest, Part

__all__ = ["BatchTaken", "BatchWriter", "LandingError", "LandingLog", "Manifest", "Part", "StreamLog"]
