"""What was demonstrated, and every attempt on the way there: kept for good, in a database.

SQLite by default, PostgreSQL by URL. A row that is in is never altered: there is no call for it,
and triggers in the database refuse it to everybody else. Every fault of the database comes out as
RecordUnavailable, in one line, without the password.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit
from uuid import UUID

from runner import places
from runner.errors import RecordUnavailable, StageError
from runner.postgresql import Postgresql
from runner.sqlite import Sqlite
from runner.store import Store
from runner.verdict import Evidence, Outcome, Verdict

# Imported where it is used: see runner.store.
if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql, sqlite

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

    def __post_init__(self) -> None:
        for name, moment in (("started_at", self.started_at), ("graded_at", self.graded_at)):
            if moment.utcoffset() is None:
                raise ValueError(f"{name} of an attempt needs a time zone")


class Record:
    """An open record; made by `open_record`. Threads may share it."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def append(self, attempt: Attempt) -> None:
        """Keep an attempt; on return it is on disk. The same id once more changes nothing."""
        self._store.work(lambda connection: _append(connection, attempt), writes=True)

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


@contextmanager
def open_record(url: str | None = None, *, patience: float = 10.0) -> Iterator[Record]:
    """Open the record, which is made or brought up to date if need be.

    `url` is `sqlite:///file` or `postgresql://user:password@host:port/database`; without it
    LAB_DATABASE_URL holds, and without that `records.sqlite` in the data folder. `patience` is
    how many seconds another program may keep us waiting. Raises RecordUnavailable.
    """
    store = _store(url or os.environ.get("LAB_DATABASE_URL") or _usual(), patience)
    store.prepare()
    yield Record(store)


def bounded(text: str, limit: int = LIMIT) -> str:
    """`text` as the record keeps it: without NUL and lone surrogates, at most `limit` bytes."""
    # PostgreSQL refuses NUL, and UTF-8 has no form for half of a surrogate pair.
    kept = text.replace("\0", "").encode("utf-8", "ignore")
    if len(kept) <= limit:
        return kept.decode()
    mark = f" [... cut, {len(kept)} bytes in all]"
    return kept[: limit - len(mark)].decode("utf-8", "ignore") + mark


def _usual() -> str:
    try:
        return f"sqlite:///{quote(str(places.data() / 'records.sqlite'))}"
    except StageError as error:
        raise RecordUnavailable(str(error), remedy=error.remedy) from error


_FORMS = (
    "Set LAB_DATABASE_URL to sqlite:////folder/records.sqlite or to"
    " postgresql://user:password@host:5432/database, with @ : / ? # % in the password written as"
    " %40 %3A %2F %3F %23 %25; or unset it."
)


def _store(url: str, patience: float) -> Store:
    """The database that a URL means; nothing is opened yet."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        # What is wrong may be the password, so neither the URL nor the reason is repeated.
        raise RecordUnavailable("The URL of the records cannot be read.", remedy=_FORMS) from None
    if parts.scheme == "sqlite":
        file = unquote(parts.path)[1:]
        if parts.netloc or parts.query or parts.fragment or file in {"", ":memory:"}:
            raise RecordUnavailable(
                "The URL of the records names no file: sqlite:/// needs three slashes, then the"
                " file's path.",
                remedy=_FORMS,
            )
        return Sqlite(Path(file), patience)
    if parts.scheme in {"postgresql", "postgres"}:
        # A slash in a password moves the rest of it into the path.
        named = parts.path.strip("/") and not {"/", "@"} & set(parts.path[1:])
        if not parts.hostname or not named or parts.fragment:
            raise RecordUnavailable(
                "The URL of the records names no host or no database.", remedy=_FORMS
            )
        return Postgresql(parts, patience)
    raise RecordUnavailable(
        "The URL of the records begins neither with sqlite: nor with postgresql:.", remedy=_FORMS
    )


# A field has the name of its column, but for words that SQL keeps for itself.
_COLUMNS = {"check": "check_name", "where": "grader_line", "user": "account"}


def _append(connection: sa.Connection, attempt: Attempt) -> None:
    from runner.migrations import tables

    searched = {
        name: bounded(getattr(attempt, name), NAME_LIMIT) for name in ("apprentice", "code")
    }
    row = {**_row(attempt), **searched, "seed": str(attempt.seed)}
    once = _once(connection, tables.attempt, row)
    if connection.execute(once.returning(tables.attempt.c.id)).first() is None:
        return  # it is there already, with all that belongs to it
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
