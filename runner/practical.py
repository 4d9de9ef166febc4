"""A practical: one apprentice's running lab, with everything it was made of.

Here the rooms meet: a lab from the catalogue, values from the seed, a world from the scenario, a
session on the engine.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from runner import addresses, building, catalogue, session
from runner.attempt import Attempt
from runner.attempt import Step as PlayedStep
from runner.catalogue import Lab
from runner.engine import Engine
from runner.errors import Exit, HostNotReady, LabError, WorldChanged
from runner.grading import Stage, grade
from runner.host import Host, Reply
from runner.imagebuild import Step
from runner.lines import Lines
from runner.printable import one_line
from runner.scenario import Scenario
from runner.session import Session
from runner.values import Values
from runner.verdict import Grade, Verdict

Say = Callable[[str | Step], None]
"""Hears what is going on: in words, or as a step of building an image."""
STEP_LIMIT = 120.0
"""Seconds that one step of an authored attempt may take."""


@dataclass(frozen=True)
class Practical:
    """A lab that runs, and what it was made of."""

    lab: Lab
    values: Values
    world: Scenario
    session: Session

    @property
    def brief(self) -> str:
        """The ticket, as Markdown."""
        return self.lab.brief(self.values, self.world)

    @property
    def hints(self) -> tuple[str, ...]:
        """The hints, each more concrete than the last."""
        return self.lab.hints(self.values, self.world)


def running(engine: Engine, root: Path, apprentice: str, code: str | None) -> Practical:
    """The apprentice's running practical; NoSession or WorldChanged if there is none."""
    found = session.find(engine, apprentice, code)
    return of(found, catalogue.find(found.tag.code, root))


def of(found: Session, lab: Lab) -> Practical:
    """The practical that runs in a session; WorldChanged where the lab is no longer the same."""
    if found.tag.revision != lab.revision:
        raise WorldChanged(
            f"lab {lab.code} was changed since this world was started",
            remedy=f"./lab reset {lab.code} builds it as it is now; the work in it is lost",
        )
    values = lab.values(found.tag.seed)
    world = lab.world(values, addresses.subnets(found.tag.slot, lab.networks))
    there = {container.host for container in found.containers}
    missing = [host.name for host in world.hosts if host.name not in there]
    if missing:
        raise WorldChanged(
            f"of the world of {lab.code}, {', '.join(missing)} was removed from the engine",
            remedy=f"./lab reset {lab.code} builds it anew; the work in it is lost",
        )
    return Practical(lab, values, world, found)


def judge(
    engine: Engine, practical: Practical, told: Callable[[Verdict], None] = lambda _: None
) -> Grade:
    """Grade the practical as it stands."""
    with Lines(engine) as lines:
        return grade(
            practical.lab.code, practical.lab.checks, stage(engine, practical, lines), told
        )


def stage(engine: Engine, practical: Practical, lines: Lines) -> Stage:
    """What the checks are asked on."""

    def restart() -> None:
        lines.drop()
        session.restart(engine, practical.session)
        # A host that does not get ready by itself any more is for the checks to judge.
        with suppress(HostNotReady):
            building.await_return(practical.session, practical.world, lines.open)

    hosts = {
        host.name: Host(
            name=host.name,
            connection=partial(lines.open, practical.session, host.name),
            prompt=partial(lines.prompt, practical.session, host.name),
            address=dict(host.address),
        )
        for host in practical.world.hosts
    }
    return Stage(hosts, practical.values, restart)


def play(
    engine: Engine,
    practical: Practical,
    attempt: Attempt,
    say: Say,
    *,
    without: str | None = None,
    lines: Lines | None = None,
) -> None:
    """Play an authored attempt into the running world; LabError names the step that failed.

    `lines` are used where they are open already.
    """
    context = practical.world.context(practical.values)
    with nullcontext(lines) if lines else Lines(engine) as opened:
        for step in attempt.steps:
            if step.name == without:
                continue
            say(f"{step.order} {step.name} on {step.host}")
            script = f"set -eu\n{step.script(context)}"
            reply: Reply = opened.open(practical.session, step.host).run(
                "sh -s", stdin=script.encode(), timeout=STEP_LIMIT
            )
            if not reply.ok:
                raise StepFailed(step, attempt, reply)


class StepFailed(LabError):
    """A step of an authored attempt did not run through: a fault of the attempt."""

    exit_code = Exit.WRONG_USE

    def __init__(self, step: PlayedStep, attempt: Attempt, reply: Reply) -> None:
        super().__init__(
            f"step {step.name} of attempt {attempt.name} ended with {reply.status} "
            f"on {step.host}: {one_line(reply.text[-300:])}",
            remedy=f"see {step.path}",
        )
        self.step = step.name
