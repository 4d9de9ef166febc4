"""Tables that people keep: a line with the columns, then a line for each entry, with commas."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from runner.host import Fact, Reply

_SIZE_LIMIT = 100_000
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One entry: `line` is where it stands, `cells` what stands in each column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as it stands; `problem` says in a sentence what is wrong with its form, if anything.

    Rows whose form is wrong are left out.
    """

    rows: tuple[Row, ...] = ()
    problem: str = ""

    def where(self, column: str, value: str) -> tuple[Row, ...]:
        """The rows that have this value in a column, whatever the case."""
        return tuple(row for row in self.rows if row.cells[column].casefold() == value.casefold())


@dataclass(frozen=True)
class TableFile(Fact[Table | None]):
    """The table at `path`, which is to have these columns; None if there is no such file.

    Spaces round a cell, empty lines, lines that begin with # and the order of the columns do not
    matter.
    """

    path: str
    columns: tuple[str, ...]

    def command(self) -> str:
        """No table is long."""
        path = shlex.quote(self.path)
        return f"[ -f {path} ] && head -c {_SIZE_LIMIT} -- {path}"

    def read(self, reply: Reply) -> Table | None:
        """The rows, and the first line that is none."""
        return table_of(reply.stdout, self.columns) if reply.ok else None


def table_of(text: str, columns: tuple[str, ...]) -> Table:
    """The table that `text` is."""
    expected = ",".join(columns)
    heading: list[str] = []
    rows: list[Row] = []
    problem = ""
    for number, raw in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        cells = _cells(line)
        if not heading:
            heading = [cell.casefold() for cell in cells]
            if sorted(heading) != sorted(columns):
                told = f"line {number} ({line[:_SHOWN]!r}) does not name the columns {expected}"
                return Table(problem=told)
        elif len(cells) != len(heading):
            problem = problem or (
                f"line {number} ({line[:_SHOWN]!r}) has {len(cells)} "
                f"{'field' if len(cells) == 1 else 'fields'}; {len(heading)} were expected: "
                + ",".join(heading)
            )
        else:
            rows.append(Row(number, dict(zip(heading, cells, strict=True))))
    return Table(tuple(rows), problem or ("" if heading else f"it does not name {expected}"))


def _cells(line: str) -> list[str]:
    """The cells of one line; what is in quotes may hold a comma."""
    try:
        found = next(csv.reader(io.StringIO(line), skipinitialspace=True, strict=True), [])
    except csv.Error:
        found = line.split(",")
    return [cell.strip() for cell in found]
