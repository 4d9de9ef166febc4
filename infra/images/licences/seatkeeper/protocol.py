"""The lines that clients and server exchange; docs/licence-protocol.md says what they mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

PORT = 27000
LONGEST = 512
"""Bytes of a line, its end included."""
SILENCE = 90.0
"""Seconds after which a client that says nothing counts as gone."""
NOTE = "NOTE"
"""What stands before free text for a person to read; it has no fields."""

_PAIR = re.compile(r"([a-z]+)=([!-~]{1,200})")
_VERB = re.compile(r"[A-Z]{2,10}")


class Malformed(Exception):
    """A line that is none of the protocol."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: a word and what it is said of, such as CHECKOUT feature=drafter."""

    word: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """One of the fields; raises Malformed where it is missing."""
        if name not in self.fields:
            raise Malformed(f"{self.word} lacks {name}=")
        return self.fields[name]

    def number(self, name: str) -> int:
        """One of the fields that is a number; raises Malformed where it is none."""
        text = self.get(name)
        if not re.fullmatch(r"[0-9]{1,12}", text):
            raise Malformed(f"{name}= is no number")
        return int(text)


@dataclass(frozen=True)
class Reply:
    """What the server answers: OK or NO, and before it any number of further lines."""

    last: Line
    before: tuple[Line, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether what was asked for was done."""
        return self.last.word == "OK"

    @property
    def code(self) -> str:
        """Why not."""
        return self.last.fields.get("code", "")


def line(word: str, **fields: object) -> Line:
    """A line, of fields that are not None."""
    return Line(word, {name: str(value) for name, value in fields.items() if value is not None})


def written(one: Line, *, more: bool = False) -> bytes:
    """A line as it goes over the wire; `more` where it is not the last one of a reply."""
    words = [one.word, *(f"{name}={value}" for name, value in one.fields.items())]
    if one.word == NOTE:
        words = [NOTE, re.sub(r"[^ -~]", "?", one.fields["text"])[: LONGEST // 2]]
    return f"{'* ' if more else ''}{' '.join(words)}\n".encode("ascii", "replace")


def read(raw: bytes) -> Line:
    """A line that came over the wire, without its end; raises Malformed."""
    try:
        text = raw.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("no ASCII") from None
    words = text.split()
    if words[:1] == [NOTE]:
        return Line(NOTE, {"text": text.partition(NOTE)[2].strip()})
    if not words or not _VERB.fullmatch(words[0]):
        raise Malformed("no word to begin with")
    fields: dict[str, str] = {}
    for word in words[1:]:
        pair = _PAIR.fullmatch(word)
        if pair is None or pair[1] in fields:
            raise Malformed("fields are name=value, each once")
        fields[pair[1]] = pair[2]
    return Line(words[0], fields)
