"""Hints that were given, for each world; kept for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

ALTERED = "records are kept for good: rows of hint are neither changed nor deleted"


def upgrade() -> None:
    """Make the table and the triggers that refuse to alter a row."""
    op.create_table(
        "hint",
        sa.Column("session", sa.Text(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER hint_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON hint "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()"
        )
        return
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER hint_no_{change.lower()} BEFORE {change} ON hint "
            f"BEGIN SELECT RAISE(ABORT, '{ALTERED}'); END"
        )
    # INSERT OR REPLACE deletes without asking a DELETE trigger: a row that is there stays.
    op.execute(
        "CREATE TRIGGER hint_no_replace BEFORE INSERT ON hint WHEN EXISTS "
        "(SELECT 1 FROM hint WHERE session = NEW.session AND number = NEW.number) "
        "BEGIN SELECT RAISE(IGNORE); END"
    )
