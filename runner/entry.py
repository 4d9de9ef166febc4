"""An entry of the ledger: what happened, chained to the entry before and signed.

docs/records.md describes the document field by field. Kinds come and go with the program; an entry
of a kind that this version does not know is verified like any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from runner import canonical

# What is printed of the record needs entries, not keys, and `lab --help` is to be there at once.
if TYPE_CHECKING:
    from runner.keys import PublicKey, SigningKey

FORMAT = 1
START = "0" * 64
"""What stands for the digest of the entry before the first."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_WORD = re.compile(r"[a-z][a-z_]{0,39}")
_MOMENT = "%Y-%m-%dT%H:%M:%S.%fZ"


class Mode(StrEnum):
    """How a grading came about."""

    PRACTICE = "practice"
    """With hints, and as often as wanted."""
    ASSESSMENT = "assessment"
    """Handed in, once, by the rules."""


class Kind(StrEnum):
    """What an entry says."""

    OPENED = "opened"
    """The ledger began; what was recorded before."""
    GRADED = "graded"
    BEGUN = "begun"
    """An assessment began: its clock runs."""
    PAUSED = "paused"
    """Its clock stands, since a check was BROKEN."""
    RESUMED = "resumed"
    SUBMITTED = "submitted"
    """It was handed in and graded, or was so by itself at the end of its time."""
    DISPUTED = "disputed"
    OVERRIDDEN = "overridden"
    COSIGNED = "cosigned"
    REVOKED = "revoked"
    KEY_ROTATED = "key_rotated"


GRADINGS = frozenset({Kind.GRADED, Kind.SUBMITTED})
"""The kinds that are about an attempt and hold its evidence."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry that has no place in the ledger yet. The same `id` is entered once."""

    id: UUID
    kind: Kind
    apprentice: str
    code: str
    body: Mapping[str, Any]
    attempt_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands. `kind` is a text: a later version may have others."""

    sequence: int
    id: UUID
    kind: str
    made_at: datetime
    apprentice: str
    code: str
    attempt_id: UUID | None
    body: Mapping[str, Any]
    previous: str
    key_id: str
    digest: str = ""
    signature: str = ""


class NoEntry(ValueError):
    """A document that is no entry; says why."""


def sealed(draft: Draft, sequence: int, previous: str, key: SigningKey, made_at: datetime) -> Entry:
    """The draft in its place, signed."""
    entry = Entry(
        sequence=sequence,
        id=draft.id,
        kind=str(draft.kind),
        made_at=made_at,
        apprentice=draft.apprentice,
        code=draft.code,
        attempt_id=draft.attempt_id,
        body=draft.body,
        previous=previous,
        key_id=key.id,
    )
    data = _signed_bytes(entry)
    given = {name: getattr(entry, name) for name in Entry.__dataclass_fields__}
    return Entry(**(given | {"digest": canonical.digest(data), "signature": key.sign(data)}))


def document(entry: Entry) -> dict[str, Any]:
    """The entry as plain data: what its file holds."""
    return {
        **_unsigned(entry),
        "digest": entry.digest,
        "signature": entry.signature,
    }


def of_document(found: object) -> Entry:
    """The entry that plain data from anywhere holds; NoEntry where it holds none."""
    if not isinstance(found, dict):
        raise NoEntry(f"an object was expected, found was {_a(found)}")
    if found.get("format") != FORMAT or isinstance(found.get("format"), bool):
        raise NoEntry(f"format {FORMAT} was expected, found was {_shown(found.get('format'))}")
    for name, read in _FIELDS.items():
        if name not in found:
            raise NoEntry(f"the field {name} is missing")
        if not read(found[name]):
            raise NoEntry(f"the field {name} is not as it should be: {_shown(found[name])}")
    if more := sorted(found.keys() - _FIELDS.keys() - {"format"}):
        raise NoEntry(f"there is a field too many: {_shown(more[0])}")
    attempt = found["attempt_id"]
    return Entry(
        **{name: found[name] for name in _FIELDS}
        | {
            "id": UUID(found["id"]),
            "made_at": datetime.strptime(found["made_at"], _MOMENT).replace(tzinfo=UTC),
            "attempt_id": None if attempt is None else UUID(attempt),
        }
    )


def fault(entry: Entry, keys: Mapping[str, PublicKey]) -> str:
    """What is wrong with an entry that is looked at by itself; empty where nothing is."""
    data = _signed_bytes(entry)
    if (found := canonical.digest(data)) != entry.digest:
        return f"its content has the digest {found[:16]}, stated is {entry.digest[:16]}"
    key = keys.get(entry.key_id)
    if key is None:
        there = ", ".join(id[:16] for id in keys) or "none"
        return f"it is signed with the key {entry.key_id[:16]}; known here: {there}"
    if not key.signed(data, entry.signature):
        return f"its signature was not made with the key {entry.key_id[:16]} over this content"
    return ""


def written(moment: datetime) -> str:
    """A moment as entries write it: UTC, to the microsecond."""
    return moment.astimezone(UTC).strftime(_MOMENT)


def _signed_bytes(entry: Entry) -> bytes:
    """What digest and signature are made over: all of the entry but those two."""
    return canonical.dumps(_unsigned(entry))


def _unsigned(entry: Entry) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "sequence": entry.sequence,
        "id": str(entry.id),
        "kind": entry.kind,
        "made_at": written(entry.made_at),
        "apprentice": entry.apprentice,
        "code": entry.code,
        "attempt_id": None if entry.attempt_id is None else str(entry.attempt_id),
        "body": entry.body,
        "previous": entry.previous,
        "key_id": entry.key_id,
    }


def _is_digest(value: object) -> bool:
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_id(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return str(UUID(value)) == value
    except ValueError:
        return False


def _is_moment(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return written(datetime.strptime(value, _MOMENT).replace(tzinfo=UTC)) == value
    except ValueError:
        return False


_FIELDS = {
    "sequence": lambda value: (
        isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= canonical.HIGHEST
    ),
    "id": _is_id,
    "kind": lambda value: isinstance(value, str) and bool(_WORD.fullmatch(value)),
    "made_at": _is_moment,
    "apprentice": _is_text,
    "code": _is_text,
    "attempt_id": lambda value: value is None or _is_id(value),
    "body": lambda value: isinstance(value, dict),
    "previous": _is_digest,
    "key_id": _is_digest,
    "digest": _is_digest,
    "signature": _is_text,
}


def _a(value: object) -> str:
    return {list: "a list", str: "a text", int: "a number", bool: "a boolean"}.get(
        type(value), "nothing"
    )


def _shown(value: object) -> str:
    return f"{value!r:.40}" if isinstance(value, str | int | None) else _a(value)
