"""Recorded answers of a mail server, read; some asked of a real shell."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from graders.facts.post import (
    Arrived,
    Login,
    Opened,
    Posted,
    Said,
    Waiting,
    Withdrawn,
    outsider,
    posting,
)
from runner.case import MADE_UP
from runner.errors import UnreadableOutput
from runner.host import Connection, Fact, Host, Reply
from runner.verdict import Failure

ADA = Login("adahl", "Secret-1")
OPENED = Opened("mail", ADA)
FROM_OUTSIDE = Posted("mail", "grading-1@elsewhere.test", ("adahl@office.test",), "grading-2")
ARRIVED = Arrived("mail", ADA, "grading-2")
WAITING = Waiting("grading-1@elsewhere.test")
QUEUED = (
    '{"queue_name": "deferred", "queue_id": "B5D981E0B9B", "arrival_time": 1795688745, '
    '"message_size": 189, "forced_expire": false, "sender": "grading-1@elsewhere.test", '
    '"recipients": [{"address": "ada.dahl@postbox24.test", "delay_reason": "Host not found"}]}\n'
)


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (OPENED, Reply(0, "* STATUS INBOX (MESSAGES 2)\n"), Said.YES),
        (OPENED, Reply(67, "", "curl: (67) Login denied\n"), Said.NO_LOGIN),
        (OPENED, Reply(7, "", "curl: (7) Failed to connect to mail port 993\n"), Said.SILENT),
        (FROM_OUTSIDE, Reply(0, ""), Said.YES),
        (FROM_OUTSIDE, Reply(55, "", "curl: (55) RCPT failed: 554\n"), Said.REFUSED),
        (FROM_OUTSIDE, Reply(28, "", "curl: (28) Connection timed out\n"), Said.SILENT),
        (ARRIVED, Reply(0, "* SEARCH 1 4\r\n"), True),
        (ARRIVED, Reply(0, "* SEARCH\r\n"), False),
        (ARRIVED, Reply(1, "", "curl: (67) Login denied\n"), False),
        (WAITING, Reply(0, QUEUED), ("ada.dahl@postbox24.test",)),
        (WAITING, Reply(0, "\n"), ()),
        (Withdrawn("grading-2"), Reply(0, ""), None),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (OPENED, Reply(2, "", "curl: option --nonsense: is unknown\n")),
        (ARRIVED, Reply(0, "")),
        (ARRIVED, Reply(1, "", "curl: (56) unexpected eof\n")),
        (WAITING, Reply(69, "", "postqueue: fatal: Queue report unavailable\n")),
        (WAITING, Reply(0, "Mail queue is empty\n")),
        (WAITING, Reply(0, '{"sender": "a@b.test"}\n')),
        (Withdrawn("grading-2"), Reply(123, "", "rm: cannot remove\n")),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_a_password_is_in_no_command() -> None:
    sent = Posted("mail", "adahl@office.test", ("bwolf@office.test",), "grading-2", ADA)
    for fact in (OPENED, ARRIVED, sent):
        assert "Secret-1" not in fact.command()
        assert "Secret-1" not in repr(fact)
        assert fact.stdin() == b'user = "adahl:Secret-1"\n'
    assert FROM_OUTSIDE.stdin() == b""


def test_nothing_but_addresses_is_posted() -> None:
    with pytest.raises(ValueError, match="more than an address"):
        Posted("mail", "a@b.test", ("x@y.test; reboot",), "grading-2").command()


def test_own_mails_go_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "cur").mkdir()
    ours, theirs = tmp_path / "cur/1,S", tmp_path / "cur/2 x"
    ours.write_text("Subject: grading-2\n", encoding="utf-8")
    theirs.write_text("Subject: grading-3\n", encoding="utf-8")
    for _ in range(2):  # the second time there is nothing left
        withdrawn = Withdrawn("grading-2", mailboxes=str(tmp_path))
        done = subprocess.run(
            ["/bin/sh", "-c", withdrawn.command()], capture_output=True, text=True, check=False
        )
        withdrawn.read(Reply(done.returncode, done.stdout, done.stderr))
        assert not ours.exists()
    assert theirs.exists()


def test_the_queue_of_an_outsider_is_cleared(tmp_path: Path) -> None:
    queue, said = tmp_path / "queue", tmp_path / "said"
    queue.write_text(QUEUED + QUEUED.replace("B5D9", "C6E0").replace("grading-1@", "grading-9@"))
    tools = f'postqueue() {{ cat "{queue}"; }}; postsuper() {{ cat > "{said}"; }}; '
    withdrawn = Withdrawn("grading-2", "grading-1@elsewhere.test", str(tmp_path))
    subprocess.run(["/bin/sh", "-c", tools + withdrawn.command()], check=True)
    assert said.read_text(encoding="utf-8") == "B5D981E0B9B\n"


@dataclass
class Server(Connection):
    """A mail server's shell, which remembers what it was told."""

    commands: list[str] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Done, whatever it is."""
        del stdin, timeout, user
        self.commands.append(command)
        return Reply(0, "")

    def close(self) -> None:
        """Nothing is open."""


def test_what_was_posted_is_withdrawn_whatever_came_of_it() -> None:
    server, sender = Server(), outsider()
    mail, subjects = Host("mail", lambda: server), []

    def check() -> None:
        with posting(mail, sender) as subject:
            subjects.append(subject)
            assert not server.commands
            raise Failure("it did not arrive")

    with pytest.raises(Failure):
        check()
    assert server.commands == [Withdrawn(subjects[0], sender).command()]


def test_words_made_up_are_known_as_such_by_a_recorded_case() -> None:
    with posting(Host("mail", Server)) as subject:
        assert len(MADE_UP.findall(subject)) == 1
    assert len(MADE_UP.findall(outsider())) == 1
    assert outsider() != outsider()
