"""Asking a host records itself: the question, the answer, masked, printable and bounded."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field

import pytest

from runner.errors import CommandTimedOut, UnreadableOutput
from runner.host import EVIDENCE_LIMIT, Fact, Host, Reply


@dataclass
class Recorded:
    """A connection that gives one answer and remembers how it was asked."""

    answer: Reply | CommandTimedOut
    asked: list[tuple[str, bytes, float, str | None]] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """The one answer."""
        self.asked.append((command, stdin, timeout, user))
        if isinstance(self.answer, CommandTimedOut):
            raise self.answer
        return self.answer

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True)
class Lines(Fact[list[str]]):
    """The lines of a file."""

    path: str

    def command(self) -> str:
        """Quoted, as every fact does."""
        return f"cat -- {shlex.quote(self.path)}"

    def read(self, reply: Reply) -> list[str]:
        """Line by line."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.path} cannot be read: {reply.text}")
        return reply.stdout.splitlines()


@dataclass(frozen=True)
class Counted(Fact[int]):
    """How many bytes arrive: a fact that sends something and takes its time."""

    sent: bytes
    timeout = 25.0

    def command(self) -> str:
        """Counts its input."""
        return "wc -c"

    def read(self, reply: Reply) -> int:
        """The number."""
        return int(reply.stdout)

    def stdin(self) -> bytes:
        """What is counted."""
        return self.sent


def test_the_answer_is_what_the_fact_reads() -> None:
    host, _ = _host(Reply(0, "one\ntwo\n"))
    assert host.ask(Lines("/etc/motd")) == ["one", "two"]


def test_the_exchange_is_kept_as_evidence() -> None:
    host, _ = _host(Reply(1, "some\n", "cat: gone\n"))
    with pytest.raises(UnreadableOutput):
        host.ask(Lines("/a b"), user="ada")
    (kept,) = host.evidence
    assert (kept.host, kept.user, kept.question) == ("gateway", "ada", "cat -- '/a b'")
    assert (kept.status, kept.answer) == (1, "some\ncat: gone")
    assert kept.seconds >= 0


def test_a_host_that_does_not_answer_leaves_evidence_too() -> None:
    host, _ = _host(CommandTimedOut("no answer within 10 s"))
    with pytest.raises(CommandTimedOut):
        host.ask(Lines("/etc/motd"))
    assert [(one.status, one.answer) for one in host.evidence] == [(None, "no answer within 10 s")]


def test_root_is_asked_without_a_change_of_user() -> None:
    host, connection = _host(Reply(0, ""))
    host.ask(Lines("/x"))
    host.ask(Lines("/x"), user="ada")
    assert [user for *_, user in connection.asked] == [None, "ada"]


def test_the_facts_input_and_timeout_are_used() -> None:
    host, connection = _host(Reply(0, "3\n"))
    assert host.ask(Counted(b"abc")) == 3
    assert connection.asked == [("wc -c", b"abc", 25.0, None)]


def test_the_caller_may_give_another_timeout() -> None:
    host, connection = _host(Reply(0, "3\n"))
    host.ask(Counted(b"abc"), timeout=2.0)
    assert connection.asked[0][2] == 2.0


@pytest.mark.parametrize(("left", "limit"), [(4.0, 4.0), (0.0, 0.1), (-9.0, 0.1), (99.0, 25.0)])
def test_no_question_takes_longer_than_what_is_left(left: float, limit: float) -> None:
    host, connection = _host(Reply(0, "3\n"))
    host.for_one_check(str, lambda: left).ask(Counted(b"abc"))
    assert connection.asked[0][2] == limit


def test_evidence_shows_no_password_and_no_escape_sequence() -> None:
    # grep colours what it finds: the password stands there in two pieces.
    host, _ = _host(Reply(0, "key=\x1b[31mhun\x1b[0mter2\x07 hunter2\n"))
    one = host.for_one_check(_hide, lambda: 9.0)
    one.ask(Lines("/home/hunter2"))
    assert one.evidence[0].question == "cat -- /home/***"
    assert one.evidence[0].answer == "key=***\\x07 ***"


def test_evidence_is_bounded_and_cuts_no_password_in_two() -> None:
    host, _ = _host(Reply(0, "x" * (EVIDENCE_LIMIT - 3) + "hunter2" + "x" * 100_000))
    one = host.for_one_check(_hide, lambda: 9.0)
    one.ask(Lines("/x"))
    assert len(one.evidence[0].answer) < EVIDENCE_LIMIT + 50
    assert "hun" not in one.evidence[0].answer


def test_a_missing_tool_is_no_answer() -> None:
    host, _ = _host(Reply(127, "", "sh: 1: hunter2: not found"))
    one = host.for_one_check(_hide, lambda: 9.0)
    with pytest.raises(UnreadableOutput) as caught:
        one.ask(Lines("/x"))
    assert str(caught.value) == (
        "gateway lacks a tool that the grader needs: sh: 1: ***: not found"
    )
    assert one.evidence[0].status == 127


def test_each_check_has_evidence_of_its_own() -> None:
    host, _ = _host(Reply(0, ""))
    first, second = (host.for_one_check(str, lambda: 9.0) for _ in range(2))
    first.ask(Lines("/x"))
    assert (len(first.evidence), len(second.evidence), len(host.evidence)) == (1, 0, 0)
    assert (first.name, first.address) == (host.name, {"office": "10.0.0.1"})


def test_a_reply_joins_both_outputs() -> None:
    assert Reply(0, " out\n", "err \n").text == "out\nerr"
    assert Reply(0, "out\n", "\n").text == "out"
    assert (Reply(0, "").ok, Reply(1, "").ok) == (True, False)


def test_a_fact_must_say_what_it_asks_and_how_it_reads() -> None:
    class Half(Fact[str]):
        def command(self) -> str:
            return "true"

    with pytest.raises(TypeError, match="abstract"):
        Half()  # type: ignore[abstract]


def _hide(text: str) -> str:
    return text.replace("hunter2", "***")


def _host(answer: Reply | CommandTimedOut) -> tuple[Host, Recorded]:
    connection = Recorded(answer)
    return Host("gateway", lambda: connection, {"office": "10.0.0.1"}), connection
