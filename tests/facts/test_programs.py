"""Recorded answers about programs and who may use them, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.programs import (
    AccessGiven,
    AccessOf,
    MayAsRoot,
    Permitted,
    Run,
    Started,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

ACCESS = "# file: /usr/bin/q\n# owner: 0\n# group: 990\nuser::rwx\ngroup::r-x\nother::---\n\n"


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (Started("q"), Reply(0, "nowhere\n"), Run()),
        (Started("q"), Reply(0, "ended 0 /usr/bin/q\nq 1.2\n"), Run("/usr/bin/q", 0, "q 1.2")),
        (
            Started("q"),
            Reply(0, "Welcome!\nended 1 /usr/bin/q\nno answer\n"),
            Run("/usr/bin/q", 1, "no answer"),
        ),
        (
            Started("q"),
            Reply(0, "ended 126 /usr/bin/q\ntimeout: failed to run: Permission denied\n"),
            Run("/usr/bin/q", None, "timeout: failed to run: Permission denied"),
        ),
        (Permitted(("/a", "/b c"), "rw"), Reply(0, "/b c\nend\n"), ("/b c",)),
        (Permitted(("/a",), "r"), Reply(0, "end\n"), ()),
        (AccessOf(("/usr/bin/q",)), Reply(0, ACCESS), ACCESS),
        (AccessGiven(ACCESS), Reply(0, ""), None),
        (MayAsRoot("ann", ("id",)), Reply(0, "/usr/bin/id\nended 0\n"), True),
        (MayAsRoot("ann", ("id",)), Reply(0, "ended 1\n"), False),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (Started("q"), Reply(1, "", "user ann does not exist")),
        (Started("q"), Reply(0, "")),
        (Permitted(("/a",), "r"), Reply(0, "/a\n")),
        (Permitted(("/a",), "r"), Reply(0, "/etc/passwd\nend\n")),
        (Permitted(("/a",), "r"), Reply(1, "", "user ann does not exist")),
        (AccessOf(("/usr/bin/q",)), Reply(1, "", "getfacl: /usr/bin/q: No such file")),
        (AccessOf(("/usr/bin/q", "/b")), Reply(0, ACCESS)),
        (AccessGiven(ACCESS), Reply(1, "", "setfacl: /usr/bin/q: Operation not permitted")),
        (MayAsRoot("ann", ("id",)), Reply(0, "ended 127\n", "sh: 1: sudo: not found")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (Started("a;b", ("c d",)), "sh 'a;b' 'c d'"),
        (Permitted(("/a b", "/c"), "rw"), "in '/a b' /c; do"),
        (Permitted(("/a",), "rw"), '[ -r "$path" ] && [ -w "$path" ]'),
        (AccessOf(("/a b",)), "-- '/a b'"),
        (MayAsRoot("a;b", ("c", "d e")), "-U 'a;b' -- c 'd e'; "),
    ],
)
def test_what_is_asked_is_quoted(fact: Fact[Any], asked: str) -> None:
    assert asked in fact.command()


@pytest.mark.parametrize(
    ("run", "ok", "last"),
    [
        (Run(), False, "no program of that name can be started"),
        (Run("/usr/bin/q", 0, ""), True, "it said nothing"),
        (Run("/usr/bin/q", 1, "one\n two \n"), False, "two"),
        (Run("/usr/bin/q", None, "Permission denied"), False, "Permission denied"),
    ],
)
def test_a_run_says_how_it_went(run: Run, *, ok: bool, last: str) -> None:
    assert run.ok is ok
    assert run.last == last


def test_access_comes_by_stdin() -> None:
    assert AccessGiven(ACCESS).stdin() == ACCESS.encode()
