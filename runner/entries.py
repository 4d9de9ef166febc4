"""The ledger in the database: entries put in their place, one writer at a time, and read again.

All of it runs within a transaction of `runner.record`, which is what makes an attempt and its entry
one thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from runner import canonical, keys
from runner.entry import GRADINGS, START, Draft, Entry, Kind, sealed
from runner.errors import KeyUnavailable
from runner.keys import SigningKey

# Imported where it is used: see runner.store.
if TYPE_CHECKING:
    import sqlalchemy as sa

Before = Callable[["sa.Connection"], Mapping[str, Any]]
"""Says of the attempts that are in no entry how many there are, and their digest."""

_SUCCESSORS = 100
"""More than a key is ever followed by; what goes round in a circle ends here."""


def alone(connection: sa.Connection, patience: float) -> None:
    """Make the others wait until this transaction is over; to be said first in it.

    SQLite lets one writer in at a time by itself, once it has said that it writes.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, int(patience * 1000))}")
        connection.exec_driver_sql("LOCK TABLE entry IN EXCLUSIVE MODE")


def ready(connection: sa.Connection, key: SigningKey, before: Before) -> SigningKey:
    """Open the ledger if need be and make up what waits; the key that signs now."""
    key = _of_today(connection, key)
    if _head(connection) == (0, START):
        body = {**before(connection), "public_key": keys.raw(key.public)}
        _put(connection, Draft(uuid4(), Kind.OPENED, "", "", body), key)
    for draft in waiting(connection):
        late = {**draft.body, "late": True}
        _put(connection, replace(draft, body=late), key)
    return key


def seal(connection: sa.Connection, draft: Draft, key: SigningKey) -> Entry:
    """The entry in its place; one of this id that is there already is left as it is."""
    found = one(connection, id=draft.id)
    return found or _put(connection, draft, key)


def wait(connection: sa.Connection, draft: Draft) -> None:
    """Keep what is to be an entry once there is a key."""
    from runner.migrations.tables import pending

    row = {**_shared(draft), "id": draft.id, "made_at": datetime.now(UTC)}
    connection.execute(pending.insert().values(row))


def waiting(connection: sa.Connection) -> list[Draft]:
    """What is to be an entry yet, the oldest first."""
    import sqlalchemy as sa

    from runner.migrations.tables import entry, pending

    query = (
        sa.select(pending)
        .where(~sa.exists().where(entry.c.id == pending.c.id))
        .order_by(pending.c.made_at, pending.c.id)
    )
    return [
        Draft(
            id=row["id"],
            kind=Kind(row["kind"]),
            apprentice=row["apprentice"],
            code=row["code"],
            body=json.loads(row["body"]),
            attempt_id=row["attempt_id"],
        )
        for row in connection.execute(query).mappings()
    ]


def one(
    connection: sa.Connection, *, id: UUID | None = None, sequence: int | None = None
) -> Entry | None:
    """The entry with this id or number."""
    from runner.migrations.tables import entry

    query = entry.select().where(entry.c.sequence == sequence if id is None else entry.c.id == id)
    row = connection.execute(query).mappings().first()
    return None if row is None else _entry(row)


def newest(connection: sa.Connection, apprentice: str, code: str) -> Entry | None:
    """The last grading of somebody's competency; of any, where `code` is empty."""
    from runner.migrations.tables import entry

    query = entry.select().where(_is_grading(entry), entry.c.apprentice == apprentice)
    if code:
        query = query.where(entry.c.code == code)
    row = connection.execute(query.order_by(entry.c.sequence.desc()).limit(1)).mappings().first()
    return None if row is None else _entry(row)


def about(connection: sa.Connection, apprentice: str | None, code: str | None) -> list[Entry]:
    """All entries about somebody, in order; those of gradings, which may be large, without body."""
    import sqlalchemy as sa

    from runner.migrations.tables import entry

    small = sa.case((_is_grading(entry), "{}"), else_=entry.c.body)
    query = sa.select(*(c for c in entry.c if c.name != "body"), small.label("body"))
    if apprentice is not None:
        query = query.where(entry.c.apprentice == apprentice)
    if code is not None:
        query = query.where(entry.c.code == code)
    found = connection.execute(query.order_by(entry.c.sequence)).mappings()
    return [_entry(row) for row in found]


def all_rows(connection: sa.Connection) -> Generator[Entry, None, None]:
    """Every entry by its number, one at a time; ValueError where a row cannot be read.

    Whoever does not read to the end has to close it.
    """
    from runner.migrations.tables import entry

    query = entry.select().order_by(entry.c.sequence).execution_options(yield_per=50)
    with connection.execute(query) as found:
        for row in found.mappings():
            yield _entry(row, canonical.loads(row["body"].encode()))


def without(connection: sa.Connection) -> Sequence[UUID]:
    """The attempts that no entry is about and none is to be, by their id."""
    import sqlalchemy as sa

    from runner.migrations.tables import attempt, entry, pending

    query = (
        sa.select(attempt.c.id)
        .where(~sa.exists().where(entry.c.attempt_id == attempt.c.id))
        .where(~sa.exists().where(pending.c.attempt_id == attempt.c.id))
    )
    return sorted(connection.execute(query).scalars(), key=str)


def _is_grading(entry: sa.Table) -> sa.ColumnElement[bool]:
    return entry.c.kind.in_(sorted(map(str, GRADINGS)))


def _put(connection: sa.Connection, draft: Draft, key: SigningKey) -> Entry:
    from runner.migrations.tables import entry as table

    sequence, previous = _head(connection)
    entry = sealed(draft, sequence + 1, previous, key, datetime.now(UTC))
    row = {
        **_shared(draft),
        "id": entry.id,
        "made_at": entry.made_at,
        "sequence": entry.sequence,
        "previous": entry.previous,
        "digest": entry.digest,
        "key_id": entry.key_id,
        "signature": entry.signature,
    }
    connection.execute(table.insert().values(row))
    return entry


def _shared(draft: Draft) -> dict[str, Any]:
    return {
        "kind": str(draft.kind),
        "apprentice": draft.apprentice,
        "code": draft.code,
        "attempt_id": draft.attempt_id,
        "body": canonical.dumps(draft.body).decode(),
    }


def _head(connection: sa.Connection) -> tuple[int, str]:
    """Number and digest of the last entry."""
    import sqlalchemy as sa

    from runner.migrations.tables import entry

    query = sa.select(entry.c.sequence, entry.c.digest).order_by(entry.c.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return (0, START) if row is None else (row[0], row[1])


def _of_today(connection: sa.Connection, key: SigningKey) -> SigningKey:
    """The key, or the one that followed it: another program may have rotated it since."""
    import sqlalchemy as sa

    from runner.migrations.tables import entry

    for _ in range(_SUCCESSORS):
        query = sa.select(entry.c.body).where(
            entry.c.kind == str(Kind.KEY_ROTATED), entry.c.key_id == key.id
        )
        row = connection.execute(query).first()
        if row is None:
            return key
        key = key.successor(str(json.loads(row[0])["new_key"]))
    raise KeyUnavailable(
        f"The ledger's keys follow each other in a circle, {key.id[:16]} among them.",
        remedy="./lab verify --ledger says where.",
    )


def _entry(row: sa.RowMapping, body: Mapping[str, Any] | None = None) -> Entry:
    return Entry(**{**row, "body": json.loads(row["body"]) if body is None else body})
