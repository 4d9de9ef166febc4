"""What authors write in Markdown, as a person reads it."""

from __future__ import annotations

import io
import re

from runner.printable import printable
from runner.tables import width_of
from runner.voice import Style

_LIMIT = 100_000
_WIDEST = 100
"""Columns that running text takes at most: longer lines are hard to read."""
_RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$")
_CELLS = re.compile(r"(?<!\\)\|")


def briefing(markdown: str, style: Style) -> str:
    """`markdown` set for a terminal; where there is none, as it was written, its tables aligned."""
    text = printable(markdown, _LIMIT)
    return _set(text, style) if style.boxes else _aligned(text)


def _set(text: str, style: Style) -> str:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.markdown import CodeBlock, Heading, Markdown
    from rich.padding import Padding
    from rich.text import Text
    from rich.theme import Theme

    class Left(Heading):
        """A heading where the eye looks for it: rich sets the first in the middle."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            del console, options
            heading = self.text.copy()
            heading.justify = "left"
            yield heading

    class Verbatim(CodeBlock):
        """Text to be typed or compared, without rich's coloured ground: it is copied from here."""

        def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
            del console, options
            code = Text(str(self.text).rstrip(), style="cyan", overflow="fold")
            yield Padding(code, (0, 0, 0, 4))

    class Brief(Markdown):
        """Markdown with these two."""

        elements = Markdown.elements | {
            "heading_open": Left,
            "fence": Verbatim,
            "code_block": Verbatim,
        }

    out = io.StringIO()
    console = Console(
        file=out,
        width=min(style.width, _WIDEST),
        force_terminal=True,
        color_system="standard" if style.colour else None,
        no_color=not style.colour,
        highlight=False,
        legacy_windows=False,
        # rich sets code on black, which stands out where the terminal is white.
        theme=Theme({"markdown.code": "bold cyan", "markdown.block_quote": "italic"}),
    )
    console.print(Brief(text, hyperlinks=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _aligned(text: str) -> str:
    """The text with the columns of its tables below each other."""
    lines = text.rstrip().splitlines()
    done: list[str] = []
    at, fenced = 0, False
    while at < len(lines):
        fenced ^= lines[at].lstrip().startswith(("```", "~~~"))
        rule = lines[at + 1] if at + 1 < len(lines) else ""
        if not fenced and "|" in lines[at] and "|" in rule and _RULE.match(rule):
            end = at
            while end < len(lines) and "|" in lines[end]:
                end += 1
            done += _table(lines[at:end])
            at = end
        else:
            done.append(lines[at])
            at += 1
    return "\n".join(done)


def _table(lines: list[str]) -> list[str]:
    bare = [line.strip().removeprefix("|").removesuffix("|") for line in lines]
    rows = [[cell.strip() for cell in _CELLS.split(line)] for line in bare]
    count = max(map(len, rows))
    rows = [row + [""] * (count - len(row)) for row in rows]
    shown = [row for number, row in enumerate(rows) if number != 1]
    widths = [max(3, *(width_of(row[at]) for row in shown)) for at in range(count)]
    rows[1] = [_ruled(cell, width) for cell, width in zip(rows[1], widths, strict=True)]
    return [
        "| "
        + " | ".join(c + " " * (w - width_of(c)) for c, w in zip(row, widths, strict=True))
        + " |"
        for row in rows
    ]


def _ruled(cell: str, width: int) -> str:
    """The line below a heading, with the colons that say how the column is set."""
    left, right = cell.startswith(":"), cell.endswith(":")
    return ":" * left + "-" * (width - left - right) + ":" * right
