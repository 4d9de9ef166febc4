"""The outcome of a validation: for people a table a lab, for programs plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from runner import budgets, falsified
from runner.catalogue import Lab
from runner.findings import Found, Problem, Proof, World
from runner.printable import printable
from runner.tables import Cell, Table, table
from runner.voice import counted

_OF_ALL = frozenset({Proof.STEP, Proof.CHECK, Proof.BUDGET})
"""What is only known once all of a lab's trials were run."""


@dataclass(frozen=True)
class Validated:
    """What the validation of a lab brought.

    `problems` are those of the lab as a whole; those of single trials stand with the trials.
    `whole` says that all trials were run.
    """

    lab: Lab
    seeds: tuple[int, ...]
    found: tuple[Found, ...]
    problems: tuple[Problem, ...]
    whole: bool

    @property
    def every(self) -> tuple[Problem, ...]:
        """All problems, wherever they showed."""
        return (*self.problems, *(one for found in self.found for one in found.problems))


def validated(
    lab: Lab,
    seeds: Sequence[int],
    on_paper: Sequence[Problem],
    found: Sequence[Found],
    *,
    whole: bool,
) -> Validated:
    """Draw the conclusions from the trials of a lab."""
    problems = [*on_paper]
    if found:
        problems += falsified.problems(lab, found, whole=whole)
    if found and whole:
        problems += budgets.problems(found, budgets.waits(lab.checks))
    return Validated(lab, tuple(seeds), tuple(found), tuple(problems), whole)


def trial_text(one: Found) -> str:
    """A trial that was judged, in a line, and its problems in further ones."""
    mark = "PROBLEM" if one.problems else "ok     "
    lines = [f"{mark}  {one.trial} ({one.seconds:.0f} s)"]
    lines += [f"         {printable(str(problem))}" for problem in one.problems]
    return "\n".join(lines)


def strayed_text(world: World) -> str:
    """Mistakes that one world was to share and that had to be made one by one, and what to do."""
    return (
        f"{world[0].code}: together these came out otherwise than named, and were made one by one: "
        f"{', '.join(trial.short for trial in world)}. "
        "Name what gets into an attempt's way under `apart` in its attempt.yaml."
    )


def result_table(result: Validated) -> Table:
    """Each proof, whether it holds, and how much it rests on."""
    trials = _trials(result)
    rests_on = _rests_on(result) | {one: counted(many, "trial") for one, many in trials.items()}
    beside = sum(bool(one.beside) for one in result.found)
    if beside:
        rests_on[Proof.WRONG] += f", {beside} with other mistakes beside them"
    broken = Counter(problem.proof for problem in result.every)
    rows = []
    for proof in Proof:
        asked = result.whole if proof in _OF_ALL else trials.get(proof) != 0
        if broken[proof]:
            state = Cell(counted(broken[proof], "problem"), "bold red")
        else:
            state = Cell("holds", "green") if asked else Cell("not asked", "dim")
        rows.append((Cell(str(proof)), state, Cell(rests_on.get(proof, "") if asked else "")))
    return table(("Proof", result.lab.code, "Rests on"), rows)


def data(results: Sequence[Validated]) -> dict[str, Any]:
    """The outcome as plain data; docs/json.md names the fields."""
    return {
        "ok": not any(result.every for result in results),
        "labs": [
            {
                "code": result.lab.code,
                "seeds": list(result.seeds),
                "whole": result.whole,
                "problems": [_problem(one) for one in result.problems],
                "steps": [
                    {"solution": solution, "step": step, "flips": sorted(flipped)}
                    for (solution, step), flipped in falsified.steps(
                        result.lab, result.found
                    ).items()
                ],
                "checks": [
                    {"check": check, "killed_by": list(by)}
                    for check, by in falsified.killers(result.lab, result.found).items()
                ],
            }
            for result in results
        ],
        "trials": [_trial(one) for result in results for one in result.found],
    }


def _trial(one: Found) -> dict[str, Any]:
    return {
        "code": one.trial.code,
        "seed": one.trial.seed,
        "attempt": one.trial.attempt,
        "without": one.trial.without,
        "untouched": one.trial.untouched,
        "thorough": one.trial.thorough,
        "ok": not one.problems,
        "problems": [_problem(problem) for problem in one.problems],
        "outcomes": [
            {"check": check, "outcome": str(outcome)} for check, outcome in one.outcomes.items()
        ],
        "stopped_at": one.stopped_at,
        "restarted": one.restarted,
        "beside": list(one.beside),
        "start": round(one.start, 3),
        "grade": round(one.grade, 3),
        "reset": round(one.reset, 3),
        "stop": round(one.stop, 3),
        "seconds": round(one.seconds, 3),
        "memory": one.memory,
    }


def _problem(one: Problem) -> dict[str, str]:
    return {"proof": str(one.proof), "text": one.text}


def _rests_on(result: Validated) -> dict[Proof, str]:
    """What proofs stand on that are not about worlds: steps, checks, seeds, times."""
    lab, found = result.lab, result.found
    steps, killed = falsified.steps(lab, found), falsified.killers(lab, found)
    return {
        Proof.STEP: f"{sum(map(bool, steps.values()))} of {counted(len(steps), 'step')}",
        Proof.CHECK: f"{sum(map(bool, killed.values()))} of {counted(len(killed), 'check')}",
        Proof.SEED: f"seeds {', '.join(map(str, result.seeds))}",
        Proof.BUDGET: ", ".join(_spent(budgets.spent(found))),
        Proof.RESTART: counted(sum(one.survives_restart for one in lab.checks), "check"),
    }


def _trials(result: Validated) -> dict[Proof, int]:
    """In how many trials each of the proofs was tried that need a world."""
    lab, found = result.lab, result.found
    thorough = sum(one.trial.thorough for one in found)
    return {
        Proof.WORLD: len(found),
        Proof.UNTOUCHED: sum(one.trial.untouched for one in found),
        Proof.SOLUTION: sum(_plays(lab, one, right=True) for one in found),
        Proof.WRONG: sum(_plays(lab, one, right=False) for one in found),
        Proof.LOOKING: thorough,
        Proof.ANSWER: thorough,
        Proof.ISOLATION: thorough,
        Proof.FAULT: thorough,
        Proof.LEFT: len(found),
    }


def _plays(lab: Lab, one: Found, *, right: bool) -> bool:
    solutions = {attempt.name for attempt in lab.attempts if attempt.solution}
    return one.trial.without is None and (one.trial.attempt in solutions) is right


def _spent(took: budgets.Spent) -> Iterator[str]:
    for name, spread in (("start", took.start), ("grade", took.grade), ("stop", took.stop)):
        if spread.timed:
            yield f"{name} {spread.p95:.1f} s"
    if took.memory:
        yield f"{took.memory / budgets.MIB:.0f} MiB"


def flaws(results: Sequence[Validated]) -> int:
    """In how many places there are problems: labs as a whole, and worlds."""
    return sum(
        bool(result.problems) + sum(bool(one.problems) for one in result.found)
        for result in results
    )
