"""A grading and the record, told: as text for a person, as plain data for a program.

What `docs/json.md` says of each field of the data is held to it by a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runner.entry import Entry, Kind, Mode
from runner.errors import Exit
from runner.ledger import ALONE, Force
from runner.printable import one_line, printable
from runner.tables import Cell, drawn, table, wrapped
from runner.verdict import Evidence, Grade, Outcome, Verdict
from runner.voice import Style, counted

if TYPE_CHECKING:
    from runner.record import Attempt

TONES: Mapping[Outcome, str] = {
    Outcome.PASSED: "green",
    Outcome.FAILED: "bold red",
    Outcome.BLOCKED: "yellow",
    Outcome.BROKEN: "bold magenta",
}
_HOLDS: Mapping[Outcome, Cell] = {
    Outcome.PASSED: Cell("holds", "green"),
    Outcome.FAILED: Cell("not yet"),
    Outcome.BLOCKED: Cell("not yet"),
    Outcome.BROKEN: Cell("could not be looked at", "bold magenta"),
}
_LATER: Mapping[str, str] = {Kind.COSIGNED: "co-signed"}
_NOT_YOURS = "This is not your fault: it counts neither for nor against you and is not recorded."


@dataclass(frozen=True, slots=True)
class Graded:
    """A grading with what the program knows around it.

    `recorded` is the id under which the attempt was kept. It is empty where a check was broken,
    which makes it no attempt, and where `unrecorded` says why the record could not be written;
    `remedy` says what mends that. `entry` is its number in the ledger; None where `unsigned` says
    why the attempt waits for it. `passed` is whether the pass mark was reached, where it has one
    of its own.
    """

    grade: Grade
    title: str
    apprentice: str
    seed: int
    hints_used: int | None = None
    recorded: str = ""
    unrecorded: str = ""
    remedy: str = ""
    entry: int | None = None
    unsigned: str = ""
    mode: str = str(Mode.PRACTICE)
    passed: bool | None = None

    @property
    def demonstrated(self) -> bool:
        """What it comes to, by the pass mark."""
        return self.grade.demonstrated if self.passed is None else self.passed

    @property
    def exit(self) -> Exit:
        """The program's exit code: what was demonstrated and not kept was not demonstrated."""
        if self.unrecorded:
            return Exit.NOT_GRADED
        return Exit.DEMONSTRATED if self.demonstrated else self.grade.exit


def graded_text(graded: Graded, style: Style, *, evidence: bool = False) -> str:
    """The verdicts, guards apart, and what they add up to."""
    grade = graded.grade
    scored = [v for v in grade.verdicts if not v.guard]
    guards = [v for v in grade.verdicts if v.guard]
    parts = [wrapped(f"{grade.code}  {graded.title}", style)]
    if scored:
        rows = [(_outcome(v), _earned(v), _told(v, evidence)) for v in scored]
        parts.append(drawn(table(("Outcome", ">Points", "Standard"), rows), style))
    if guards:
        kept = [(_outcome(verdict), _told(verdict, evidence)) for verdict in guards]
        parts.append(drawn(table(("Outcome", "Must stay true"), kept), style))
    parts.append(wrapped(_sum(graded), style))
    return "\n\n".join(parts)


def graded_data(graded: Graded, *, evidence: bool = False) -> dict[str, Any]:
    """The same as plain data."""
    grade = graded.grade
    return {
        "code": grade.code,
        "title": graded.title,
        "apprentice": graded.apprentice,
        "seed": graded.seed,
        "mode": graded.mode,
        "demonstrated": graded.demonstrated,
        "gradable": grade.gradable,
        "points": grade.points,
        "possible": grade.possible,
        "seconds": grade.seconds,
        "hints_used": graded.hints_used,
        "recorded": graded.recorded or None,
        "unrecorded": graded.unrecorded or None,
        "entry": graded.entry,
        "unsigned": graded.unsigned or None,
        "exit": int(graded.exit),
        "verdicts": [_verdict_data(verdict, evidence) for verdict in grade.verdicts],
    }


def only_standards(grade: Grade) -> Grade:
    """What may be said before it is handed in: which standards hold, and nothing of why not."""
    return replace(
        grade,
        verdicts=tuple(
            replace(v, reason="", hint="", where="", evidence=(), after_restart=False)
            for v in grade.verdicts
        ),
    )


