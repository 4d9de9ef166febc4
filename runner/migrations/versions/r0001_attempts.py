"""Attempts, their verdicts and the evidence for them; kept for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TABLES = ("attempt", "verdict", "evidence")

ALTERED = "records are kept for good: rows of %s are neither changed nor deleted"


def upgrade() -> None:
    """Make the three tables and the triggers that refuse to alter a row."""
    _attempt()
    _verdict()
    _evidence()
    if op.get_bind().dialect.name == "sqlite":
        _keep_in_sqlite()
    else:
        _keep_in_postgresql()


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("apprentice", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("graded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("demonstrated", sa.Boolean(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("possible", sa.Integer(), nullable=False),
        sa.Column("hints_used", sa.Integer(), nullable=False),
        sa.Column("program_version", sa.Text(), nullable=False),
        sa.Column("lab_revision", sa.Text(), nullable=False),
        sa.Column("grader_revision", sa.Text(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
    )
    op.create_index("attempt_by_apprentice", "attempt", ["apprentice", "code", "graded_at"])
    op.create_index("attempt_by_code", "attempt", ["code", "graded_at"])


def _verdict() -> None:
    op.create_table(
        "verdict",
        sa.Column("attempt_id", sa.Uuid(), sa.ForeignKey("attempt.id"), primary_key=True),
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


def _evidence() -> None:
    op.create_table(
        "evidence",
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


def _keep_in_sqlite() -> None:
    for table in TABLES:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{ALTERED % table}'); END"
            )
    # INSERT OR REPLACE deletes without asking a DELETE trigger: a row that is there stays.
    key = {
        "attempt": "id = NEW.id",
        "verdict": "attempt_id = NEW.attempt_id AND position = NEW.position",
        "evidence": "attempt_id = NEW.attempt_id AND verdict_position = NEW.verdict_position "
        "AND position = NEW.position",
    }
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {key[table]}) "
            "BEGIN SELECT RAISE(IGNORE); END"
        )


def _keep_in_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_alteration() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{ALTERED}', TG_TABLE_NAME; END $$".replace("%s", "%")
    )
    for table in TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()"
        )
