"""One verb after another, and what happens when one of them is cut short."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from runner import building, catalogue, life, practical, session
from runner.attempt import named
from runner.engine import Engine
from runner.errors import (
    AlreadyRunning,
    Exit,
    NoSession,
    WorldChanged,
)
from runner.practical import Practical, StepFailed
from runner.session import PROVISIONAL, Tag
from runner.verdict import Outcome
from tests.trial import (
    HOUSES,
    apprentice,
    clear,
    inside,
    lab,
    left,
    mine,
    program,
    running_in,
    silent,
    world,
)

pytestmark = pytest.mark.engine

MOMENTS = (0.05, 0.3, 0.7, 1.3, 2.2)
"""Seconds after which a program is killed: from the first network to the last `ready`."""


@pytest.fixture(scope="module")
def joe(there: Engine) -> Iterator[Practical]:
    """A world that tests look at and leave as it is."""
    with world(there, "9a", "joe") as work:
        yield work


@pytest.fixture
def nobody(request: pytest.FixtureRequest, there: Engine) -> Iterator[str]:
    """A name under which nothing runs, neither before nor after."""
    name = request.node.name.replace("[", "-").replace("]", "").removeprefix("test_")[:16]
    yield name
    clear(there, apprentice(name))


# --- start, again and after everything stood still ------------------------------------------------


def test_a_running_world_is_resumed_at_once(there: Engine, joe: Practical) -> None:
    began = monotonic()
    started = life.start(there, lab("9a"), joe.session.tag.apprentice, say=silent)
    assert monotonic() - began < 3
    assert (started.resumed, started.revived) == (True, False)
    assert started.practical.session == joe.session
    assert started.practical.brief == joe.brief


def test_another_seed_is_refused_while_it_runs(there: Engine, joe: Practical) -> None:
    who = joe.session.tag.apprentice
    assert life.start(there, lab("9a"), who, seed=5, say=silent).resumed
    with pytest.raises(AlreadyRunning, match=rf"9a runs already for {who}, with seed 5"):
        life.start(there, lab("9a"), who, seed=6, say=silent)


def test_a_world_of_an_older_lab_is_not_judged_by_the_new_one(
    there: Engine, joe: Practical
) -> None:
    class Edited(type(joe.lab)):  # type: ignore[misc]  # mypy wants a name, not an expression
        revision = "0123456789abcdef"

    edited = Edited(joe.lab.code, joe.lab.folder, joe.lab.root)
    with pytest.raises(WorldChanged, match="lab 9a was changed since this world was started"):
        life.start(there, edited, joe.session.tag.apprentice, say=silent)


def test_hosts_that_were_killed_come_back_with_the_work_in_them(there: Engine, nobody: str) -> None:
    with world(there, "9a", nobody) as work:
        inside(there, work, "web", "echo mine > /root/work; echo mine > /etc/work")
        for one in work.session.containers:
            there.api.kill(one.id)
        told: list[object] = []
        started = life.start(there, work.lab, apprentice(nobody), say=told.append)
        assert (started.resumed, started.revived, told) == (True, True, [])
        assert inside(there, started.practical, "web", "cat /root/work /etc/work") == "mine\nmine\n"
        assert inside(there, started.practical, "web", "systemctl is-active ssh") == "active\n"
        grade = practical.judge(there, started.practical)
        assert grade.exit is Exit.NOT_YET


def test_a_host_that_is_off_is_no_failure_and_start_switches_it_on(
    there: Engine, nobody: str
) -> None:
    with world(there, "9a", nobody) as work:
        there.api.stop(work.session.container("web").id, timeout=3)
        grade = practical.judge(there, work)
        account, page = grade.verdicts
        assert (account.outcome, page.outcome) == (Outcome.BROKEN, Outcome.FAILED)
        assert account.reason == "host web is switched off"
        assert grade.exit is Exit.NOT_GRADED
        again = life.start(there, work.lab, apprentice(nobody), say=silent)
        assert again.revived
        assert practical.judge(there, again.practical).verdicts[0].outcome is Outcome.PASSED


def test_a_world_whose_host_never_gets_ready_again_is_handed_over_with_a_word(
    there: Engine, nobody: str, tmp_path: Path
) -> None:
    house = shutil.copytree(HOUSES["9a"], tmp_path / "house")
    page = house / "scenarios" / "pair" / "scenario.yaml"
    page.write_text(page.read_text().replace("    ready: ", "    ready_within: 2\n    ready: "))
    impatient = catalogue.find("9a", house)
    try:
        work = life.start(there, impatient, apprentice(nobody), say=silent).practical
        inside(there, work, "web", "systemctl mask --now ssh.service ssh.socket")
        there.api.kill(work.session.container("web").id)
        told: list[str] = []
        started = life.start(
            there, impatient, apprentice(nobody), say=lambda what: told.append(str(what))
        )
    finally:
        clear(there, apprentice(nobody))
    assert started.revived
    assert told[-1] == "host web was not ready after 2 s: inactive"


def test_a_world_that_lost_a_host_says_so(there: Engine, nobody: str) -> None:
    with world(there, "9a", nobody) as work:
        there.api.remove_container(work.session.container("web").id, force=True)
        with pytest.raises((WorldChanged, NoSession)):
            practical.running(there, HOUSES["9a"], apprentice(nobody), "9a")


def test_reset_gives_the_same_world_without_the_work(there: Engine, nobody: str) -> None:
    with world(there, "9a", nobody) as work:
        inside(there, work, "web", "touch /root/work")
        fresh = life.reset(there, work.session, work.lab, silent)
        assert fresh.session.tag.session != work.session.tag.session
        assert fresh.values == work.values
        assert inside(there, fresh, "web", "ls /root/work 2>&1").startswith("ls: cannot")


# --- two at once ----------------------------------------------------------------------------------


def test_two_programs_that_start_the_same_lab_make_one_world(there: Engine, nobody: str) -> None:
    programs = [program("start", "9a", nobody) for _ in range(2)]
    said = [one.communicate(timeout=120)[0] for one in programs]
    assert [one.returncode for one in programs] == [0, 0], said
    assert len(mine(there, apprentice(nobody))) == 1
    ends = [text.splitlines()[-1].split() for text in said]
    assert ends[0][1] == ends[1][1]
    assert sorted(end[2] for end in ends) == ["False", "True"]
    assert sum("waiting for it" in text for text in said) == 1


def test_apprentices_side_by_side_share_nothing(there: Engine, nobody: str) -> None:
    names = [f"{nobody}-{n}" for n in range(3)]
    try:
        with ThreadPoolExecutor(3) as pool:
            started = pool.map(
                lambda name: life.start(there, lab("9a"), apprentice(name), seed=5, say=silent),
                names,
            )
            works = [one.practical for one in started]
        subnets = [str(net.subnet) for work in works for net in work.world.networks]
        assert len(set(subnets)) == 6
        assert len({work.session.tag.slot for work in works}) == 3
        assert works[0].values == works[1].values
    finally:
        for name in names:
            clear(there, apprentice(name))
            assert left(there, apprentice(name)) == []


# --- cut short ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", MOMENTS)
def test_a_start_that_is_killed_is_cleaned_up_by_the_next(
    there: Engine, nobody: str, seconds: float
) -> None:
    with program("start", "9a", nobody) as one:
        assert one.stdout is not None
        one.stdout.readline()
        sleep(seconds)
        one.kill()
    sleep(0.3)  # what the engine was told, it does, though nobody waits for it
    for found in mine(there, apprentice(nobody)):
        names = {container.host for container in found.containers}
        assert not found.complete or names == {"web", "client"}
    with world(there, "9a", nobody, seed=None) as work:
        assert len(mine(there, apprentice(nobody))) == 1
        assert practical.judge(there, work).gradable
        life.stop(there, work.session, silent)
    assert left(there, apprentice(nobody)) == []


def test_what_a_killed_start_had_asked_for_comes_late_and_is_removed(
    there: Engine, nobody: str
) -> None:
    who, begun = apprentice(nobody), lab("9a")
    moment = datetime.now(UTC)
    killed = Tag("0badcafe", "9a", who, 5, 0, begun.revision, moment)

    def say(what: object) -> None:
        if str(what).startswith("starting"):  # what was left before has been looked for by now
            building.claim(there, killed, begun.networks)

    started = life.start(there, begun, who, seed=5, say=say).practical.session
    assert mine(there, who) == [started]
    assert started.tag.session != killed.session


@pytest.mark.parametrize("seconds", MOMENTS[1:4])
def test_a_start_that_is_interrupted_leaves_nothing(
    there: Engine, nobody: str, seconds: float
) -> None:
    with program("start", "9a", nobody) as one:
        assert one.stdout is not None
        one.stdout.readline()
        sleep(seconds)
        one.send_signal(signal.SIGINT)
        said, _ = one.communicate(timeout=30)
    if "started" in said:
        # Done already: the signal may still meet the interpreter on its way out.
        assert one.returncode in (0, -signal.SIGINT)
    else:
        assert "KeyboardInterrupt" in said
        assert left(there, apprentice(nobody)) == []


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_a_grading_that_is_cut_short_leaves_nothing_in_the_hosts(
    there: Engine, joe: Practical, end: signal.Signals
) -> None:
    before = running_in(there, joe)
    with program("grade", "9a", "joe") as one:
        assert one.stdout is not None
        one.stdout.readline()
        sleep(1.2)
        one.send_signal(end)
        one.communicate(timeout=20)
    deadline = monotonic() + 10
    while running_in(there, joe) != before and monotonic() < deadline:
        sleep(0.1)
    assert running_in(there, joe) == before
    assert practical.judge(there, joe).exit is Exit.NOT_YET


@pytest.mark.parametrize("seconds", [0.1, 0.4])
def test_a_stop_that_is_killed_leaves_nothing_that_looks_whole(
    there: Engine, nobody: str, seconds: float
) -> None:
    with world(there, "9a", nobody) as work:
        with program("stop", "9a", nobody) as one:
            assert one.stdout is not None
            one.stdout.readline()
            sleep(seconds)
            one.kill()
        sleep(0.3)
        started = life.start(there, work.lab, apprentice(nobody), say=silent)
        assert practical.judge(there, started.practical).exit is Exit.NOT_YET
        life.stop(there, started.practical.session, silent)
        assert left(there, apprentice(nobody)) == []


def test_an_unfinished_world_is_nobodys_practical(there: Engine, nobody: str) -> None:
    with world(there, "9a", nobody) as work:
        anchor = work.session.containers[0]
        there.api.rename(anchor.id, anchor.name + PROVISIONAL)
        with pytest.raises(NoSession):
            practical.running(there, HOUSES["9a"], apprentice(nobody), "9a")
        (found,) = mine(there, apprentice(nobody))
        assert life.discard(there, found, silent)
        assert left(there, apprentice(nobody)) == []


# --- grading and playing --------------------------------------------------------------------------


def test_grading_leaves_no_process_and_no_file_behind(there: Engine, joe: Practical) -> None:
    files = "find / -xdev -newer /tmp/mark -type f 2>/dev/null | grep -v ^/var/log/ | sort"
    inside(there, joe, "web", "touch /tmp/mark; sleep 1.1")
    before = running_in(there, joe)
    for _ in range(2):
        practical.judge(there, joe)
    assert running_in(there, joe) == before
    assert inside(there, joe, "web", files) == ""


def test_an_attempt_that_does_not_run_through_names_its_step(there: Engine, joe: Practical) -> None:
    attempt = named(joe.lab.attempts, "service")
    step = replace(attempt.steps[0], path=joe.lab.folder / "brief.md")
    with pytest.raises(StepFailed) as caught:
        practical.play(there, joe, replace(attempt, steps=(step,)), silent)
    assert str(caught.value).startswith("step serve of attempt service ended with 127 on web: ")
    assert caught.value.remedy == f"see {joe.lab.folder}/brief.md"
    practical.play(there, joe, attempt, silent, without="serve")


def test_it_finds_the_one_that_is_meant(there: Engine, joe: Practical) -> None:
    who = joe.session.tag.apprentice
    assert session.find(there, who, None) == joe.session
    assert session.find(there, who, "9a") == joe.session
    with pytest.raises(NoSession, match=f"no lab 4c runs for {who}"):
        session.find(there, who, "4c")
    with pytest.raises(NoSession, match="no lab runs for trial-nobody"):
        session.find(there, "trial-nobody", None)
