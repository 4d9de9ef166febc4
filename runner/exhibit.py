"""A frozen world that somebody handed over: looked at, bounded and without unpacking it."""

from __future__ import annotations

import hashlib
import re
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from runner import canonical, places
from runner.entry import written
from runner.frozen import FORMAT, GONE, MANIFEST, MOMENTS, Layer, Manifest, header, pieces
from runner.printable import one_line
from runner.tape import BLOCK, END, Member, Tape, Unreadable, padded

_LARGEST_MANIFEST = 1 << 20
_MOST = 256
"""Hosts of a world, and folders that are left out of a layer."""
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class NoArchive(ValueError):
    """A file that is no frozen world, or no longer the one that was written; says why."""


def manifest(file: BinaryIO) -> Manifest:
    """What the archive says of itself, without looking whether it holds; NoArchive."""
    return _manifest(file, _members(file))


def verify(file: BinaryIO) -> Manifest:
    """The same, once everything was looked at; NoArchive says the first thing that is wrong.

    Nothing is unpacked.
    """
    members = _members(file)
    found = _manifest(file, members)
    more = members.keys() - {MANIFEST} - {layer.file for layer in found.hosts}
    if more:
        raise NoArchive(f"{one_line(min(more), 80)} is in it, and the manifest does not name it")
    for layer in found.hosts:
        if layer.file not in members:
            raise NoArchive(f"{layer.file} is missing")
        if wrong := _fault(file, *members[layer.file], layer):
            raise NoArchive(f"{layer.file}: {wrong}")
    return found


def folder() -> Path:
    """Where frozen worlds are kept unless somebody says otherwise; it may not be there yet."""
    return places.data() / "worlds"


def kept() -> Iterator[tuple[Path, Manifest]]:
    """The archives in that folder; what is no archive is passed over."""
    for path in sorted(folder().glob("*.tar")):
        try:
            with path.open("rb") as file:
                yield path, manifest(file)
        except (OSError, NoArchive):
            continue


def expired(now: datetime) -> list[Path]:
    """Those of them that were to be kept until a moment that is over."""
    return [path for path, one in kept() if one.expired(now)]


def _fault(file: BinaryIO, at: int, size: int, layer: Layer) -> str:
    """What is wrong with a host's layer; empty where nothing is."""
    if size != layer.bytes:
        return f"it has {size} bytes, stated are {layer.bytes}"
    file.seek(at)
    hashed = hashlib.sha256()
    for piece in pieces(file, size):
        hashed.update(piece)
    if hashed.hexdigest() != layer.sha256:
        return f"its digest is {hashed.hexdigest()[:16]}, stated is {layer.sha256[:16]}"
    file.seek(at)
    try:
        gone, there = _counted(Tape(pieces(file, size)))
    except Unreadable as error:
        return one_line(str(error), 120)
    if (there, gone) != (layer.changed, layer.removed):
        return (
            f"it has {there} changed and {gone} removed,"
            f" stated are {layer.changed} and {layer.removed}"
        )
    return ""


def _counted(members: Iterable[Member]) -> tuple[int, int]:
    """How many members say that something was removed, and how many that it was changed."""
    gone = there = 0
    for one in members:
        if one.strays:
            raise Unreadable(f"{one_line(one.name, 80)} would land outside when it is unpacked")
        if one.name.rpartition("/")[2].startswith(GONE):
            gone += 1
        else:
            there += 1
    return gone, there


def _members(file: BinaryIO) -> dict[str, tuple[int, int]]:
    """Where each member is and how long; only what `Archive` writes is read."""
    end = file.seek(0, 2)
    found: dict[str, tuple[int, int]] = {}
    at = 0
    while True:
        file.seek(at)
        block = file.read(BLOCK)
        if not any(block):
            break
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
        except (tarfile.HeaderError, ValueError) as error:
            raise NoArchive(f"it is no tar archive at byte {at}") from error
        shown = one_line(info.name, 80)
        if not _ours(block, info) or info.name in found:
            raise NoArchive(f"the member {shown} at byte {at} is not as this program writes it")
        if len(found) > _MOST:
            raise NoArchive(f"it has more than {_MOST} members")
        found[info.name] = (at + BLOCK, info.size)
        at += BLOCK + info.size + len(padded(info.size))
        if at > end:
            raise NoArchive(f"it was cut off: {shown} has {info.size} bytes in all")
        file.seek(at - len(padded(info.size)))
        if file.read(len(padded(info.size))) != padded(info.size):
            raise NoArchive(f"something stands behind {shown}")
    file.seek(at)
    if file.read(len(END) + 1) != END:
        raise NoArchive("it was cut off, or something stands behind its end")
    return found


def _ours(block: bytes, info: tarfile.TarInfo) -> bool:
    try:
        return block == header(info.name, info.size)
    except ValueError:
        return False


def _manifest(file: BinaryIO, members: Mapping[str, tuple[int, int]]) -> Manifest:
    at, size = members.get(MANIFEST, (0, 0))
    if not 0 < size <= _LARGEST_MANIFEST:
        raise NoArchive(f"it has no {MANIFEST}, or one of {size} bytes")
    file.seek(at)
    try:
        return _read(canonical.loads(file.read(size)))
    except ValueError as error:
        raise NoArchive(f"{MANIFEST}: {one_line(str(error), 200)}") from error


def _read(found: object) -> Manifest:
    said = _fields(found, _MANIFEST | {"format": lambda value: value == FORMAT})
    hosts = tuple(
        Layer(**(one | {"left_out": tuple(one["left_out"])}))
        for one in (_fields(host, _LAYER) for host in said["hosts"])
    )
    if len({one.host for one in hosts}) != len(hosts):
        raise ValueError("a host is there twice")
    moments = {name: datetime.strptime(said[name], _MOMENT).replace(tzinfo=UTC) for name in MOMENTS}
    return Manifest(**(said | moments | {"hosts": hosts}))


def _fields(found: object, wanted: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise ValueError("an object was expected")  # noqa: TRY004 - all that is wrong is one kind
    for name, fits in wanted.items():
        if name not in found or not fits(found[name]):
            raise ValueError(f"the field {name} is missing, or not as it should be")
    if more := sorted(found.keys() - wanted.keys()):
        raise ValueError(f"there is a field too many: {more[0]!r:.40}")
    return {name: found[name] for name in wanted if name != "format"}


def _is_text(value: object, most: int = 300) -> bool:
    return isinstance(value, str) and len(value) <= most


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _written_back(value) == value


def _written_back(value: str) -> str:
    try:
        return written(datetime.strptime(value, _MOMENT).replace(tzinfo=UTC))
    except ValueError:
        return ""


_LAYER: dict[str, Any] = {one.name: _is_text for one in fields(Layer)} | {
    "host": lambda value: isinstance(value, str) and bool(_HOST.fullmatch(value)),
    "administered": lambda value: isinstance(value, bool),
    "sha256": lambda value: isinstance(value, str) and bool(_DIGEST.fullmatch(value)),
    "left_out": lambda value: (
        isinstance(value, list) and len(value) <= _MOST and all(map(_is_text, value))
    ),
    **dict.fromkeys(("bytes", "changed", "removed"), _is_count),
}
_MANIFEST: dict[str, Any] = {one.name: _is_text for one in fields(Manifest)} | {
    **dict.fromkeys(MOMENTS, _is_moment),
    "entry": lambda value: value is None or isinstance(value, dict),
    "hosts": lambda value: isinstance(value, list) and len(value) <= _MOST,
}
