"""The verbs of a world's life: start, reset, stop, status."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING

import click

from runner.errors import Exit
from runner.verbs_assess import assessed_world, in_time, refuse_in_assessment, sitting_of
from runner.voice import Voice, counted
from runner.words import (
    Whole,
    apprentice,
    as_option,
    as_text,
    code_argument,
    connected,
    json_option,
    lab_of,
    plain_option,
    quiet,
    seed_option,
    unheard,
    verb,
    world_of,
    yes_option,
)

if TYPE_CHECKING:
    from runner.assessment import Sitting
    from runner.engine import Engine
    from runner.life import Started
    from runner.practical import Practical
    from runner.session import Session

_ROUNDS = 3
"""How often `stop --all` looks again: a start that was under way may have finished meanwhile."""


@verb("start", "./lab start 4c\n./lab start 4c --seed 7 --as ada\n./lab start 4c --assess")
@code_argument
@seed_option
@click.option("--assess", is_flag=True, help="As an assessment: the clock runs, no hints.")
@click.option(
    "--max-sessions",
    "most",
    type=Whole(10_000),
    envvar="LAB_MAX_SESSIONS",
    help="Refuse where so many labs run on the engine, anybody's; or say LAB_MAX_SESSIONS.",
)
@as_option
@yes_option
@plain_option
def start(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    seed: int | None,
    most: int | None,
    name: str | None,
    *,
    assess: bool,
    yes: bool,
    plain: bool,
) -> int:
    """Start a lab, or go on with it, and print its brief.

    The first time this installs what is missing and builds the images that the lab needs. A lab
    that runs already is resumed, with the work in it; what is switched off is switched on. Where
    many start at once, they wait for each other and are told their place.

    With --assess it is an assessment: a world of its own, a time limit, no hints, and only which
    standards hold until `lab submit` hands it in. At the end of its time it is handed in by itself.
    """
    from runner import life
    from runner.entry import Mode
    from runner.installation import ensure_engine
    from runner.progress import progress

    if assess and seed is not None:
        raise click.UsageError("An assessment draws a seed of its own: leave out --seed.")
    voice = voice.plainly(plain)
    lab = lab_of(code) if code else None
    who = apprentice(name)
    began = monotonic()
    by_itself = yes or (voice.ask is None and os.geteuid() == 0)
    ensure_engine(None if by_itself else voice.ask or _refused, voice.note)
    engine = connected()
    lab = lab or lab_of(world_of(engine, name, None).tag.code)
    there = assessed_world(engine, name, lab.code)
    if there is not None and (done := in_time(voice, engine, there)) is not None:
        return done
    # One that runs is gone on with. Were it handed in at this moment, practice would be started,
    # never an assessment that nobody has allowed.
    mode = Mode.PRACTICE
    if assess and there is None:
        from runner import handin

        seed, mode = handin.begin_seed(lab, who), Mode.ASSESSMENT
    # Reading what speaks to the hosts takes 0.1 s; meanwhile the engine makes them.
    Thread(target=import_module, args=("runner.shells",), daemon=True).start()
    with progress(voice) as telling:
        telling.say(f"looking for {lab.code}")
        started = life.start(engine, lab, who, seed=seed, mode=mode, say=telling.say, most=most)
    clock = _clock_of(started)
    voice.note(_greeting(started, monotonic() - began))
    _hand_over(voice, started.practical, clock)
    return Exit.DEMONSTRATED


@verb("reset", "./lab reset 4c")
@code_argument
@seed_option
@as_option
@plain_option
def reset(
    voice: Voice, code: str | None, seed: int | None, name: str | None, *, plain: bool
) -> int:
    """Build the world anew as it was; the work in it is lost.

    Names, addresses and faults stay the same, since the seed does.
    """
    from runner import life
    from runner.progress import progress

    voice = voice.plainly(plain)
    engine = connected()
    found = world_of(engine, name, code)
    if (done := in_time(voice, engine, found)) is not None:
        return done
    refuse_in_assessment(found, "its world is built once")
    with progress(voice) as telling:
        telling.say(f"removing {found.tag.code} as it is")
        work = life.reset(engine, found, lab_of(found.tag.code), telling.say, seed=seed)
    voice.note(f"{work.lab.code} is as it was at the start (seed {work.values.seed}).")
    _hand_over(voice, work)
    return Exit.DEMONSTRATED


@verb("stop", "./lab stop 4c\n./lab stop --all")
@code_argument
@click.option("--all", "everything", is_flag=True, help="Everybody's, and whatever was left over.")
@as_option
@yes_option
@plain_option
def stop(
    voice: Voice, code: str | None, name: str | None, *, everything: bool, yes: bool, plain: bool
) -> int:
    """Remove a world; the work in it is lost, the record stays.

    With --all, the worlds of every apprentice on this engine go, and what killed programs left.
    """
    if everything and code:
        raise click.UsageError("Either CODE or --all: --all stops every lab.")
    voice = voice.plainly(plain)
    engine = connected()
    if everything:
        return _stop_all(voice, engine, apprentice(name), ask=not yes)
    found = _mine(engine, name, code)
    if found.complete and found.tag.assessed:
        if (done := in_time(voice, engine, found)) is not None:
            return done
        if not sitting_of(found).paused:
            refuse_in_assessment(found, "to stop it would lose what stands")
    _remove(voice, engine, found)
    return Exit.DEMONSTRATED


@verb("status", "./lab status\n./lab status --all --json")
@code_argument
@click.option("--all", "everybody", is_flag=True, help="The worlds of every apprentice.")
@as_option
@json_option
@plain_option
def status(
    voice: Voice, code: str | None, name: str | None, *, everybody: bool, as_json: bool, plain: bool
) -> int:
    """Show what runs: hosts, addresses, seed, since when."""
    from runner import session
    from runner.worlds import addresses, worlds_data, worlds_text

    voice = voice.plainly(plain)
    engine = connected()
    who = apprentice(name)
    wanted = code.strip().lower() if code else None
    found = [
        one
        for one in session.find_all(engine)
        if (everybody or one.tag.apprentice == who) and wanted in {None, one.tag.code}
    ]
    found, clocks = _clocks(voice, engine, found, who, as_json=as_json)
    where = addresses(engine) if found else {}
    if as_json:
        voice.answer(as_text(worlds_data(found, where, clocks)))
    elif found:
        voice.answer(worlds_text(found, where, clocks, voice.style))
    else:
        what = f"Lab {wanted} does not run" if wanted else "No lab runs"
        voice.answer(f"{what}." if everybody else f"{what} for {who}.")
    return Exit.DEMONSTRATED


def _clock_of(started: Started) -> Sitting | None:
    """The assessment that was started, or goes on: its clock runs."""
    from runner import handin, timekeeper

    work = started.practical
    if not work.session.tag.assessed:
        return None
    handin.go_on(handin.sitting(work.session, work.lab))
    timekeeper.begin()
    return handin.sitting(work.session, work.lab)


def _clocks(
    voice: Voice, engine: Engine, worlds: list[Session], who: str, *, as_json: bool
) -> tuple[list[Session], dict[str, Sitting]]:
    """The assessments among the worlds; one's own whose time was over is handed in, and gone."""
    clocks: dict[str, Sitting] = {}
    left = []
    # What an assessment comes to is told, but not in the midst of an answer for programs.
    told = quiet(replace(voice, answer=unheard)) if as_json else voice
    for one in worlds:
        if one.tag.assessed and one.complete:
            from runner import handin

            mine = one.tag.apprentice == who
            if mine and in_time(told, engine, one) not in {None, Exit.NOT_GRADED}:
                continue
            # What could not be graded is still there, and its clock stands. What others do may be
            # in another record, and is not to begin in this one.
            clock = sitting_of(one) if mine else handin.known(one)
            if clock is not None:
                clocks[one.tag.session] = clock
        left.append(one)
    return left, clocks


