"""Tables: boxes and colour where the reader's terminal has them, plain columns elsewhere."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from runner.printable import printable
from runner.voice import Style

_ROOM = 24
"""Columns that the widest column keeps at the least, however narrow the terminal is."""
_GAP = "  "
_CELL_LIMIT = 4000
_CODES = {"green": "32", "yellow": "33", "bold red": "1;31", "bold magenta": "1;35", "dim": "2"}


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a table; `tone` is its colour, in rich's words, and says nothing of its own."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `number` sets it to the right."""

    title: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows. A text may have several lines; the last column is the one that wraps."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


def table(titles: Sequence[str], rows: Sequence[Sequence[str | Cell]]) -> Table:
    """A table of texts; a title that begins with `>` makes a column of numbers."""
    return Table(
        tuple(Column(title.lstrip(">"), title.startswith(">")) for title in titles),
        tuple(
            tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows
        ),
    )


def drawn(what: Table, style: Style) -> str:
    """The table as text. What stands in it is made printable."""
    return _boxed(what, style) if style.boxes else columns(what, style)


def columns(what: Table, style: Style) -> str:
    """The table without boxes whatever the terminal: quick, and quiet where it is long."""
    titles = tuple(Cell(column.title) for column in what.columns)
    rows = [titles, *what.rows] if any(column.title for column in what.columns) else what.rows
    texts = [
        [printable(cell.text, _CELL_LIMIT).splitlines() or [""] for cell in row] for row in rows
    ]
    widths = [
        max((width_of(line) for row in texts for line in row[at]), default=0)
        for at in range(len(what.columns))
    ]
    used = sum(widths[:-1]) + len(_GAP) * (len(widths) - 1)
    lines = []
    for row, cells in zip(texts, rows, strict=True):
        if style.width:
            room = max(style.width - used, _ROOM)
            row[-1] = [part for line in row[-1] for part in textwrap.wrap(line, room) or [""]]
        for number in range(max(map(len, row))):
            parts = [texts_[number] if number < len(texts_) else "" for texts_ in row]
            set_out = [
                _toned(_padded(part, width, number=column.number), cell.tone, style)
                for part, width, column, cell in zip(
                    parts, widths, what.columns, cells, strict=True
                )
            ]
            lines.append(_GAP.join(set_out).rstrip())
    return "\n".join(lines)


def wrapped(text: str, style: Style, indent: str = "") -> str:
    """`text` in lines that fit, each behind `indent`."""
    lines = text.splitlines() or [""]
    if style.width:
        room = max(style.width - len(indent), _ROOM)
        lines = [part for line in lines for part in (textwrap.wrap(line, room) or [""])]
    return "\n".join(f"{indent}{line}".rstrip() for line in lines)


def width_of(text: str) -> int:
    """How many columns of a terminal `text` takes."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _padded(text: str, width: int, *, number: bool) -> str:
    space = " " * (width - width_of(text))
    return space + text if number else text + space


def _toned(text: str, tone: str, style: Style) -> str:
    """`text` in colour, without rich: a list is asked for all the time."""
    code = _CODES.get(tone) if style.colour else None
    return f"\x1b[{code}m{text}\x1b[0m" if code and text.strip() else text


def _boxed(what: Table, style: Style) -> str:
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table as Drawing
    from rich.text import Text

    drawing = Drawing(box=box.ROUNDED, show_lines=any("\n" in c.text for r in what.rows for c in r))
    last = len(what.columns) - 1
    for at, column in enumerate(what.columns):
        drawing.add_column(
            Text(column.title),
            justify="right" if column.number else "left",
            no_wrap=at != last,
            overflow="fold",
        )
    for row in what.rows:
        drawing.add_row(*(Text(printable(c.text, _CELL_LIMIT), style=c.tone) for c in row))
    out = io.StringIO()
    console = Console(
        file=out,
        width=style.width,
        force_terminal=True,
        color_system="standard" if style.colour else None,
        no_color=not style.colour,
        highlight=False,
        legacy_windows=False,
    )
    console.print(drawing)
    return out.getvalue().rstrip("\n")
