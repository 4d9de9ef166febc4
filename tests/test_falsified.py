"""What follows from the trials: steps that do not matter, checks that cannot fail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner import catalogue, falsified
from runner.catalogue import Lab
from runner.errors import AuthoringError
from runner.findings import Found, Proof
from tests import small_lab
from tests.small_lab import CHECKS, everything, found

ATTEMPTS = f"{small_lab.LAB}/attempts"
HOUSE = Path(__file__).parent.parent


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return small_lab.write(tmp_path)


def rewritten(root: Path, attempt: str, page: str) -> Lab:
    small_lab.put(root / "house" / ATTEMPTS / attempt / "attempt.yaml", page)
    return small_lab.read(root)


def texts(problems: tuple[object, ...]) -> list[str]:
    return [str(problem) for problem in problems]


def test_each_step_is_left_out_once_and_not_where_a_wrong_attempt_does_it(lab: Lab) -> None:
    once = ("by_hand", "serve"), ("by_hand", "refuse")
    assert falsified.left_out(lab) == once
    assert falsified.left_out(lab, each=True) == (*once, ("with_a_tool", "refuse"))


def test_where_the_same_is_left_of_two_solutions_it_is_played_once_for_both(lab: Lab) -> None:
    tried = [found("by_hand", "stranger_is_refused", without="refuse")]
    assert falsified.steps(lab, tried) == {
        ("by_hand", "refuse"): {"stranger_is_refused"},
        ("with_a_tool", "refuse"): {"stranger_is_refused"},
    }


def test_a_step_matters_by_the_scored_checks_that_do_not_pass_without_it(lab: Lab) -> None:
    assert falsified.steps(lab, everything()) == {
        ("by_hand", "serve"): {"page_is_served", "page_stays"},
        ("by_hand", "refuse"): {"stranger_is_refused"},
        ("with_a_tool", "enable"): {"page_stays"},
        ("with_a_tool", "refuse"): {"stranger_is_refused"},
    }


def test_a_shared_step_counts_wherever_it_was_left_out(lab: Lab) -> None:
    tried = [found("with_a_tool", "page_is_served", without="serve")]
    assert falsified.steps(lab, tried) == {("by_hand", "serve"): {"page_is_served"}}


def test_without_a_step_a_later_one_may_not_run_through(lab: Lab, tmp_path: Path) -> None:
    tried = [found("by_hand", without="serve", stopped_at="enable")]
    assert falsified.steps(lab, tried) == {("by_hand", "serve"): set(CHECKS)}
    assert falsified.problems(lab, tried, whole=False) == ()
    page = falsified.declarations(lab, tried).partition("\n")[2]
    assert page == "stops:\n  serve: enable\n"
    lab = rewritten(tmp_path, "by_hand", f"title: t\nsolution: true\n{page}")
    assert falsified.problems(lab, tried, whole=False) == ()
    assert falsified.declarations(lab, tried) == ""


def test_a_world_that_broke_down_says_nothing_of_a_step(lab: Lab) -> None:
    tried = [found("by_hand", without="serve", ran=False, problem="no engine")]
    assert falsified.steps(lab, tried) == {}


def test_what_several_seeds_flip_is_added_up(lab: Lab) -> None:
    tried = [
        found("by_hand", without="serve"),
        found("by_hand", "page_is_served", without="serve", seed=2),
    ]
    assert falsified.steps(lab, tried) == {("by_hand", "serve"): {"page_is_served"}}


def test_checks_are_killed_by_wrong_attempts_and_by_steps_left_out(lab: Lab) -> None:
    assert falsified.killers(lab, everything()) == {
        "page_is_served": ("by_hand without serve", "all_refused"),
        "page_stays": ("not_enabled", "not_lasting"),
        "stranger_is_refused": ("by_hand without refuse", "with_a_tool without refuse"),
    }


@pytest.mark.parametrize(
    "tried",
    [
        found("idle", *CHECKS),
        found("by_hand", *CHECKS),
        found("all_refused", blocked=CHECKS),
        found("all_refused", ran=False),
        found("unheard_of", *CHECKS),
    ],
    ids=["untouched", "a failed solution", "blocked", "not judged", "gone by now"],
)
def test_what_kills_no_check(lab: Lab, tried: Found) -> None:
    assert set(falsified.killers(lab, [tried]).values()) == {()}


def test_a_lab_that_stands_it_all_has_no_problem(lab: Lab) -> None:
    assert falsified.problems(lab, everything(), whole=True) == ()


def test_a_step_that_flips_nothing_is_a_problem(lab: Lab) -> None:
    tried = [found("by_hand", without="refuse"), found("by_hand", "boss_stays", without="serve")]
    says = "changes no scored check's outcome: the step is not needed, or a check is missing"
    assert texts(falsified.problems(lab, tried, whole=False)) == [
        f"every step matters: leaving out step serve of solution by_hand {says}",
        f"every step matters: leaving out step refuse of solution by_hand {says}",
        f"every step matters: leaving out step refuse of solution with_a_tool {says}",
    ]


def test_checks_that_nothing_makes_fail_are_told_in_one_line(lab: Lab) -> None:
    tried = [found("not_enabled", "page_stays")]
    assert falsified.problems(lab, tried, whole=False) == ()
    assert texts(falsified.problems(lab, tried, whole=True)) == [
        (
            "every check can fail: no wrong attempt and no step left out made these fail: "
            f"page_is_served ({small_lab.GRADER}:12), stranger_is_refused ({small_lab.GRADER}:22)"
        )
    ]


def test_what_is_not_declared_is_printed_to_be_pasted(lab: Lab, tmp_path: Path) -> None:
    page = falsified.declarations(lab, everything())
    folder = lab.folder / "attempts"
    assert page == (
        f"# {folder / 'by_hand/attempt.yaml'}\n"
        "flips:\n"
        "  serve: [page_is_served, page_stays]\n"
        "  refuse: [stranger_is_refused]\n"
        "\n"
        f"# {folder / 'with_a_tool/attempt.yaml'}\n"
        "flips:\n"
        "  refuse: [stranger_is_refused]\n"
    )
    for part in page.split("\n\n"):
        file = Path(part.splitlines()[0].removeprefix("# "))
        small_lab.put(file, file.read_text(encoding="utf-8") + part)
    pasted = small_lab.read(tmp_path)
    assert falsified.declarations(pasted, everything()) == ""
    assert falsified.problems(pasted, everything(), whole=True) == ()


@pytest.mark.parametrize(
    ("flips", "says"),
    [
        (
            "{serve: [page_is_served]}",
            (
                "declares that leaving out serve flips page_is_served; "
                "it flipped page_is_served, page_stays"
            ),
        ),
        (
            "{refuse: [stranger_is_refused, page_stays]}",
            (
                "declares that leaving out refuse flips page_stays, stranger_is_refused; "
                "it flipped stranger_is_refused"
            ),
        ),
        (
            "{enable: [page_stays]}",
            (
                "declares that leaving out enable flips page_stays; "
                "it is with_a_tool's step: declare it there"
            ),
        ),
    ],
)
def test_what_is_declared_otherwise_is_a_problem(
    lab: Lab, tmp_path: Path, flips: str, says: str
) -> None:
    lab = rewritten(tmp_path, "by_hand", f"title: t\nsolution: true\nflips: {flips}\n")
    found_wrong = texts(falsified.problems(lab, everything(), whole=True))
    assert found_wrong == [f"every step matters: solution by_hand {says}"]


@pytest.mark.parametrize(
    ("page", "stopped_at", "says"),
    [
        (
            "flips: {serve: [page_stays]}",
            "enable",
            "flips page_stays; without it step enable did not run through",
        ),
        (
            "stops: {serve: refuse}",
            "enable",
            "stops refuse; without it step enable did not run through",
        ),
        ("stops: {serve: refuse}", None, "stops refuse; it flipped page_is_served"),
    ],
)
def test_what_a_step_stops_is_declared_as_it_is(
    lab: Lab, tmp_path: Path, page: str, stopped_at: str | None, says: str
) -> None:
    lab = rewritten(tmp_path, "by_hand", f"title: t\nsolution: true\n{page}\n")
    tried = [found("by_hand", "page_is_served", without="serve", stopped_at=stopped_at)]
    assert texts(falsified.problems(lab, tried, whole=False)) == [
        f"every step matters: solution by_hand declares that leaving out serve {says}"
    ]
    assert falsified.problems(lab, [], whole=False) == ()


def test_a_declared_check_that_does_not_exist_is_told_with_its_line(
    lab: Lab, tmp_path: Path
) -> None:
    page = "title: t\nsolution: true\nflips:\n  serve: [page_is_served]\n  refuse: [boss_goes]\n"
    lab = rewritten(tmp_path, "by_hand", page)
    [problem] = falsified.on_paper(lab)
    assert problem.proof is Proof.PAPER
    where = lab.folder / "attempts/by_hand/attempt.yaml"
    assert problem.text == f"{where}:5: flips: there is no check 'boss_goes'"


@pytest.mark.parametrize("failed", [("page_is_served", "boss_stays"), ("page_is_served",)])
def test_a_guard_may_be_declared_and_must_fail_then(
    lab: Lab, tmp_path: Path, failed: tuple[str, ...]
) -> None:
    page = "title: t\nsolution: true\nflips: {serve: [page_is_served, boss_stays]}\n"
    lab = rewritten(tmp_path, "by_hand", page)
    assert falsified.on_paper(lab) == ()
    problems = falsified.problems(lab, [found("by_hand", *failed, without="serve")], whole=False)
    assert bool(problems) is ("boss_stays" not in failed)


def test_a_step_that_flips_a_guard_alone_does_not_matter(lab: Lab, tmp_path: Path) -> None:
    page = "title: t\nsolution: true\nflips: {serve: [boss_stays]}\n"
    lab = rewritten(tmp_path, "by_hand", page)
    tried = [found("by_hand", "boss_stays", without="serve")]
    assert "changes no scored check" in str(falsified.problems(lab, tried, whole=False))


def test_a_declared_step_that_does_not_exist_cannot_be_read(lab: Lab, tmp_path: Path) -> None:
    lab = rewritten(tmp_path, "by_hand", "title: t\nsolution: true\nflips:\n  srve: []\n")
    with pytest.raises(AuthoringError, match=r"attempt.yaml:4: flips: there is no step 'srve'"):
        _ = lab.attempts


def test_a_lab_fit_for_restarts_has_no_problem(lab: Lab) -> None:
    assert falsified.on_paper(lab) == ()


def test_each_solution_has_a_version_that_does_not_last(lab: Lab, tmp_path: Path) -> None:
    lab = rewritten(
        tmp_path,
        "not_enabled",
        "title: t\nbased_on: by_hand\nwithout: [enable]\nfails_after_restart: [page_stays]\n",
    )
    assert texts(falsified.on_paper(lab)) == [
        (
            "survives a restart: no wrong attempt stands on solution with_a_tool and is gone "
            "after a restart (based_on, fails_after_restart)"
        )
    ]


def test_each_check_that_must_last_is_failed_by_one(lab: Lab, tmp_path: Path) -> None:
    for name, base in (("not_enabled", "with_a_tool"), ("not_lasting", "by_hand")):
        page = f"title: t\nbased_on: {base}\nfails_after_restart: [page_is_served]\n"
        lab = rewritten(tmp_path, name, page)
    assert texts(falsified.on_paper(lab)) == [
        "survives a restart: no wrong attempt has these under fails_after_restart: page_stays"
    ]


def test_nothing_is_asked_of_restarts_where_no_check_must_survive_one(
    lab: Lab, tmp_path: Path
) -> None:
    grader = lab.grader_file
    text = grader.read_text(encoding="utf-8").replace(", survives_restart=True", "")
    small_lab.put(grader, text)
    for name in ("not_enabled", "not_lasting"):
        lab = rewritten(tmp_path, name, "title: t\nbased_on: by_hand\nfails: [page_stays]\n")
    assert falsified.on_paper(lab) == ()


def test_what_seeds_draw_differs(lab: Lab) -> None:
    # The tool's solution replaces a step; the drawn one stays in it.
    assert falsified.same(lab, (1, 2, 777)) == ()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("{choice: [a, b], secret: true}", "value extra (secret) comes out in 2 ways"),
        ("{fixed: abc, secret: true}", "value extra (secret) comes out in 1 way"),
        ("{sample: [a, b], secret: true, count: 2}", "value extra (secret) comes out in 2 ways"),
        ("{number: [1, 3], found_in: ['web:/x']}", "value extra (to be found) comes out in 3 ways"),
    ],
)
def test_what_a_learner_could_copy_is_a_problem(
    lab: Lab, tmp_path: Path, value: str, says: str
) -> None:
    page = lab.folder / "lab.yaml"
    small_lab.put(page, page.read_text(encoding="utf-8") + f"  extra: {value}\n")
    [problem] = falsified.same(small_lab.read(tmp_path), (1, 2, 99))
    assert str(problem) == (
        f"any seed: {says} with 25 seeds, so it can be copied; at least 8 were expected"
    )


def test_a_solution_that_reads_alike_for_every_seed_is_a_problem(lab: Lab, tmp_path: Path) -> None:
    for step in ("10-serve", "20-refuse"):
        file = lab.folder / "attempts" / "by_hand" / f"{step}.web.sh"
        small_lab.put(file, "echo seed {{ seed }} at {{ address.client.office }}\n")
    found_wrong = falsified.same(small_lab.read(tmp_path))
    assert [problem.text.partition(" comes")[0] for problem in found_wrong] == [
        "what solution by_hand types",
        "what solution with_a_tool types",
    ]


@pytest.mark.parametrize("real", [*catalogue.labs(HOUSE)], ids=lambda one: one.code)
def test_of_real_labs_each_step_is_the_part_of_one_solution(real: Lab) -> None:
    needed = falsified.left_out(real)
    assert len(set(needed)) == len(needed)
    solutions = {one.name: one for one in real.attempts if one.solution}
    assert all(step in {s.name for s in solutions[name].steps} for name, step in needed)
    assert falsified.steps(real, ()) == {}
    assert re.match(r"every check can fail: ", str(falsified.problems(real, (), whole=True)[0]))
