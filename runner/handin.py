"""An assessment that runs: begun, its clock stopped and started again, handed in.

Every function that writes an entry raises RecordUnavailable or KeyUnavailable where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import uuid4

from runner import assessment, keeping, life, session
from runner.assessment import Sitting
from runner.catalogue import Lab
from runner.engine import Engine
from runner.entry import Draft, Kind
from runner.errors import LabError, NoSession, StageError
from runner.locks import alone
from runner.practical import Practical, Say
from runner.report import Graded
from runner.rules import Rules, roster, rules_of
from runner.session import Session
from runner.values import new_seed
from runner.verdict import Outcome, Verdict

_WHY = 500
"""Characters of the reason for which a clock stands."""


def begin_seed(lab: Lab, who: str) -> int:
    """The seed of another assessment; NotNow where the rules do not allow one.

    The ledger is opened to be written in: nobody is to begin what could not be entered.
    """
    from runner.book import open_book

    with open_book() as book:
        past = assessment.sittings(book.record.about(who, lab.code))
    assessment.refuse_another(past, _rules(lab, who), who, datetime.now(UTC))
    return assessment.another_seed(new_seed, assessment.seeds(past))


def sitting(found: Session, lab: Lab) -> Sitting:
    """What the ledger has of this world's assessment, whose clock runs from now if it did not."""
    from runner.book import open_book

    if there := known(found):
        return there
    tag = found.tag
    id = assessment.begun_id(tag.session, tag.apprentice, tag.code, tag.started)
    draft = assessment.begins(
        id,
        tag.apprentice,
        tag.code,
        session=tag.session,
        seed=tag.seed,
        rules=_rules(lab, tag.apprentice),
        minutes=lab.form.minutes,
    )
    with open_book() as book:
        return Sitting(book.record.enter(draft, book.key))


def known(found: Session) -> Sitting | None:
    """The same, where it is in this record: what runs on an engine may be in another one."""
    from runner.record import open_record

    tag = found.tag
    id = assessment.begun_id(tag.session, tag.apprentice, tag.code, tag.started)
    with open_record() as record:
        return _of(assessment.sittings(record.about(tag.apprentice, tag.code)), id)


def pause(engine: Engine, found: Session, of: Sitting, why: str) -> None:
    """Stop the clock and have the world stand still: nobody works while it does not run."""
    _note(Kind.PAUSED, of, reason=why[:_WHY])
    # The clock is what counts; hosts that do not answer may be why it stands.
    with suppress(LabError):
        session.pause(engine, found)


def resume(engine: Engine, found: Session, lab: Lab, of: Sitting, say: Say) -> Practical:
    """The world with the clock running; a host that is switched off is switched on."""
    try:
        work = life.resume(engine, found, lab, say)
    except StageError as error:
        if of.paused is None:
            pause(engine, found, of, str(error))
        raise
    go_on(of)
    return work


def go_on(of: Sitting) -> None:
    """Start the clock again, if it stands."""
    if of.paused is not None:
        _note(Kind.RESUMED, of)


def looked_at(
    engine: Engine,
    found: Session,
    lab: Lab,
    title: str,
    told: Callable[[Verdict], None],
    say: Say,
) -> Graded:
    """A grading on the way, of which nothing is kept; the clock stands where a check is BROKEN."""
    of = sitting(found, lab)
    work = resume(engine, found, lab, of, say)
    graded = keeping.looked_at(engine, work, title, told, say)
    if not graded.grade.gradable:
        pause(engine, work.session, sitting(found, lab), _broken(graded))
    return graded


def submit(  # noqa: PLR0913, PLR0917 - what is handed in, and who hears of it
    engine: Engine,
    found: Session,
    lab: Lab,
    title: str,
    told: Callable[[Verdict], None],
    say: Say,
    keep: Callable[[Session], None],
) -> Graded | None:
    """Hand in what stands: graded, kept, the world removed. None where that was done already.

    `keep` is given the world before it is removed, where the rules want it kept. Where a check is
    BROKEN, or the world cannot be graded at all, the clock stands instead.
    """
    tag = found.tag

    def busy() -> None:
        say(f"another command hands in {tag.code}; waiting for it")

    with alone(f"{engine.id[:12]}-{tag.session}-submit", busy):
        there = [one for one in session.find_all(engine) if one.tag.session == tag.session]
        of = sitting(found, lab)
        if of.submitted is not None:
            for one in there:  # whoever handed it in was stopped before the world was
                life.stop(engine, one, say)
            return None
        if not there:
            raise NoSession(
                f"the world of {tag.code} is gone, and nothing of it was handed in",
                remedy=f"./lab start {tag.code} --assess begins anew where the rules allow it",
            )
        by_itself = of.over(datetime.now(UTC))
        work = resume(engine, found, lab, of, say)
        handed_in = keeping.HandedIn(
            assessment.submitted_id(of.begun.id), of.begun.id, of.rules, by_itself
        )
        graded, _ = keeping.graded(engine, work, title, told, say, handed_in)
        if not graded.grade.gradable:
            pause(engine, work.session, sitting(found, lab), _broken(graded))
        elif graded.recorded:
            if of.rules.keeps(demonstrated=graded.demonstrated):
                keep(work.session)
            say(f"stopping {tag.code}")
            life.stop(engine, work.session, say)
        return graded


def came_to(found: Session, lab: Lab) -> bool:
    """Whether what was handed in of this world demonstrated the competency, as it was graded."""
    from runner.record import open_record

    of = sitting(found, lab).submitted
    with open_record() as record:
        entry = record.entry(id=of.id) if of else None
    return entry is not None and entry.body.get("demonstrated") is True


def seconds_left(found: Session, lab: Lab) -> float | None:
    """What a bell asks: None where the clock stands, or cannot be read just now."""
    try:
        of = sitting(found, lab)
    except LabError:
        return None
    if of.paused:
        return None
    return of.left(datetime.now(UTC)).total_seconds()


def _rules(lab: Lab, who: str) -> Rules:
    return rules_of(lab.form.assessment, lab.code, who, roster())


def _of(those: tuple[Sitting, ...], id: object) -> Sitting | None:
    return next((one for one in those if one.begun.id == id), None)


def _note(kind: Kind, of: Sitting, **said: str) -> None:
    from runner.book import open_book

    begun = of.begun
    body = {"entry": str(begun.id), **said}
    with open_book() as book:
        book.record.enter(Draft(uuid4(), kind, begun.apprentice, begun.code, body), book.key)


def _broken(graded: Graded) -> str:
    return f"could not be looked at: {', '.join(graded.grade.named(Outcome.BROKEN))}"