def _refused(_: str) -> bool:
    """Nobody is there to consent, so nothing is changed; the error says what to type."""
    return False


def _greeting(started: Started, seconds: float) -> str:
    work = started.practical
    code, seed = work.lab.code, f"seed {work.values.seed}"
    if work.session.tag.assessed:
        seed = "an assessment"  # a seed would tell what to practise
    if started.revived:
        return f"{code} ({seed}) was asleep and is up again, with the work in it."
    if started.resumed:
        return f"{code} ({seed}) runs already: resumed, with the work in it."
    waited = ", from the pool" if started.pooled else ""
    hosts = counted(len(work.world.hosts), "host")
    return f"{code} is ready after {seconds:.1f} s ({seed}, {hosts}{waited})."


def _hand_over(voice: Voice, work: Practical, clock: Sitting | None = None) -> None:
    from runner.assessment import clock_text
    from runner.briefing import briefing

    code = work.lab.code
    voice.note("")
    voice.answer(briefing(work.brief, voice.style))
    if clock is not None:
        voice.note(
            f"\nEntry {clock.begun.sequence}, {clock_text(clock, datetime.now(UTC))}."
            f"\nNext: ./lab shell         a shell on {work.lab.workstation}"
            f"\n      ./lab grade {code}      which standards hold; nothing is kept of it"
            "\n      ./lab status        how much time is left"
            f"\n      ./lab submit {code}     hands it in; at the end of the time it is by itself"
        )
        return
    voice.note(
        f"\nNext: ./lab shell         a shell on {work.lab.workstation}"
        f"\n      ./lab grade {code}      what holds and what does not yet"
    )


def _mine(engine: Engine, name: str | None, code: str | None) -> Session:
    """The world to stop; one that was never finished counts as well."""
    from runner import session

    who, wanted = apprentice(name), code.strip().lower() if code else None
    found = [
        one
        for one in session.find_all(engine)
        if one.tag.apprentice == who and wanted in {None, one.tag.code}
    ]
    return found[0] if len(found) == 1 else world_of(engine, name, code)


def _remove(voice: Voice, engine: Engine, found: Session) -> None:
    from runner import life
    from runner.progress import progress

    tag = found.tag
    with progress(voice) as telling:
        telling.say(f"stopping {tag.code} of {tag.owner}")
        life.stop(engine, found, telling.say)
    voice.note(f"Stopped {tag.code} of {tag.owner}.")


def _stop_all(voice: Voice, engine: Engine, who: str, *, ask: bool) -> int:
    from runner import leftovers, session

    found = session.find_all(engine)
    others = sorted({one.tag.owner for one in found if one.tag.apprentice != who})
    question = f"This ends the labs of {', '.join(others)} as well. Go on?"
    if others and ask and voice.ask is not None and not voice.ask(question):
        return Exit.WRONG_USE
    for _ in range(_ROUNDS):
        for one in found:
            _remove(voice, engine, one)
        found = session.find_all(engine)
        if not found:
            break
    for gone in leftovers.remove(engine, leftovers.strays(engine)):
        voice.note(f"Removed {gone}.")
    voice.answer("Nothing runs any more.")
    return Exit.DEMONSTRATED
