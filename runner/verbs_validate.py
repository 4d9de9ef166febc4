"""The verb that proves labs: validate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import click

from runner.errors import Exit, LabError, UsageError
from runner.printable import printable
from runner.voice import Voice, counted
from runner.words import (
    HIGHEST_SEED,
    Whole,
    as_text,
    connected,
    json_option,
    lab_of,
    plain_option,
    quiet,
    unheard,
    verb,
)

if TYPE_CHECKING:
    from pathlib import Path

    from runner.catalogue import Lab
    from runner.engine import Engine
    from runner.findings import Found, World
    from runner.progress import Progress
    from runner.validated import Validated


@verb(
    "validate",
    "./lab validate 4c\n./lab validate 4c --only nftables --keep\n./lab validate --changed",
)
@click.argument("codes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every lab there is.")
@click.option("--changed", is_flag=True, help="The labs that a change can affect, by git.")
@click.option("--since", metavar="COMMIT", help="What --changed compares with.")
@click.option(
    "--seed",
    "seeds",
    multiple=True,
    type=Whole(HIGHEST_SEED),
    help="Try with this seed; may be given again. 1, 2 and a new one unless said.",
)
@click.option(
    "--only",
    multiple=True,
    metavar="ATTEMPT",
    help="Play only this attempt, or SOLUTION/STEP: without the step. May be given again.",
)
@click.option("--alone", is_flag=True, help="Make no two mistakes in one world; takes longer.")
@click.option(
    "--jobs",
    type=Whole(16),
    default=8,
    show_default=True,
    help="Worlds side by side at most, as far as the cores have time left.",
)
@click.option("--keep", is_flag=True, help="Leave worlds with problems running, to look at them.")
@click.option("--junit", "xml", metavar="FILE", help="Write what was found as JUnit XML as well.")
@json_option
@plain_option
def validate(  # noqa: PLR0913, PLR0917 - one parameter for each word
    voice: Voice,
    codes: tuple[str, ...],
    seeds: tuple[int, ...],
    only: tuple[str, ...],
    since: str | None,
    xml: str | None,
    jobs: int,
    *,
    everything: bool,
    changed: bool,
    alone: bool,
    keep: bool,
    as_json: bool,
    plain: bool,
) -> int:
    """Prove that a lab's grader can be trusted.

    Every attempt is played into a fresh world, and each step of each solution is left out once;
    mistakes that do not get into each other's way share one. Untouched, guards pass and nothing
    else does; solutions pass in full, however often one looks; wrong attempts fail what they name;
    every step matters and every check can fail; nothing gives the answer away, reaches out or is
    left. Exit code 2 where a lab does not stand that.
    """
    from pathlib import Path

    from runner import validation
    from runner.junit import LAB_PROOFS, PAPER_PROOFS, junit
    from runner.progress import progress
    from runner.tables import drawn
    from runner.validated import data, flaws, result_table

    if sum((bool(codes), everything, changed)) != 1:
        raise click.UsageError("Name the labs to validate, or say --all or --changed.")
    voice = quiet(voice) if as_json else voice.plainly(plain)
    tried = seeds or validation.seeds()
    wanted = _Wanted(tried, only, jobs, alone=alone, keep=keep)
    labs = [lab_of(code) for code in codes] if codes else _all(since, changed=changed)
    if not seeds:
        voice.note(f"Seeds {', '.join(map(str, tried))}: the last is new.")
    results: list[Validated] = []
    with progress(voice) as telling:
        tell = replace(telling.voice, answer=unheard if as_json else telling.answer)
        for lab in labs:
            results.append(_proved(telling, tell, lab, wanted))
            tell.answer(drawn(result_table(results[-1]), voice.style))
    if xml:
        found = [one for result in results for one in result.found]
        titles = {result.lab.code: result.lab.title for result in results}
        whole = {result.lab.code: result.problems for result in results}
        Path(xml).write_bytes(junit(titles, found, whole, PAPER_PROOFS if only else LAB_PROOFS))
    wrong = flaws(results)
    trials = sum(len(result.found) for result in results)
    if as_json:
        voice.answer(as_text(data(results)))
    else:
        voice.answer(
            f"{counted(len(labs), 'lab')}, {counted(trials, 'trial')}: "
            + (
                f"problems in {counted(wrong, 'place')}."
                if wrong
                else "the graders can be trusted."
            )
        )
    return Exit.WRONG_USE if wrong else Exit.DEMONSTRATED


@dataclass(frozen=True, slots=True)
class _Wanted:
    """How labs are to be tried."""

    seeds: tuple[int, ...]
    only: tuple[str, ...]
    jobs: int
    alone: bool
    keep: bool


def _proved(telling: Progress, tell: Voice, lab: Lab, wanted: _Wanted) -> Validated:
    """One lab, from reading it to what follows from its trials."""
    from runner import falsified, together, validation
    from runner.findings import Problem, Proof
    from runner.validated import strayed_text, trial_text, validated

    seeds = wanted.seeds
    try:
        on_paper = validation.read(lab, seeds)
        alone = wanted.alone or bool(wanted.only)
        planned = _chosen(lab, validation.worlds(lab, seeds, alone=alone), wanted.only)
    except LabError as error:
        wrong = Problem(Proof.PAPER, f"{error} {error.remedy}".strip())
        tell.answer(f"PROBLEM  {lab.code} {printable(str(wrong))}")
        return validated(lab, seeds, [wrong], (), whole=False)
    done = 0

    def told(one: Found) -> None:
        nonlocal done
        done += 1
        tell.answer(trial_text(one))
        if wanted.keep and one.problems:
            tell.answer(f"         ./lab shell --author --as {one.trial.apprentice} gets in")
        telling.say(f"{lab.code}: {done} of {trials} trials done")

    trials = sum(map(len, planned))
    several = counted(len(planned), "world")
    telling.say(f"{lab.code}: {counted(trials, 'trial')} in {several}")
    engine = connected()
    found = validation.prove(engine, lab, planned, jobs=wanted.jobs, keep=wanted.keep, told=told)
    result = validated(lab, seeds, on_paper, found, whole=not wanted.only)
    if result.whole:
        tell.note(f"{lab.code}: its quality sheet is {_kept(engine, result)}")
    for problem in result.problems:
        tell.answer(f"PROBLEM  {lab.code} {printable(str(problem))}")
    for world in together.strayed(planned, found):
        tell.answer(strayed_text(world))
    if undeclared := falsified.declarations(lab, found):
        tell.answer(f"What leaving out each step flips, to be declared:\n{undeclared}")
    return result


def _kept(engine: Engine, result: Validated) -> Path:
    """Where the lab's quality sheet now stands, with this run in it."""
    from datetime import UTC, datetime

    from runner import images, quality, sheet

    lab = result.lab
    there = {one.name: one.size for one in images.list_images(engine) if one.current}
    sizes = {name: size for name in lab.images if (size := there.get(name))}
    before = quality.runs(lab.code)
    made = quality.sheet_of(lab, result.found, result.problems, sizes, before, at=datetime.now(UTC))
    return quality.keep(made, before, sheet.page(made))


def _all(since: str | None, *, changed: bool) -> list[Lab]:
    """Every lab, or those that a change can affect."""
    from runner import catalogue, places
    from runner.changed import affected, paths_changed

    found: list[Lab] = []
    for root in places.roots():
        labs = list(catalogue.labs(root))
        # A change of the machinery affects an employer's labs as well.
        where = dict.fromkeys((places.house(), root)) if changed else ()
        paths = [path for one in where for path in paths_changed(one, since)]
        found += affected(labs, paths) if changed else labs
    return found


def _chosen(lab: Lab, planned: tuple[World, ...], only: tuple[str, ...]) -> tuple[World, ...]:
    """The worlds that were asked for; UsageError where a name says nothing."""
    if not only:
        return planned
    names = {one.short for (one,) in planned}
    for name in only:
        if name not in names:
            raise UsageError(
                f"Lab {lab.code} has no attempt {name!r} to play.",
                remedy=f"There are: {', '.join(sorted(names))}.",
            )
    return tuple(world for world in planned if world[0].short in only)
