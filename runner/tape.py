"""A tar archive that anybody may have written, read once from front to end in bounded memory.

`tarfile` takes whatever an extended header says of its own length into memory, a gigabyte too.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

BLOCK = 512
END = bytes(2 * BLOCK)
"""What an archive ends with."""

_EXTENDED = 1 << 20
"""Bytes of headers that extend one other: a path and the attributes of a file have room in it."""
_DIGITS = 20
_WITH_CONTENT = frozenset({tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE})
_PLAIN = _WITH_CONTENT | {
    tarfile.LNKTYPE,
    tarfile.SYMTYPE,
    tarfile.CHRTYPE,
    tarfile.BLKTYPE,
    tarfile.DIRTYPE,
    tarfile.FIFOTYPE,
}


class Unreadable(ValueError):
    """This is no such archive; says why."""


@dataclass(frozen=True, slots=True)
class Member:
    """One member. `head` is its header as it stood there, with those that extend it."""

    name: str
    kind: bytes
    size: int
    head: bytes

    @property
    def strays(self) -> bool:
        """Unpacked by somebody careless, it would not land in the folder it was meant for."""
        return self.name.startswith("/") or ".." in self.name.split("/") or "\0" in self.name


class Tape:
    """An archive that comes in pieces; gone through once. Every fault is Unreadable."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""
        self._at = 0
        self._left = 0

    def __iter__(self) -> Iterator[Member]:
        """Each member, up to the end mark; the content that nobody copied is passed over."""
        long: dict[bytes, str] = {}
        head = b""
        while True:
            self.copy(_nowhere)
            block = self._take(BLOCK)
            if not any(block):
                if head:
                    raise Unreadable("a header that extends another is followed by none")
                return
            info = _header(block)
            if info.type in _EXTENDING:
                if len(head) + info.size > _EXTENDED:
                    raise Unreadable(f"a header has {info.size} bytes")
                rest = self._take(_padded(info.size))
                long |= _EXTENDING[info.type](rest[: info.size])
                head += block + rest
                continue
            if info.type not in _PLAIN:
                raise Unreadable(f"a member is of the kind {info.type!r}")
            size = _number(long[b"size"]) if b"size" in long else info.size
            size = size if info.type in _WITH_CONTENT else 0
            self._left = _padded(size)
            yield Member(long.get(b"path", info.name), info.type, size, head + block)
            long, head = {}, b""

    def copy(self, put: Callable[[bytes], object]) -> None:
        """Hand on the content of the member just come to, and what fills up its last block."""
        while self._left:
            piece = self._some(self._left)
            self._left -= len(piece)
            put(piece)

    def _take(self, count: int) -> bytes:
        """So many bytes, few enough to be held."""
        found = bytearray()
        while len(found) < count:
            found += self._some(count - len(found))
        return bytes(found)

    def _some(self, most: int) -> bytes:
        while self._at >= len(self._held):
            piece = next(self._pieces, None)
            if piece is None:
                raise Unreadable("it ends in the middle")
            self._held, self._at = piece, 0
        found = self._held[self._at : self._at + most]
        self._at += len(found)
        return found


def padded(size: int) -> bytes:
    """What fills up the last block behind so many bytes."""
    return bytes(_padded(size) - size)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        info = tarfile.TarInfo.frombuf(block, "utf-8", "replace")
    except (tarfile.HeaderError, ValueError) as error:
        raise Unreadable(f"a header cannot be read: {error}") from error
    if info.size < 0:
        raise Unreadable("a member has less than nothing in it")
    return info


def _records(data: bytes) -> dict[bytes, str]:
    """What an extended header of POSIX says: records such as `19 path=a/long/name`."""
    found, at = {}, 0
    while at < len(data):
        space = data.find(b" ", at, at + _DIGITS)
        end = at + _number(data[at:space].decode("ascii", "replace")) if space > 0 else 0
        if not space < end <= len(data) or data[end - 1 : end] != b"\n":
            raise Unreadable("an extended header is broken")
        name, _, value = data[space + 1 : end - 1].partition(b"=")
        found[name] = value.decode("utf-8", "replace")
        at = end
    return {name: found[name] for name in (b"path", b"size") if name in found}


def _name(data: bytes) -> dict[bytes, str]:
    return {b"path": data.partition(b"\0")[0].decode("utf-8", "replace")}


def _number(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) < _DIGITS):
        raise Unreadable(f"a number was expected, found was {digits[:_DIGITS]!r}")
    return int(digits)


def _nowhere(_: bytes) -> None:
    pass


_EXTENDING: dict[bytes, Callable[[bytes], dict[bytes, str]]] = {
    tarfile.XHDTYPE: _records,
    tarfile.GNUTYPE_LONGNAME: _name,
    tarfile.GNUTYPE_LONGLINK: lambda _: {},
}
