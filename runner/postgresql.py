"""Records on a PostgreSQL server, for a classroom."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, unquote

from runner import migrations
from runner.errors import RecordUnavailable
from runner.printable import one_line
from runner.store import Store

# Imported where it is used: see runner.store.
if TYPE_CHECKING:
    import sqlalchemy as sa


class Postgresql(Store):
    """The server that a URL names; `parts` is that URL taken apart."""

    def __init__(self, parts: SplitResult, patience: float) -> None:
        super().__init__(patience)
        self._parts = parts
        self._name = unquote(parts.path[1:])
        self._at = f"{parts.hostname}:{parts.port or 5432}"
        self.shown = f"The database {self._name} at {self._at}"

    def prepare(self) -> None:
        """Make the tables, or bring them up to date, unless they are."""
        if self.work(_revision) != migrations.HEAD:
            self.work(self._upgrade_alone, writes=True)

    def _upgrade_alone(self, connection: sa.Connection) -> None:
        # The number says "lab"; the lock goes with the transaction, however that ends.
        connection.exec_driver_sql("SET LOCAL lock_timeout = '60s'")
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7102818)")
        if _revision(connection) != migrations.HEAD:
            self._upgrade(connection)

    @cached_property
    def _engine(self) -> sa.Engine:
        import sqlalchemy as sa

        parts = self._parts
        try:
            return sa.create_engine(
                sa.URL.create(
                    "postgresql+psycopg",
                    username=unquote(parts.username) if parts.username else None,
                    password=unquote(parts.password) if parts.password else None,
                    host=parts.hostname,
                    port=parts.port,
                    database=self._name,
                    query=dict(parse_qsl(parts.query)),
                ),
                poolclass=sa.pool.NullPool,
                connect_args={
                    "connect_timeout": max(2, int(self.patience)),
                    "application_name": "lab",
                },
            )
        except ImportError as error:
            raise RecordUnavailable(
                "Records in PostgreSQL need psycopg, which is not installed.",
                remedy="Install the program with its part `postgres`:"
                " pipx install 'itg-labs[postgres]'.",
            ) from error

    def _explained(self, error: BaseException) -> RecordUnavailable:
        text = str(error)
        for secret in (self._parts.password, unquote(self._parts.password or "")):
            text = text.replace(secret, "***") if secret else text
        state = getattr(error, "sqlstate", None) or ""
        for words, states, what, remedy in _POSTGRESQL:
            if state in states or any(word in text for word in words):
                return RecordUnavailable(f"{self.shown} {what}.", remedy=remedy)
        return RecordUnavailable(
            f"{self.shown} cannot be used: {one_line(text)}",
            remedy="Look into the server's log, then try again.",
        )


# Words of the message, as a refused connection carries no code; codes of the manual's appendix A.
_POSTGRESQL = (
    (
        ("authentication failed", "no password supplied", "no pg_hba.conf entry"),
        {"28P01", "28000"},
        "refuses this user and password",
        "Compare LAB_DATABASE_URL with the password file that the database was started with.",
    ),
    (
        ('" does not exist',),
        {"3D000"},
        "does not exist on that server",
        "Correct the last part of LAB_DATABASE_URL; the classroom's database is called records.",
    ),
    (
        ("No space left on device",),
        {"53100"},
        "cannot be written: the server's disk is full",
        "Free some space on the server's disk, then try again.",
    ),
    (
        (),
        {"42501"},
        "does not let this user make or use its tables",
        "Make the user the owner of the database.",
    ),
    (
        (),
        {"25006"},
        "cannot be written: the server is read-only",
        "Name the primary server in LAB_DATABASE_URL, not its standby.",
    ),
    (
        (),
        {"55P03"},
        "is in use: another program brings it up to date, or did not let go of it",
        "Try again in a minute.",
    ),
    (
        (
            "onnection refused", "imeout", "ame resolution", "not known", "translate host name",
            "unreachable", "o route to host", "closed the connection", "starting up",
            "resolve host", "shutting down",
        ),
        {"57P01", "57P02", "57P03", "08006", "08001", "53300"},
        "does not answer",
        "Start it (infra/docker-compose.yml), correct LAB_DATABASE_URL, or unset it.",
    ),
)  # fmt: skip


def _revision(connection: sa.Connection) -> str | None:
    known = "SELECT to_regclass('alembic_version')"
    if connection.exec_driver_sql(known).scalar_one() is None:
        return None
    found: str | None = connection.exec_driver_sql(
        "SELECT version_num FROM alembic_version"
    ).scalar_one_or_none()
    return found
