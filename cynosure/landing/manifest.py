"""The manifest: what a batch is. A batch without one does not exist."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

# 2: tab-separated columns instead of lines of JSON
FORMAT = 2


class LandingError(Exception):
    """The landing log is damaged or cannot be written; the message names the file and what to do."""


class BatchTaken(LandingError):
    """Another run committed this batch first; the work of this run is discarded, nothing is lost."""

    #: no person is needed: the next run goes on
    final = False


class Part(msgspec.Struct, frozen=True):
    """One file of a batch: zstandard-compressed lines, the longest of so many bytes."""

    name: str
    rows: int
    bytes: int
    sha256: str
    longest: int


class Manifest(msgspec.Struct, frozen=True):
    """Written last and exactly once: the commit of a batch and the extraction cursor of its stream.

    `as_of` (epoch seconds, vendor's clock) is set when everything that changed at the source up to then is in;
    `listing_from` is the batch in which the complete listing under way began; `sweep_from` is set on its last batch
    and means that ids not seen since that batch are gone at the source.
    """

    source: str
    stream: str
    batch: str
    mode: str
    cursor_before: dict[str, Any] | None
    cursor_after: dict[str, Any] | None
    parts: tuple[Part, ...]
    rows: int
    deleted: int
    api_version: str
    connector_version: str
    started_at: float
    finished_at: float
    as_of: float | None = None
    listing_from: str | None = None
    sweep_from: str | None = None
    nul_replaced: int = 0
    format: int = FORMAT

    def to_json(self) -> bytes:
        """The bytes that are stored."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2)

    def sha256(self) -> str:
        """Identity of the batch in `ops.loads`."""
        return hashlib.sha256(self.to_json()).hexdigest()


class _Kind(msgspec.Struct):
    format: int


# made here and not at the first use, which two threads could make at once: see `cynosure.extract.shapes`
_kind, _manifest = msgspec.json.Decoder(_Kind).decode, msgspec.json.Decoder(Manifest).decode


def read_manifest(data: bytes, where: str) -> Manifest:
    """The manifest in these bytes; raises LandingError naming the file if it is not one, or of another format."""
    try:
        found = _kind(data).format
        if found != FORMAT:
            raise LandingError(
                f"{where} is of landing format {found}, this version reads {FORMAT}: move the landing log and the warehouse"
                " away and extract anew, or go back to the version that wrote it"
            )
        return _manifest(data)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise LandingError(f"{where} is not a readable manifest: {error}; restore it from a backup of the landing log") from None
