"""What alembic runs around every step: on the connection, and in the transaction, it is given."""

from __future__ import annotations

from alembic import context

from runner.migrations.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
