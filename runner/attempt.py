"""Ways to do the job, right and wrong, as authors write them and CI plays them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner import authored
from runner.errors import AuthoringError, UsageError
from runner.forms import AttemptForm

_STEP = re.compile(r"^(?P<order>\d\d)-(?P<name>[a-z][a-z0-9_]*)\.(?P<host>[a-z][a-z0-9]*)\.sh$")


@dataclass(frozen=True, slots=True)
class Step:
    """One named step on one host: a shell script, a template over the lab's values."""

    order: str
    name: str
    host: str
    path: Path

    def script(self, context: Mapping[str, Any]) -> str:
        """The script as it is run."""
        return authored.render(authored.read_text(self.path), context, file=self.path)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A way to do the job. `fails` and `fails_after_restart` are empty for a solution.

    `based_on` names what it stands on, the nearest first. `flips` names, for steps of a solution,
    the checks that do not pass where the step is left out; `flips_after_restart` those that
    pass until the hosts are restarted; `stops` the later step that does not run through without it.
    `apart` names what is not made in the same world: attempts, and steps that are left out; of a
    solution, its own steps that have a world to themselves.
    """

    name: str
    title: str
    solution: bool
    steps: tuple[Step, ...]
    fails: frozenset[str]
    fails_after_restart: frozenset[str]
    based_on: tuple[str, ...] = ()
    flips: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    flips_after_restart: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    stops: Mapping[str, str] = field(default_factory=dict, hash=False)
    apart: frozenset[str] = frozenset()


def read_attempts(folder: Path, hosts: tuple[str, ...]) -> tuple[Attempt, ...]:
    """Every attempt in `folder`, solutions first, then by name."""
    if not folder.is_dir():
        return ()
    names = sorted(p.name for p in folder.iterdir() if p.is_dir())
    found = [_read(folder, name, hosts) for name in names]
    return tuple(sorted(found, key=lambda attempt: (not attempt.solution, attempt.name)))


def named(attempts: tuple[Attempt, ...], name: str) -> Attempt:
    """The attempt of that name; UsageError lists those that exist."""
    for attempt in attempts:
        if attempt.name == name:
            return attempt
    raise UsageError(
        f"there is no attempt {name!r}", remedy=f"there are: {', '.join(a.name for a in attempts)}"
    )


def in_order(steps: Iterable[Step]) -> tuple[Step, ...]:
    """The steps as they are played."""
    return tuple(sorted(steps, key=lambda step: (step.order, step.name, step.host)))


def _read(folder: Path, name: str, hosts: tuple[str, ...]) -> Attempt:
    chain = [(name, *_form(folder, name))]
    while (base := chain[-1][1].based_on) is not None:
        source = chain[-1][2]
        if base in [n for n, _, _ in chain]:
            raise source.wrong(f"based_on goes round in a circle: {base}", "based_on")
        if not (folder / base).is_dir():
            raise source.wrong(f"based_on: there is no attempt {base!r}", "based_on")
        chain.append((base, *_form(folder, base)))
    form, own_source = chain[0][1], chain[0][2]
    steps: dict[tuple[str, str], Step] = {}
    for other, its_form, source in reversed(chain):
        for gone in its_form.without:
            keys = [key for key in steps if key[0] == gone]
            if not keys:
                there = ", ".join(dict.fromkeys(step for step, _ in steps)) or "no steps"
                raise source.wrong(
                    f"without: there is no step {gone!r} in what it is based on",
                    "without",
                    its_form.without.index(gone),
                    remedy=f"there are: {there}",
                )
            for key in keys:
                del steps[key]
        own = _steps(folder / other, hosts)
        for replaced in {step.name for step in own} & {key[0] for key in steps}:
            for key in [key for key in steps if key[0] == replaced]:
                del steps[key]
        steps |= {(step.name, step.host): step for step in own}
    played = in_order(steps.values())
    _refuse_unknown_steps(form, own_source, tuple(step.name for step in played))
    _refuse_unknown_others(form, own_source, folder, {step.name for step in played})
    return Attempt(
        name=name,
        title=form.title,
        solution=form.solution,
        steps=played,
        fails=frozenset(form.fails),
        fails_after_restart=frozenset(form.fails_after_restart),
        based_on=tuple(base for base, _, _ in chain[1:]),
        flips={step: frozenset(checks) for step, checks in form.flips.items()},
        flips_after_restart={
            step: frozenset(checks) for step, checks in form.flips_after_restart.items()
        },
        stops=form.stops,
        apart=frozenset(form.apart),
    )


def _refuse_unknown_steps(
    form: AttemptForm, source: authored.Source, steps: tuple[str, ...]
) -> None:
    declared: dict[str, Collection[str]] = {
        "flips": form.flips,
        "flips_after_restart": form.flips_after_restart,
        "stops": form.stops,
    }
    for key, step in ((key, step) for key, flips in declared.items() for step in flips):
        if step not in steps:
            raise source.wrong(
                f"{key}: there is no step {step!r}",
                key,
                step,
                remedy=f"there are: {', '.join(dict.fromkeys(steps)) or 'no steps'}",
            )
    for step, stopped in form.stops.items():
        later = [name for name in steps[steps.index(step) :] if name != step]
        if stopped not in later:
            raise source.wrong(
                f"stops: there is no step {stopped!r} after {step!r}",
                "stops",
                step,
                remedy=f"there are: {', '.join(dict.fromkeys(later)) or 'no later steps'}",
            )


def _refuse_unknown_others(
    form: AttemptForm, source: authored.Source, folder: Path, steps: Collection[str]
) -> None:
    what = "attempt and no step"
    known = "wrong attempts, or steps of the solution that are left out"
    if form.solution:
        what, known = "step", "steps of its own"
    for number, name in enumerate(form.apart):
        if name not in steps and (form.solution or not (folder / name).is_dir()):
            raise source.wrong(
                f"apart: there is no {what} {name!r}",
                "apart",
                number,
                remedy=f"it names {known}",
            )


def _form(folder: Path, name: str) -> tuple[AttemptForm, authored.Source]:
    source = authored.Source.of(folder / name / "attempt.yaml")
    return source.fit(AttemptForm), source


def _steps(folder: Path, hosts: tuple[str, ...]) -> tuple[Step, ...]:
    found: list[Step] = []
    for path in sorted(folder.iterdir()):
        if path.name == "attempt.yaml":
            continue
        match = _STEP.match(path.name)
        if match is None:
            raise AuthoringError(
                "is no step; a name like 10-firewall.gateway.sh was expected (order, step, host)",
                file=path,
            )
        if match["host"] not in hosts:
            raise AuthoringError(
                f"there is no host {match['host']!r}",
                file=path,
                remedy=f"there are: {', '.join(hosts)}",
            )
        twins = [s.path.name for s in found if (s.name, s.host) == (match["name"], match["host"])]
        if twins:
            raise AuthoringError(
                f"is the same step on the same host as {twins[0]}; give it another name", file=path
            )
        found.append(Step(match["order"], match["name"], match["host"], path))
    return tuple(found)
