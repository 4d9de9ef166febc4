"""Recorded answers about people who log in on a machine, read; and where passwords stand."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import pytest

from graders.facts.logon import Entered, Greeting, Visit, Visiting, inside, require_shut_out
from graders.facts.printing import Printed, Submission
from graders.facts.ssh import Login
from runner.errors import UnreadableOutput
from runner.host import Connection, Host, Reply
from runner.verdict import Failure

SPOKE = "Warning: Permanently added '10.96.32.148' (ED25519) to the list of known hosts.\r\n"
VISIT = Visiting("10.96.32.148", "adahl", "Secret-1", Printed("grading-1"))
GREETING = Greeting("10.96.32.148", "adahl")


@dataclass(frozen=True)
class Somebody:
    """Who logs in."""

    login: str = "adahl"
    password: str = "Secret-1"


@dataclass(frozen=True)
class Answering(Connection):
    """Answers everything in the same way."""

    reply: Reply

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """The one answer."""
        del command, stdin, timeout, user
        return self.reply

    def close(self) -> None:
        """Nothing is open."""


def desk(reply: Reply) -> Host:
    return Host("desk", lambda: Answering(reply))


def test_who_is_in_is_asked() -> None:
    said = "here I am\nrequest id is hall-7 (1 file(s))\n"
    assert VISIT.read(Reply(0, said, SPOKE)) == Visit(Login.ADMITTED, Submission("hall-7"))


def test_what_the_machine_says_before_is_no_answer() -> None:
    said = "Welcome!\nhere I am\nrequest id is hall-7 (1 file(s))\n"
    assert VISIT.read(Reply(0, said, SPOKE)).answer == Submission("hall-7")


@pytest.mark.parametrize(
    ("reply", "login"),
    [
        (Reply(255, "", f"{SPOKE}a@b: Permission denied (publickey,password).\r\n"), "refused"),
        (Reply(255, "", f"{SPOKE}Connection closed by 10.96.32.148 port 22\r\n"), "refused"),
        (Reply(1, "This account is currently not available.\n", SPOKE), "refused"),
        (Reply(1, "", f"{SPOKE}Your account has expired.\n"), "refused"),
        (Reply(124, "", SPOKE), "refused"),
        (Reply(255, "", "ssh: connect to host a port 22: Connection refused\r\n"), "unreachable"),
        (Reply(255, "", "ssh: connect to host a port 22: No route to host\r\n"), "unreachable"),
        (Reply(255, "", "kex_exchange_identification: Connection closed\r\n"), "unreachable"),
        (Reply(124, ""), "unreachable"),
    ],
)
def test_who_is_not_in_was_refused_or_found_nobody(reply: Reply, login: str) -> None:
    visit = VISIT.read(reply)
    assert (visit.login, visit.answer) == (Login(login), None)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(255, "", "Bad owner or permissions on /root/.ssh/config\r\n"),
        Reply(127, "", "timeout: failed to run command 'ssh': No such file\n"),
        Reply(124, "here I am\n", SPOKE),
        Reply(0, ""),
    ],
)
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        VISIT.read(reply)


def test_passwords_are_only_on_stdin() -> None:
    assert "Secret-1" not in VISIT.command()
    assert "Secret-1" not in repr(VISIT)
    assert VISIT.stdin() == b"Secret-1\ngrading-1\n"


def test_the_question_is_quoted_once_more() -> None:
    asked = Visiting("a b", "x;y", "p", Printed("it's"))
    assert "-l 'x;y' 'a b'" in asked.command()
    parsed = subprocess.run(["/bin/sh", "-n", "-c", asked.command()], check=False)
    assert parsed.returncode == 0


def test_a_greeting_is_what_the_client_does_not_say_itself() -> None:
    said = f"{SPOKE}Staff only.\r\nCall 210.\r\na@b: Permission denied (publickey,password).\r\n"
    assert GREETING.read(Reply(255, "", said)) == "Staff only.\nCall 210."
    assert GREETING.read(Reply(255, "", f"{SPOKE}a@b: Permission denied (publickey).\r\n")) == ""
    assert GREETING.read(Reply(255, "", "ssh: connect: No route to host\r\n")) is None


def test_inside_is_the_answer_or_a_failure() -> None:
    assert inside(desk(Reply(0, "here I am\n", SPOKE)), "a", Somebody(), Entered()) is None
    closed = Reply(255, "", f"{SPOKE}Connection closed by a port 22\r\n")
    with pytest.raises(Failure, match="adahl does not get in at a: refused, with 'Connection c"):
        inside(desk(closed), "a", Somebody(), Entered())


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(0, "here I am\n", SPOKE), "adahl, who has left, gets in at a"),
        (Reply(255, "", "ssh: connect: Connection refused\r\n"), "nobody at a says whether adahl"),
    ],
)
def test_who_is_to_stay_out_has_to_be_refused(reply: Reply, reason: str) -> None:
    with pytest.raises(Failure, match=reason):
        require_shut_out(desk(reply), "a", "adahl", "Secret-1", "who has left,")


def test_who_is_refused_stays_out() -> None:
    refused = Reply(255, "", f"{SPOKE}a@b: Permission denied (password).\r\n")
    require_shut_out(desk(refused), "a", "adahl", "Secret-1", "who has left,")
