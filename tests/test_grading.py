"""Every outcome comes from its own cause, in time, and nothing of a host comes through unclean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event, Lock
from time import monotonic, sleep

import pytest

from runner.check import Check, check, require
from runner.errors import CommandTimedOut, HostUnreachable, StageError, UnreadableOutput
from runner.grading import PARALLEL, Limits, Stage, ask, grade
from runner.host import Fact, Host, Reply
from runner.values import Values
from runner.verdict import Failure, Grade, Outcome, Verdict

PASSED, FAILED, BLOCKED, BROKEN = Outcome
QUICK = Limits(check=0.4, grace=0.1, whole=3.0, comeback=0.3)
VALUES = Values(seed=1, drawn={"port": 80}, secrets=frozenset({"hunter22"}))

Answer = Callable[[str], Reply]


@dataclass
class Table:
    """A connection that answers every question by a function, and counts them."""

    answer: Answer
    asked: list[str] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Answer, whoever asks and however long it may take."""
        del stdin, timeout, user
        self.asked.append(command)
        return self.answer(command)

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Says(Fact[str]):
    """What the host says to a word."""

    word: str = "hello"

    def command(self) -> str:
        """Ask for a word."""
        return f"say {self.word}"

    def read(self, reply: Reply) -> str:
        """Take it as it is."""
        return reply.stdout


def echo(command: str) -> Reply:
    return Reply(0, command)


def stage(
    answer: Answer = echo,
    restart: Callable[[], None] = lambda: None,
    limits: Limits = QUICK,
) -> Stage:
    hosts = {
        name: Host(name, connection=lambda: Table(answer), address={"office": "10.0.0.2"})
        for name in ("web", "client")
    }
    return Stage(hosts, VALUES, restart, limits)


def graded(*checks: Check, on: Stage | None = None) -> Grade:
    return grade("9a", checks, on or stage())


def outcomes(found: Grade) -> dict[str, Outcome]:
    return {verdict.check: verdict.outcome for verdict in found.verdicts}


def one(found: Grade, name: str) -> Verdict:
    return next(verdict for verdict in found.verdicts if verdict.check == name)


@check(points=2)
def holds(web: Host) -> None:
    """It holds."""
    web.ask(Says())


@check(points=3)
def misses(client: Host) -> None:
    """It does not hold."""
    client.ask(Says())
    raise Failure("port 80 is closed", hint="does it listen?")


@check()
def raises(web: Host) -> None:
    """The author made a mistake."""
    web.ask(Says())
    raise KeyError("port")


# --- outcomes -------------------------------------------------------------------------------------


def test_each_check_gets_its_outcome_in_the_order_of_the_grader() -> None:
    found = graded(misses, raises, holds)
    assert outcomes(found) == {"misses": FAILED, "raises": BROKEN, "holds": PASSED}
    assert (found.points, found.possible, found.gradable) == (2, 6, False)


def test_a_failure_says_what_was_seen_and_where_to_look() -> None:
    verdict = one(graded(misses), "misses")
    assert (verdict.reason, verdict.hint) == ("port 80 is closed", "does it listen?")
    assert (verdict.standard, verdict.points) == ("It does not hold.", 3)


def test_a_grader_that_raises_is_broken_with_the_authors_line_and_the_others_go_on() -> None:
    found = graded(raises, holds)
    verdict = one(found, "raises")
    assert verdict.reason == "KeyError: 'port'"
    assert verdict.where == f"{__file__}:{raises.line + 4}"
    assert one(found, "holds").outcome is PASSED


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_a_grader_that_wants_to_end_the_program_is_only_broken(error: BaseException) -> None:
    @check()
    def ends(web: Host) -> None:
        """It ends the program."""
        del web
        raise error

    found = graded(ends, holds)
    assert outcomes(found) == {"ends": BROKEN, "holds": PASSED}
    assert type(error).__name__ in one(found, "ends").reason


@pytest.mark.parametrize(
    "error",
    [
        HostUnreachable("host web gives no shell"),
        CommandTimedOut("web did not answer within 10 s"),
        UnreadableOutput("no address in the answer"),
    ],
)
def test_who_could_not_look_has_not_failed_anybody(error: Exception) -> None:
    def refuse(_: str) -> Reply:
        raise error

    verdict = one(graded(holds, on=stage(refuse)), "holds")
    assert (verdict.outcome, verdict.reason, verdict.where) == (BROKEN, str(error), "")


def test_a_tool_that_is_missing_is_no_failure() -> None:
    found = graded(holds, on=stage(lambda _: Reply(127, "", "sh: 1: say: not found")))
    assert one(found, "holds").reason == (
        "web lacks a tool that the grader needs: sh: 1: say: not found"
    )


