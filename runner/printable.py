"""Text from a lab host made fit for a terminal, a page or a record: visible and bounded."""

from __future__ import annotations

import re
import unicodedata

# CSI, OSC (title, hyperlink, clipboard), DCS/APC/PM/SOS strings and the two-byte escapes.
_ESCAPE = re.compile(
    # The last character is optional: where the text was cut, the rest of a sequence is no text.
    r"\x1b\[[0-?]*[ -/]*[@-~]?"
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]?"
)
_KEPT = "\n\t"
_JOINERS = "\u200c\u200d"
"""They decide how letters join in Persian or Sinhala; a terminal would only count them wrongly."""
# Bidirectional overrides can make a line read as something else than it is.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str, limit: int = 2000) -> str:
    """`text` without escape sequences, control characters shown as such, at most `limit` long.

    Where something was cut, a note of how long the text was follows.
    """
    return _shown(text, limit, _KEPT)


def one_line(text: str, limit: int = 300) -> str:
    """Like `printable`, on one line."""
    return printable(" ".join(text.split()), limit)


def on_page(text: str, limit: int = 2000) -> str:
    """Like `one_line`, for a page: a name in any script keeps what joins its letters."""
    return _shown(" ".join(text.split()), limit, _JOINERS)


def _shown(text: str, limit: int, kept: str) -> str:
    # An escape sequence can be as long as the text: cut first, generously, then clean.
    clean = _ESCAPE.sub("", text[: limit * 4].replace("\r\n", "\n"))
    shown = clean
    # Nearly all text is: to look at each of its characters would take far longer.
    if not clean.translate(dict.fromkeys(map(ord, kept))).isprintable():
        shown = "".join(c if c in kept or _visible(c) else _spelled(c) for c in clean)
    if len(shown) > limit or len(text) > limit * 4:
        return f"{shown[:limit].rstrip()} [... {len(text)} characters in all]"
    return shown


def _visible(character: str) -> bool:
    return unicodedata.category(character) not in _HIDDEN


def _spelled(character: str) -> str:
    if character == "\r":
        return "\n"
    return character.encode("unicode_escape").decode("ascii")
