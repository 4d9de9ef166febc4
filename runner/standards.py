"""Performance standards of a competency, which the framework leaves blank: what its checks say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import UnknownCode
from runner.listing import frameworks, lab_for
from runner.report import counted
from runner.tables import drawn, table, wrapped
from runner.voice import Style

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


def standards_text(found: Standards, style: Style) -> str:
    """Competency, lab and standards."""
    one, lab = found.competency, found.lab
    title = one.title if one else lab.title if lab else ""
    parts = [wrapped(f"{found.code}  {title}", style)]
    if one:
        parts[0] += f"\n{wrapped(_marks(one), style, '    ')}"
    if lab is None:
        parts.append("Performance standards: the framework leaves them blank, and no lab yet.")
        return "\n\n".join(parts)
    parts[0] += f"\n{wrapped(f'Lab: {lab.title} ({lab.form.minutes} minutes)', style, '    ')}"
    scored = [check for check in found.checks if not check.guard]
    guards = [check for check in found.checks if check.guard]
    rows = [(str(check.points), _with_traits(check)) for check in scored]
    parts.append(drawn(table((">Points", "Performance standard"), rows), style))
    if guards:
        rows_ = [(_with_traits(check),) for check in guards]
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


def _marks(one: Competency) -> str:
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


def _with_traits(check: Check) -> str:
    return f"{check.standard} (also after a restart)" if check.survives_restart else check.standard
