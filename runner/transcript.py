"""How far an apprentice is, competency by competency: the view that everything printed shows.

`transcript` alone decides what the record comes to. What else may count one day (a correction, a
signature) is taken into account there, and every page, table and file shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import TYPE_CHECKING, Any

from runner.entry import Mode
from runner.ledger import ALONE, Force
from runner.listing import Listed
from runner.printable import one_line
from runner.report import moment
from runner.tables import Cell, columns, table, width_of, wrapped
from runner.voice import Style

if TYPE_CHECKING:
    from runner.entry import Entry
    from runner.record import Attempt

_TITLE_ROOM = 20
_CODE = re.compile(r"([1-9][0-9]?)[a-z]")
_SHORT = 8
"""How much of an attempt's id stands on a terminal: enough to tell one person's apart."""
_HEAD = ("Code", "State", "Date", "Score", "Hints", "Attempt")


class State(StrEnum):
    """How far an apprentice is with a competency."""

    DEMONSTRATED = "demonstrated"
    OBSERVED = "observed"
    """No grading demonstrated it, but a mentor saw it on the job and signed."""
    IN_PROGRESS = "in progress"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Result:
    """A competency, and how far the apprentice is with it.

    `attempt` is the one that demonstrated it first, an assessment before any practice; else the
    latest; None where there is none.
    `attempts` says how many there are. `signed_by` is who signed for it first; empty as long as
    nobody has.
    """

    competency: Listed
    state: State
    attempts: int = 0
    attempt: Attempt | None = None
    signed_by: str = ""
    signed_at: datetime | None = None

    @property
    def code(self) -> str:
        """The competency's code."""
        return self.competency.code

    @property
    def demonstrated_at(self) -> datetime | None:
        """When it was demonstrated, or signed as seen on the job; None where it was neither."""
        if self.state is State.OBSERVED:
            return self.signed_at
        done = self.attempt is not None and self.state is State.DEMONSTRATED
        return self.attempt.graded_at if done and self.attempt else None

    @property
    def how(self) -> str:
        """In practice, in an assessment or on the job; empty where it is not demonstrated."""
        if self.state is State.OBSERVED:
            return "on the job"
        return self.attempt.mode if self.attempt and self.demonstrated_at else ""


@dataclass(frozen=True, slots=True)
class Section:
    """A job function with the results that belong to it."""

    number: int
    title: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """All competencies of one apprentice, in the order of their codes."""

    apprentice: str
    results: tuple[Result, ...]

    @property
    def functions(self) -> tuple[Section, ...]:
        """The results by job function."""
        grouped = groupby(
            self.results, lambda one: (one.competency.function, one.competency.function_title)
        )
        return tuple(Section(*of, tuple(results)) for of, results in grouped)


def transcript(
    apprentice: str,
    attempts: Iterable[Attempt],
    competencies: Sequence[Listed],
    force: Force = ALONE,
) -> Transcript:
    """What the attempts of an apprentice, the oldest first, come to, as `force` has it.

    A competency that was attempted and has since left the framework stays on the transcript.
    """
    own: dict[str, list[Attempt]] = {}
    for one in attempts:
        if one.apprentice == apprentice:
            own.setdefault(one.code, []).append(one)
    known = {one.code for one in competencies}
    gone = [_gone(tried[-1]) for code, tried in sorted(own.items()) if code not in known]
    seen: dict[str, Entry] = {}
    for entry in force.observed:
        if entry.apprentice == apprentice:
            seen.setdefault(entry.code, entry)
    results = [
        _result(one, own.get(one.code, ()), force, seen.get(one.code))
        for one in (*competencies, *gone)
    ]
    return Transcript(apprentice, tuple(results))


def tally(results: Sequence[Result]) -> str:
    """How many of these are demonstrated, of each standing, and how many are in progress."""
    done = [one for one in results if one.state is State.DEMONSTRATED]
    parts = []
    for standing in ("Core", "Optional"):
        of = sum(one.competency.standing == standing for one in results)
        have = sum(one.competency.standing == standing for one in done)
        parts += [f"{have} of {of} {standing.lower()}"] if of else []
    split = f" ({', '.join(parts)})" if parts else ""
    begun = sum(one.state is State.IN_PROGRESS for one in results)
    seen = sum(one.state is State.OBSERVED for one in results)
    on_the_job = f"{seen} observed on the job, " if seen else ""
    return f"{len(done)} of {len(results)} demonstrated{split}, {on_the_job}{begun} in progress."


def score(result: Result) -> str:
    """Points earned of those there were; empty without an attempt."""
    one = result.attempt
    return f"{one.points}/{one.possible}" if one else ""


