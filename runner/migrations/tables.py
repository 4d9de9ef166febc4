"""The tables of the record as the last step leaves them; docs/records.md describes each field."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa


class Moment(sa.TypeDecorator[datetime]):
    """A moment in UTC: SQLite keeps no time zone, PostgreSQL answers in that of the session."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: sa.engine.Dialect
    ) -> datetime | None:
        """In UTC whatever zone the caller thinks in."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: sa.engine.Dialect
    ) -> datetime | None:
        """With its zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData()

attempt = sa.Table(
    "attempt",
    metadata,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("apprentice", sa.Text(), nullable=False),
    sa.Column("code", sa.Text(), nullable=False),
    sa.Column("title", sa.Text(), nullable=False),
    # Digits, since a seed may be any whole number and a column of numbers ends at 64 bits.
    sa.Column("seed", sa.Text(), nullable=False),
    sa.Column("session", sa.Text(), nullable=False),
    sa.Column("started_at", Moment(), nullable=False),
    sa.Column("graded_at", Moment(), nullable=False),
    sa.Column("demonstrated", sa.Boolean(), nullable=False),
    sa.Column("points", sa.Integer(), nullable=False),
    sa.Column("possible", sa.Integer(), nullable=False),
    sa.Column("hints_used", sa.Integer(), nullable=False),
    sa.Column("program_version", sa.Text(), nullable=False),
    sa.Column("lab_revision", sa.Text(), nullable=False),
    sa.Column("grader_revision", sa.Text(), nullable=False),
    sa.Column("engine", sa.Text(), nullable=False),
    sa.Column("mode", sa.Text(), nullable=False, server_default="practice"),
    sa.Index("attempt_by_apprentice", "apprentice", "code", "graded_at"),
    sa.Index("attempt_by_code", "code", "graded_at"),
)

# The names differ from the fields of `runner.verdict` where those are words of SQL: `check`,
# `where` and `user` would have to be quoted in every query, and an unquoted `user` is worse.
verdict = sa.Table(
    "verdict",
    metadata,
    sa.Column("attempt_id", sa.ForeignKey("attempt.id"), primary_key=True),
    sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("check_name", sa.Text(), nullable=False),
    sa.Column("standard", sa.Text(), nullable=False),
    sa.Column("outcome", sa.Text(), nullable=False),
    sa.Column("points", sa.Integer(), nullable=False),
    sa.Column("guard", sa.Boolean(), nullable=False),
    sa.Column("reason", sa.Text(), nullable=False),
    sa.Column("hint", sa.Text(), nullable=False),
    sa.Column("grader_line", sa.Text(), nullable=False),
    sa.Column("seconds", sa.Double(), nullable=False),
    sa.Column("after_restart", sa.Boolean(), nullable=False),
    sa.CheckConstraint(
        "outcome IN ('PASSED', 'FAILED', 'BLOCKED', 'BROKEN')", name="verdict_outcome"
    ),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("attempt_id", sa.Uuid(), primary_key=True),
    sa.Column("verdict_position", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("host", sa.Text(), nullable=False),
    sa.Column("account", sa.Text(), nullable=False),
    sa.Column("question", sa.Text(), nullable=False),
    sa.Column("status", sa.Integer(), nullable=True),
    sa.Column("answer", sa.Text(), nullable=False),
    sa.Column("seconds", sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(
        ["attempt_id", "verdict_position"], ["verdict.attempt_id", "verdict.position"]
    ),
)

hint = sa.Table(
    "hint",
    metadata,
    sa.Column("session", sa.Text(), primary_key=True),
    sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("given_at", Moment(), nullable=False),
)

entry = sa.Table(
    "entry",
    metadata,
    sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
    sa.Column("id", sa.Uuid(), nullable=False),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("made_at", Moment(), nullable=False),
    sa.Column("apprentice", sa.Text(), nullable=False),
    sa.Column("code", sa.Text(), nullable=False),
    sa.Column("attempt_id", sa.ForeignKey("attempt.id"), nullable=True),
    sa.Column("body", sa.Text(), nullable=False),
    sa.Column("previous", sa.Text(), nullable=False),
    sa.Column("digest", sa.Text(), nullable=False),
    sa.Column("key_id", sa.Text(), nullable=False),
    sa.Column("signature", sa.Text(), nullable=False),
    sa.UniqueConstraint("id", name="entry_once"),
    sa.UniqueConstraint("digest", name="entry_digest_once"),
    sa.Index("entry_by_apprentice", "apprentice", "code"),
    sa.Index("entry_by_attempt", "attempt_id"),
    sa.Index("entry_by_kind", "kind"),
)

pending = sa.Table(
    "pending",
    metadata,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("kind", sa.Text(), nullable=False),
    sa.Column("made_at", Moment(), nullable=False),
    sa.Column("apprentice", sa.Text(), nullable=False),
    sa.Column("code", sa.Text(), nullable=False),
    sa.Column("attempt_id", sa.ForeignKey("attempt.id"), nullable=True),
    sa.Column("body", sa.Text(), nullable=False),
)
