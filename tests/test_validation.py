"""What a lab must stand before its grader is trusted."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest

from runner import budgets, catalogue, together, trying, validation
from runner.catalogue import Lab
from runner.engine import Engine
from runner.findings import Found, Problem, Proof, Trial
from runner.verbs_validate import validate
from runner.verdict import Outcome
from tests.trial import HOUSES, lab, mine

SMALL = "labs/jf9_trial/a_small"


@pytest.fixture
def house(tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(HOUSES["9a"], tmp_path / "house", ignore=left_out)


def trials(lab: Lab, *seeds: int, alone: bool = False) -> tuple[Trial, ...]:
    return tuple(chain.from_iterable(validation.worlds(lab, seeds, alone=alone)))


def test_what_is_too_little_is_counted() -> None:
    assert [one.text for one in validation.read(lab("9a"), (1, 2))][:3] == [
        "1 scored checks; at least 8 were expected",
        "1 guards; at least 2 were expected",
        "2 wrong attempts; at least 4 were expected",
    ]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("fails: [page_servd]", "attempt extra names a check that does not exist: page_servd"),
        (
            "fails_after_restart: [boss_has_an_account]",
            "attempt extra: boss_has_an_account is no check that must survive a restart",
        ),
        ("solution: true", "solution extra has no steps"),
    ],
)
def test_an_attempt_that_names_what_is_not_there_is_a_problem(
    house: Path, page: str, says: str
) -> None:
    folder = house / SMALL / "attempts" / "extra"
    folder.mkdir()
    (folder / "attempt.yaml").write_text(f"title: t\n{page}\n", encoding="utf-8")
    found = validation.read(catalogue.find("9a", house), (1, 2))
    assert Problem(Proof.PAPER, says) in found


def test_seeds_play_the_solutions_and_the_rest_is_dealt_out() -> None:
    planned = trials(lab("9a"), 1, 2, 77)
    # That the step is left out, `nothing` says as well.
    assert [str(trial) for trial in planned] == [
        "9a seed 1: untouched, then service",
        "9a seed 1: nothing",
        "9a seed 2: untouched, then service",
        "9a seed 2: memory",
        "9a seed 77: untouched, then service",
    ]
    assert [trial.thorough for trial in planned] == [True, False, False, False, False]
    assert [trial.brief for trial in planned] == [False, False, True, True, True]


def test_a_step_is_left_out_where_no_wrong_attempt_does(house: Path) -> None:
    (house / SMALL / "attempts" / "service" / "20-polish.web.sh").write_text("true\n")
    planned = trials(catalogue.find("9a", house), 1)
    assert [str(trial) for trial in planned if trial.without] == [
        "9a seed 1: service without serve",
        "9a seed 1: service without polish",
    ]


def test_the_last_seed_is_new_each_time() -> None:
    first, second = validation.seeds(), validation.seeds()
    assert first[:-1] == second[:-1] == validation.SEEDS
    assert first[-1] != second[-1]


def test_a_lab_without_solution_is_tried_as_far_as_it_goes(house: Path) -> None:
    for name in ("service", "memory"):
        shutil.rmtree(house / SMALL / "attempts" / name)
    found = trials(catalogue.find("9a", house), 1, 2)
    assert [str(trial) for trial in found] == ["9a seed 1: untouched, then nothing"]
    shutil.rmtree(house / SMALL / "attempts" / "nothing")
    assert trials(catalogue.find("9a", house), 1, 2) == ()


def test_as_many_worlds_are_side_by_side_as_the_command_says() -> None:
    (jobs,) = (one for one in validate.params if one.name == "jobs")
    assert jobs.default == validation.JOBS


def test_each_trial_has_an_apprentice_of_its_own() -> None:
    names = [Trial("9a", 1, f"a_{'very_' * 8}long_name", untouched=False).apprentice]
    names += [trial.apprentice for trial in trials(lab("9a"), 1, 2)]
    assert all(len(name) <= 32 and name.replace("-", "").isalnum() for name in names)


@pytest.mark.engine
@pytest.mark.parametrize(
    ("attempt", "page", "says"),
    [
        (
            "nothing",
            "fails: [boss_has_an_account]",
            (
                "boss_has_an_account is PASSED, but must come out FAILED",
                "page_served FAILED, which is not named: the page does not show the company's name",
            ),
        ),
        (
            "nothing",
            "fails_after_restart: [page_served]",
            ("page_served FAILED before the restart, not after it",),
        ),
        (
            "nothing",
            "solution: true",
            ("page_served is FAILED: the page does not show the company's name",),
        ),
    ],
)
def test_a_grader_that_does_not_find_what_it_should_is_found_out(
    there: Engine, house: Path, attempt: str, page: str, says: tuple[str, ...]
) -> None:
    path = house / SMALL / "attempts" / attempt / "attempt.yaml"
    path.write_text(f"title: t\n{page}\n", encoding="utf-8")
    trial = Trial("9a", 3, attempt, untouched=False)
    found = trying.run(there, catalogue.find("9a", house), trial)
    assert tuple(one.text for one in found.problems) == says
    assert mine(there, trial.apprentice) == []


@pytest.mark.engine
def test_a_step_that_does_not_run_through_is_a_problem_and_the_world_is_removed(
    there: Engine, house: Path
) -> None:
    step = house / SMALL / "attempts" / "service" / "10-serve.web.sh"
    step.write_text("echo oh no >&2\nfalse\n", encoding="utf-8")
    trial = Trial("9a", 4, "service", untouched=True)
    found = trying.run(there, catalogue.find("9a", house), trial)
    assert found.problems == (
        Problem(Proof.SOLUTION, "step serve of attempt service ended with 1 on web: oh no"),
    )


@pytest.mark.engine
def test_a_later_step_that_needs_one_that_is_left_out_is_no_fault(
    there: Engine, house: Path
) -> None:
    step = house / SMALL / "attempts" / "service" / "20-polish.web.sh"
    step.write_text("systemctl is-active page\n", encoding="utf-8")
    found = trying.run(
        there, catalogue.find("9a", house), Trial("9a", 4, "service", without="serve")
    )
    assert (found.problems, found.outcomes, found.stopped_at) == ((), {}, "polish")


NOTE = '''

@check()
def note_is_left(web: Host) -> None:
    """A note says what was done."""
    require(web.ask(Account("note")), "there is no note")
'''
"""A second thing to forget."""


def forgetful(house: Path, *, instead: str = "true\n") -> Lab:
    """The lab with a second check and a step for it, and an attempt that forgets each step.

    `instead` is what the second one does in the place of its step.
    """
    grader = house / "graders/jf9_trial/a_small.py"
    grader.write_text(grader.read_text() + NOTE)
    attempts = house / SMALL / "attempts"
    (attempts / "service" / "20-note.web.sh").write_text("useradd note\n")
    for name, page in (
        ("unserved", "without: [serve]\nfails: [page_served]\n"),
        ("unnoted", "fails: [note_is_left]\n"),
    ):
        (attempts / name).mkdir()
        (attempts / name / "attempt.yaml").write_text(f"title: t\nbased_on: service\n{page}")
    (attempts / "unnoted" / "20-note.web.sh").write_text(instead)
    return catalogue.find("9a", house)


def played_together(there: Engine, lab: Lab) -> tuple[Found, ...]:
    """What the two forgetful attempts bring, planned for one world."""
    planned = (Trial("9a", 5, "unnoted"), Trial("9a", 5, "unserved"))
    assert together.grouped(lab, [one.key for one in planned]) == (
        tuple(one.key for one in planned),
    )
    found = validation.prove(there, lab, [planned])
    assert [one for trial in planned for one in mine(there, trial.apprentice)] == []
    return found


@pytest.mark.engine
def test_mistakes_that_are_told_apart_share_a_world(there: Engine, house: Path) -> None:
    found = played_together(there, forgetful(house))
    assert [one.problems for one in found] == [(), ()]
    assert [one.beside for one in found] == [("unserved",), ("unnoted",)]
    assert found[0].outcomes["note_is_left"] is found[1].outcomes["page_served"] is Outcome.FAILED
    assert "page_served" not in found[0].outcomes


@pytest.mark.engine
def test_one_that_fails_after_a_restart_shares_a_world_with_one_that_fails_at_once(
    there: Engine, house: Path
) -> None:
    planned = (Trial("9a", 5, "unnoted"), Trial("9a", 5, "memory"))
    found = validation.prove(there, forgetful(house), [planned])
    assert [one.problems for one in found] == [(), ()]
    assert [one.beside for one in found] == [("memory",), ("unnoted",)]
    assert [one.restarted for one in found] == [False, True]


@pytest.mark.engine
@pytest.mark.parametrize(
    ("needs", "beside"),
    [("systemctl is-active page", [("service without serve",), ("unnoted",)]), ("true", [(), ()])],
    ids=["as declared", "not at all"],
)
def test_a_step_that_stops_a_later_one_is_made_after_all_beside_other_mistakes(
    there: Engine, house: Path, needs: str, beside: list[tuple[str, ...]]
) -> None:
    forgetful(house)
    solution = house / SMALL / "attempts" / "service"
    (solution / "15-polish.web.sh").write_text(f"{needs}\n")
    page = "title: t\nsolution: true\nstops: {serve: polish}\n"
    (solution / "attempt.yaml").write_text(page)
    planned = (Trial("9a", 5, "unnoted"), Trial("9a", 5, "service", "serve"))
    found = validation.prove(there, catalogue.find("9a", house), [planned])
    assert [one.problems for one in found] == [(), ()]
    assert [one.beside for one in found] == beside
    assert [one.stopped_at for one in found] == [None, "polish" if any(beside) else None]
    assert bool(found[1].outcomes) is not any(beside)


@pytest.mark.engine
def test_mistakes_that_are_not_told_apart_are_made_one_by_one(there: Engine, house: Path) -> None:
    # Where nothing is served, what is done in place of the note does not run through.
    found = played_together(there, forgetful(house, instead="systemctl is-active page\n"))
    assert [one.problems for one in found] == [(), ()]
    assert [one.beside for one in found] == [(), ()]
    assert found[0].outcomes["page_served"] is Outcome.PASSED


@pytest.mark.engine
def test_what_was_over_budget_beside_another_is_timed_again_alone(
    there: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    timed: dict[int, float] = {}

    def problems(found: Sequence[Found], _: float) -> tuple[Problem, ...]:
        (one,) = found
        timed[one.trial.seed] = one.start
        return (Problem(Proof.BUDGET, "start"),) if one.trial.seed == 2 else ()

    monkeypatch.setattr(budgets, "problems", problems)
    untouched = [world for world in validation.worlds(lab("9a"), (7, 1, 2)) if world[0].untouched]
    heard: list[Found] = []
    found = validation.prove(there, lab("9a"), untouched[1:], told=heard.append)
    assert sorted(heard, key=lambda one: one.trial.seed) == list(found)
    assert [one.problems for one in found] == [(), ()]
    assert [one.start == timed[one.trial.seed] for one in found] == [True, False]
    assert [one for (trial,) in untouched for one in mine(there, trial.apprentice)] == []


@pytest.mark.engine
def test_a_world_that_was_interrupted_is_removed_by_what_opened_it(there: Engine) -> None:
    planned = [one for one in validation.worlds(lab("9a"), (1, 2)) if not one[0].thorough]

    def told(_: Found) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        validation.prove(there, lab("9a"), planned, jobs=1, told=told)
    assert [one for (trial,) in planned for one in mine(there, trial.apprentice)] == []
