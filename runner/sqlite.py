"""Records in a file, for one machine."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from runner import migrations
from runner.errors import RecordUnavailable
from runner.printable import one_line
from runner.store import Store

# Imported where it is used: see runner.store.
if TYPE_CHECKING:
    import sqlalchemy as sa


class Sqlite(Store):
    """The file; made by its first use."""

    def __init__(self, file: Path, patience: float) -> None:
        super().__init__(patience)
        self._file = file.expanduser().absolute()
        self.shown = str(self._file)

    def prepare(self) -> None:
        """Make the file and its tables, or bring them up to date, unless they are."""
        try:
            if self._revision() == migrations.HEAD:
                return
            with self._locked():
                if self._revision() != migrations.HEAD:
                    self._keep_log()
                    self.work(self._upgrade, writes=True)
        except sqlite3.Error as error:
            raise self._explained(error) from error
        except OSError as error:
            raise RecordUnavailable(
                f"{self.shown} cannot be made: {error.strerror}.",
                remedy="Set LAB_DATA to a folder, or LAB_DATABASE_URL to a file in a folder, that"
                " you may write to.",
            ) from error

    def _revision(self) -> str | None:
        """At which step the tables are; None where there are none yet."""
        if not self._file.exists():
            return None
        with closing(self._connect()) as connection:
            known = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
            if connection.execute(known).fetchone() is None:
                return None
            found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            return None if found is None else str(found[0])

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(self._file))}?mode=rw",  # rw: never make a file by mistake
            uri=True,
            timeout=self.patience,
            isolation_level=None,
            check_same_thread=False,
        )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Alone with the file, which is there now, readable by its owner only."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The folder is locked, not the file: closing a file drops SQLite's own locks on it.
        folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            os.close(os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600))
            yield
        finally:
            os.close(folder)

    def _keep_log(self) -> None:
        # Readers and one writer at a time, and a killed writer leaves nothing half done. It is a
        # property of the file, and cannot be changed within a transaction.
        with closing(self._connect()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")

    @cached_property
    def _engine(self) -> sa.Engine:
        import sqlalchemy as sa

        engine = sa.create_engine(
            "sqlite+pysqlite://", creator=self._connect, poolclass=sa.pool.NullPool
        )

        @sa.event.listens_for(engine, "connect")
        def _connected(connection: sqlite3.Connection, _: object) -> None:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")  # on disk before we say so

        @sa.event.listens_for(engine, "begin")
        def _begun(connection: sa.Connection) -> None:
            # A transaction that reads first and then wants to write may be refused at once if
            # another one wrote in between; one that says so at the start waits for its turn.
            writes = connection.get_execution_options().get("lab_writes")
            connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

        return engine

    def _explained(self, error: BaseException) -> RecordUnavailable:
        name = getattr(error, "sqlite_errorname", "")
        elsewhere = "or set LAB_DATABASE_URL to a file elsewhere."
        known = {
            "SQLITE_READONLY": (
                "cannot be written: the file, or the folder it is in, is read-only",
                f"Give yourself the right to write there, {elsewhere}",
            ),
            "SQLITE_BUSY": (
                f"is in use: another program did not let go of it within {self.patience:g} s",
                f"Try again; `fuser -v {self.shown}` shows who uses it.",
            ),
            "SQLITE_FULL": (
                "cannot be written: the disk is full",
                "Free some space on it (`df -h` shows how much there is), then try again.",
            ),
            "SQLITE_CANTOPEN": (
                "cannot be opened: it is no file, or the way to it is barred",
                f"Look at it with `ls -ld {self.shown} {self._file.parent}`, {elsewhere}",
            ),
            "SQLITE_IOERR": (
                "cannot be read or written: the disk refuses",
                "Look at the disk (`df -h`, `dmesg`), then try again.",
            ),
            "SQLITE_CORRUPT": (
                "is damaged, or is no database",
                f"Put the last backup in its place; `sqlite3 {self.shown} .recover` may save more.",
            ),
        }
        known["SQLITE_LOCKED"] = known["SQLITE_BUSY"]
        known["SQLITE_PERM"] = known["SQLITE_AUTH"] = known["SQLITE_CANTOPEN"]
        known["SQLITE_NOTADB"] = known["SQLITE_CORRUPT"]
        # The names have a second part (SQLITE_READONLY_DIRECTORY) that says more than we need.
        kind = "_".join(name.split("_")[:2])
        what, remedy = known.get(
            kind, (f"cannot be used: {one_line(str(error))}", "Run `lab doctor`.")
        )
        return RecordUnavailable(f"{self.shown} {what}.", remedy=remedy)
