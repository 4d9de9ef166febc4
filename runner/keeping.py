"""A grading, kept: the attempt in the record, its evidence in the ledger."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from runner import admission, imprint, life, practical, recorded
from runner.case import Case
from runner.engine import Engine
from runner.entry import Mode
from runner.errors import KeyUnavailable, LabError, RecordUnavailable
from runner.lines import Lines
from runner.practical import Practical, Say
from runner.report import Graded
from runner.rules import Rules, terms
from runner.verdict import Verdict


@dataclass(frozen=True, slots=True)
class HandedIn:
    """That a grading is of what was handed in. `id` is its entry's; `begun` where it began.

    `by_itself` where nobody did so until the time was over.
    """

    id: UUID
    begun: UUID
    rules: Rules
    by_itself: bool


def looked_at(
    engine: Engine, work: Practical, title: str, told: Callable[[Verdict], None], say: Say
) -> Graded:
    """A grading of which nothing is kept."""
    tag = work.session.tag
    with life.admitted(engine, tag.apprentice, admission.GRADINGS, say):
        grade = practical.judge(engine, work, told)
    return Graded(
        grade=grade, title=title, apprentice=tag.apprentice, seed=tag.seed, mode=str(tag.mode)
    )


def graded(
    engine: Engine,
    work: Practical,
    title: str,
    told: Callable[[Verdict], None],
    say: Say,
    handed_in: HandedIn | None = None,
) -> tuple[Graded, Case]:
    """A grading, kept in the record if it counts, and all that was asked and answered."""
    lab, tag = work.lab, work.session.tag
    with life.admitted(engine, tag.apprentice, admission.GRADINGS, say), Lines(engine) as lines:
        grade, case = recorded.record(lab, practical.stage(engine, work, lines), told)
        found = Graded(
            grade=grade,
            title=title,
            apprentice=tag.apprentice,
            seed=tag.seed,
            mode=str(Mode.ASSESSMENT if handed_in else Mode.PRACTICE),
            passed=handed_in.rules.passed(grade) if handed_in else None,
        )
        if not grade.gradable:
            return found, case
        # The hosts are looked at while the library of the database is read: that takes as long.
        with ThreadPoolExecutor(1) as aside:
            world = aside.submit(_imprinted, engine, work, lines)
            return _kept(engine, work, found, case, world.result, handed_in), case


def _imprinted(engine: Engine, work: Practical, lines: Lines) -> dict[str, Any]:
    try:
        return imprint.take(engine, work, lines)
    except LabError as error:
        # The verdicts are there: they are not lost for what only goes with them.
        return imprint.unseen(error)


def _kept(
    engine: Engine,
    work: Practical,
    graded: Graded,
    case: Case,
    world: Callable[[], dict[str, Any]],
    handed_in: HandedIn | None,
) -> Graded:
    """The grading, with its attempt in the record and its evidence in the ledger."""
    from runner import evidence, keys, places
    from runner.record import Attempt, open_record

    grade, lab, tag = graded.grade, work.lab, work.session.tag
    try:
        with open_record() as record:
            hints = record.hints_used(tag.session)
            attempt = Attempt(
                id=handed_in.id if handed_in else uuid4(),
                apprentice=tag.apprentice,
                code=lab.code,
                title=graded.title,
                seed=tag.seed,
                session=tag.session,
                started_at=tag.started,
                graded_at=datetime.now(UTC),
                demonstrated=graded.demonstrated,
                points=grade.points,
                possible=grade.possible,
                hints_used=hints,
                program_version=places.version(),
                lab_revision=lab.revision,
                grader_revision=lab.grader_revision,
                engine=f"docker {engine.version}",
                verdicts=grade.verdicts,
                mode=graded.mode,
            )
            body = evidence.body(attempt, case, lab, world()) | _said(handed_in)
            graded = replace(graded, recorded=str(attempt.id), hints_used=hints)
            try:
                entry = record.append(attempt, body, keys.signing())
            except KeyUnavailable as error:
                record.append(attempt, body)
                return replace(graded, unsigned=str(error), remedy=error.remedy)
    except RecordUnavailable as error:
        unkept = replace(graded, recorded="", hints_used=None)
        return replace(unkept, unrecorded=str(error), remedy=error.remedy)
    return replace(graded, entry=entry.sequence if entry else None)


def _said(handed_in: HandedIn | None) -> dict[str, Any]:
    """What an entry says of an assessment."""
    if handed_in is None:
        return {}
    return {
        "begun": str(handed_in.begun),
        "by_itself": handed_in.by_itself,
        "terms": dict(terms(handed_in.rules)),
    }
