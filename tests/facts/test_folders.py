"""Recorded answers of a file server to somebody who does several things, read."""

from __future__ import annotations

import pytest

from graders.facts.folders import (
    Cleared,
    Outcome,
    Visit,
    alters,
    deletes,
    lists,
    makes,
    owners,
    reads,
    renames,
    writes,
)
from runner.errors import UnreadableOutput
from runner.host import Reply

HASH = "d2a84f4b8b650937ec8f73cd8be2c74add5a911ba64df27458ed8229da804a26"
VISIT = Visit(
    "files", "afischer", "secret", (lists("sales"), reads("sales", "plan.csv"), writes("cash", "x"))
)
SAID = f"""\
tcon to sales successful, tid: 942507418
  .                                   D        0  Wed Nov 25 23:41:15 2026
  plan.csv                            N       38  Wed Nov 25 23:36:09 2026

		264212084 blocks of size 1024. 77843684 blocks available
tcon to sales successful, tid: 1015993316
tcon failed: NT_STATUS_ACCESS_DENIED
NT_STATUS_NETWORK_NAME_DELETED opening remote file \\x
--- contents
{HASH}  got-1
"""
SHOUTED = "getting file \\plan.csv of size 38 as got-1 (7.8 KiloBytes/sec)\n"
NOT_THERE = """\
tcon failed: NT_STATUS_BAD_NETWORK_NAME
NT_STATUS_NETWORK_NAME_DELETED listing \\*
tcon to sales successful, tid: 1023194337
NT_STATUS_OBJECT_NAME_NOT_FOUND opening remote file \\plan.csv
tcon to cash successful, tid: 5
--- contents
"""
OWNERS = """\
tcon to sales successful, tid: 3
tcon to sales successful, tid: 3087001081
FILENAME:p-1
MODE:A
SIZE:4
revision: 1
DACL
\tACL\tNum ACEs:\t3\trevision:\t2
\tOwner SID:\tS-1-5-21-2409219066-3341521573-3368724512-1000
\tGroup SID:\tS-1-22-2-1000
FILENAME:p-2
MODE:A
\tOwner SID:\tS-1-22-1-0

\t\t264212084 blocks of size 1024. 79675352 blocks available
--- contents
"""


def test_each_deed_has_its_own_answer() -> None:
    looked, read, wrote = VISIT.read(Reply(0, SAID, SHOUTED))
    assert (looked.done, looked.digest) == (True, "")
    assert (read.done, read.digest) == (True, HASH)
    assert not wrote.done
    assert str(wrote) == "access denied"


def test_what_is_not_there_is_not_done() -> None:
    found = VISIT.read(Reply(1, NOT_THERE))
    assert [str(one) for one in found] == ["there is no such share", "it is not there", "done"]


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            Reply(1, "session setup failed: NT_STATUS_LOGON_FAILURE\n--- contents\n"),
            "the login is refused",
        ),
        (
            Reply(1, "tree connect failed: NT_STATUS_ACCESS_DENIED\n--- contents\n"),
            "access denied",
        ),
        (
            Reply(
                1,
                "--- contents\n",
                "do_connect: Connection to files failed (Error NT_STATUS_CONNECTION_REFUSED)\n",
            ),
            "nothing answers there",
        ),
        (
            Reply(1, "session setup failed: NT_STATUS_ACCOUNT_DISABLED\n--- contents\n"),
            "NT_STATUS_ACCOUNT_DISABLED",
        ),
    ],
)
def test_who_is_not_let_in_does_nothing(reply: Reply, said: str) -> None:
    found = VISIT.read(reply)
    assert [(one.done, str(one)) for one in found] == [(False, said)] * 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(0, ""),
        Reply(127, "--- contents\n", "sh: 6: smbclient: not found\n"),
        # Cut off in the midst of it: two answers to three deeds.
        Reply(1, SAID.replace("tcon failed", "tcon")),
        Reply(1, "", "do_connect: Connection to files failed (Error NT_STATUS_IO_TIMEOUT)\n"),
        Reply(1, "", "Unable to open credentials file!\n"),
        Reply(1, SAID.partition("---")[0] + "--- contents\n", "sh: sha256sum: not found\n"),
        Reply(1, "session setup failed: NT_STATUS_CONNECTION_RESET\n--- contents\n"),
        Reply(1, SAID.replace("NT_STATUS_ACCESS_DENIED", "NT_STATUS_CONNECTION_DISCONNECTED")),
    ],
)
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        VISIT.read(reply)


def test_owners_are_told_apart() -> None:
    visit = Visit("files", "a", "secret", (writes("sales", "p-2"), owners("sales", "p-*")))
    _, seen = visit.read(Reply(0, OWNERS))
    assert seen == Outcome(
        owners={
            "p-1": "S-1-5-21-2409219066-3341521573-3368724512-1000",
            "p-2": "S-1-22-1-0",
        }
    )


def test_the_password_is_not_in_the_question() -> None:
    assert "secret" not in VISIT.command() + repr(VISIT)
    assert b"secret" in VISIT.stdin()


def test_who_does_not_log_in_gives_no_name() -> None:
    assert " -N " in Visit("files", "", "", (lists("sales"),)).command()
    assert "-A /dev/stdin" in VISIT.command()


@pytest.mark.parametrize(
    ("deed", "commands"),
    [
        (lists("sales"), 'ls "*";'),
        (lists("sales", "new/a b"), 'ls "new\\a b\\*";'),
        (owners("sales", "p*"), 'showacls;ls "p*";showacls;'),
        (reads("sales", "new/plan.csv"), 'get "new\\plan.csv" got-7;'),
        (writes("sales", "plan.csv"), 'put text "plan.csv";'),
        (alters("sales", "plan.csv"), 'utimes "plan.csv" -1 -1 -1 -1;'),
        (deletes("sales", "plan.csv"), 'rm "plan.csv";'),
        (renames("sales", "a", "b"), 'rename "a" "b";'),
        (makes("sales", "new"), 'mkdir "new";'),
    ],
)
def test_a_deed_is_put_in_words(deed: object, commands: str) -> None:
    assert deed.line(7) == f'tcon "sales";{commands}'  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ['a"b', "a;rm *", "a\nb", "{number}"])
def test_what_cannot_be_said_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="smbclient cannot be told"):
        reads("sales", path)


def test_what_is_cleared_is_quoted() -> None:
    assert "-name 'a b*'" in Cleared("a b").command()
    Cleared("a").read(Reply(0, ""))
    with pytest.raises(UnreadableOutput, match="could not be removed"):
        Cleared("a").read(Reply(1, "", "rm: cannot remove 'a': Read-only file system"))
