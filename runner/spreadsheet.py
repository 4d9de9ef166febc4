"""Rows as CSV that any spreadsheet reads, and in which none finds a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from runner.printable import on_page

_CELL_LIMIT = 4000
_FORMULA = tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What a cell may not begin with: a spreadsheet would work it out, or run it.

The last four are the wide forms of = + - @, which some take for the same.
"""


def as_csv(titles: Sequence[str], rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """A table as RFC 4180 has it, in UTF-8 with a byte order mark: without that, Excel guesses.

    A text that begins like a formula gets a ' in front; None is an empty cell.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_cell(one) for one in row])
    return text.getvalue().encode("utf-8-sig", "replace")


def _cell(value: str | int | None) -> str:
    if value is None or isinstance(value, int):
        return "" if value is None else str(value)
    shown = on_page(value, _CELL_LIMIT)
    return f"'{shown}" if shown.startswith(_FORMULA) else shown
