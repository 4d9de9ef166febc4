"""The database under the record, of whatever make: worked with, and brought up to date."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from runner import migrations
from runner.errors import RecordUnavailable
from runner.printable import one_line

# SQLAlchemy takes a quarter of a second to import and alembic half of one: neither is needed to
# open an up-to-date SQLite, so the functions of record, store, sqlite and postgresql import what
# they use.
if TYPE_CHECKING:
    import sqlalchemy as sa

T = TypeVar("T")


class Store(ABC):
    """A database that can be worked with; `shown` names it in messages, without the password."""

    shown: str

    def __init__(self, patience: float) -> None:
        self.patience = patience

    @abstractmethod
    def prepare(self) -> None:
        """Make the tables, or bring them up to date, unless they are."""

    def work(self, task: Callable[[sa.Connection], T], *, writes: bool = False) -> T:
        """What a task gives that is done in one transaction, whole or not at all."""
        from sqlalchemy.exc import DBAPIError

        try:
            connected = self._engine.connect().execution_options(lab_writes=writes)
            with connected as connection, connection.begin():
                return task(connection)
        except DBAPIError as error:
            raise self._explained(error.orig or error) from error

    @cached_property
    @abstractmethod
    def _engine(self) -> sa.Engine:
        """Connects when it is needed, for one piece of work: the program is soon over."""

    @abstractmethod
    def _explained(self, error: BaseException) -> RecordUnavailable:
        """A fault of this database as one line and a remedy."""

    def _upgrade(self, connection: sa.Connection) -> None:
        import sqlalchemy as sa
        from alembic import command
        from alembic.config import Config
        from alembic.runtime.migration import MigrationContext
        from alembic.script import ScriptDirectory

        found = MigrationContext.configure(connection).get_current_revision()
        if found is None and (tables := sa.inspect(connection).get_table_names()):
            raise RecordUnavailable(
                f"{self.shown} holds something else than records: the table {tables[0]}.",
                remedy="Name a database of its own in LAB_DATABASE_URL.",
            )
        config = Config()
        folder = str(Path(migrations.__file__).parent)
        config.set_main_option("script_location", folder.replace("%", "%%"))
        config.attributes["connection"] = connection
        known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise RecordUnavailable(
                f"{self.shown} was written by a newer version of this program: its tables are at"
                f" {one_line(found, 40)}, this version knows them up to {migrations.HEAD}.",
                remedy="Update the program, or set LAB_DATABASE_URL to another database.",
            )
        command.upgrade(config, "head")
