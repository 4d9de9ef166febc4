"""Attempts: full ones, and those that are another one with steps left out or replaced."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.attempt import Attempt, named, read_attempts
from runner.errors import AuthoringError, UsageError

HOSTS = ("web", "desk")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lay(
        tmp_path,
        "full",
        "title: All of it\nsolution: true\n",
        "10-install.web",
        "20-open.web",
        "20-open.desk",
        "30-enable.web",
    )
    return tmp_path


def lay(folder: Path, name: str, page: str, *steps: str) -> None:
    (folder / name).mkdir()
    (folder / name / "attempt.yaml").write_text(page, encoding="utf-8")
    for step in steps:
        text = f"echo {name} {{{{ word }}}}\n"
        (folder / name / f"{step}.sh").write_text(text, encoding="utf-8")


def steps(attempt: Attempt) -> list[str]:
    return [f"{s.order} {s.name} {s.host} {s.path.parent.name}" for s in attempt.steps]


def one(folder: Path, name: str) -> Attempt:
    return named(read_attempts(folder, HOSTS), name)


def test_steps_come_in_their_order_and_on_their_hosts(folder: Path) -> None:
    assert steps(one(folder, "full")) == [
        "10 install web full",
        "20 open desk full",
        "20 open web full",
        "30 enable web full",
    ]


def test_a_step_is_a_template(folder: Path) -> None:
    assert one(folder, "full").steps[0].script({"word": "hello"}) == "echo full hello\n"


def test_what_is_left_out_is_left_out_on_every_host(folder: Path) -> None:
    lay(folder, "closed", "title: t\nbased_on: full\nwithout: [open]\nfails: [a]\n")
    assert steps(one(folder, "closed")) == ["10 install web full", "30 enable web full"]


def test_a_step_of_the_same_name_takes_the_place_of_the_old_on_all_hosts(folder: Path) -> None:
    lay(folder, "wide", "title: t\nbased_on: full\nfails: [a]\n", "40-open.desk")
    assert steps(one(folder, "wide")) == [
        "10 install web full",
        "30 enable web full",
        "40 open desk wide",
    ]


def test_a_step_of_a_new_name_is_added(folder: Path) -> None:
    lay(folder, "more", "title: t\nbased_on: full\nfails: [a]\n", "05-before.desk")
    assert steps(one(folder, "more"))[0] == "05 before desk more"
    assert len(steps(one(folder, "more"))) == 5


def test_attempts_stand_on_each_other(folder: Path) -> None:
    lay(folder, "second", "title: t\nbased_on: full\nsolution: true\n", "20-open.web")
    lay(folder, "third", "title: t\nbased_on: second\nwithout: [install, open]\nfails: [a]\n")
    assert steps(one(folder, "second")) == [
        "10 install web full",
        "20 open web second",
        "30 enable web full",
    ]
    assert steps(one(folder, "third")) == ["30 enable web full"]


def test_what_must_fail_is_not_inherited(folder: Path) -> None:
    lay(folder, "wrong", "title: t\nbased_on: full\nwithout: [enable]\nfails_after_restart: [up]\n")
    found = one(folder, "wrong")
    assert (found.solution, found.fails) == (False, frozenset())
    assert found.fails_after_restart == {"up"}


def test_what_an_attempt_stands_on_is_known_the_nearest_first(folder: Path) -> None:
    lay(folder, "second", "title: t\nbased_on: full\nsolution: true\n")
    lay(folder, "third", "title: t\nbased_on: second\nfails: [a]\n")
    assert one(folder, "full").based_on == ()
    assert one(folder, "third").based_on == ("second", "full")


def test_a_solution_says_what_its_steps_are_for(folder: Path) -> None:
    page = "title: t\nbased_on: full\nsolution: true\nflips: {open: [a, b], install: []}\n"
    lay(folder, "second", page)
    assert one(folder, "second").flips == {"open": {"a", "b"}, "install": set()}
    assert one(folder, "full").flips == {}


def test_a_solution_says_which_step_stops_without_another(folder: Path) -> None:
    lay(folder, "second", "title: t\nbased_on: full\nsolution: true\nstops: {install: open}\n")
    assert one(folder, "second").stops == {"install": "open"}


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ("solution: true\nflips:\n  opn: [a]\n", "3: flips: there is no step 'opn'"),
        ("fails: [a]\nflips: {open: [a]}\n", "'flips' is said of a solution"),
        ("solution: true\nstops:\n  opn: open\n", "3: stops: there is no step 'opn'"),
        (
            "solution: true\nstops:\n  open: install\n",
            "3: stops: there is no step 'install' after 'open'",
        ),
        ("fails: [a]\nstops: {install: open}\n", "'stops' is said of a solution"),
        (
            "solution: true\nflips: {install: [a]}\nstops: {install: open}\n",
            "step install stands under 'flips' and under 'stops'",
        ),
        ("solution: true\napart: [open, full]\n", "2: apart: there is no step 'full'"),
        ("fails: [a]\napart: [full, opn]\n", "2: apart: there is no attempt and no step 'opn'"),
    ],
)
def test_what_cannot_be_said_of_it(folder: Path, page: str, says: str) -> None:
    lay(folder, "second", f"{page}title: t\nbased_on: full\n")
    with pytest.raises(AuthoringError) as caught:
        read_attempts(folder, HOSTS)
    assert says in str(caught.value)
    assert "attempt.yaml" in str(caught.value)


def test_solutions_come_first(folder: Path) -> None:
    lay(folder, "a_wrong_one", "title: t\nfails: [a]\n")
    lay(folder, "z_right_one", "title: t\nsolution: true\n", "10-all.web")
    found = read_attempts(folder, HOSTS)
    assert [a.name for a in found] == ["full", "z_right_one", "a_wrong_one"]


def test_a_lab_without_attempts_has_none(tmp_path: Path) -> None:
    assert read_attempts(tmp_path / "none", HOSTS) == ()


def test_an_unknown_name_is_told_with_those_there_are(folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        one(folder, "ful")
    assert str(caught.value) == "there is no attempt 'ful'"
    assert caught.value.remedy == "there are: full"
