"""What was demonstrated, and every attempt on the way there: kept for good, in a database.

SQLite by default, PostgreSQL by URL. A row that is in is never altered: there is no call for it,
and triggers in the database refuse it to everybody else. Every fault of the database comes out as
RecordUnavailable, in one line, without the password.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from runner import canonical, entries
from runner.database import named
from runner.entry import Draft, Entry, Kind, Mode, written
from runner.keys import SigningKey, next_of, raw
from runner.store import Store
from runner.verdict import Evidence, Outcome, Verdict

# Imported where it is used: see runner.store.
if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

LIMIT = 64 * 1024
"""The most bytes (UTF-8) of one text in the record; what is longer is cut, with a mark."""

NAME_LIMIT = 1024
"""The same for what is searched by: PostgreSQL's index takes no more than 2704 bytes."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One grading that counts, as it is kept.

    `id` is the caller's: what is appended twice under one id is kept once. Times carry a zone.
    """

    id: UUID
    apprentice: str
    code: str
    title: str
    seed: int
    session: str
    started_at: datetime
    graded_at: datetime
    demonstrated: bool
    points: int
    possible: int
    hints_used: int
    program_version: str
    lab_revision: str
    grader_revision: str
    engine: str
    verdicts: tuple[Verdict, ...] = ()
    mode: str = str(Mode.PRACTICE)

    def __post_init__(self) -> None:
        for name, moment in (("started_at", self.started_at), ("graded_at", self.graded_at)):
            if moment.utcoffset() is None:
                raise ValueError(f"{name} of an attempt needs a time zone")


class Record:
    """An open record; made by `open_record`. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(
        self,
        attempt: Attempt,
        body: Mapping[str, Any] | None = None,
        key: SigningKey | None = None,
    ) -> Entry | None:
        """Keep an attempt with its entry in the ledger; on return they are on disk.

        The same id once more changes nothing. `body` is what the entry says, `body_of` unless it is
        given. Without a key the entry waits for the next one that is put in with a key.
        """
        draft = Draft(
            id=attempt.id,
            kind=Kind.SUBMITTED if attempt.mode == Mode.ASSESSMENT else Kind.GRADED,
            apprentice=bounded(attempt.apprentice, NAME_LIMIT),
            code=bounded(attempt.code, NAME_LIMIT),
            body=body_of(attempt) if body is None else body,
            attempt_id=attempt.id,
        )

        def task(connection: sa.Connection) -> Entry | None:
            entries.alone(connection, self._store.patience)
            # Before the attempt is there: what is in no entry yet is counted as from before.
            now = key and entries.ready(connection, key, _before)
            if not _append(connection, attempt):
                return entries.one(connection, id=attempt.id)
            if now is None:
                entries.wait(connection, draft)
                return None
            return entries.seal(connection, draft, now)

        return self._store.work(task, writes=True)

    def enter(self, draft: Draft, key: SigningKey) -> Entry:
        """Keep an entry; on return it is on disk. The same id once more changes nothing."""

        def task(connection: sa.Connection) -> Entry:
            entries.alone(connection, self._store.patience)
            return entries.seal(connection, draft, entries.ready(connection, key, _before))

        return self._store.work(task, writes=True)

    def make_up(self, key: SigningKey) -> None:
        """Sign what waits for a key."""
        if self._store.work(entries.waiting):

            def task(connection: sa.Connection) -> None:
                entries.alone(connection, self._store.patience)
                entries.ready(connection, key, _before)

            self._store.work(task, writes=True)

    def rotate(self, key: SigningKey) -> tuple[Entry, SigningKey]:
        """Have another key sign from the next entry on; the entry that says so, and that key.

        It is in the data folder, and has to `follow` there once this is on disk.
        """

        def task(connection: sa.Connection) -> tuple[Entry, SigningKey]:
            entries.alone(connection, self._store.patience)
            now = entries.ready(connection, key, _before)
            follower = next_of(now)
            body = {"new_key": follower.id, "public_key": raw(follower.public)}
            draft = Draft(uuid4(), Kind.KEY_ROTATED, "", "", body)
            return entries.seal(connection, draft, now), follower

        return self._store.work(task, writes=True)

    def entry(self, *, id: UUID | None = None, sequence: int | None = None) -> Entry | None:
        """The entry of the ledger with this id or number."""
        return self._store.work(lambda c: entries.one(c, id=id, sequence=sequence))

    def newest(self, apprentice: str, code: str = "") -> Entry | None:
        """Somebody's last grading, at a competency if one is named."""
        who = bounded(apprentice, NAME_LIMIT)
        return self._store.work(lambda c: entries.newest(c, who, code))

    def about(self, apprentice: str | None = None, code: str | None = None) -> list[Entry]:
        """The entries about somebody, in order; those of gradings come without their body."""
        return self._store.work(lambda c: entries.about(c, apprentice, code))

    def audit(self, task: Callable[[Audit], T]) -> T:
        """What a task says of the ledger and the attempts, all as they stand at one moment."""
        return self._store.work(lambda connection: task(Audit(connection)))

    def note_hint(self, session: str, number: int, given_at: datetime) -> None:
        """Keep that a hint was given in a world; the same one once more changes nothing."""
        row = {"session": bounded(session, NAME_LIMIT), "number": number, "given_at": given_at}
        self._store.work(lambda connection: _note_hint(connection, row), writes=True)

    def hints_used(self, session: str) -> int:
        """The number of the last hint that was given in a world; 0 if there was none."""
        return self._store.work(
            lambda connection: _last_hint(connection, bounded(session, NAME_LIMIT))
        )

    def attempts(self, apprentice: str | None = None, code: str | None = None) -> list[Attempt]:
        """All attempts, or those of one apprentice or at one competency; the oldest first."""
        from runner.migrations.tables import attempt as table

        wanted = []
        if apprentice is not None:
            wanted.append(table.c.apprentice == bounded(apprentice, NAME_LIMIT))
        if code is not None:
            wanted.append(table.c.code == bounded(code, NAME_LIMIT))
        return self._store.work(lambda connection: _read(connection, wanted))

    def demonstrated(self, apprentice: str) -> dict[str, Attempt]:
        """By code, what an apprentice has demonstrated: the attempt that did it first."""
        from runner.migrations.tables import attempt as table

        wanted = [table.c.apprentice == bounded(apprentice, NAME_LIMIT), table.c.demonstrated]
        first: dict[str, Attempt] = {}
        for attempt in self._store.work(lambda connection: _read(connection, wanted)):
            first.setdefault(attempt.code, attempt)
        return first