def standards_text(graded: Graded, style: Style) -> str:
    """The same, in words."""
    grade = graded.grade
    rows = [(_HOLDS[v.outcome], v.standard) for v in grade.verdicts]
    held = len(grade.named(Outcome.PASSED))
    parts = [
        wrapped(f"{grade.code}  {graded.title}", style),
        drawn(table(("", "Standard"), rows), style),
        wrapped(
            f"{held} of {counted(len(rows), 'standard')} hold. Nothing of this is kept: ./lab"
            f" submit {grade.code} hands in what stands, and says why.",
            style,
        ),
    ]
    return "\n\n".join(parts)


def verdict_line(verdict: Verdict) -> str:
    """One verdict on one line, as it falls."""
    again = " (after a restart)" if verdict.after_restart else ""
    return one_line(f"{verdict.outcome} {verdict.standard}{again}")


def recorded_text(
    attempts: Sequence[Attempt], style: Style, force: Force = ALONE, *, everybody: bool = False
) -> str:
    """Every attempt, what was entered about it since, and what has been demonstrated."""
    titles = ["When", "Code", "Mode", "Result", ">Points", ">Hints", "Seed"]
    numbers = [number_of(force, one) for one in attempts]
    if any(numbers):
        titles.append(">Entry")
    rows: list[list[str | Cell]] = []
    for one, number in zip(attempts, numbers, strict=True):
        result = _result(one, force)
        points = f"{one.points}/{one.possible}"
        hints = str(one.hints_used)
        who = [one.apprentice] if everybody else []
        when = moment(one.graded_at)
        entry = [str(number or "")] if any(numbers) else []
        rows.append(
            [
                *who,
                when,
                one.code,
                one_line(one.mode, 20),
                result,
                points,
                hints,
                str(one.seed),
                *entry,
            ]
        )
    if everybody:
        titles.insert(0, "Apprentice")
    done = _firsts(attempts, force)
    listed = "\n".join(
        wrapped(
            f"{f'{one.apprentice}: ' if everybody else ''}{one.code}  {one_line(one.title)}"
            f" ({moment(one.graded_at)})",
            style,
            "  ",
        )
        for one in done
    )
    parts = [drawn(table(titles, rows), style)] if rows else []
    parts.append(f"Demonstrated:\n{listed}" if done else "Nothing is demonstrated yet.")
    if force.observed:
        seen = "\n".join(
            wrapped(
                f"{f'{one.apprentice}: ' if everybody else ''}{one.code}"
                f"  {one_line(str(one.body.get('observed')))} ({_by(one)}, {moment(one.made_at)})",
                style,
                "  ",
            )
            for one in force.observed
        )
        parts.append(f"Seen on the job:\n{seen}")
    return "\n\n".join(parts)


def recorded_data(
    attempts: Sequence[Attempt], force: Force = ALONE, *, evidence: bool = False
) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "demonstrated": [
            {
                "apprentice": one.apprentice,
                "code": one.code,
                "title": one.title,
                "at": one.graded_at.isoformat(),
                "attempt": str(one.id),
            }
            for one in _firsts(attempts, force)
        ],
        "observed": [
            {
                "apprentice": one.apprentice,
                "code": one.code,
                "observed": str(one.body.get("observed")),
                **_entered(one),
            }
            for one in force.observed
        ],
        "attempts": [
            {
                "id": str(one.id),
                "apprentice": one.apprentice,
                "code": one.code,
                "title": one.title,
                "seed": one.seed,
                "session": one.session,
                "started_at": one.started_at.isoformat(),
                "graded_at": one.graded_at.isoformat(),
                "demonstrated": one.demonstrated,
                "points": one.points,
                "possible": one.possible,
                "hints_used": one.hints_used,
                "program_version": one.program_version,
                "lab_revision": one.lab_revision,
                "grader_revision": one.grader_revision,
                "engine": one.engine,
                "mode": one.mode,
                "entry": number_of(force, one),
                "in_force": force.demonstrated(one.id, automatic=one.demonstrated),
                "later": [
                    {"kind": str(entry.kind), **_entered(entry)} for entry in force.later(one.id)
                ],
                "verdicts": [_verdict_data(verdict, evidence) for verdict in one.verdicts],
            }
            for one in attempts
        ],
    }


