"""The verbs of an apprentice at work: brief, shell, grade, hint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.errors import Exit, NoSession, UsageError
from runner.verbs_assess import (
    counting,
    in_time,
    refuse_in_assessment,
    refuse_standing,
    sitting_of,
    tell_standing,
    tell_unkept,
)
from runner.voice import Voice
from runner.words import (
    as_option,
    as_text,
    code_argument,
    connected,
    json_option,
    lab_of,
    plain_option,
    quiet,
    running,
    title_for,
    verb,
    world_of,
)

if TYPE_CHECKING:
    from runner.assessment import Ring
    from runner.case import Case
    from runner.catalogue import Lab
    from runner.engine import Engine
    from runner.session import Session
    from runner.verdict import Verdict

_CODE = re.compile(r"[1-9][0-9]?[A-Za-z]")


@verb("brief", "./lab brief\n./lab brief 4c --plain > ticket.md")
@code_argument
@as_option
@plain_option
def brief(voice: Voice, code: str | None, name: str | None, *, plain: bool) -> int:
    """Print the brief of the lab that runs."""
    from runner.briefing import briefing

    voice = voice.plainly(plain)
    engine = connected()
    if (done := in_time(voice, engine, world_of(engine, name, code))) is not None:
        return done
    voice.answer(briefing(running(engine, name, code).brief, voice.style))
    return Exit.DEMONSTRATED


@verb("shell", "./lab shell\n./lab shell gateway\n./lab shell 4c gateway < commands.sh")
@click.argument("words", nargs=-1, metavar="[CODE] [HOST]")
@as_option
@click.option("--author", is_flag=True, help="Also where an apprentice may not go.")
def shell(voice: Voice, words: tuple[str, ...], name: str | None, *, author: bool) -> int:
    """Open a shell in the world: on your workstation, or on HOST.

    It ends with the exit status of the last command. Without a terminal it runs what standard
    input holds. In an assessment it warns of the end of the time, and ends with it.
    """
    from runner import terminal

    code, host = _code_and_host(words)
    engine = connected()
    found = world_of(engine, name, code)
    if (done := in_time(voice, engine, found)) is not None:
        return done
    if author:
        refuse_in_assessment(found, "its other hosts are nobody's to enter")
    refuse_standing(found)
    lab = lab_of(found.tag.code)
    host = host or lab.workstation
    container = found.container(host)
    if not (container.administered or host == lab.workstation or author):
        raise UsageError(
            f"Host {host} is not yours to enter: you would see it from outside only.",
            remedy=f"Yours are: {', '.join(_yours(found, lab.workstation))}.",
        )
    if not container.running:
        raise NoSession(
            f"Host {host} is switched off ({container.state}).",
            remedy=f"./lab start {found.tag.code} switches it on, with the work in it.",
        )
    form = lab.scenario_form.hosts.get(host)
    if voice.ask is not None:
        voice.note(f"{host}: `exit` or Ctrl-D leaves.")
    user = form.login if form else "root"
    status = terminal.login(engine, container.id, user, _bell(found, lab))
    done = in_time(voice, engine, found)
    return status if done is None else done


@verb(
    "grade",
    "./lab grade\n./lab grade 4c --json > grade.json\n./lab grade --keep-evidence case.json",
)
@code_argument
@as_option
@json_option
@plain_option
@click.option("--evidence", is_flag=True, help="Also what was asked and answered.")
@click.option(
    "--keep-evidence",
    "keep",
    metavar="FILE",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Keep all of that as a recorded case, to be graded again without a world.",
)
def grade(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    name: str | None,
    *,
    as_json: bool,
    plain: bool,
    evidence: bool,
    keep: Path | None,
) -> int:
    """Say of every standard whether it holds; keep it in the record.

    In an assessment it says only that, and keeps nothing: `lab submit` hands it in.

    Exit code 0: demonstrated. 1: not yet. 3: a check could not be looked at, or the attempt could
    not be kept in the record; neither counts against anybody.
    """
    from runner import keeping
    from runner.progress import progress
    from runner.report import graded_data, graded_text, verdict_line

    if keep is not None and not keep.absolute().parent.is_dir():
        raise UsageError(
            f"There is no folder {keep.parent} to keep the case in.", remedy="Make it first."
        )
    voice = voice.plainly(plain)
    engine = connected()
    found = world_of(engine, name, code)
    if (done := in_time(voice, engine, found, as_json=as_json)) is not None:
        return done
    if found.tag.assessed:
        if evidence or keep is not None:
            refuse_in_assessment(found, "what was asked and answered is told when it is handed in")
        return _looked_at(voice, engine, found, as_json=as_json)
    work = running(engine, name, code)
    total = len(work.lab.checks)
    with progress(quiet(voice) if as_json else voice) as telling:
        telling.say(f"grading {work.lab.code}: {total} checks")
        heard: list[str] = []

        def told(verdict: Verdict) -> None:
            heard.append(verdict.check)
            telling.say(f"{min(len(heard), total)} of {total}: {verdict_line(verdict)}")

        graded, case = keeping.graded(engine, work, title_for(work.lab), told, telling.say)
    if as_json:
        voice.answer(as_text(graded_data(graded, evidence=evidence)))
    else:
        voice.answer(graded_text(graded, voice.style, evidence=evidence))
    tell_unkept(voice, graded)
    if keep is not None:
        _keep_case(voice, work.lab, case, keep)
    return graded.exit


@verb("hint", "./lab hint\n./lab hint --again")
@code_argument
@click.option("--again", is_flag=True, help="Those that were given already, and no new one.")
@as_option
@plain_option
def hint(voice: Voice, code: str | None, name: str | None, *, again: bool, plain: bool) -> int:
    """Give the next hint; the record says how many were used.

    Each is more concrete than the last.
    """
    from runner.briefing import briefing
    from runner.record import open_record

    voice = voice.plainly(plain)
    engine = connected()
    found = world_of(engine, name, code)
    if (done := in_time(voice, engine, found)) is not None:
        return done
    refuse_in_assessment(found, "there are no hints")
    work = running(engine, name, code)
    session, hints = work.session.tag.session, work.hints
    with open_record() as record:
        used = record.hints_used(session)
        if not again and used < len(hints):
            used += 1
            record.note_hint(session, used, datetime.now(UTC))
            numbers = [used]
        else:
            numbers = list(range(1, min(used, len(hints)) + 1)) if again else []
    for number in numbers:
        title = f"Hint {number} of {len(hints)}"
        voice.answer(f"{title}\n\n{briefing(hints[number - 1], voice.style)}\n")
    if not numbers:
        voice.answer(
            "No hint was given yet: ./lab hint gives the first."
            if again
            else f"All {len(hints)} hints were given: ./lab hint --again shows them."
        )
    return Exit.DEMONSTRATED


def _looked_at(voice: Voice, engine: Engine, found: Session, *, as_json: bool) -> int:
    """Which standards hold, and no more, before it is handed in."""
    from runner import handin
    from runner.progress import progress
    from runner.report import graded_data, only_standards, standards_text

    lab = lab_of(found.tag.code)
    if sitting_of(found).rules.feedback == "nothing":
        refuse_in_assessment(found, "nothing is said of the standards before it is handed in")
    with progress(quiet(voice) if as_json else voice) as telling:
        telling.say(f"grading {lab.code}: {len(lab.checks)} checks")
        told = counting(telling, len(lab.checks))
        graded = handin.looked_at(engine, found, lab, title_for(lab), told, telling.say)
    graded = replace(graded, grade=only_standards(graded.grade))
    if as_json:
        voice.answer(as_text(graded_data(graded)))
    else:
        voice.answer(standards_text(graded, voice.style))
    tell_standing(voice, graded)
    return graded.exit


def _bell(found: Session, lab: Lab) -> Callable[[], Ring] | None:
    """What warns an open shell of the end of an assessment."""
    if not found.tag.assessed:
        return None
    from runner import handin
    from runner.assessment import Bell

    return Bell(lambda: handin.seconds_left(found, lab)).ring


def _code_and_host(words: tuple[str, ...]) -> tuple[str | None, str | None]:
    """A code begins with a digit, a host never does."""
    codes = [word for word in words if _CODE.fullmatch(word)]
    hosts = [word for word in words if word not in codes]
    if len(codes) > 1 or len(hosts) > 1:
        raise click.UsageError("At most one CODE and one HOST. A command goes to standard input.")
    return (codes[0] if codes else None), (hosts[0] if hosts else None)


def _yours(found: Session, workstation: str) -> list[str]:
    return [one.host for one in found.containers if one.administered or one.host == workstation]


def _keep_case(voice: Voice, lab: Lab, case: Case, path: Path) -> None:
    from runner import recorded
    from runner.case import differences, write

    write(case, path)
    voice.note(f"Kept the recorded case in {path}.")
    for line in differences(case, recorded.replay(case, lab)):
        voice.note(f"Graded again from the case, it comes out otherwise: {line}")
