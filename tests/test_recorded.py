"""A recorded case says again what the world said, gives no password away and never waits."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from runner import catalogue, recorded
from runner.case import Case, differences, read, write
from runner.catalogue import Lab
from runner.errors import (
    CommandTimedOut,
    HostUnreachable,
    LookError,
    UsageError,
)
from runner.grading import Stage
from runner.host import Connection, Host, Reply
from runner.recorded import record, replay
from runner.verdict import Grade, Outcome

HOUSE = Path(__file__).parent / "house"
PASSED, FAILED, _, BROKEN = Outcome

BEGIN = '''"""A grader for one test."""

import secrets
from dataclasses import dataclass, field

from runner.check import check, require
from runner.host import Fact


@dataclass(frozen=True)
class Says(Fact):
    words: str
    given: str = ""

    def command(self):
        return self.words

    def stdin(self):
        return self.given.encode()

    def read(self, reply):
        return reply.stdout


class Shown(Says):
    dialect = "cisco_ios"

'''

ONE = '''
@check()
def one(web, values):
    """One thing holds."""
'''

Answer = Callable[[str, str], str]


@dataclass
class World:
    """A world of two hosts that answers by a function of host and question."""

    answer: Answer

    def stage(self, lab: Lab) -> Stage:
        """Where the lab's checks can be asked."""
        hosts = {
            name: Host(
                name=name,
                connection=partial(Line, name, self.answer),
                prompt=partial(self.prompt, name),
                address={"office": f"10.0.0.{number}"},
            )
            for number, name in enumerate(("web", "client"), start=2)
        }
        return Stage(hosts, lab.values(5), restart=lambda: None)

    def prompt(self, host: str, dialect: str) -> Line:
        """The host's own prompt."""
        return Line(f"{host} in {dialect}", self.answer)


@dataclass
class Line:
    """A connection to such a host."""

    host: str
    answer: Answer

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Answer; what is read from standard input comes back."""
        del timeout
        said = self.answer(self.host, command)
        return Reply(0, said.replace("STDIN", stdin.decode()).replace("USER", user or "root"))

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def lab_with(tmp_path: Path) -> Callable[[str], Lab]:
    """The trial lab, judged by another grader."""
    root = tmp_path / "house"
    shutil.copytree(HOUSE, root)

    def made(grader: str) -> Lab:
        (root / "graders" / "jf9_trial" / "a_small.py").write_text(BEGIN + grader, "utf-8")
        return catalogue.find("9a", root)

    return made


LabWith = Callable[[str], Lab]


def kept(lab: Lab, answer: Answer) -> tuple[Grade, Case]:
    return record(lab, World(answer).stage(lab))


def outcomes(grade: Grade) -> list[tuple[str, Outcome, str]]:
    return [(one.check, one.outcome, one.reason) for one in grade.verdicts]


def silent(_host: str, _command: str) -> str:
    return ""


# --- replays --------------------------------------------------------------------------------------


def test_a_case_says_again_what_the_world_said_also_after_a_restart() -> None:
    lab = catalogue.find("9a", HOUSE)
    name = lab.values(5).company().name
    looks: list[str] = []

    def answer(_: str, command: str) -> str:
        if not command.startswith("nc "):
            return ""
        looks.append(command)
        return "" if len(looks) == 1 else f"<h1>{name}</h1>"

    grade, case = kept(lab, answer)
    assert grade.demonstrated
    assert len(looks) == 3
    served = case.checks[1]
    assert served.after_restart
    # The first look did not decide anything.
    assert [one.after_restart for one in served.exchanges] == [False, True]
    again = replay(case, lab)
    assert outcomes(again) == outcomes(grade)
    assert differences(case, again) == ()


def test_a_replay_does_not_wait_for_what_failed_then(lab_with: LabWith) -> None:
    body = '    require(web.ask(Says("x")), "no")\n'
    grade, case = kept(lab_with(ONE.replace("()", "(within=0.3)", 1) + body), silent)
    assert grade.seconds > 0.3
    assert len(case.checks[0].exchanges) == 1
    patient = lab_with(ONE.replace("()", "(within=30)", 1) + body)
    began = monotonic()
    assert outcomes(replay(case, patient)) == [("one", FAILED, "no")]
    assert monotonic() - began < 15


def test_answers_come_in_their_order_the_last_one_for_ever(lab_with: LabWith) -> None:
    ask = '    require([web.ask(Says("n")) for _ in range({})] == {}, "other numbers")\n'
    numbers = iter("123")
    _, case = kept(lab_with(ONE + ask.format(3, ["1", "2", "3"])), lambda *_: next(numbers))
    lab = lab_with(ONE + ask.format(5, ["1", "2", "3", "3", "3"]))
    assert outcomes(replay(case, lab)) == [("one", PASSED, "")]


def test_what_nobody_recorded_is_named_and_fails_nobody(lab_with: LabWith) -> None:
    _, case = kept(lab_with(ONE + '    web.ask(Says("uptime"))\n'), silent)
    lab = lab_with(ONE + '    web.ask(Says("uptime -p"), user="joe")\n')
    reason = "nobody recorded the answer of joe@web to: uptime -p"
    grade = replay(case, lab)
    assert outcomes(grade) == [("one", BROKEN, reason)]
    assert differences(case, grade) == (f"one: recorded PASSED, now BROKEN ({reason})",)


@pytest.mark.parametrize(
    "error", [HostUnreachable("web is off"), CommandTimedOut("too late"), LookError("no")]
)
def test_what_could_not_be_looked_at_can_be_looked_at_no_more_in_a_replay(
    error: LookError, lab_with: LabWith
) -> None:
    def refuse(_host: str, _command: str) -> str:
        raise error

    lab = lab_with(ONE + '    web.ask(Says("uptime"))\n')
    grade, case = kept(lab, refuse)
    (asked,) = case.checks[0].exchanges
    assert (asked.error, asked.message, asked.status) == (type(error).__name__, str(error), None)
    assert outcomes(replay(case, lab)) == outcomes(grade) == [("one", BROKEN, str(error))]


def test_a_line_that_cannot_be_opened_is_recorded(lab_with: LabWith) -> None:
    def refused() -> Connection:
        raise HostUnreachable("host web is switched off")

    lab = lab_with(ONE + '    web.ask(Says("uptime"))\n')
    stage = World(silent).stage(lab)
    stage.hosts["web"].connection = refused
    grade, case = record(lab, stage)
    assert outcomes(replay(case, lab)) == outcomes(grade)
    assert grade.named(BROKEN) == ("one",)


def test_a_prompt_is_not_the_shell(lab_with: LabWith) -> None:
    lab = lab_with(
        ONE + '    require(web.ask(Says("show")) + web.ask(Shown("show")) == '
        '"from web,from web in cisco_ios,", "mixed up")\n'
    )
    _, case = kept(lab, lambda host, _: f"from {host},")
    assert [one.dialect for one in case.checks[0].exchanges] == ["", "cisco_ios"]
    assert outcomes(replay(case, lab)) == [("one", PASSED, "")]


def test_a_check_finds_the_addresses_that_the_hosts_had(lab_with: LabWith) -> None:
    lab = lab_with(ONE + '    web.ask(Says("ping " + web.address["office"]))\n')
    _, case = kept(lab, silent)
    assert case.checks[0].exchanges[0].question == "ping 10.0.0.2"
    assert outcomes(replay(case, lab)) == [("one", PASSED, "")]


def test_a_case_of_another_lab_is_refused(lab_with: LabWith) -> None:
    lab = lab_with(ONE)
    _, case = kept(lab, silent)
    with pytest.raises(UsageError, match=r"^The case was recorded in 9b; it says nothing about 9a"):
        replay(case.model_copy(update={"code": "9b"}), lab)


def test_a_long_answer_is_cut(lab_with: LabWith) -> None:
    _, case = kept(lab_with(ONE + '    web.ask(Says("cat"))\n'), lambda *_: "x" * 300_000)
    assert len(case.checks[0].exchanges[0].stdout) == recorded.ANSWER_LIMIT


# --- what is made up ------------------------------------------------------------------------------

JOB = """    title = secrets.token_hex(8)
    number = web.ask(Says(f"lp -t job-{title}", title))
    found = [client.ask(Says(f"paper {title} {number}")) for _ in range(2)]
    require(found == ["", f"paper of {title}"], f"{title} left {found}")
