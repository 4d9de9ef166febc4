"""How an attempt came about: what there is from before was practice."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; no row is altered by it, so the triggers stay as they are."""
    mode = sa.Column("mode", sa.Text(), nullable=False, server_default="practice")
    op.add_column("attempt", mode)
