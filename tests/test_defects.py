"""Ten defects, each planted into a copy of a lab, and each caught under its name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from runner import budgets, catalogue, falsified, isolation, life, practical, trying
from runner.catalogue import Lab
from runner.engine import Engine
from runner.findings import Found, Problem, Proof, Trial
from runner.lines import Lines
from runner.session import LABEL
from tests.trial import HOUSES, apprentice, mine, silent, tag, world

SMALL = "labs/jf9_trial/a_small"
GRADER = "graders/jf9_trial/a_small.py"
SCENARIO = "scenarios/pair/scenario.yaml"
SERVE = f"{SMALL}/attempts/service/10-serve.web.sh"

pytestmark = pytest.mark.engine


@pytest.fixture
def house(tmp_path: Path) -> Path:
    left_out = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(HOUSES["9a"], tmp_path / "house", ignore=left_out)


def plant(house: Path, file: str, old: str, new: str) -> Lab:
    """The lab of the house with `old` replaced by `new` in one of its files."""
    path = house / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return catalogue.find("9a", house)


def tried(there: Engine, lab: Lab, trial: Trial) -> Found:
    found = trying.run(there, lab, trial)
    assert mine(there, trial.apprentice) == []
    return found


def solved(seed: int = 1, *, thorough: bool = False) -> Trial:
    return Trial("9a", seed, "service", untouched=True, thorough=thorough)


def texts(problems: tuple[Problem, ...], proof: Proof) -> str:
    """What is said under that name; it is what was found first."""
    own = [one.text for one in problems if one.proof is proof]
    assert own, f"nothing was found under {proof}, but: {problems}"
    return "\n".join(own)


def test_a_check_that_always_passes(there: Engine, house: Path) -> None:
    lab = plant(house, GRADER, "require(values.company().name in page, ", "require(True, ")
    found = tried(there, lab, solved())
    assert "page_served is PASSED, before any work" in texts(found.problems, Proof.UNTOUCHED)
    never = falsified.problems(lab, [found], whole=True)
    assert "page_served (graders/jf9_trial/a_small.py:" in texts(never, Proof.CHECK)


def test_an_answer_in_etc(there: Engine, house: Path) -> None:
    plant(house, f"{SMALL}/lab.yaml", "boss: {person: true}", "answer: {token: 16, secret: true}\n"
          "  boss: {person: true}")  # fmt: skip
    lab = plant(house, SCENARIO, "> /etc/motd", "> /etc/motd; echo '{{ answer }}' > /etc/answer")
    found = tried(there, lab, solved(thorough=True))
    said = texts(found.problems, Proof.ANSWER)
    assert "/etc/answer" in said
    assert "answer" in said


def test_a_step_that_does_nothing(there: Engine, house: Path) -> None:
    (house / SMALL / "attempts" / "service" / "20-polish.web.sh").write_text("true\n")
    lab = catalogue.find("9a", house)
    assert ("service", "polish") in falsified.left_out(lab)
    found = tried(there, lab, Trial("9a", 1, "service", "polish"))
    assert found.problems == ()
    said = texts(falsified.problems(lab, [found], whole=False), Proof.STEP)
    assert "leaving out step polish of solution service changes no scored check's outcome" in said


def test_a_grader_that_writes_a_file(there: Engine, house: Path) -> None:
    lab = plant(house, GRADER, 'return f"getent passwd', 'return f"date > /srv/seen; getent passwd')
    found = tried(there, lab, solved(thorough=True))
    assert "/srv/seen" in texts(found.problems, Proof.LOOKING)


def test_a_check_that_crashes(there: Engine, house: Path) -> None:
    lab = plant(house, GRADER, 'page = client.ask(Page(web.address["office"]))', "page = [][0]")
    said = texts(tried(there, lab, solved()).problems, Proof.UNTOUCHED)
    assert "page_served is BROKEN: IndexError: list index out of range" in said
    assert "a_small.py:" in said


def test_a_network_that_reaches_out(there: Engine) -> None:
    # No scenario can say so: somebody would have to change what makes the networks.
    with world(there, "9a", "reach") as work, Lines(there) as lines:
        host = work.session.container("client")
        # The engine gives the way out itself where there is no other.
        assert lines.open(work.session, "client").run("ip route del default").ok
        there.api.connect_container_to_network(host.id, "bridge")
        found = isolation.breaches(there, work, lines)
    assert "client" in texts(tuple(found), Proof.ISOLATION)


def test_a_failure_that_depends_on_the_seed(there: Engine, house: Path) -> None:
    lab = plant(
        house,
        GRADER,
        "require(values.company().name in page, ",
        "require(values.company().name in page and values.number('number') != "
        f"{catalogue.find('9a', house).values(2).number('number')}, ",
    )
    first, second = (tried(there, lab, solved(seed)) for seed in (1, 2))
    assert first.problems == ()
    assert "page_served is FAILED" in texts(second.problems, Proof.SOLUTION)
    assert str(second.trial).startswith("9a seed 2:")


def test_a_solution_that_does_not_last(there: Engine, house: Path) -> None:
    lab = plant(house, SERVE, "systemctl enable --now page", "systemctl start page")
    said = texts(tried(there, lab, solved()).problems, Proof.RESTART)
    assert "page_served is FAILED: held at first, but no longer after a restart" in said


def test_a_volume_that_is_left(there: Engine) -> None:
    begun = trying.opened(there, catalogue.find("9a", HOUSES["9a"]), Trial("9a", 1, "service"))
    assert begun.work is not None
    with _volume(there, begun.work) as name:
        [session] = mine(there, begun.found.trial.apprentice)
        begun = replace(begun, work=replace(begun.work, session=session))
        found = trying.proceed(there, catalogue.find("9a", HOUSES["9a"]), begun)
    assert texts(found.problems, Proof.LEFT) == f"stopped, but volume {name} is left"


def test_a_lab_over_budget(there: Engine, house: Path) -> None:
    lab = plant(house, SCENARIO, "setup: |\n", "setup: |\n      sleep 5.1\n")
    trial = solved()
    begun = trying.opened(there, lab, trial)
    assert begun.work is not None
    life.stop(there, begun.work.session, silent)
    said = texts(budgets.problems([begun.found]), Proof.BUDGET)
    assert said.startswith("start p95 ")
    assert said.endswith("; at most 5 s was expected")


@contextmanager
def _volume(there: Engine, work: practical.Practical) -> Iterator[str]:
    """One more host of the world, with a volume that has a name."""
    name = f"{apprentice('volume')}-kept"
    labels = {**work.session.tag.labels(), "lab.host": "extra", "lab.administered": "no"}
    assert LABEL in labels
    made = there.api.create_container(
        image=tag("base"),
        command=["true"],
        labels=labels,
        volumes=["/kept"],
        host_config=there.api.create_host_config(binds=[f"{name}:/kept"]),
    )
    assert made["Id"]
    try:
        yield name
    finally:
        there.api.remove_volume(name, force=True)