def test_an_error_whose_text_raises_is_still_a_verdict() -> None:
    class Spiteful(Exception):
        def __str__(self) -> str:
            raise ValueError

    @check()
    def spiteful(web: Host) -> None:
        """It does its worst."""
        del web
        raise Spiteful

    assert outcomes(graded(spiteful, holds)) == {"spiteful": BROKEN, "holds": PASSED}


def test_a_check_gets_its_hosts_and_values() -> None:
    @check()
    def looks(values: Values, client: Host, web: Host) -> None:
        """It looks."""
        require(values.number("port") == 80, "values are wrong")
        require((client.name, web.name) == ("client", "web"), "hosts are mixed up")
        require(web.address["office"] == "10.0.0.2", "the address is missing")

    assert one(graded(looks), "looks").outcome is PASSED


def test_verdicts_are_told_as_they_fall() -> None:
    told: list[str] = []
    grade("9a", (holds, misses), stage(), lambda verdict: told.append(verdict.check))
    assert sorted(told) == ["holds", "misses"]


# --- after ----------------------------------------------------------------------------------------


def depends(name: str, *after: Check, outcome: Exception | None = None) -> Check:
    def function(web: Host) -> None:
        web.ask(Says(name))
        if outcome:
            raise outcome

    function.__name__, function.__doc__ = name, f"The standard of {name}."
    return check(after=after)(function)


def test_what_waits_for_a_failed_check_is_blocked_and_not_asked() -> None:
    table = Table(echo)
    hosts = {name: Host(name, connection=lambda: table) for name in ("web", "client")}
    second = depends("second", misses)
    third = depends("third", second)
    found = graded(third, second, misses, on=replace(stage(), hosts=hosts))
    assert outcomes(found) == {"third": BLOCKED, "second": BLOCKED, "misses": FAILED}
    assert one(found, "second").reason == "waits for: It does not hold."
    assert one(found, "third").reason == "waits for: The standard of second."
    assert table.asked == ["say hello"]
    assert found.gradable


def test_what_waits_for_a_broken_check_is_blocked_as_well() -> None:
    assert outcomes(graded(raises, depends("next", raises)))["next"] is BLOCKED


def test_what_waits_is_asked_when_all_it_waits_for_passed() -> None:
    order: list[str] = []

    def noted(command: str) -> Reply:
        order.append(command.split()[1])
        return Reply(0, "")

    a, b = depends("a"), depends("b")
    last = depends("last", a, b)
    assert graded(last, b, a, on=stage(noted)).demonstrated
    assert order[2:] == ["last"]


# --- within ---------------------------------------------------------------------------------------


def late(after: int, *, within: float, first: Exception) -> tuple[Check, list[int]]:
    tries: list[int] = []

    @check(within=within)
    def comes(web: Host) -> None:
        """It comes in time."""
        tries.append(1)
        web.ask(Says(str(len(tries))))
        if len(tries) <= after:
            raise first

    return comes, tries


@pytest.mark.parametrize("first", [Failure("not yet"), CommandTimedOut("no answer")])
def test_what_may_take_a_while_is_asked_again_until_it_holds(first: Exception) -> None:
    comes, tries = late(2, within=5, first=first)
    found = one(graded(comes), "comes")
    assert (found.outcome, len(tries)) == (PASSED, 3)
    assert [item.question for item in found.evidence] == ["say 3"]


def test_what_does_not_come_in_time_has_failed() -> None:
    comes, tries = late(99, within=0.3, first=Failure("still closed"))
    found = one(graded(comes), "comes")
    assert (found.outcome, found.reason) == (FAILED, "still closed")
    assert len(tries) > 2
    assert 0.3 <= found.seconds < 1


def test_without_within_there_is_one_try() -> None:
    comes, tries = late(1, within=0, first=Failure("closed"))
    assert (one(graded(comes), "comes").outcome, len(tries)) == (FAILED, 1)


def test_an_authors_mistake_is_not_tried_again() -> None:
    comes, tries = late(99, within=5, first=KeyError("x"))
    assert (one(graded(comes), "comes").outcome, len(tries)) == (BROKEN, 1)


# --- side by side, and alone ----------------------------------------------------------------------


@dataclass
class Watch:
    """Who runs at the same time as whom."""

    lock: Lock = field(default_factory=Lock)
    now: set[str] = field(default_factory=set)
    seen: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def check(self, name: str, *, disruptive: bool = False, after: tuple[Check, ...] = ()) -> Check:
        """A check that is seen to run."""

        def function(web: Host) -> None:
            del web
            with self.lock:
                self.now.add(name)
                self.seen.append((name, frozenset(self.now)))
            sleep(0.05)
            with self.lock:
                self.now.discard(name)

        function.__name__, function.__doc__ = name, f"The standard of {name}."
        return check(disruptive=disruptive, after=after)(function)