class Audit:
    """The ledger with the attempts that it is about, for whoever verifies it."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def entries(self) -> Generator[Entry, None, None]:
        """Every entry by its number; ValueError where a row is none. It has to be closed."""
        return entries.all_rows(self._connection)

    def attempt(self, id: UUID) -> Attempt | None:
        """The attempt that an entry is about."""
        from runner.migrations.tables import attempt as table

        return next(iter(_read(self._connection, [table.c.id == id])), None)

    def before(self) -> Mapping[str, Any]:
        """The attempts that are in no entry: how many there are, and their digest."""
        return _before(self._connection)

    def waiting(self) -> int:
        """How many entries wait for a key."""
        return len(entries.waiting(self._connection))


@contextmanager
def open_record(url: str | None = None, *, patience: float = 10.0) -> Iterator[Record]:
    """Open the record, which is made or brought up to date if need be.

    `url` is `sqlite:///file` or `postgresql://user:password@host:port/database`; without it
    LAB_DATABASE_URL holds, and without that `records.sqlite` in the data folder. `patience` is
    how many seconds another program may keep us waiting. Raises RecordUnavailable.
    """
    store = named(url, patience)
    store.prepare()
    yield Record(store)


def body_of(attempt: Attempt) -> dict[str, Any]:
    """What an entry says of an attempt. `attempt_digest` is over all that the tables hold of it."""
    facts = _facts(attempt)
    for name in ("id", "apprentice", "code"):
        del facts[name]  # the entry has them itself
    for check in facts["checks"]:
        del check["evidence"]
    return {**facts, "mode": attempt.mode, "attempt_digest": digest_of(attempt)}


def digest_of(attempt: Attempt) -> str:
    """SHA-256 over the canonical JSON of an attempt with its verdicts and their evidence."""
    return canonical.digest(canonical.dumps(_facts(attempt)))


def bounded(text: str, limit: int = LIMIT) -> str:
    """`text` as the record keeps it: without NUL and lone surrogates, at most `limit` bytes."""
    # PostgreSQL refuses NUL, and UTF-8 has no form for half of a surrogate pair.
    kept = text.replace("\0", "").encode("utf-8", "ignore")
    if len(kept) <= limit:
        return kept.decode()
    mark = f" [... cut, {len(kept)} bytes in all]"
    return kept[: limit - len(mark)].decode("utf-8", "ignore") + mark


_LISTS = {"verdicts": "checks", "evidence": "evidence"}


def _facts(kept: Attempt | Verdict | Evidence) -> dict[str, Any]:
    """What is kept, as plain data without fractions: it is the same once it was read again."""
    facts: dict[str, Any] = {}
    for field in fields(kept):
        name, value = field.name, getattr(kept, field.name)
        if name == "mode" and value == Mode.PRACTICE:
            continue  # attempts from before there were modes keep their digests
        if isinstance(value, tuple):
            facts[_LISTS[name]] = [_facts(one) for one in value]
        elif isinstance(value, datetime):
            facts[name] = written(value)
        elif name == "seconds":
            facts["milliseconds"] = round(value * 1000)
        elif name in {"id", "seed"}:
            facts[name] = str(value)  # a seed may be greater than what JSON keeps exactly
        elif isinstance(value, str):
            limit = NAME_LIMIT if name in {"apprentice", "code"} else LIMIT
            facts[name] = bounded(value, limit)
        else:
            facts[name] = value
    return facts


# A field has the name of its column, but for words that SQL keeps for itself.
_COLUMNS = {"check": "check_name", "where": "grader_line", "user": "account"}


def _append(connection: sa.Connection, attempt: Attempt) -> bool:
    """Whether it was not there already."""
    from runner.migrations import tables

    searched = {
        name: bounded(getattr(attempt, name), NAME_LIMIT) for name in ("apprentice", "code")
    }
    row = {**_row(attempt), **searched, "seed": str(attempt.seed)}
    once = _once(connection, tables.attempt, row)
    if connection.execute(once.returning(tables.attempt.c.id)).first() is None:
        return False  # it is there already, with all that belongs to it
    verdicts, evidence = [], []
    for position, verdict in enumerate(attempt.verdicts):
        verdicts.append({"attempt_id": attempt.id, "position": position, **_row(verdict)})
        for number, one in enumerate(verdict.evidence):
            key = {"attempt_id": attempt.id, "verdict_position": position, "position": number}
            evidence.append({**key, **_row(one)})
    if verdicts:
        connection.execute(tables.verdict.insert(), verdicts)
    if evidence:
        connection.execute(tables.evidence.insert(), evidence)
    return True


def _before(connection: sa.Connection) -> dict[str, Any]:
    """The attempts that are in no entry, as the first entry states them."""
    from runner.migrations.tables import attempt as table

    found = hashlib.sha256()
    ids = entries.without(connection)
    for id in ids:
        for attempt in _read(connection, [table.c.id == id]):
            found.update(digest_of(attempt).encode())
    return {"attempts": len(ids), "digest": found.hexdigest()}


def _note_hint(connection: sa.Connection, row: dict[str, Any]) -> None:
    from runner.migrations import tables

    connection.execute(_once(connection, tables.hint, row))


def _last_hint(connection: sa.Connection, session: str) -> int:
    import sqlalchemy as sa

    from runner.migrations.tables import hint

    last = sa.select(sa.func.max(hint.c.number)).where(hint.c.session == session)
    return connection.execute(last).scalar_one() or 0


def _once(
    connection: sa.Connection, table: sa.Table, row: dict[str, Any]
) -> postgresql.Insert | sqlite.Insert:
    """An insertion that changes nothing where the row is there already."""
    from sqlalchemy.dialects import postgresql, sqlite

    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    return insert(table).values(row).on_conflict_do_nothing()


def _row(kept: Attempt | Verdict | Evidence) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for field in fields(kept):
        value = getattr(kept, field.name)
        if not isinstance(value, tuple):  # those are rows of the next table
            column = _COLUMNS.get(field.name, field.name)
            row[column] = bounded(value) if isinstance(value, str) else value
    return row


def _read(connection: sa.Connection, wanted: list[sa.ColumnElement[bool]]) -> list[Attempt]:
    import sqlalchemy as sa

    from runner.migrations.tables import attempt, evidence, verdict

    ids = sa.select(attempt.c.id).where(*wanted)
    answers = defaultdict(list)
    query = sa.select(evidence).where(evidence.c.attempt_id.in_(ids)).order_by(evidence.c.position)
    for row in connection.execute(query).mappings():
        answers[row["attempt_id"], row["verdict_position"]].append(
            Evidence(**_given(Evidence, row))
        )
    verdicts = defaultdict(list)
    query = sa.select(verdict).where(verdict.c.attempt_id.in_(ids)).order_by(verdict.c.position)
    for row in connection.execute(query).mappings():
        found = _given(Verdict, row)
        found["outcome"] = Outcome(found["outcome"])
        found["evidence"] = tuple(answers[row["attempt_id"], row["position"]])
        verdicts[row["attempt_id"]].append(Verdict(**found))
    query = sa.select(attempt).where(*wanted).order_by(attempt.c.graded_at, attempt.c.id)
    attempts = []
    for row in connection.execute(query).mappings():
        found = _given(Attempt, row)
        found["seed"] = int(found["seed"])
        found["verdicts"] = tuple(verdicts[row["id"]])
        attempts.append(Attempt(**found))
    return attempts


def _given(kind: type[Attempt | Verdict | Evidence], row: sa.RowMapping) -> dict[str, Any]:
    columns = {field.name: _COLUMNS.get(field.name, field.name) for field in fields(kind)}
    return {name: row[column] for name, column in columns.items() if column in row}