def transcript_text(of: Transcript, style: Style) -> str:
    """Every competency on one line, below its job function."""
    rows = [[Cell(f"  {title}") for title in _HEAD[:1]] + [Cell(title) for title in _HEAD[1:]]]
    rows += [_cells(one) for one in of.results]
    widths = [max(width_of(row[at].text) for row in rows) for at in range(len(_HEAD))]
    used = sum(widths) + 2 * len(widths)
    room = max(style.width - used, _TITLE_ROOM) if style.width else 0

    def line(cells: Sequence[Cell], title: str) -> tuple[Cell, ...]:
        shown = f"{title[: room - 3]}..." if room and len(title) > room else title
        padded = (
            Cell(cell.text + " " * (width - width_of(cell.text)), cell.tone)
            for cell, width in zip(cells, widths, strict=True)
        )
        return (*padded, Cell(shown))

    empty = [""] * (len(_HEAD) + 1)
    parts = [columns(table(empty, [line(rows[0], "Competency")]), style)]
    for function in of.functions:
        standings = {one.competency.standing for one in function.results}
        shared = standings.pop() if len(standings) == 1 else None
        lines = [line(_cells(one), _titled(one, shared)) for one in function.results]
        head = f"{function.number}  {one_line(function.title)}".rstrip()
        head += f" ({one_line(shared)})" if shared else ""
        parts.append(f"{wrapped(head, style)}\n{columns(table(empty, lines), style)}")
    parts.append(wrapped(f"{one_line(of.apprentice)}: {tally(of.results)}", style))
    return "\n\n".join(parts)


TITLES = (
    "apprentice", "code", "job_function", "job_function_title", "competency", "standing", "level",
    "state", "demonstrated_at", "graded_at", "points", "possible", "hints_used", "attempts",
    "attempt", "signed_by", "signed_at", "mode",
)  # fmt: skip
"""The columns of the CSV, as docs/records.md describes them."""


def transcript_rows(of: Transcript) -> list[tuple[str | int | None, ...]]:
    """A row of `TITLES` for each competency."""
    rows: list[tuple[str | int | None, ...]] = []
    for data in transcript_data(of)["competencies"]:
        named = {
            "apprentice": of.apprentice,
            "job_function": data["function"],
            "job_function_title": data["function_title"],
            "competency": data["title"],
        }
        rows.append(tuple((named | data)[title] for title in TITLES))
    return rows


def transcript_data(of: Transcript) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "apprentice": of.apprentice,
        "competencies": [
            {
                "code": one.code,
                "function": one.competency.function,
                "function_title": one.competency.function_title,
                "title": one.competency.title,
                "standing": one.competency.standing,
                "level": one.competency.level,
                "lab": one.competency.lab is not None,
                "state": str(one.state),
                "demonstrated_at": _iso(one.demonstrated_at),
                "graded_at": _iso(one.attempt.graded_at) if one.attempt else None,
                "points": one.attempt.points if one.attempt else None,
                "possible": one.attempt.possible if one.attempt else None,
                "hints_used": one.attempt.hints_used if one.attempt else None,
                "attempts": one.attempts,
                "attempt": str(one.attempt.id) if one.attempt else None,
                "signed_by": one.signed_by or None,
                "signed_at": _iso(one.signed_at),
                "mode": one.attempt.mode if one.attempt else None,
            }
            for one in of.results
        ],
    }


def _result(
    competency: Listed, tried: Sequence[Attempt], force: Force, seen: Entry | None
) -> Result:
    done = [one for one in tried if force.demonstrated(one.id, automatic=one.demonstrated)]
    if done:
        # What was assessed says more than what was practised before.
        first = next((one for one in done if one.mode == Mode.ASSESSMENT), done[0])
        standing = force.gradings.get(first.id)
        signed = next(iter(standing.cosigned), None) if standing else None
        return _signed(Result(competency, State.DEMONSTRATED, len(tried), first), signed or seen)
    latest = tried[-1] if tried else None
    state = State.OBSERVED if seen else State.IN_PROGRESS if tried else State.NOT_YET
    return _signed(Result(competency, state, len(tried), latest), seen)


def _signed(result: Result, entry: Entry | None) -> Result:
    if entry is None:
        return result
    return replace(result, signed_by=str(entry.body.get("by", "")), signed_at=entry.made_at)


def _gone(last: Attempt) -> Listed:
    numbered = _CODE.fullmatch(last.code)
    function = int(numbered[1]) if numbered else 0
    title = "(no longer in the framework)"
    return Listed(last.code, function, title, last.title, None, None, None, None)


_TONES = {
    State.DEMONSTRATED: "green",
    State.OBSERVED: "green",
    State.IN_PROGRESS: "yellow",
    State.NOT_YET: "dim",
}


def _cells(result: Result) -> list[Cell]:
    one = result.attempt
    when = result.demonstrated_at or (one.graded_at if one else None)
    return [
        Cell(f"  {one_line(result.code, 8)}"),
        Cell(str(result.state), _TONES[result.state]),
        Cell(moment(when)[:10] if when else "-"),
        Cell(score(result) or "-"),
        Cell(str(one.hints_used) if one else "-"),
        Cell(str(one.id)[:_SHORT] if one else "-"),
    ]


def _titled(result: Result, shared: str | None) -> str:
    own = result.competency.standing
    mark = f" ({one_line(own)})" if own and own != shared else ""
    return one_line(result.competency.title) + mark


def _iso(when: datetime | None) -> str | None:
    return when.isoformat() if when else None