def test_checks_run_side_by_side_but_not_too_many() -> None:
    watch = Watch()
    graded(*(watch.check(f"c{n}") for n in range(12)))
    most = max(len(together) for _, together in watch.seen)
    assert 1 < most <= PARALLEL


def test_a_disruptive_check_runs_after_all_others_and_alone() -> None:
    watch = Watch()
    calm = [watch.check(f"c{n}") for n in range(8)]
    wild = [watch.check(f"w{n}", disruptive=True) for n in range(3)]
    follower = watch.check("follower", after=(calm[0],))
    assert graded(wild[0], *calm, follower, *wild[1:]).demonstrated
    assert watch.seen[-3:] == [(f"w{n}", frozenset({f"w{n}"})) for n in range(3)]


def test_what_waits_for_a_disruptive_check_comes_after_it() -> None:
    watch = Watch()
    wild = watch.check("wild", disruptive=True)
    last = watch.check("last", after=(wild,))
    assert graded(last, wild, watch.check("calm")).demonstrated
    assert [name for name, _ in watch.seen] == ["calm", "wild", "last"]


# --- deadlines ------------------------------------------------------------------------------------


@pytest.fixture
def forever() -> Callable[[str], Check]:
    def made(name: str) -> Check:
        def function(web: Host) -> None:
            del web
            Event().wait()

        function.__name__, function.__doc__ = name, "It never returns."
        return check()(function)

    return made


def test_a_grader_that_never_returns_is_given_up_and_the_others_are_judged(
    forever: Callable[[str], Check],
) -> None:
    began = monotonic()
    found = graded(forever("stuck"), holds, misses)
    assert monotonic() - began < 2
    assert outcomes(found) == {"stuck": BROKEN, "holds": PASSED, "misses": FAILED}
    assert one(found, "stuck").reason == "the check did not end in time"


def test_many_that_never_return_end_with_the_time_of_all(forever: Callable[[str], Check]) -> None:
    checks = [forever(f"stuck{n}") for n in range(PARALLEL * 4)]
    limits = replace(QUICK, whole=1.0)
    began = monotonic()
    found = graded(*checks, on=stage(limits=limits))
    assert monotonic() - began < 3
    assert set(outcomes(found).values()) == {BROKEN}
    assert found.verdicts[-1].reason == "the checks before it took all the time"


def test_an_answer_after_the_deadline_is_too_late() -> None:
    @check()
    def slow(web: Host) -> None:
        """It takes too long."""
        del web
        sleep(0.7)

    found = graded(slow, depends("next", slow), on=stage())
    sleep(0.4)
    assert outcomes(found) == {"slow": BROKEN, "next": BLOCKED}


def test_a_question_gets_no_more_time_than_its_check_has_left() -> None:
    given: list[float] = []

    @dataclass
    class Timed(Table):
        def run(
            self,
            command: str,
            *,
            stdin: bytes = b"",
            timeout: float = 10.0,
            user: str | None = None,
        ) -> Reply:
            """Note the time that was given."""
            given.append(timeout)
            return super().run(command, stdin=stdin, user=user)

    host = Host("web", connection=lambda: Timed(echo))
    ask(holds, replace(stage(), hosts={"web": host}))
    assert 0 < given[0] <= QUICK.check


# --- after a restart ------------------------------------------------------------------------------


@check(survives_restart=True)
def lasts(web: Host) -> None:
    """It lasts."""
    require("up" in web.ask(Says()), "it is down")


@check(survives_restart=True, after=holds)
def lasts_too(web: Host) -> None:
    """It lasts as well."""
    web.ask(Says())


@check(survives_restart=True, after=misses)
def late_too(web: Host) -> None:
    """It would last, but what it waits for is not there."""


@dataclass
class World:
    """A world that answers `before` until it is restarted and `then` from there on."""

    before: str = "up"
    then: str = "up"
    restarts: int = 0

    def stage(self) -> Stage:
        """The stage on which it plays."""
        return stage(lambda _: Reply(0, self.then if self.restarts else self.before), self.restart)

    def restart(self) -> None:
        """Be restarted."""
        self.restarts += 1


def test_hosts_are_restarted_once_when_all_holds_and_asked_again() -> None:
    world = World()
    found = graded(lasts, lasts_too, holds, on=world.stage())
    assert (world.restarts, found.demonstrated) == (1, True)
    assert {v.check for v in found.verdicts if v.after_restart} == {"lasts", "lasts_too"}


