"""The ledger and its bundles, verified: the first thing that is wrong, in words."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from runner import canonical, keys
from runner.canonical import NotCanonical
from runner.entry import GRADINGS, START, Entry, Kind, NoEntry, document, fault, of_document
from runner.errors import Exit, LabError, UsageError
from runner.keys import PublicKey
from runner.printable import one_line
from runner.record import Audit, digest_of

LIMIT = 2**25
"""Bytes of a bundle that are read: none of ours is as large."""

_BACK = timedelta(seconds=1)
"""By how much machines that write into one ledger may differ in what time it is."""


class Refused(LabError):
    """What was to be verified does not hold; says which entry, what was found and expected."""

    exit_code = Exit.NOT_YET


@dataclass(frozen=True, slots=True)
class Held:
    """A ledger that holds. `remarks` are no faults."""

    entries: int
    last: Entry | None
    remarks: tuple[str, ...] = ()


def read(path: Path) -> Entry:
    """The entry in a bundle that anybody may have written; Refused where it is none."""
    return entry_of(path, content(path))


def content(path: Path) -> bytes:
    """What is in a file that anybody may have written; Refused where it is too much."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as file:
            data = file.read(LIMIT + 1) or b""
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            remedy="Name the file that `./lab evidence --output FILE` wrote.",
        ) from error
    if len(data) > LIMIT:
        raise Refused(f"{path} is no bundle: it has more than {LIMIT // 2**20} MiB.")
    return data


def entry_of(path: Path, data: bytes) -> Entry:
    """The entry in what `path` holds; Refused where it is none."""
    try:
        return of_document(canonical.loads(data.removesuffix(b"\n")))
    except (NotCanonical, NoEntry) as error:
        raise Refused(f"{path} is no bundle, or was changed: {one_line(str(error))}.") from error


def written(entry: Entry) -> bytes:
    """The bundle of an entry, as `read` takes it: canonical JSON and the end of the line."""
    return canonical.dumps(document(entry)) + b"\n"


def verify(entry: Entry, known: Mapping[str, PublicKey]) -> None:
    """Nothing where a bundle holds; else Refused."""
    if wrong := _fault(entry, known):
        raise Refused(f"{named(entry)}: {wrong}.", remedy=_remedy(entry, known))


def walk(audit: Audit, known: Mapping[str, PublicKey]) -> Held:
    """The whole ledger, from its first entry on; Refused names the first that is wrong.

    A key that a known one names as its successor is known from there on, and the old one signs
    nothing more.
    """
    there = dict(known)
    retired: dict[str, int] = {}
    last: Entry | None = None
    remarks: list[str] = []
    with closing(audit.entries()) as entries:
        for entry in _each(entries):
            number = last.sequence + 1 if last else 1
            if entry.sequence != number:
                raise Refused(
                    f"Entry {number} is missing: entry {entry.sequence} was found in its place."
                )
            wrong = _out_of_place(entry, last, retired) or _fault(entry, there)
            wrong = wrong or _against_tables(entry, audit)
            if wrong:
                raise Refused(f"{named(entry)}: {wrong}.", remedy=_remedy(entry, there))
            if entry.kind == Kind.KEY_ROTATED:
                follower = keys.from_raw(str(entry.body["public_key"]))
                if follower:
                    there[follower.id] = follower
                retired[entry.key_id] = entry.sequence
            if last and entry.made_at < last.made_at - _BACK:
                remarks.append(
                    f"{named(entry)} was made before the one in front of it: a clock was set back."
                )
            last = entry
    _refuse_unentered(audit, last)
    if waiting := audit.waiting():
        remarks.append(f"{waiting} to be signed yet: the next ./lab grade does it.")
    return Held(last.sequence if last else 0, last, tuple(remarks))


def named(entry: Entry) -> str:
    """An entry in a message."""
    words = [entry.kind, entry.apprentice, entry.code]
    return f"Entry {entry.sequence} ({one_line(', '.join(word for word in words if word), 120)})"


def _each(entries: Iterator[Entry]) -> Iterator[Entry]:
    number = 1
    while True:
        try:
            entry = next(entries)
            # A row may hold anything, once somebody has got round the triggers.
            entry = of_document(document(entry))
        except StopIteration:
            return
        except (ValueError, TypeError, AttributeError) as error:
            raise Refused(f"Entry {number} cannot be read: {one_line(str(error), 120)}.") from error
        yield entry
        number = entry.sequence + 1


def _out_of_place(entry: Entry, last: Entry | None, retired: Mapping[str, int]) -> str:
    before = last.digest if last else START
    if entry.previous != before:
        return (
            f"it follows an entry with the digest {entry.previous[:16]}; the one in front of it has"
            f" {before[:16]}"
        )
    if (entry.kind == Kind.OPENED) != (last is None):
        return "the first entry, and no other, is of the kind opened"
    if entry.key_id in retired:
        return (
            f"it is signed with the key {entry.key_id[:16]}, which entry {retired[entry.key_id]}"
            " took out of use"
        )
    return ""


def _fault(entry: Entry, known: Mapping[str, PublicKey]) -> str:
    try:
        return fault(entry, known)
    except NotCanonical as error:
        return f"it cannot be written as canonical JSON: {one_line(str(error), 120)}"


def _against_tables(entry: Entry, audit: Audit) -> str:
    try:
        return _of_its_kind(entry, audit)
    except (ValueError, TypeError, AttributeError) as error:
        return f"an attempt in the tables cannot be read: {one_line(str(error), 120)}"


def _of_its_kind(entry: Entry, audit: Audit) -> str:
    """What is wrong with what an entry says, given what else is recorded."""
    if entry.kind == Kind.OPENED:
        before = audit.before()
        stated = {name: entry.body.get(name) for name in before}
        if before != stated:
            return (
                f"it states {one_line(str(stated['attempts']), 20)} attempts from before it, with"
                f" the digest {one_line(str(stated['digest']), 16)}; {before['attempts']} are in no"
                f" entry, with {before['digest'][:16]}: attempts were changed, or entries at the"
                " end of the ledger are gone"
            )
    if entry.kind == Kind.KEY_ROTATED:
        follower = keys.from_raw(str(entry.body.get("public_key")))
        if follower is None or follower.id != entry.body.get("new_key"):
            return "the key that it names and the one that it brings are not the same"
    if entry.kind in GRADINGS and entry.attempt_id is not None:
        attempt = audit.attempt(entry.attempt_id)
        if attempt is None:
            return f"the attempt {entry.attempt_id} that it is about is gone"
        if (found := digest_of(attempt)) != entry.body.get("attempt_digest"):
            return (
                f"the attempt {attempt.id} has the digest {found[:16]} in the tables, signed is"
                f" {one_line(str(entry.body.get('attempt_digest')), 16)}"
            )
    return ""


def _refuse_unentered(audit: Audit, last: Entry | None) -> None:
    if last is None and (count := audit.before()["attempts"]):
        raise Refused(
            f"The ledger is empty, while {count} attempts are recorded.",
            remedy="The next ./lab grade opens it, and states how many there were before.",
        )


def _remedy(entry: Entry, known: Mapping[str, PublicKey]) -> str:
    if entry.key_id in known:
        return ""
    return "--key FILE names a public key; whoever signed hands it out by ./lab keys export."
