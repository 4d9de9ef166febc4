"""Licence files: what a vendor allows, on which machine and until when.

    SERVER licences HOSTID=9-4F3A21C7
    VENDOR tessella
    FEATURE drafter VERSION=4 SEATS=5 START=2026-02-01 EXPIRES=2027-01-31 SERIAL=T-20871 SIGN=...

Each FEATURE line is signed by the vendor, together with the vendor's name and the host id.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from pathlib import Path

from . import ed25519

FILES, SIZE = 64, 65536
"""How many files of a folder are read, and how many bytes a file may have."""
SEATS = 9999
"""How many seats a line may give."""

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_KEYS = ("VERSION", "SEATS", "START", "EXPIRES", "SERIAL", "SIGN")


class Fault(Enum):
    """Why a licence does not count; the value completes "the licence ..."."""

    SIGNATURE = "is not as its vendor signed it"
    HOST = "is for another host id"
    EARLY = "is not valid yet"
    EXPIRED = "has expired"


@dataclass(frozen=True, slots=True)
class Licence:
    """A FEATURE line, and what it stands under. Both days are included."""

    feature: str
    version: str
    seats: int
    start: date
    expires: date
    serial: str
    vendor: str
    host_id: str
    sign: bytes = field(default=b"", repr=False)

    @property
    def signed(self) -> bytes:
        """What the vendor signs."""
        days = f"{self.start.isoformat()} {self.expires.isoformat()}"
        words = f"{self.vendor} {self.host_id} {self.feature} {self.version} {self.seats}"
        return f"{words} {days} {self.serial}".encode()

    def fault(self, host_id: str, key: bytes, today: date) -> Fault | None:
        """Why it does not count on the machine `host_id`; None if it does."""
        if self.host_id != host_id:
            return Fault.HOST
        if not ed25519.verified(key, self.sign, self.signed):
            return Fault.SIGNATURE
        return self.lapsed(today)

    def lapsed(self, today: date) -> Fault | None:
        """Why it does not count today, whatever else is right with it."""
        if today < self.start:
            return Fault.EARLY
        return Fault.EXPIRED if today > self.expires else None


class Malformed(Exception):
    """A licence file that cannot be read; the text says which line is wrong, and how."""


@dataclass(frozen=True)
class Shelf:
    """All licences that were found. `best` has, for each feature, the one that counts.

    `faults` has one that does not count for each feature that has no other. `remarks` is what an
    administrator is told: a line for each FEATURE line and for each file that cannot be read.
    """

    best: Mapping[str, Licence] = field(default_factory=dict)
    faults: Mapping[str, Fault] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


def parsed(text: str) -> tuple[Licence, ...]:
    """The licences in a file; raises Malformed."""
    host_id = vendor = problem = ""
    found = []
    for number, raw in enumerate(text.splitlines(), start=1):
        try:
            match raw.split("#", 1)[0].split():
                case []:
                    continue
                case ["SERVER", name, pair] if pair.startswith("HOSTID=") and _WORD.fullmatch(name):
                    host_id = _word(pair.removeprefix("HOSTID="))
                case ["VENDOR", name]:
                    vendor = _word(name)
                case ["FEATURE", name, *pairs] if host_id and vendor:
                    found.append(_feature(name, pairs, vendor, host_id))
                case ["FEATURE", *_]:
                    problem = "FEATURE stands before SERVER and VENDOR"
                case _:
                    problem = "expected was SERVER, VENDOR or FEATURE"
        except Malformed as error:
            problem = str(error)
        if problem:
            raise Malformed(f"line {number}: {problem}")
    if not found:
        raise Malformed("no FEATURE line")
    return tuple(found)


def read(folder: Path, host_id: str, keys: Path, today: date) -> Shelf:
    """Every `*.lic` in `folder`, as it counts on this machine today.

    Where several licences of one feature count, it is the one that expires last.
    """
    try:
        files = sorted(folder.glob("*.lic"))[:FILES]
    except OSError as error:
        return Shelf(remarks=(f"{folder}: cannot be read: {error.strerror}",))
    best: dict[str, Licence] = {}
    faults: dict[str, Fault] = {}
    remarks = []
    for file, licence, problem in _every(files):
        if licence is None:
            remarks.append(f"{file.name}: {problem}")
            continue
        fault = licence.fault(host_id, _key(keys, licence.vendor), today)
        remarks.append(_remark(file, licence, fault))
        if fault is not None:
            faults[licence.feature] = fault
        elif licence.feature not in best or best[licence.feature].expires < licence.expires:
            best[licence.feature] = licence
    faults = {feature: fault for feature, fault in faults.items() if feature not in best}
    return Shelf(best, faults, tuple(remarks) or (f"{folder}: no licence file (*.lic)",))


def remarks(file: Path, host_id: str, keys: Path, today: date) -> tuple[str, ...]:
    """What an administrator would be told of one file."""
    found = []
    for _, licence, problem in _every([file]):
        found.append(
            f"{file.name}: {problem}"
            if licence is None
            else _remark(file, licence, licence.fault(host_id, _key(keys, licence.vendor), today))
        )
    return tuple(found)


def on(shelf: Shelf, today: date) -> Shelf:
    """The same a day later: licences lapse without anybody reading them again."""
    lapsed = {
        feature: fault
        for feature, licence in shelf.best.items()
        if (fault := licence.lapsed(today)) is not None
    }
    if not lapsed:
        return shelf
    best = {name: one for name, one in shelf.best.items() if name not in lapsed}
    return replace(shelf, best=best, faults={**shelf.faults, **lapsed})


def _remark(file: Path, licence: Licence, fault: Fault | None) -> str:
    told = f"{file.name}: {licence.feature} {licence.seats} seats until {licence.expires}"
    return f"{told}: {'the licence ' + fault.value if fault else 'ok'}"


def _every(files: Iterable[Path]) -> Iterator[tuple[Path, Licence | None, str]]:
    """Each licence with its file, or what is wrong with the file."""
    for file in files:
        try:
            yield from ((file, one, "") for one in parsed(_text(file)))
        except OSError as error:
            yield file, None, f"cannot be read: {error.strerror}"
        except UnicodeDecodeError:
            yield file, None, "cannot be read: it is no text"
        except Malformed as error:
            yield file, None, f"cannot be read: {error}"


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        content = opened.read(SIZE + 1)
    if len(content) > SIZE:
        raise Malformed(f"larger than {SIZE} bytes")
    return content.decode()


def _key(keys: Path, vendor: str) -> bytes:
    """A vendor's public key; nothing fits an empty one."""
    try:
        return base64.b64decode((keys / f"{vendor}.pub").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return b""


def _feature(name: str, pairs: Iterable[str], vendor: str, host_id: str) -> Licence:
    given: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or key not in _KEYS or key in given:
            raise Malformed(f"{pair[:40]!r} is none of {', '.join(_KEYS)} with a value, given once")
        given[key] = value
    if missing := [key for key in _KEYS if key not in given]:
        raise Malformed(f"{missing[0]}= is missing")
    if not re.fullmatch(r"[1-9][0-9]{0,3}", given["SEATS"]):
        raise Malformed(f"SEATS={given['SEATS'][:40]} is no number from 1 to {SEATS}")
    try:
        sign = base64.b64decode(given["SIGN"], validate=True)
    except binascii.Error:
        raise Malformed("SIGN is no signature") from None
    return Licence(
        feature=_word(name),
        version=_word(given["VERSION"]),
        seats=int(given["SEATS"]),
        start=_day(given["START"]),
        expires=_day(given["EXPIRES"]),
        serial=_word(given["SERIAL"]),
        vendor=vendor,
        host_id=host_id,
        sign=sign,
    )


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise Malformed(f"{text[:40]!r} is no name")
    return text


def _day(text: str) -> date:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        raise Malformed(f"{text[:40]!r} is no day like 2026-01-31")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{text} is no day of the calendar") from None