def moment(when: datetime) -> str:
    """A moment as people here write it."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M")


def _outcome(verdict: Verdict) -> Cell:
    return Cell(str(verdict.outcome), TONES[verdict.outcome])


def _earned(verdict: Verdict) -> str:
    return f"{verdict.points if verdict.outcome is Outcome.PASSED else 0}/{verdict.points}"


def _told(verdict: Verdict, evidence: bool) -> str:  # noqa: FBT001 - inner
    lines = [verdict.standard]
    if verdict.reason:
        word = "observed: " if verdict.outcome is Outcome.FAILED else ""
        lines.append(f"{word}{printable(verdict.reason)}")
    if verdict.hint:
        lines.append(f"hint: {one_line(verdict.hint)}")
    if verdict.where:
        lines.append(f"the grader failed at {verdict.where}")
    if verdict.after_restart and verdict.outcome is Outcome.PASSED:
        lines.append("also after a restart")
    if evidence:
        lines += [_evidence_line(one) for one in verdict.evidence]
    return "\n".join(lines)


def _evidence_line(one: Evidence) -> str:
    status = "no answer" if one.status is None else f"status {one.status}"
    return f"[{one.user}@{one.host}] {one_line(one.question)} -> {status}: {one_line(one.answer)}"


def _sum(graded: Graded) -> str:
    grade = graded.grade
    # A check that was blocked by a broken one is no more the learner's than that one is.
    found = {outcome: len(grade.named(outcome)) for outcome in Outcome}
    lines = [f"{grade.points} of {counted(grade.possible, 'point')}, in {grade.seconds:.1f} s."]
    if graded.demonstrated:
        lines.append(f"Competency {grade.code} demonstrated.")
    if not grade.demonstrated:
        missing = []
        if found[Outcome.FAILED]:
            missing.append(f"{counted(found[Outcome.FAILED], 'standard')} not met")
        if found[Outcome.BLOCKED]:
            missing.append(f"{found[Outcome.BLOCKED]} blocked by another")
        if found[Outcome.BROKEN]:
            missing.append(f"{found[Outcome.BROKEN]} could not be looked at")
        word = "The pass mark is reached" if graded.demonstrated else "Not yet"
        lines.append(f"{word}: {', '.join(missing) or 'there is no check'}.")
    if not grade.gradable:
        lines += [
            f"BROKEN means that the grader could not look. {_NOT_YOURS}",
            (
                f"What helps: ./lab start {grade.code} switches on what is off; ./lab doctor looks"
                f" at the machine; ./lab reset {grade.code} builds the world anew, without the"
                " work in it."
            ),
        ]
    if graded.recorded:
        hints = f", with {counted(graded.hints_used, 'hint')} used" if graded.hints_used else ""
        lines.append(f"Kept in the record of {graded.apprentice}{hints}.")
    return "\n".join(lines)


def _verdict_data(verdict: Verdict, evidence: bool) -> dict[str, Any]:  # noqa: FBT001 - inner
    data: dict[str, Any] = {
        "check": verdict.check,
        "standard": verdict.standard,
        "outcome": str(verdict.outcome),
        "points": verdict.points,
        "guard": verdict.guard,
        "reason": verdict.reason,
        "hint": verdict.hint,
        "where": verdict.where,
        "seconds": verdict.seconds,
        "after_restart": verdict.after_restart,
    }
    if evidence:
        data["evidence"] = [
            {
                "host": one.host,
                "user": one.user,
                "question": one.question,
                "status": one.status,
                "answer": one.answer,
                "seconds": one.seconds,
            }
            for one in verdict.evidence
        ]
    return data


def number_of(force: Force, attempt: Attempt) -> int | None:
    """The number of an attempt's entry in the ledger; None where it is in none."""
    standing = force.gradings.get(attempt.id)
    return standing.entry.sequence if standing else None


def _result(attempt: Attempt, force: Force) -> Cell:
    """What the grader said, and what was entered about it since."""
    words = ["demonstrated" if attempt.demonstrated else "not yet"]
    for entry in force.later(attempt.id):
        said = _LATER.get(entry.kind, entry.kind)
        if entry.kind == Kind.OVERRIDDEN:
            said += ": demonstrated" if entry.body.get("demonstrated") else ": not yet"
        if said not in words:
            words.append(said)
    stands = force.demonstrated(attempt.id, automatic=attempt.demonstrated)
    return Cell(", ".join(words), "green" if stands else "")


def _by(entry: Entry) -> str:
    return one_line(str(entry.body.get("by", "")), 80)


def _entered(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.sequence,
        "at": entry.made_at.isoformat(),
        "by": str(entry.body.get("by", "")),
        "reason": str(entry.body.get("reason", "")),
    }


def _firsts(attempts: Iterable[Attempt], force: Force) -> list[Attempt]:
    """The attempts that demonstrated something first, by apprentice and code."""
    first: dict[tuple[str, str], Attempt] = {}
    for one in attempts:
        if force.demonstrated(one.id, automatic=one.demonstrated):
            first.setdefault((one.apprentice, one.code), one)
    return list(first.values())
