"""The verbs of an apprentice at work: brief, shell, grade, hint."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import click

from runner.errors import Exit, KeyUnavailable, LabError, NoSession, RecordUnavailable, UsageError
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
    title_of,
    verb,
    world_of,
)

if TYPE_CHECKING:
    from runner.case import Case
    from runner.catalogue import Lab
    from runner.engine import Engine
    from runner.lines import Lines
    from runner.practical import Practical
    from runner.report import Graded
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

    work = running(connected(), name, code)
    voice.answer(briefing(work.brief, voice.plainly(plain).style))
    return Exit.DEMONSTRATED


@verb("shell", "./lab shell\n./lab shell gateway\n./lab shell 4c gateway < commands.sh")
@click.argument("words", nargs=-1, metavar="[CODE] [HOST]")
@as_option
@click.option("--author", is_flag=True, help="Also where an apprentice may not go.")
def shell(voice: Voice, words: tuple[str, ...], name: str | None, *, author: bool) -> int:
    """Open a shell in the world: on your workstation, or on HOST.

    It ends with the exit status of the last command. Without a terminal it runs what standard
    input holds.
    """
    from runner import terminal

    code, host = _code_and_host(words)
    engine = connected()
    found = world_of(engine, name, code)
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
    return terminal.login(engine, container.id, form.login if form else "root")


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

    Exit code 0: demonstrated. 1: not yet. 3: a check could not be looked at, or the attempt could
    not be kept in the record; neither counts against anybody.
    """
    from runner.progress import progress
    from runner.report import graded_data, graded_text, verdict_line

    if keep is not None and not keep.absolute().parent.is_dir():
        raise UsageError(
            f"There is no folder {keep.parent} to keep the case in.", remedy="Make it first."
        )
    voice = voice.plainly(plain)
    engine = connected()
    work = running(engine, name, code)
    total = len(work.lab.checks)
    with progress(quiet(voice) if as_json else voice) as telling:
        telling.say(f"grading {work.lab.code}: {total} checks")
        heard: list[str] = []

        def told(verdict: Verdict) -> None:
            heard.append(verdict.check)
            telling.say(f"{min(len(heard), total)} of {total}: {verdict_line(verdict)}")

        graded, case = _graded(engine, work, told)
    if as_json:
        voice.answer(as_text(graded_data(graded, evidence=evidence)))
    else:
        voice.answer(graded_text(graded, voice.style, evidence=evidence))
    if graded.unrecorded:
        voice.note(f"NOT KEPT IN THE RECORD: {graded.unrecorded}\n{graded.remedy}".rstrip())
    if graded.unsigned:
        voice.note(
            "KEPT, BUT NOT SIGNED YET: "
            f"{graded.unsigned}\n{graded.remedy}\nThe next ./lab grade signs this one as well."
        )
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

    work = running(connected(), name, code)
    session, hints = work.session.tag.session, work.hints
    with open_record() as record:
        used = record.hints_used(session)
        if not again and used < len(hints):
            used += 1
            record.note_hint(session, used, datetime.now(UTC))
            numbers = [used]
        else:
            numbers = list(range(1, min(used, len(hints)) + 1)) if again else []
    style = voice.plainly(plain).style
    for number in numbers:
        title = f"Hint {number} of {len(hints)}"
        voice.answer(f"{title}\n\n{briefing(hints[number - 1], style)}\n")
    if not numbers:
        voice.answer(
            "No hint was given yet: ./lab hint gives the first."
            if again
            else f"All {len(hints)} hints were given: ./lab hint --again shows them."
        )
    return Exit.DEMONSTRATED


def _code_and_host(words: tuple[str, ...]) -> tuple[str | None, str | None]:
    """A code begins with a digit, a host never does."""
    codes = [word for word in words if _CODE.fullmatch(word)]
    hosts = [word for word in words if word not in codes]
    if len(codes) > 1 or len(hosts) > 1:
        raise click.UsageError("At most one CODE and one HOST. A command goes to standard input.")
    return (codes[0] if codes else None), (hosts[0] if hosts else None)


def _yours(found: Session, workstation: str) -> list[str]:
    return [one.host for one in found.containers if one.administered or one.host == workstation]


def _graded(
    engine: Engine, work: Practical, told: Callable[[Verdict], None]
) -> tuple[Graded, Case]:
    """The grading, kept in the record if it counts, and all that was asked and answered."""
    from concurrent.futures import ThreadPoolExecutor

    from runner import practical, recorded
    from runner.lines import Lines
    from runner.report import Graded

    lab, tag = work.lab, work.session.tag
    with Lines(engine) as lines:
        grade, case = recorded.record(lab, practical.stage(engine, work, lines), told)
        title = title_of(lab.code) or lab.title
        graded = Graded(grade=grade, title=title, apprentice=tag.apprentice, seed=tag.seed)
        if not grade.gradable:
            return graded, case
        # The hosts are looked at while the library of the database is read: that takes as long.
        with ThreadPoolExecutor(1) as aside:
            world = aside.submit(_imprinted, engine, work, lines)
            return _kept(engine, work, graded, case, world.result), case


def _imprinted(engine: Engine, work: Practical, lines: Lines) -> dict[str, Any]:
    from runner import imprint

    try:
        return imprint.take(engine, work, lines)
    except LabError as error:
        # The verdicts are there: they are not lost for what only goes with them.
        return imprint.unseen(error)


def _keep_case(voice: Voice, lab: Lab, case: Case, path: Path) -> None:
    from runner import recorded
    from runner.case import differences, write

    write(case, path)
    voice.note(f"Kept the recorded case in {path}.")
    for line in differences(case, recorded.replay(case, lab)):
        voice.note(f"Graded again from the case, it comes out otherwise: {line}")


def _kept(
    engine: Engine,
    work: Practical,
    graded: Graded,
    case: Case,
    world: Callable[[], dict[str, Any]],
) -> Graded:
    """The grading, with its attempt in the record and its evidence in the ledger."""
    from runner import evidence, keys, places
    from runner.record import Attempt, open_record

    grade, lab, tag = graded.grade, work.lab, work.session.tag
    try:
        with open_record() as record:
            hints = record.hints_used(tag.session)
            attempt = Attempt(
                id=uuid4(),
                apprentice=tag.apprentice,
                code=lab.code,
                title=graded.title,
                seed=tag.seed,
                session=tag.session,
                started_at=tag.started,
                graded_at=datetime.now(UTC),
                demonstrated=grade.demonstrated,
                points=grade.points,
                possible=grade.possible,
                hints_used=hints,
                program_version=places.version(),
                lab_revision=lab.revision,
                grader_revision=lab.grader_revision,
                engine=f"docker {engine.version}",
                verdicts=grade.verdicts,
            )
            body = evidence.body(attempt, case, lab, world())
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