"""


def test_a_word_made_up_anew_each_time_is_known_by_its_form(lab_with: LabWith) -> None:
    lab = lab_with(ONE.replace("web,", "web, client,") + JOB)
    asked: list[str] = []

    def answer(host: str, command: str) -> str:
        asked.append(command)
        if host == "web":
            return "job 12"
        return f"paper of {command.split()[1]}" if len(asked) == 3 else ""

    grade, case = kept(lab, answer)
    assert outcomes(replay(case, lab)) == outcomes(grade) == [("one", PASSED, "")]


def test_a_reason_that_names_such_a_word_is_the_same_reason(lab_with: LabWith) -> None:
    lab = lab_with(ONE.replace("web,", "web, client,") + JOB)
    grade, case = kept(lab, silent)
    again = replay(case, lab)
    assert outcomes(again) != outcomes(grade)
    assert differences(case, again) == ()


def test_words_of_that_form_that_differ_keep_their_own_answers(lab_with: LabWith) -> None:
    ask = '    require([web.ask(Says(w * 16)) for w in "{0}"] == list("{0}"), "mixed up")\n'
    _, case = kept(lab_with(ONE + ask.format("abc")), lambda _, command: command[0])
    assert outcomes(replay(case, lab_with(ONE + ask.format("cabb")))) == [("one", PASSED, "")]


# --- passwords ------------------------------------------------------------------------------------

LOGIN = """    boss = values.person("boss")
    said = web.ask(Says(f"login {boss.login} {boss.password}", boss.password), user=boss.login)
    require(said == f"{boss.login} has {boss.password} {boss.password}", f"{boss.password}: {said}")
"""


def test_no_password_stands_in_a_case_and_yet_it_is_compared(
    lab_with: LabWith, tmp_path: Path
) -> None:
    lab = lab_with(ONE + LOGIN)
    secret = lab.values(5).person("boss").password
    _, case = kept(lab, lambda _, command: f"USER has {command.split()[2]} STDIN")
    write(case, tmp_path / "case.json")
    written = (tmp_path / "case.json").read_text("utf-8")
    assert secret not in written
    assert written.count("«boss.password»") == 4
    assert outcomes(replay(read(tmp_path / "case.json"), lab)) == [("one", PASSED, "")]


def test_a_reason_gives_no_password_away(lab_with: LabWith) -> None:
    lab = lab_with(ONE + LOGIN)
    _, case = kept(lab, lambda _, command: f"{command} STDIN")
    assert lab.values(5).person("boss").password not in case.model_dump_json()
    assert case.checks[0].outcome is FAILED
    assert differences(case, replay(case, lab)) == ()
