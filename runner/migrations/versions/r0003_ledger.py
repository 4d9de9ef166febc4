"""The ledger: signed entries in one chain, and those that wait for the key; kept for good."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ALTERED = "records are kept for good: rows of %s are neither changed nor deleted"
OUT_OF_ORDER = "an entry follows the last one: its number and the digest before it say so"
START = "0" * 64


def upgrade() -> None:
    """Make the two tables and the triggers that refuse to alter a row or to break the chain."""
    _entry()
    _pending()
    if op.get_bind().dialect.name == "sqlite":
        _keep_in_sqlite()
    else:
        _keep_in_postgresql()


def _entry() -> None:
    op.create_table(
        "entry",
        sa.Column("sequence", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("apprentice", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), sa.ForeignKey("attempt.id"), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.UniqueConstraint("id", name="entry_once"),
        sa.UniqueConstraint("digest", name="entry_digest_once"),
    )
    op.create_index("entry_by_apprentice", "entry", ["apprentice", "code"])
    op.create_index("entry_by_attempt", "entry", ["attempt_id"])
    op.create_index("entry_by_kind", "entry", ["kind"])


def _pending() -> None:
    op.create_table(
        "pending",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("apprentice", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), sa.ForeignKey("attempt.id"), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
    )


def _keep_in_sqlite() -> None:
    for table in ("entry", "pending"):
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{ALTERED % table}'); END"
            )
    # INSERT OR REPLACE deletes without asking a DELETE trigger: a row that is there stays.
    op.execute(
        "CREATE TRIGGER pending_no_replace BEFORE INSERT ON pending "
        "WHEN EXISTS (SELECT 1 FROM pending WHERE id = NEW.id) "
        "BEGIN SELECT RAISE(IGNORE); END"
    )
    op.execute(
        "CREATE TRIGGER entry_in_order BEFORE INSERT ON entry WHEN "  # noqa: S608
        "NEW.sequence IS NOT (SELECT COALESCE(MAX(sequence), 0) + 1 FROM entry) "
        "OR NEW.previous IS NOT COALESCE("
        f"(SELECT digest FROM entry ORDER BY sequence DESC LIMIT 1), '{START}') "
        "OR EXISTS (SELECT 1 FROM entry WHERE id = NEW.id OR digest = NEW.digest) "
        f"BEGIN SELECT RAISE(ABORT, '{OUT_OF_ORDER}'); END"
    )


def _keep_in_postgresql() -> None:
    for table in ("entry", "pending"):
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_alteration()"
        )
    op.execute(
        "CREATE FUNCTION refuse_disorder() RETURNS trigger "  # noqa: S608
        "LANGUAGE plpgsql AS $$ BEGIN "
        "IF NEW.sequence IS DISTINCT FROM (SELECT COALESCE(MAX(sequence), 0) + 1 FROM entry) "
        "OR NEW.previous IS DISTINCT FROM COALESCE("
        f"(SELECT digest FROM entry ORDER BY sequence DESC LIMIT 1), '{START}') "
        f"THEN RAISE EXCEPTION '{OUT_OF_ORDER}'; END IF; RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER entry_in_order BEFORE INSERT ON entry "
        "FOR EACH ROW EXECUTE FUNCTION refuse_disorder()"
    )
