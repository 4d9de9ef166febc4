"""docs/json.md, read: which fields it documents for an answer, and which fields an answer has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent / "docs" / "json.md"
VERDICTS = "Verdicts, in grade and record"


def paths_in(section: str, verdicts: str = "") -> set[str]:
    """The documented fields of a section; `verdicts` is the path under which verdicts stand."""
    found = set(re.findall(r"^\| `([^`]+)` \|", _section(section), re.MULTILINE))
    if verdicts:
        found.discard(f"{verdicts}[]")
        below = re.findall(r"^\| `verdicts([^`]+)` \|", _section(VERDICTS), re.MULTILINE)
        found |= {f"{verdicts}{path}" for path in below}
    return found


def fields_of(answer: object, path: str = "") -> set[str]:
    """Every field of an answer by its path; every list has to have something in it."""
    match answer:
        case dict():
            own = {path} if path and not path.endswith("[]") else set()
            inner = (fields_of(below, f"{path}.{key}".lstrip(".")) for key, below in answer.items())
            return own.union(*inner)
        case [first, *_]:
            if not isinstance(first, dict | list):
                return {path}
            rows: list[Any] = list(answer)
            return set().union(*(fields_of(row, f"{path}[]") for row in rows))
        case _:
            return {path}


def _section(title: str) -> str:
    text = PAGE.read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def described(page: str, section: str) -> set[str]:
    """The same of another page; `a.b`, `.c` in one cell are a.b and a.c."""
    text = (PAGE.parent / page).read_text(encoding="utf-8")
    text = text.split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    found = set()
    for row in re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", row)
        above = first.rpartition(".")[0]
        found |= {first, *(above + other for other in others)}
    return {one.removesuffix("[]") for one in found}
