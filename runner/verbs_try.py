"""The verb of those who write graders: try."""

from __future__ import annotations

import difflib
import textwrap
from typing import TYPE_CHECKING, Any

import click

from runner.errors import UsageError
from runner.printable import one_line, printable
from runner.verbs_assess import refuse_in_assessment
from runner.voice import Voice
from runner.words import (
    as_option,
    as_text,
    code_and_name,
    connected,
    json_option,
    plain_option,
    quiet,
    running,
    verb,
)

if TYPE_CHECKING:
    from runner.catalogue import Lab
    from runner.check import Check
    from runner.session import Tag
    from runner.verdict import Evidence, Grade, Verdict

_SHOWN = 2000
"""Characters shown of one question, and of one answer."""


@verb("try", "./lab try office_prints\n./lab try 1e office_prints --json")
@click.argument("words", nargs=-1, metavar="[CODE] CHECK")
@as_option
@json_option
@plain_option
def try_check(
    voice: Voice, words: tuple[str, ...], name: str | None, *, as_json: bool, plain: bool
) -> int:
    """Ask one check of the world that runs, and show what it asked.

    For authors: whatever the check waits for, and without a restart. Nothing is kept in the record.
    Exit code 0: it passed. 1: it failed. 3: it could not be looked at.
    """
    from runner import grading, practical
    from runner.lines import Lines
    from runner.progress import progress
    from runner.verdict import Grade

    code, wanted = code_and_name(words, "A check is named by [CODE] CHECK.")
    voice = voice.plainly(plain)
    engine = connected()
    work = running(engine, name, code)
    refuse_in_assessment(work.session, "no check is tried alone")
    check = _named(work.lab, wanted)
    with progress(quiet(voice) if as_json else voice) as telling, Lines(engine) as lines:
        telling.say(f"asking {check.name}")
        verdict = grading.ask(check, practical.stage(engine, work, lines))
    grade = Grade(work.lab.code, (verdict,), verdict.seconds)
    if as_json:
        voice.answer(as_text(tried_data(work.session.tag, grade)))
    else:
        voice.answer(_text(work.lab.code, verdict))
    return grade.exit


def tried_data(tag: Tag, grade: Grade) -> dict[str, Any]:
    """The one verdict of `grade` as plain data, as a grading has it."""
    from runner.report import Graded, graded_data

    graded = Graded(grade=grade, title="", apprentice=tag.apprentice, seed=tag.seed)
    data = graded_data(graded, evidence=True)
    return {key: data[key] for key in ("code", "apprentice", "seed", "exit", "verdicts")}


def _named(lab: Lab, name: str) -> Check:
    checks = {one.name: one for one in lab.checks}
    if name in checks:
        return checks[name]
    near = difflib.get_close_matches(name.lower(), checks, n=3, cutoff=0.4)
    listed = f"Nearest: {', '.join(near)}." if near else f"There are: {', '.join(checks)}."
    raise UsageError(f"Lab {lab.code} has no check {one_line(name, 60)!r}.", remedy=listed)


def _text(code: str, verdict: Verdict) -> str:
    lines = [f"{code}  {verdict.check}: {verdict.outcome}", verdict.standard]
    if verdict.reason:
        lines.append(f"observed: {printable(verdict.reason)}")
    if verdict.hint:
        lines.append(f"hint: {printable(verdict.hint)}")
    if verdict.where:
        lines.append(f"the grader failed at {verdict.where}")
    asked = [_exchange(number, one) for number, one in enumerate(verdict.evidence, start=1)]
    return "\n\n".join(["\n".join(lines), *(asked or ["It asked nothing."])])


def _exchange(number: int, one: Evidence) -> str:
    """A question and its answer, as a terminal would show them."""
    status = "no answer" if one.status is None else f"status {one.status}"
    return "\n".join(
        (
            f"{number}. {one.user}@{one.host}, {status}, {one.seconds:.2f} s",
            "   $ " + textwrap.indent(printable(one.question, _SHOWN), "     ").strip(),
            textwrap.indent(printable(one.answer, _SHOWN), "     "),
        )
    ).rstrip()
