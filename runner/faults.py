"""Faults that are not the learner's: the grader must say BROKEN then, and never PASSED."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from runner import practical
from runner.engine import Engine, translating
from runner.findings import Problem, Proof
from runner.grading import grade
from runner.lines import Lines
from runner.practical import Practical
from runner.session import Container, hold, in_parallel
from runner.verdict import Grade, Outcome, Verdict

_OF_THE_LINE = frozenset({"sh", "bash", "su", "sudo", "env", "sshd", "cat", "head", "base64"})
"""What the runner's own line to a host is made of: without it no question would arrive at all."""
_WORD = re.compile(r"[A-Za-z0-9_.+-]+")


def mistaken(engine: Engine, work: Practical, good: Grade) -> list[Problem]:
    """Checks that take a fault of the machinery for the learner's work, or for its success.

    `good` is a grading in which everything passed: its evidence says which check looks at which
    host, with which tools. The world is of no use for anything but its removal afterwards.
    """
    asked = {v.check: {one.host for one in v.evidence} for v in good.verdicts}
    aside = [one for one in work.session.containers if not one.administered]
    problems = []
    with _paused(engine, aside):
        said = "the engine gives no shell on {}"
        problems += _judged(engine, work, asked, {one.host for one in aside}, said)
    taken = _take_tools(engine, work, aside, good)
    said = "{} lacks its tools"
    problems += _judged(engine, work, lacking(good, taken), set(taken), said)
    in_parallel(lambda one: _stop(engine, one), work.session.containers)
    said = "{} is stopped"
    problems += _judged(engine, work, asked, {one.host for one in work.session.containers}, said)
    return problems


def lacking(good: Grade, taken: Mapping[str, frozenset[str]]) -> dict[str, set[str]]:
    """By check the hosts of which it asked something that one of the programs taken there answers.

    What the line to a host is made of stays: a question of nothing else is answered as before.
    """
    return {
        verdict.check: {
            one.host
            for one in verdict.evidence
            if taken.get(one.host, frozenset()) & set(_WORD.findall(one.question))
        }
        for verdict in good.verdicts
    }


def unfounded(
    verdicts: tuple[Verdict, ...], asked: dict[str, set[str]], faulty: set[str], said: str
) -> Iterator[Problem]:
    """Verdicts that cannot be, given that the hosts in `faulty` could not be looked at."""
    for verdict in verdicts:
        hosts = asked[verdict.check] & faulty
        if hosts and verdict.outcome in (Outcome.PASSED, Outcome.FAILED):
            where = said.format(" and ".join(sorted(hosts)))
            yield Problem(
                Proof.FAULT,
                f"{where}, and {verdict.check} is {verdict.outcome}; BROKEN was expected"
                + (f": {verdict.reason}" if verdict.reason else ""),
            )


def _judged(
    engine: Engine, work: Practical, asked: dict[str, set[str]], faulty: set[str], said: str
) -> list[Problem]:
    # What must be waited for is not there to come: one look at each check says enough.
    checks = tuple(
        replace(one, within=0.0, after=(), survives_restart=False) for one in work.lab.checks
    )
    with Lines(engine) as lines:
        found = grade(work.lab.code, checks, practical.stage(engine, work, lines))
    problems = list(unfounded(found.verdicts, asked, faulty, said))
    if found.gradable and any(asked[one.name] & faulty for one in checks):
        problems.append(Problem(Proof.FAULT, "a world that is out of order came out as gradable"))
    return problems


@contextmanager
def _paused(engine: Engine, hosts: list[Container]) -> Iterator[None]:
    in_parallel(partial(hold, engine), hosts)
    try:
        yield
    finally:
        in_parallel(partial(_go_on, engine), hosts)


def _go_on(engine: Engine, one: Container) -> None:
    with translating(f"have host {one.host} go on"):
        engine.api.unpause(one.id)


def _stop(engine: Engine, one: Container) -> None:
    with translating(f"stop host {one.host}"):
        engine.api.kill(one.id)


def _take_tools(
    engine: Engine, work: Practical, hosts: list[Container], good: Grade
) -> Mapping[str, frozenset[str]]:
    """Rename on each host whatever program its questions named; which these were, by host."""
    with Lines(engine) as lines:

        def take(one: Container) -> tuple[str, frozenset[str]]:
            reply = lines.open(work.session, one.host).run(
                'while read -r word; do path=$(command -v -- "$word") || continue; '
                'case $path in /*) mv -- "$path" "$path.gone" && echo "$word" ;; esac; done',
                stdin="".join(f"{word}\n" for word in sorted(_words(good, one.host))).encode(),
            )
            return one.host, frozenset(reply.stdout.split())

        return dict(in_parallel(take, hosts))


def _words(good: Grade, host: str) -> set[str]:
    """Every word of the questions to a host that could be a program."""
    asked = (
        one.question for verdict in good.verdicts for one in verdict.evidence if one.host == host
    )
    return {word for question in asked for word in _WORD.findall(question)} - _OF_THE_LINE
