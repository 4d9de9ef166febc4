"""Text that runs from right to left, or both ways, in the order in which a PDF shows it.

fpdf2 orders the letters of a piece that runs one way, and puts pieces one after the other as they
come. So here a text is cut into such pieces, each marked with its direction, in the order in which
they are seen from the left.
"""

from __future__ import annotations

import unicodedata
from itertools import groupby

_LEFTWARDS = {"R", "AL", "AN"}
_TO_RIGHT, _TO_LEFT, _ENDED = "\u202a", "\u202b", "\u202c"


def ordered(text: str) -> str:
    """`text` as pieces from left to right; unchanged where all of it runs that way."""
    if not any(unicodedata.bidirectional(c) in _LEFTWARDS for c in text):
        return text
    levels = _levels(text)
    grouped = groupby(zip(text, levels, strict=True), lambda pair: pair[1])
    pieces = [(level, "".join(c for c, _ in pairs)) for level, pairs in grouped]
    # Rule L2 of the Unicode bidirectional algorithm, for pieces instead of letters: the letters of
    # a piece are turned round by whoever draws it.
    for turned in range(max(levels), 0, -1):
        at = 0
        while at < len(pieces):
            end = at
            while end < len(pieces) and pieces[end][0] >= turned:
                end += 1
            pieces[at:end] = reversed(pieces[at:end])
            at = max(end, at + 1)
    return "".join(
        f"{_TO_LEFT if level % 2 else _TO_RIGHT}{piece}{_ENDED}" for level, piece in pieces
    )


def _levels(text: str) -> list[int]:
    """The embedding level of each character: odd ones run from right to left."""
    from fpdf.bidi import BidiParagraph

    paragraph = BidiParagraph(text)
    found = {one.character_index: one.embedding_level for one in paragraph.characters}
    levels: list[int] = []
    for index in range(len(text)):
        # A joiner has no level; it goes with the letter before it.
        before = levels[-1] if levels else paragraph.base_embedding_level
        levels.append(found.get(index, before))
    return levels
