"""The tables of the record and the steps that lead to them; only `runner.record` comes in here.

A change of the tables is one more module in `versions/` (copy the last one), the same change in
`tables.py`, and `HEAD` here. What has been released is never edited. There are no steps back: a
step back would throw records away.
"""

from __future__ import annotations

# Stated here as well as in `versions/`, so that opening an up-to-date record needs no alembic
# (half a second); a test holds the two together.
HEAD = "0004"
