"""A frozen world: one tar archive with what was changed in each host, and a manifest at its end.

Each host's layer is a tar archive itself, as images have them: what is in it lies over the image,
an empty `.wh.NAME` says that NAME was removed. docs/records.md describes the manifest.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, BinaryIO

from runner import canonical
from runner.entry import written
from runner.tape import BLOCK, END, padded

FORMAT = 1
MANIFEST = "manifest.json"
GONE = ".wh."
"""How the name of a member begins that says what was removed."""

MOMENTS = ("started_at", "frozen_at", "expires_at")
"""The fields of a manifest that are times."""
_PIECE = 1 << 20


class Full(ValueError):
    """There is no room in an archive for what is to be put into it."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What was changed in one host. `left_out` are the folders that are in no layer."""

    host: str
    image: str
    image_id: str
    administered: bool
    bytes: int
    sha256: str
    changed: int
    removed: int
    left_out: tuple[str, ...]

    @property
    def file(self) -> str:
        """Its name in the archive."""
        return f"{self.host}.tar"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself. `entry` is the last of the ledger about this lab, if any."""

    code: str
    apprentice: str
    session: str
    seed: str
    mode: str
    started_at: datetime
    frozen_at: datetime
    expires_at: datetime
    lab_revision: str
    program_version: str
    engine: str
    entry: Mapping[str, Any] | None
    hosts: tuple[Layer, ...]

    def expired(self, now: datetime) -> bool:
        """It was to be kept until then and no longer."""
        return self.expires_at <= now


class Archive:
    """An archive that is being written; `limit` is how many bytes it may have.

    `sizes` are those of its members so far.
    """

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self._file = file
        self._limit = limit
        self.sizes: dict[str, int] = {}

    @contextmanager
    def member(self, name: str) -> Iterator[Sink]:
        """One member, of a length that is not known before; Full where it gets too long."""
        at = self._file.tell()
        self._file.write(bytes(BLOCK))
        sink = Sink(self._file, self._limit - at - 2 * BLOCK)
        try:
            yield sink
        finally:
            self.sizes[name] = sink.bytes
        self._file.write(padded(sink.bytes))
        end = self._file.tell()
        self._file.seek(at)
        self._file.write(header(name, sink.bytes))
        self._file.seek(end)

    def finish(self, manifest: Manifest) -> None:
        """The manifest and the end."""
        said = asdict(manifest) | {"format": FORMAT}
        for name in MOMENTS:
            said[name] = written(said[name])
        content = canonical.dumps(_listed(said))
        self._file.write(header(MANIFEST, len(content)) + content + padded(len(content)) + END)


class Sink:
    """Takes what belongs to one member; counts and hashes it on its way."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.bytes = 0
        self._file = file
        self._limit = limit
        self._hash = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The digest of all so far."""
        return self._hash.hexdigest()

    def put(self, data: bytes) -> None:
        """Write a piece; Full where there is no room for it."""
        self.bytes += len(data)
        if self.bytes > self._limit:
            raise Full
        self._hash.update(data)
        self._file.write(data)


def removed(path: str) -> bytes:
    """The member that says that a file or folder was removed."""
    folder, _, name = path.rpartition("/")
    info = tarfile.TarInfo(f"{folder}/{GONE}{name}" if folder else f"{GONE}{name}")
    return info.tobuf(tarfile.PAX_FORMAT)


def digest(file: BinaryIO) -> str:
    """SHA-256 of all that is in a file."""
    file.seek(0)
    found = hashlib.sha256()
    for piece in pieces(file, None):
        found.update(piece)
    return found.hexdigest()


def header(name: str, size: int) -> bytes:
    """The one way in which the header of a member is written; ValueError where it cannot be."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict")


def pieces(file: BinaryIO, size: int | None) -> Iterator[bytes]:
    """So many bytes of a file from where it stands, or all."""
    left = size
    while piece := file.read(_PIECE if left is None else min(_PIECE, left)):
        yield piece
        left = None if left is None else left - len(piece)


def _listed(value: object) -> object:
    """Plain data with lists in place of tuples."""
    if isinstance(value, Mapping):
        return {name: _listed(one) for name, one in value.items()}
    return [_listed(one) for one in value] if isinstance(value, list | tuple) else value
