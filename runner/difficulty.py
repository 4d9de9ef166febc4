"""How hard a lab and each of its checks is, from the record: what testing calls item analysis.

Nobody is named. What counts is what people met when they came to a lab for the first time, and how
long they took until they demonstrated it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

from runner.printable import one_line
from runner.tables import drawn, table, wrapped
from runner.verdict import Outcome
from runner.voice import Style, counted

if TYPE_CHECKING:
    from runner.record import Attempt

_HOUR = 60
_CODE = re.compile(r"([1-9][0-9]?)[a-z]")


@dataclass(frozen=True, slots=True)
class CheckFigures:
    """A check in figures.

    `people` are those whose first attempt had it; in `failed_first` and `blocked_first` of these
    it came out that way. `worlds` were graded more than once with nothing of the lab changed; in
    `flipped` of these it failed after it had passed.
    """

    check: str
    standard: str
    guard: bool
    people: int
    failed_first: int
    blocked_first: int
    worlds: int
    flipped: int


@dataclass(frozen=True, slots=True)
class LabFigures:
    """A lab in figures.

    The medians are over those who demonstrated it: their attempts up to then, and the seconds that
    passed in the worlds they used, each from its start to its last grading. None where nobody has.
    """

    code: str
    title: str
    people: int
    attempts: int
    demonstrated: int
    median_attempts: float | None
    median_seconds: float | None
    checks: tuple[CheckFigures, ...]


def figures(attempts: Iterable[Attempt]) -> tuple[LabFigures, ...]:
    """Every lab of the attempts, the oldest of which comes first; labs in order of their codes."""
    labs: dict[str, list[Attempt]] = {}
    for one in attempts:
        labs.setdefault(one.code, []).append(one)
    return tuple(_lab(own) for _, own in sorted(labs.items(), key=lambda pair: _place(pair[0])))


def figures_text(labs: Sequence[LabFigures], style: Style) -> str:
    """Every lab with its checks, those first that failed most people."""
    return "\n\n".join(_lab_text(one, style) for one in labs)


def figures_data(labs: Sequence[LabFigures], minutes: Mapping[str, int | None]) -> dict[str, Any]:
    """The same as plain data; `minutes` is what a lab is expected to take."""
    return {
        "labs": [
            {
                "code": one.code,
                "title": one.title,
                "people": one.people,
                "attempts": one.attempts,
                "demonstrated": one.demonstrated,
                "median_attempts": one.median_attempts,
                "median_seconds": one.median_seconds,
                "minutes": minutes.get(one.code),
                "checks": [
                    {
                        "check": check.check,
                        "standard": check.standard,
                        "guard": check.guard,
                        "people": check.people,
                        "failed_first": check.failed_first,
                        "blocked_first": check.blocked_first,
                        "worlds": check.worlds,
                        "flipped": check.flipped,
                    }
                    for check in one.checks
                ],
            }
            for one in labs
        ]
    }


def _lab(attempts: Sequence[Attempt]) -> LabFigures:
    people: dict[str, list[Attempt]] = {}
    for one in attempts:
        people.setdefault(one.apprentice, []).append(one)
    ways = [way for own in people.values() if (way := _until_demonstrated(own))]
    last = attempts[-1]
    return LabFigures(
        code=last.code,
        title=last.title,
        people=len(people),
        attempts=len(attempts),
        demonstrated=len(ways),
        median_attempts=float(median(map(len, ways))) if ways else None,
        median_seconds=float(median(map(_seconds, ways))) if ways else None,
        checks=_checks(attempts, [own[0] for own in people.values()]),
    )


def _until_demonstrated(own: Sequence[Attempt]) -> list[Attempt]:
    """A person's attempts up to the one that demonstrated it; none if none did."""
    done = next((number for number, one in enumerate(own) if one.demonstrated), None)
    return [] if done is None else list(own[: done + 1])


def _seconds(way: Sequence[Attempt]) -> float:
    worlds = {one.session: one.graded_at - one.started_at for one in way}  # the last one stays
    return sum(max(spent.total_seconds(), 0.0) for spent in worlds.values())


def _checks(attempts: Sequence[Attempt], firsts: Sequence[Attempt]) -> tuple[CheckFigures, ...]:
    # The latest wording of each, in the latest order; what has been dropped since comes last.
    known = {v.check: v for one in reversed(attempts) for v in reversed(one.verdicts)}
    latest = {v.check: v for v in attempts[-1].verdicts}
    dropped = {name: verdict for name, verdict in known.items() if name not in latest}
    met: dict[str, list[Outcome]] = {}
    for one in firsts:
        for verdict in one.verdicts:
            met.setdefault(verdict.check, []).append(verdict.outcome)
    again = _regraded(attempts)
    return tuple(
        CheckFigures(
            check=name,
            standard=verdict.standard,
            guard=verdict.guard,
            people=len(met.get(name, ())),
            failed_first=met.get(name, []).count(Outcome.FAILED),
            blocked_first=met.get(name, []).count(Outcome.BLOCKED),
            worlds=len(again.get(name, ())),
            flipped=sum(map(_flipped, again.get(name, ()))),
        )
        for name, verdict in (latest | dropped).items()
    )


def _regraded(attempts: Iterable[Attempt]) -> dict[str, list[list[Outcome]]]:
    """By check, its outcomes in each world that was graded twice or more as the lab was."""
    worlds: dict[tuple[str, str, str], dict[str, list[Outcome]]] = {}
    for one in attempts:
        same = (one.session, one.lab_revision, one.grader_revision)
        for verdict in one.verdicts:
            worlds.setdefault(same, {}).setdefault(verdict.check, []).append(verdict.outcome)
    found: dict[str, list[list[Outcome]]] = {}
    for checks in worlds.values():
        for name, outcomes in checks.items():
            if len(outcomes) > 1:
                found.setdefault(name, []).append(outcomes)
    return found


def _flipped(outcomes: Sequence[Outcome]) -> bool:
    """It passed once and failed later; that a failing check passes is what people work for."""
    decided = [one for one in outcomes if one in {Outcome.PASSED, Outcome.FAILED}]
    return (Outcome.PASSED, Outcome.FAILED) in pairwise(decided)


def _lab_text(lab: LabFigures, style: Style) -> str:
    done = f"{lab.demonstrated} demonstrated it"
    if lab.median_attempts is not None and lab.median_seconds is not None:
        tried = f"{lab.median_attempts:g} {'attempt' if lab.median_attempts == 1 else 'attempts'}"
        done += f", half of them within {tried} and {_duration(lab.median_seconds)}"
    who = counted(lab.people, "person", "people")
    told = f"{who}, {counted(lab.attempts, 'attempt')}; {done}."
    hardest = sorted(lab.checks, key=lambda one: -(one.failed_first / max(one.people, 1)))
    rows = [
        (
            _share(one.failed_first, one.people),
            _share(one.blocked_first, one.people),
            _share(one.flipped, one.worlds),
            f"{one_line(one.standard)} (must stay true)" if one.guard else one_line(one.standard),
        )
        for one in hardest
    ]
    titles = (">Failed first", ">Blocked first", ">Flipped", "Performance standard")
    head = wrapped(f"{one_line(lab.code, 8)}  {one_line(lab.title)}", style)
    return f"{head}\n{wrapped(told, style, '    ')}\n\n{drawn(table(titles, rows), style)}"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else "-"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < _HOUR:
        return f"{minutes} min"
    return f"{minutes // _HOUR} h {minutes % _HOUR:02} min"


def _place(code: str) -> tuple[int, str]:
    numbered = _CODE.fullmatch(code)
    return (int(numbered[1]) if numbered else 0, code)
