"""The verb that hands in an assessment, and what every verb asks of one that runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from runner.errors import Exit, LabError, UsageError
from runner.voice import Voice
from runner.words import (
    apprentice,
    as_option,
    as_text,
    code_argument,
    connected,
    json_option,
    lab_of,
    plain_option,
    quiet,
    title_for,
    verb,
    world_of,
    yes_option,
)

if TYPE_CHECKING:
    from runner.assessment import Sitting
    from runner.engine import Engine
    from runner.progress import Progress
    from runner.report import Graded
    from runner.session import Session
    from runner.verdict import Verdict


@verb("submit", "./lab submit\n./lab submit 4c --yes\n./lab submit --due")
@code_argument
@as_option
@click.option(
    "--due", is_flag=True, help="Hand in everybody's when their time is over, until none runs."
)
@yes_option
@json_option
@plain_option
def submit(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    name: str | None,
    *,
    due: bool,
    yes: bool,
    as_json: bool,
    plain: bool,
) -> int:
    """Hand in an assessment, which ends it.

    What stands is graded in full and kept, and the world is removed. `lab start --assess` leaves
    a `lab submit --due` running in the background, which does that at the end of the time.

    Exit code 0: demonstrated. 1: not yet. 3: a check could not be looked at; then the clock stands
    and nothing is handed in.
    """
    voice = voice.plainly(plain)
    if due:
        if code or name or as_json:
            raise click.UsageError("--due is for everybody's: leave out CODE, --as and --json.")
        return _hand_in_due(voice)
    engine = connected()
    found = world_of(engine, name, code)
    if not found.tag.assessed:
        raise UsageError(
            f"{found.tag.code} runs as practice: there is nothing to hand in.",
            remedy=f"./lab grade {found.tag.code} keeps every grading of practice.",
        )
    question = f"Hand in {found.tag.code}? The world is removed."
    if settled(found) is None and not yes and voice.ask is not None and not voice.ask(question):
        return Exit.WRONG_USE
    return hand_in(voice, engine, found, as_json=as_json)


def _hand_in_due(voice: Voice) -> int:
    from runner import handin, timekeeper
    from runner.progress import progress

    with progress(voice) as telling:

        def hand_in(engine: Engine, found: Session) -> None:
            lab = lab_of(found.tag.code)
            keep = _freezing(engine, telling, telling.say)
            handin.submit(engine, found, lab, title_for(lab), lambda _: None, telling.say, keep)

        timekeeper.keep(connected, hand_in, telling.say)
    return Exit.DEMONSTRATED


def settled(found: Session) -> Sitting | None:
    """The assessment of a world whose time is over, or that should be gone; None of any other."""
    if not found.tag.assessed:
        return None
    of = sitting_of(found)
    return of if of.submitted or of.over(datetime.now(UTC)) else None


def sitting_of(found: Session) -> Sitting:
    """The assessment of a world."""
    from runner import handin

    return handin.sitting(found, lab_of(found.tag.code))


def in_time(voice: Voice, engine: Engine, found: Session, *, as_json: bool = False) -> int | None:
    """The exit code where the time of an assessment was over, so that this handed it in."""
    of = settled(found)
    if of is None:
        return None
    if of.submitted is None:
        voice.note(
            f"The time of the assessment of {found.tag.code} is over: what stands is handed in."
        )
    return hand_in(voice, engine, found, as_json=as_json)


def hand_in(voice: Voice, engine: Engine, found: Session, *, as_json: bool = False) -> int:
    """Hand in what stands, and say all of it."""
    from runner import handin
    from runner.progress import progress
    from runner.report import graded_data, graded_text

    lab = lab_of(found.tag.code)
    frozen: list[str] = []
    with progress(quiet(voice) if as_json else voice) as telling:
        telling.say(f"handing in {lab.code}: {len(lab.checks)} checks")
        graded = handin.submit(
            engine,
            found,
            lab,
            title_for(lab),
            counting(telling, len(lab.checks)),
            telling.say,
            _freezing(engine, telling, frozen.append),
        )
    if graded is None:
        voice.note(f"{lab.code} was handed in already: ./lab record shows what came of it.")
        return Exit.DEMONSTRATED if handin.came_to(found, lab) else Exit.NOT_YET
    if as_json:
        voice.answer(as_text(graded_data(graded)))
    else:
        voice.answer(graded_text(graded, voice.style))
    tell_unkept(voice, graded)
    for line in frozen:
        voice.note(line)
    if graded.recorded:
        voice.note(f"Handed in; {lab.code} is stopped.")
    else:
        tell_standing(voice, graded)
    return graded.exit


def _freezing(
    engine: Engine, telling: Progress, told: Callable[[str], object]
) -> Callable[[Session], None]:
    """Freezes the world that was handed in, and tells what came of it."""
    from runner import freezing

    def keep(world: Session) -> None:
        try:
            told(freezing.told(freezing.freeze(engine, world, say=telling.say)))
        except LabError as error:
            # It was handed in: nothing is left to be decided.
            told(f"THE WORLD IS NOT KEPT: {error}")

    return keep


def counting(telling: Progress, total: int) -> Callable[[Verdict], None]:
    """Says of each verdict only that there is one more."""
    heard: set[str] = set()

    def told(verdict: Verdict) -> None:
        heard.add(verdict.check)
        telling.say(f"{min(len(heard), total)} of {total} looked at")

    return told


def tell_unkept(voice: Voice, graded: Graded) -> None:
    """Say why a grading is not where it should be."""
    if graded.unrecorded:
        voice.note(f"NOT KEPT IN THE RECORD: {graded.unrecorded}\n{graded.remedy}".rstrip())
    if graded.unsigned:
        voice.note(
            "KEPT, BUT NOT SIGNED YET: "
            f"{graded.unsigned}\n{graded.remedy}\nThe next ./lab grade signs this one as well."
        )


def tell_standing(voice: Voice, graded: Graded) -> None:
    """Say that the clock stands, where a check was BROKEN."""
    if not graded.grade.gradable:
        code = graded.grade.code
        voice.note(
            "The clock of this assessment stands, and so does the world; no attempt is used up.\n"
            f"./lab doctor says what to mend; ./lab start {code} goes on."
        )


def refuse_in_assessment(found: Session, what: str) -> None:
    """Nothing in practice; UsageError where the world is that of an assessment."""
    if found.tag.assessed:
        code = found.tag.code
        raise UsageError(
            f"{code} runs as an assessment: {what}.",
            remedy=f"./lab submit {code} hands it in; ./lab start {code} is practice after that.",
        )


def refuse_standing(found: Session) -> None:
    """Nothing while the clock runs; UsageError says how it goes on."""
    if found.tag.assessed and sitting_of(found).paused:
        code = found.tag.code
        raise UsageError(
            f"The clock of the assessment of {code} stands, and so does its world.",
            remedy=f"./lab doctor says what to mend; ./lab start {code} goes on.",
        )


def assessed_world(engine: Engine, name: str | None, code: str) -> Session | None:
    """The apprentice's world of an assessment of this competency, if it runs."""
    from runner import session

    who = apprentice(name)
    return next(
        (
            one
            for one in session.find_all(engine)
            if one.complete
            and one.tag.assessed
            and (one.tag.apprentice, one.tag.code) == (who, code)
        ),
        None,
    )
