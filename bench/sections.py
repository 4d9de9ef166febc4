"""The sections of the benchmark, in the order in which they are measured and shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench import (
    section_class,
    section_grade,
    section_pool,
    section_program,
    section_start,
    section_validate,
)
from bench.figures import Found, Line
from bench.ground import Bench, Plan


@dataclass(frozen=True, slots=True)
class Section:
    """What is measured together: its lines, and how."""

    name: str
    title: str
    lines: Callable[[Plan], Sequence[Line]]
    measure: Callable[[Bench], Found]


SECTIONS = tuple(
    Section(name, room.TITLE, room.lines, room.measure)
    for name, room in {
        "start": section_start,
        "grade": section_grade,
        "pool": section_pool,
        "class": section_class,
        "program": section_program,
        "validate": section_validate,
    }.items()
)
