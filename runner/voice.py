"""How the program speaks: answers, notes beside them, questions, and what the listener can read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TextIO


@dataclass(frozen=True, slots=True)
class Style:
    """What the reader of the answers can make use of. `width` is 0 where nothing is wrapped."""

    colour: bool = False
    boxes: bool = False
    width: int = 0


@dataclass(frozen=True, slots=True)
class Voice:
    """Where words go. The streams themselves stay in `runner.cli`.

    `answer` is for what was asked for (standard output), `note` for everything said on the way
    (standard error); `draw` writes to the latter as it is, for lines that move. `ask` puts a
    question that is answered with yes or no; None where nobody is there to answer.
    """

    answer: Callable[[str], None]
    note: Callable[[str], None]
    draw: Callable[[str], None]
    ask: Callable[[str], bool] | None
    style: Style = Style()
    moving: bool = False
    """Whether `draw` reaches a terminal that lets lines be replaced."""

    def plainly(self, plain: bool = True) -> Voice:  # noqa: FBT001, FBT002 - as the option says it
        """The same voice without colour, boxes, wrapping and moving lines, if `plain`."""
        return replace(self, style=Style(), moving=False) if plain else self


def style_of(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """What can be made use of where `stream` leads."""
    if not is_terminal(stream, environ):
        return Style()
    return Style(
        colour=not environ.get("NO_COLOR"),
        boxes=(stream.encoding or "").lower().replace("-", "") == "utf8",
        width=max(shutil.get_terminal_size().columns, 40),
    )


def is_terminal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person sits there whose terminal understands more than letters."""
    return stream.isatty() and environ.get("TERM", "dumb") != "dumb"


def counted(number: int, what: str, many: str = "") -> str:
    """`1 check`, `2 checks`."""
    return f"{number} {what if number == 1 else many or what + 's'}"
