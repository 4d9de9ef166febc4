"""The work process schedule of the framework, filled in for one apprentice: a form to be signed.

What the framework's text has no mark for is said as such; nothing is filled in that nobody did.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from runner.framework import Competency, Framework, JobFunction, Occupation
from runner.printable import one_line
from runner.report import moment
from runner.tables import Table, drawn, table, wrapped
from runner.transcript import Result, Transcript, tally
from runner.voice import Style

GAPS = {
    "blank": "none",
    "illegible": "illegible",
    "ambiguous": "unclear",
}
"""What stands in place of a mark, by what the framework's text has there."""
_UNKNOWN = "not listed"
LEGEND = (
    "OJT: on-the-job training; RI: related instruction. X: marked in the framework's text;"
    " none: its text has the column and no mark in it; illegible, unclear: it cannot be read or"
    " told; not listed: the competency stands in no framework. Nothing is added to the text."
)


@dataclass(frozen=True, slots=True)
class Line:
    """A competency on the form.

    `ojt` and `ri` are the marks, or why there is none; `how` is whether it was demonstrated in
    practice, in an assessment or on the job.
    """

    code: str
    title: str
    standing: str
    ojt: str
    ri: str
    demonstrated_at: datetime | None
    how: str
    signed_by: str
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Section:
    """A job function on the form, with marks of its own."""

    number: int
    title: str
    standing: str
    ojt: str
    ri: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """The form. `name` is whom it is for, as it is to be printed."""

    name: str
    apprentice: str
    occupation: Occupation | None
    at: datetime
    tally: str
    sections: tuple[Section, ...]


def schedule(
    of: Transcript, frameworks: Iterable[Framework], *, name: str, at: datetime
) -> Schedule:
    """The form of one apprentice; where several frameworks have an occupation, the first has it."""
    functions: dict[int, JobFunction] = {}
    competencies: dict[str, Competency] = {}
    occupation: Occupation | None = None
    for framework in frameworks:
        occupation = occupation or framework.occupation
        for one in framework.functions:
            functions.setdefault(one.number, one)
            for competency in one.competencies:
                competencies.setdefault(competency.code, competency)
    sections = []
    for section in of.functions:
        known = functions.get(section.number)
        sections.append(
            Section(
                number=section.number,
                title=section.title,
                standing=known.standing if known else "",
                ojt=_mark(known, "ojt"),
                ri=_mark(known, "ri"),
                lines=tuple(_line(one, competencies.get(one.code)) for one in section.results),
            )
        )
    return Schedule(
        name or of.apprentice, of.apprentice, occupation, at, tally(of.results), tuple(sections)
    )


def schedule_text(form: Schedule, style: Style) -> str:
    """The form for a terminal."""
    head = [f"Work process schedule of {one_line(form.name)}"]
    if form.occupation:
        head.append(one_line(heading(form.occupation)))
    return "\n\n".join(
        (
            "\n".join(wrapped(line, style) for line in head),
            drawn(_table(form), style),
            wrapped(form.tally, style),
            wrapped(LEGEND, style),
        )
    )


def heading(occupation: Occupation) -> str:
    """The occupation with its codes."""
    codes = (("RAPIDS", occupation.rapids), ("O*NET", occupation.onet))
    said = ", ".join(f"{name} {code}" for name, code in codes if code)
    return f"{occupation.title} ({said})" if said else occupation.title


def _table(form: Schedule) -> Table:
    rows = []
    for section in form.sections:
        title = one_line(section.title)
        marks = (section.standing or "-", section.ojt, section.ri)
        rows.append((str(section.number), *marks, "", "", title))
        rows += [
            (
                one_line(one.code, 8),
                one.standing or "-",
                one.ojt,
                one.ri,
                f"{moment(one.demonstrated_at)[:10]} {one.how}" if one.demonstrated_at else "",
                one_line(one.signed_by),
                one_line(one.title),
            )
            for one in section.lines
        ]
    titles = ("Code", "Standing", "OJT", "RI", "Demonstrated", "Signed", "Competency")
    return table(titles, rows)


def _line(result: Result, known: Competency | None) -> Line:
    return Line(
        code=result.code,
        title=result.competency.title,
        standing=(known.standing if known else None) or "",
        ojt=_mark(known, "ojt"),
        ri=_mark(known, "ri"),
        demonstrated_at=result.demonstrated_at,
        how=result.how,
        signed_by=result.signed_by,
        signed_at=result.signed_at,
    )


def _mark(known: Competency | JobFunction | None, column: str) -> str:
    if known is None:
        return _UNKNOWN
    value = known.ojt if column == "ojt" else known.ri
    return value or GAPS[known.provenance_of(column).origin]
