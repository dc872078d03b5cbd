"""Appending to and reading the log: `<landing>/<source>/<stream>/<batch>/part-00001-<writer>.tsv.zst`, `manifest.json`.

Batches are numbered without gaps. The manifest of a number is created exclusively, so of two runs that read the same
stream at once exactly one commits, and the other learns it. `HEAD` only makes the newest number quick to find.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import fsspec
import zstandard

from cynosure.landing.manifest import BatchTaken, LandingError, Manifest, Part, read_manifest
from cynosure.landing.row import Landable, encode
from cynosure.settings.faultpoint import reach
from cynosure.warehouse.landed import LandedFile

_MANIFEST = "manifest.json"
_HEAD = "HEAD"


def _batch_name(number: int) -> str:
    return f"{number:08d}"


class LandingLog:
    """The whole log at an fsspec URL, such as file:///var/lib/cynosure/landing or s3://bucket/landing."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")

    def stream(self, source: str, stream: str) -> StreamLog:
        """The log of one stream."""
        return StreamLog(self._fs, f"{self._root}/{source}/{stream}", source, stream)

    def streams(self) -> list[tuple[str, str]]:
        """(source, stream) of everything ever landed, sorted."""
        found = []
        for source in self._folders(self._root):
            found += [(source, stream) for stream in self._folders(f"{self._root}/{source}")]
        return found

    def _folders(self, path: str) -> list[str]:
        if not self._fs.isdir(path):
            return []
        return sorted(str(e["name"]).rsplit("/", 1)[-1] for e in self._fs.ls(path, detail=True) if e["type"] == "directory")


class StreamLog:
    """The batches of one stream, oldest to newest."""

    def __init__(self, fs: Any, path: str, source: str, stream: str) -> None:
        self._fs = fs
        self.path = path
        self.source = source
        self.name = stream

    def head(self) -> Manifest | None:
        """The newest manifest, which is the extraction cursor; None before the first batch."""
        number = self._hint()
        newest = self._read(number) if number else None
        for newer in self.since(number):
            newest = newer
        return newest

    def since(self, number: int) -> Iterator[Manifest]:
        """Manifests after batch `number`, in order, up to the newest."""
        while manifest := self._read(number + 1):
            yield manifest
            number += 1

    def begin(self, number: int) -> BatchWriter:
        """A writer for batch `number`; nothing of it exists before its commit."""
        return BatchWriter(self._fs, f"{self.path}/{_batch_name(number)}", self, number)

    @contextmanager
    def local_parts(self, manifest: Manifest) -> Iterator[list[LandedFile]]:
        """A batch's files on this machine, each verified against its checksum; raises LandingError for a damaged one."""
        with TemporaryDirectory(prefix="cynosure-") as folder:
            yield [LandedFile(self._verified(manifest, part, Path(folder)), part.longest) for part in manifest.parts]

    def commit(self, manifest: Manifest) -> None:
        """Creates the manifest exclusively; raises BatchTaken when another run was first."""
        path = f"{self.path}/{manifest.batch}/{_MANIFEST}"
        try:
            _create(self._fs, path, manifest.to_json())
        except FileExistsError:
            raise self.taken(manifest.batch) from None
        reach("extract.after_commit")
        self._fs.makedirs(self.path, exist_ok=True)
        self._fs.pipe_file(f"{self.path}/{_HEAD}", manifest.batch.encode())
        self._remove_strays(manifest)

    def taken(self, batch: str) -> BatchTaken:
        """What to raise when another run was first."""
        return BatchTaken(f"{self.source}.{self.name}: batch {batch} was committed by another run; this run's work is discarded")

    def _remove_strays(self, manifest: Manifest) -> None:
        """Files of killed runs that tried for this number; the manifest lists what counts."""
        folder = f"{self.path}/{manifest.batch}"
        keep = {_MANIFEST, *(part.name for part in manifest.parts)}
        for path in self._fs.ls(folder, detail=False):
            if str(path).rsplit("/", 1)[-1] not in keep:
                # a run that lost the race may be clearing up at the same time
                with suppress(FileNotFoundError):
                    self._fs.rm_file(path)

    def _hint(self) -> int:
        try:
            number = int(self._fs.cat_file(f"{self.path}/{_HEAD}"))
        except (FileNotFoundError, ValueError):
            return 0
        # a torn or stale hint costs a walk from the beginning, never a wrong answer
        return number if self._fs.exists(f"{self.path}/{_batch_name(number)}/{_MANIFEST}") else 0

    def _read(self, number: int) -> Manifest | None:
        path = f"{self.path}/{_batch_name(number)}/{_MANIFEST}"
        try:
            manifest = read_manifest(self._fs.cat_file(path), path)
        except FileNotFoundError:
            return None
        if (manifest.source, manifest.stream, manifest.batch) != (self.source, self.name, _batch_name(number)):
            raise LandingError(
                f"{path} belongs to {manifest.source}.{manifest.stream} {manifest.batch}; the log was moved by hand"
            )
        return manifest

    def _verified(self, manifest: Manifest, part: Part, folder: Path) -> Path:
        remote = f"{self.path}/{manifest.batch}/{part.name}"
        local = Path(remote) if _is_local(self._fs) else folder / part.name
        try:
            if not _is_local(self._fs):
                self._fs.get_file(remote, str(local))
            with local.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except FileNotFoundError:
            raise LandingError(f"{remote} is missing although its manifest lists it; restore it from a backup") from None
        if digest != part.sha256:
            raise LandingError(f"{remote} is damaged (checksum differs from its manifest); restore it from a backup")
        return local