def test_what_no_longer_holds_after_a_restart_has_failed() -> None:
    world = World(then="gone")
    found = graded(holds, lasts, on=world.stage())
    verdict = one(found, "lasts")
    assert (verdict.outcome, verdict.after_restart) == (FAILED, True)
    assert verdict.reason == "held at first, but no longer after a restart: it is down"
    assert verdict.seconds >= QUICK.comeback


@pytest.mark.parametrize("other", [misses, raises, depends("blocked", misses)])
def test_nothing_is_restarted_as_long_as_something_does_not_hold(other: Check) -> None:
    world = World()
    checks = dict.fromkeys((lasts, other, *other.after))
    found = graded(*checks, on=world.stage())
    assert world.restarts == 0
    assert not one(found, "lasts").after_restart


@pytest.mark.parametrize(("then", "outcome"), [("up", PASSED), ("gone", FAILED)])
def test_what_holds_is_asked_again_all_the_same_where_that_is_wanted(
    then: str, outcome: Outcome
) -> None:
    world = World(then=then)
    found = grade("9a", (misses, lasts, late_too), world.stage(), anyway=True)
    assert world.restarts == 1
    assert (one(found, "lasts").outcome, one(found, "lasts").after_restart) == (outcome, True)
    assert [one(found, name).after_restart for name in ("misses", "late_too")] == [False, False]


def test_nothing_is_restarted_for_checks_that_need_not_last() -> None:
    world = World()
    assert graded(holds, on=world.stage()).demonstrated
    assert world.restarts == 0


def test_a_restart_that_does_not_succeed_is_nobodys_failure() -> None:
    def fails() -> None:
        raise StageError("the engine\x1b[2J has no room for hunter22")

    found = graded(holds, lasts, on=stage(lambda _: Reply(0, "up"), fails))
    verdict = one(found, "lasts")
    assert (verdict.outcome, verdict.after_restart) == (BROKEN, True)
    assert verdict.reason == "the hosts could not be restarted: the engine has no room for ***"
    assert one(found, "holds").outcome is PASSED


def test_services_get_a_moment_to_come_back() -> None:
    world, asked = World(then="gone"), 0

    def answer(_: str) -> Reply:
        nonlocal asked
        asked += world.restarts
        return Reply(0, "up" if asked in (0, 3) else "gone")

    found = graded(lasts, on=replace(stage(answer, world.restart), limits=Limits(comeback=5)))
    assert found.demonstrated


# --- what a host says is not believed -------------------------------------------------------------

HOSTILE = "\x1b]0;title\x07\x1b[2J\x00\x9b31mred\u202eevil\r\n" + "x" * 100_000


def test_reasons_and_hints_are_printable_masked_and_bounded() -> None:
    @check()
    def repeats(web: Host) -> None:
        """It repeats what the host says."""
        said = web.ask(Says())
        raise Failure(f"hunter22 {said}", hint=f"hunt\x1b[0mer22 {said}")

    verdict = one(graded(repeats, on=stage(lambda _: Reply(0, HOSTILE))), "repeats")
    for text in (verdict.reason, verdict.hint):
        assert text.startswith("*** ")
        assert len(text) < 700
        assert "hunter22" not in text
        assert all(c.isprintable() or c == "\n" for c in text)


def test_an_error_of_the_grader_that_repeats_the_host_is_cleaned_as_well() -> None:
    @check()
    def trips(web: Host) -> None:
        """It trips over what the host says."""
        int(web.ask(Says()))

    verdict = one(graded(trips, on=stage(lambda _: Reply(0, "\x1b[2Jhunter22"))), "trips")
    assert verdict.outcome is BROKEN
    assert "\x1b" not in verdict.reason
    assert "hunter22" not in verdict.reason


def test_evidence_is_printable_masked_and_bounded() -> None:
    verdict = one(graded(holds, on=stage(lambda _: Reply(3, f"hunter22 {HOSTILE}"))), "holds")
    (item,) = verdict.evidence
    assert (item.host, item.user, item.question, item.status) == ("web", "root", "say hello", 3)
    assert item.answer.startswith("*** ")
    assert len(item.answer) < 4100
    assert all(c.isprintable() or c == "\n" for c in item.answer)


def test_evidence_is_kept_of_a_look_that_failed_and_of_no_other_check() -> None:
    def refuse(command: str) -> Reply:
        raise CommandTimedOut(f"no answer to {command} with hunter22")

    found = graded(depends("a"), depends("b"), on=stage(refuse))
    for verdict in found.verdicts:
        (item,) = verdict.evidence
        assert (item.question, item.status) == (f"say {verdict.check}", None)
        assert item.answer == f"no answer to say {verdict.check} with ***"
