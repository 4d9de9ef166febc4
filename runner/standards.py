"""Performance standards of a competency, which the framework leaves blank: what its checks say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import UnknownCode
from runner.listing import frameworks, lab_for, listing
from runner.tables import drawn, table, wrapped
from runner.voice import Style, counted

if TYPE_CHECKING:
    from runner.catalogue import Lab
    from runner.check import Check
    from runner.framework import Competency, Provenance


@dataclass(frozen=True)
class Standards:
    """A competency with its lab and the checks of that, as far as there are any."""

    code: str
    competency: Competency | None
    lab: Lab | None
    checks: tuple[Check, ...]


def read(lab: Lab, roots: Sequence[Path]) -> Standards:
    """The standards of a competency that has a lab."""
    return Standards(lab.code, _competency(lab.code, roots), lab, lab.checks)


def without_lab(code: str, roots: Sequence[Path]) -> Standards:
    """A competency for which there are none yet; UnknownCode where there is no such one."""
    wanted = code.strip().lower()
    found = _competency(wanted, roots)
    if found is None:
        lab_for(code, roots)  # names the nearest
        raise UnknownCode(f"There is no competency {wanted}.")
    return Standards(wanted, found, None, ())


@dataclass(frozen=True)
class Section:
    """A job function with the standards of its competencies."""

    number: int
    title: str
    standards: tuple[Standards, ...]


def all_standards(roots: Sequence[Path], only: str | None = None) -> tuple[Section, ...]:
    """Those of every competency, or of one, by job function; each framework is read once.

    A lab that cannot be read raises AuthoringError: with a part missing it would not be all.
    """
    from runner import catalogue

    known: dict[str, Competency] = {}
    for _, framework in frameworks(roots):
        for one in framework.competencies:
            known.setdefault(one.code, one)
    labs: dict[str, Lab] = {}
    for root in roots:
        for lab in catalogue.labs(root):
            labs.setdefault(lab.code, lab)
    found = []
    listed = [one for one in listing(roots).competencies if only in {None, one.code}]
    for (number, title), group in groupby(listed, lambda one: (one.function, one.function_title)):
        standards = []
        for code in (one.code for one in group):
            own = labs.get(code)
            standards.append(Standards(code, known.get(code), own, own.checks if own else ()))
        found.append(Section(number, title, tuple(standards)))
    return tuple(found)


def standards_text(found: Standards, style: Style) -> str:
    """Competency, lab and standards."""
    one, lab = found.competency, found.lab
    parts = [wrapped(f"{found.code}  {title_of(found)}", style)]
    if one:
        parts[0] += f"\n{wrapped(marks(one), style, '    ')}"
    if lab is None:
        parts.append("Performance standards: the framework leaves them blank, and no lab yet.")
        return "\n\n".join(parts)
    parts[0] += f"\n{wrapped(f'Lab: {lab.title} ({lab.form.minutes} minutes)', style, '    ')}"
    scored = [check for check in found.checks if not check.guard]
    guards = [check for check in found.checks if check.guard]
    rows = [(str(check.points), with_traits(check)) for check in scored]
    parts.append(drawn(table((">Points", "Performance standard"), rows), style))
    if guards:
        rows_ = [(with_traits(check),) for check in guards]
        parts.append(drawn(table(("Must stay true",), rows_), style))
    points = sum(check.points for check in scored)
    parts.append(
        f"{counted(len(scored), 'standard')}, {counted(points, 'point')}, "
        f"{counted(len(guards), 'guard')}; demonstrated when all hold."
    )
    return "\n\n".join(parts)


def standards_data(found: Sequence[Standards]) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "competencies": [
            {
                "code": one.code,
                "competency": _competency_data(one.competency) if one.competency else None,
                "lab": None
                if one.lab is None
                else {
                    "title": one.lab.title,
                    "minutes": one.lab.form.minutes,
                    "scenario": one.lab.form.scenario,
                    "workstation": one.lab.workstation,
                },
                "standards": [
                    {
                        "check": check.name,
                        "standard": check.standard,
                        "points": check.points,
                        "guard": check.guard,
                        "after": [other.name for other in check.after],
                        "within": check.within,
                        "survives_restart": check.survives_restart,
                    }
                    for check in one.checks
                ],
            }
            for one in found
        ]
    }


def title_of(found: Standards) -> str:
    """The competency's official title, or the lab's where it stands in no framework."""
    if found.competency:
        return found.competency.title
    return found.lab.title if found.lab else ""


def _competency(code: str, roots: Sequence[Path]) -> Competency | None:
    for _, framework in frameworks(roots):
        for one in framework.competencies:
            if one.code == code:
                return one
    return None


def _competency_data(one: Competency) -> dict[str, Any]:
    return {
        "title": one.title,
        "function": one.function,
        "standing": one.standing,
        "level": one.level,
        "requirement": one.requirement,
        "ojt": one.ojt,
        "ri": one.ri,
        "note": one.note,
        "provenance": [
            {
                "field": origin.field,
                "origin": origin.origin,
                "readings": [
                    {"source": reading.source, "printed": reading.printed}
                    for reading in origin.readings
                ],
            }
            for origin in one.provenance
        ],
    }


def marks(one: Competency) -> str:
    """Level and so on, and where a value is missing, why."""
    fields = (
        ("standing", one.standing),
        ("level", one.level),
        ("requirement", one.requirement),
        ("ojt", one.ojt),
        ("ri", one.ri),
    )
    names = {"standing": "", "ojt": "on-the-job training ", "ri": "related instruction "}
    said = []
    for field, value in fields:
        name = names.get(field, f"{field} ")
        origin = _origin(one.provenance, field)
        said.append(f"{name}{value or f'({origin} in the source)'}")
    return ", ".join(said)


def _origin(provenance: tuple[Provenance, ...], field: str) -> str:
    return next((one.origin for one in provenance if one.field == field), "blank")


def with_traits(check: Check) -> str:
    """The performance standard, and whether it has to hold after a restart too."""
    return f"{check.standard} (also after a restart)" if check.survives_restart else check.standard