class BatchWriter:
    """Writes the parts of one batch as a stream: memory does not grow with the number of rows."""

    def __init__(self, fs: Any, path: str, log: StreamLog, number: int) -> None:
        self._fs = fs
        self._path = path
        self._log = log
        self.batch = _batch_name(number)
        # the writer's own name keeps two runs that race for a number from overwriting each other's files
        self._name = f"part-00001-{uuid.uuid4().hex[:8]}.tsv.zst"
        self._file: Any = None
        self._stream: Any = None
        self._longest = 0
        self.rows = 0
        self.deleted = 0
        self.nul_replaced = 0

    def add(self, records: Sequence[Landable], *, seen: float) -> None:
        """Appends objects that were read at `seen`; raises LandingError, and appends none, if one is not JSON."""
        if not records:
            return
        encoded = encode(records, first=self.rows + 1, seen=seen)
        if self._stream is None:
            self._open()
        self._stream.write(encoded.text)
        self._longest = max(self._longest, encoded.longest)
        self.rows += encoded.rows
        self.deleted += encoded.deleted
        self.nul_replaced += encoded.nul_replaced

    def close(self) -> tuple[Part, ...]:
        """Flushes to stable storage; the parts written. Raises BatchTaken when a run that was first has removed them."""
        if self._stream is None:
            return ()
        self._stream.flush(zstandard.FLUSH_FRAME)
        self._file.flush()
        if _is_local(self._fs):
            os.fsync(self._file.fileno())
        self._file.close()
        path = f"{self._path}/{self._name}"
        self._stream = None
        digest, size = hashlib.sha256(), 0
        try:
            with self._fs.open(path, "rb") as file:
                while chunk := file.read(1 << 20):
                    digest.update(chunk)
                    size += len(chunk)
        except FileNotFoundError:
            raise self._log.taken(self.batch) from None
        reach("extract.after_part")
        return (Part(name=self._name, rows=self.rows, bytes=size, sha256=digest.hexdigest(), longest=self._longest),)

    def discard(self) -> None:
        """Removes what was written; for a run that failed or lost the race."""
        if self._file is None:
            return
        self._file.close()
        with suppress(FileNotFoundError):
            self._fs.rm_file(f"{self._path}/{self._name}")

    def _open(self) -> None:
        self._fs.makedirs(self._path, exist_ok=True)
        path = f"{self._path}/{self._name}"
        self._file = Path(path).open("wb") if _is_local(self._fs) else self._fs.open(path, "wb")  # noqa: SIM115
        self._stream = zstandard.ZstdCompressor(level=1).stream_writer(self._file, closefd=False)


def _is_local(fs: Any) -> bool:
    protocol = fs.protocol if isinstance(fs.protocol, str) else fs.protocol[0]
    return protocol in ("file", "local")


def _create(fs: Any, path: str, data: bytes) -> None:
    """Writes a file that must not exist yet, atomically and durably."""
    if not _is_local(fs):
        fs.pipe_file(path, data, mode="create")
        return
    folder = Path(path).parent
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".manifest-{uuid.uuid4().hex}"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    reach("extract.before_commit")
    try:
        os.link(temporary, path)
    except FileNotFoundError:
        # the winner of a race has cleared this run's files away
        raise FileExistsError(path) from None
    finally:
        temporary.unlink(missing_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
