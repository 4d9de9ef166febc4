"""What the trials of a lab say of its solutions' steps and of its checks.

A step matters if a scored check does not pass without it; a check can fail if a wrong attempt or a
left-out step makes it FAILED. Beside that, what can be seen on paper of restarts and of seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from pathlib import Path
from textwrap import fill
from typing import Any

from runner import addresses, authored
from runner.attempt import Attempt, Step
from runner.catalogue import Lab
from runner.findings import Found, Problem, Proof
from runner.forms import ValueForm
from runner.values import Person, Values
from runner.verdict import Outcome
from runner.voice import counted

DRAWS, LEAST = 24, 8
"""Of so many seeds, at least so many draw another one of what a learner could copy."""
_WRAPPED: Mapping[str, Any] = {
    "width": 100,
    "initial_indent": "  ",
    "subsequent_indent": "    ",
    "break_on_hyphens": False,
}
_DRAWN_SECRETS = ("password", "token")

Left = tuple[str, str]
"""A solution and the name of a step of it: what is left out."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A step of a solution, on all its hosts: `files` are its scripts, `rest` is all but them.

    `stand_in` is a wrong attempt that is the solution without this step.
    """

    solution: Attempt
    step: str
    files: frozenset[Path]
    rest: tuple[Step, ...]
    stand_in: Attempt | None

    @property
    def key(self) -> Left:
        return self.solution.name, self.step

    @property
    def written_here(self) -> bool:
        return any(file.parent.name == self.solution.name for file in self.files)


def steps(lab: Lab, found: Sequence[Found]) -> Mapping[Left, frozenset[str]]:
    """The checks that did not pass where a step was left out; only what was tried.

    Of the guards only those that its solution declares. Where a later step did not run through
    without it, these are all that are scored. A step that several solutions share stands under one
    of them, in whichever it was tried.
    """
    scored = _scored(lab)

    def flipped(part: _Part, one: Found) -> Iterator[str]:
        if not one.outcomes:
            yield from scored
        counted = _declared(part.solution).get(part.step, frozenset()).union(scored)
        # What is not among them is another mistake's, made in the same world.
        for check, outcome in one.outcomes.items():
            if check in counted and outcome is not Outcome.PASSED:
                yield check

    return {
        part.key: frozenset(chain.from_iterable(flipped(part, one) for one in tried))
        for part, tried in _tried(lab, found)
    }


def every_step(lab: Lab) -> tuple[Left, ...]:
    """All steps of the solutions, each once: those whose absence has to be noticed."""
    return tuple(part.key for part in _parts(lab))


def left_out(lab: Lab, *, each: bool = False) -> tuple[Left, ...]:
    """The steps that have to be left out, each in some world.

    Where solutions differ in one step only, the same is left of them without it: unless `each` is
    wanted, once is enough.
    """
    needed = [part for part in _parts(lab) if part.stand_in is None]
    once = {part.rest: part for part in reversed(needed)}
    return tuple(part.key for part in needed if each or once[part.rest] is part)


def killers(lab: Lab, found: Sequence[Found]) -> Mapping[str, tuple[str, ...]]:
    """By what each scored check came out FAILED: wrong attempts and steps left out.

    An attempt without any step leaves the world untouched, where everything fails: it proves
    nothing of a single check.
    """
    attempts = {one.name: one for one in lab.attempts}
    killed: dict[str, dict[str, None]] = {check: {} for check in _scored(lab)}
    for one in found:
        trial, attempt = one.trial, attempts.get(one.trial.attempt)
        if attempt is None or not attempt.steps or (attempt.solution and not trial.without):
            continue
        for check, killed_by in killed.items():
            if one.outcomes.get(check) is Outcome.FAILED:
                killed_by[trial.played] = None
    return {check: tuple(by) for check, by in killed.items()}


def problems(lab: Lab, found: Sequence[Found], *, whole: bool) -> tuple[Problem, ...]:
    """Steps that do not matter, or otherwise than declared, and checks that nothing makes fail.

    `whole` says that everything was tried which `left_out` and the lab's attempts name; without it
    nothing is said of what was not.
    """
    flips = steps(lab, found)
    wrong = [
        Problem(
            Proof.STEP,
            f"leaving out step {step} of solution {solution} changes no scored check's outcome: "
            "the step is not needed, or a check is missing",
        )
        for (solution, step), flipped in flips.items()
        if flipped.isdisjoint(_scored(lab))
    ]
    wrong += _misdeclared(lab, found, flips)
    if whole:
        wrong += _never_killed(lab, killers(lab, found))
    return tuple(wrong)


def declarations(lab: Lab, found: Sequence[Found]) -> str:
    """What the lab could declare of its steps and does not, as YAML for its `attempt.yaml`s.

    Empty where nothing is missing. Steps that a wrong attempt leaves out are declared there, under
    `fails`.
    """
    stopped, lasting = _stopped(lab, found), _lasting(lab, found)
    pages: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    flips = steps(lab, found)
    for part in _parts(lab):
        flipped, page = flips.get(part.key), pages[part.solution.name]
        if not flipped or part.stand_in is not None or part.step in _said_of(part.solution):
            continue
        if part.key in stopped:
            page["stops"].append(f"  {part.step}: {stopped[part.key]}")
            continue
        inner = ", ".join(check for check in _scored(lab) if check in flipped)
        key = "flips_after_restart" if part.key in lasting else "flips"
        page[key].append(fill(f"{part.step}: [{inner}]", **_WRAPPED))
    return "\n".join(
        f"# {_page(lab, solution)}\n"
        + "".join(f"{key}:\n" + "\n".join(lines) + "\n" for key, lines in sorted(keys.items()))
        for solution, keys in pages.items()
        if keys
    )


def on_paper(lab: Lab) -> tuple[Problem, ...]:
    """What is wrong before anything is tried: checks that do not exist, restarts that none fails.

    A lab whose checks must survive a restart has, for each solution, a wrong attempt that stands on
    it and does not; and each of these checks is failed by one.
    """
    there = {check.name for check in lab.checks}
    found = []
    for solution in (one for one in lab.attempts if one.solution):
        source = authored.Source.of(_page(lab, solution.name))
        for step, named in _declared(solution).items():
            key = "flips" if step in solution.flips else "flips_after_restart"
            found += [
                Problem(
                    Proof.PAPER,
                    str(source.wrong(f"{key}: there is no check {check!r}", key, step)),
                )
                for check in sorted(named - there)
            ]
    return (*found, *_restarts(lab))


def same(lab: Lab, seeds: Iterable[int] = ()) -> tuple[Problem, ...]:
    """What seeds draw alike and a learner could copy: secrets, what is to be found, whole answers.

    Beside `seeds` others are drawn, always the same ones: two apprentices may meet by chance, and
    a lab must not be good on one day and bad on the next.
    """
    tried = tuple(dict.fromkeys(chain(range(1, DRAWS + 1), seeds)))
    values = cache(lab.values)
    found = {
        f"value {name} ({why})": _different(_copied(values(seed)[name]) for seed in tried)
        for name, why in _worth_copying(lab)
    } | {
        f"what solution {attempt.name} types": _different(
            _answer(lab, attempt, values(seed)) for seed in tried
        )
        for attempt in lab.attempts
        if attempt.solution and attempt.steps
    }
    return tuple(
        Problem(
            Proof.SEED,
            f"{what} comes out in {counted(different, 'way')} with {len(tried)} seeds, so it can "
            f"be copied; at least {LEAST} were expected",
        )
        for what, different in found.items()
        if different < LEAST
    )


def _scored(lab: Lab) -> tuple[str, ...]:
    return tuple(check.name for check in lab.checks if not check.guard)


def _parts(lab: Lab) -> Iterator[_Part]:
    """Every step of every solution; one that several share is the part of one of them.

    Of the one that a wrong attempt stands in for, else of the one that it was written for.
    """
    wrong = [one for one in lab.attempts if not one.solution]
    sharing: dict[frozenset[Path], list[_Part]] = defaultdict(list)
    for solution in (one for one in lab.attempts if one.solution):
        for step in dict.fromkeys(step.name for step in solution.steps):
            files = _files(solution, step)
            rest = _without(solution, step)
            stand_in = next((one for one in wrong if one.steps == rest), None)
            sharing[files].append(_Part(solution, step, files, rest, stand_in))
    for parts in sharing.values():
        yield min(parts, key=lambda part: (part.stand_in is None, not part.written_here))


def _tried(lab: Lab, found: Sequence[Found]) -> Iterator[tuple[_Part, list[Found]]]:
    """The steps of which something is known, and by which trials.

    A world that did not come up, or broke down before it was judged, says nothing of a step.
    """
    attempts = {one.name: one for one in lab.attempts}
    judged = [
        (one, attempts[one.trial.attempt])
        for one in found
        if (one.outcomes or not one.problems) and one.trial.attempt in attempts
    ]
    for part in _parts(lab):
        tried = [
            one
            for one, attempt in judged
            if _without(attempt, one.trial.without) == part.rest
            or (one.trial.without == part.step and _files(attempt, part.step) == part.files)
        ]
        if tried:
            yield part, tried


def _files(attempt: Attempt, step: str) -> frozenset[Path]:
    return frozenset(one.path for one in attempt.steps if one.name == step)


def _without(attempt: Attempt, step: str | None) -> tuple[Step, ...]:
    return tuple(one for one in attempt.steps if one.name != step)


def _stopped(lab: Lab, found: Sequence[Found]) -> Mapping[Left, str]:
    """The steps without which a later one did not run through, and which that was."""
    return {
        part.key: one.stopped_at
        for part, tried in _tried(lab, found)
        for one in tried
        if one.stopped_at
    }


def _lasting(lab: Lab, found: Sequence[Found]) -> frozenset[Left]:
    """The steps without which all holds until the hosts are restarted."""
    return frozenset(
        part.key for part, tried in _tried(lab, found) if all(one.restarted for one in tried)
    )


def _declared(solution: Attempt) -> Mapping[str, frozenset[str]]:
    """What the steps of a solution are said to flip, at once or after a restart."""
    return {**solution.flips, **solution.flips_after_restart}


def _said_of(solution: Attempt) -> frozenset[str]:
    """The steps of a solution of which it is declared what comes of leaving them out."""
    return frozenset((*_declared(solution), *solution.stops))


def _misdeclared(
    lab: Lab, found: Sequence[Found], flips: Mapping[Left, frozenset[str]]
) -> Iterator[Problem]:
    stopped, lasting = _stopped(lab, found), _lasting(lab, found)
    parts = {part.key: part for part in _parts(lab)}
    first = {part.files: part.solution.name for part in parts.values()}
    for solution in (one for one in lab.attempts if one.solution):
        said = {
            step: f"flips {_listed(checks)}"
            + (" after a restart" if step in solution.flips_after_restart else "")
            for step, checks in _declared(solution).items()
        } | {step: f"stops {later}" for step, later in solution.stops.items()}
        for step, what in said.items():
            key = (solution.name, step)
            says = f"solution {solution.name} declares that leaving out {step} {what}"
            if key not in parts:
                where = first[_files(solution, step)]
                yield Problem(Proof.STEP, f"{says}; it is {where}'s step: declare it there")
            elif key in stopped:
                if stopped[key] != solution.stops.get(step):
                    later = f"without it step {stopped[key]} did not run through"
                    yield Problem(Proof.STEP, f"{says}; {later}")
            elif flips.get(key):
                declared = _declared(solution).get(step)
                late = step in solution.flips_after_restart
                if flips[key] != declared or (key in lasting) is not late:
                    when = " after a restart" if key in lasting else ""
                    yield Problem(Proof.STEP, f"{says}; it flipped {_listed(flips[key])}{when}")


def _never_killed(lab: Lab, killed: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    alive = [
        f"{check.name} ({_below(lab, Path(check.file))}:{check.line})"
        for check in lab.checks
        if not check.guard and not killed[check.name]
    ]
    if alive:
        yield Problem(
            Proof.CHECK,
            f"no wrong attempt and no step left out made these fail: {', '.join(alive)}",
        )


def _restarts(lab: Lab) -> Iterator[Problem]:
    lasting = [check.name for check in lab.checks if check.survives_restart]
    if not lasting:
        return
    forgetful = [one for one in lab.attempts if one.fails_after_restart]
    for solution in (one for one in lab.attempts if one.solution):
        if not any(solution.name in one.based_on for one in forgetful):
            yield Problem(
                Proof.RESTART,
                f"no wrong attempt stands on solution {solution.name} and is gone after a restart "
                "(based_on, fails_after_restart)",
            )
    named = frozenset(chain.from_iterable(one.fails_after_restart for one in forgetful))
    if unnamed := [check for check in lasting if check not in named]:
        yield Problem(
            Proof.RESTART,
            f"no wrong attempt has these under fails_after_restart: {', '.join(unnamed)}",
        )


def _worth_copying(lab: Lab) -> Iterator[tuple[str, str]]:
    """The values that must be each apprentice's own, and why."""
    for name, form in lab.form.values.items():
        if not isinstance(form, ValueForm):
            continue
        if form.kind in _DRAWN_SECRETS:
            yield name, f"a {form.kind}"
        elif form.found_in:
            yield name, "to be found"
        elif form.secret:
            yield name, "secret"
        elif form.kind in ("person", "people"):
            yield name, "with a password"


def _copied(value: Any) -> Hashable:  # noqa: ANN401 - a drawn value has any type
    """What of a value two apprentices must not have in common: of people their passwords."""
    match value:
        case Person():
            return value.password
        case tuple():
            return tuple(_copied(item) for item in value)
        case _:
            return repr(value)


def _answer(lab: Lab, attempt: Attempt, values: Values) -> str:
    """The scripts of an attempt as these values fill them in, on one and the same address plan."""
    world = lab.world(values, addresses.subnets(0, lab.networks))
    # A script that only says its seed is the same answer all the same.
    context = {**world.context(values), "seed": 0}
    return "\0".join(step.script(context) for step in attempt.steps)


def _different(drawn: Iterable[Hashable]) -> int:
    """How many different ones there are; counting ends where they are enough."""
    seen: set[Hashable] = set()
    for one in drawn:
        seen.add(one)
        if len(seen) >= LEAST:
            break
    return len(seen)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _page(lab: Lab, attempt: str) -> Path:
    return lab.folder / "attempts" / attempt / "attempt.yaml"


def _below(lab: Lab, file: Path) -> Path:
    return file.relative_to(lab.root) if file.is_relative_to(lab.root) else file
