"""Recorded answers of PostgreSQL, read."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from graders.facts.database import (
    Answer,
    LetsInWithoutPassword,
    Query,
    ServerCalledBack,
    ServerKilled,
    ServerUp,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

QUERY = Query("db1", "orders", "shop", "select count(*) from orders;")
LOGIN = LetsInWithoutPassword("db1", "orders", "shop")
DB1 = 'connection to server at "db1" (10.97.80.11), port 5432 failed:'


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (QUERY, Reply(0, "1309"), Answer(("1309",))),
        (QUERY, Reply(0, ""), Answer()),
        (
            QUERY,
            Reply(3, "", "ERROR:  cannot execute DELETE in a read-only transaction\n"),
            Answer(problem="ERROR:  cannot execute DELETE in a read-only transaction"),
        ),
        (
            QUERY,
            Reply(2, "", f"psql: error: {DB1} Connection refused\n\tIs the server running?\n"),
            Answer(problem=f"{DB1} Connection refused"),
        ),
        (LOGIN, Reply(0, "1\n"), True),
        (
            LOGIN,
            Reply(2, "", f"psql: error: {DB1} fe_sendauth: no password supplied\n"),
            False,
        ),
        (
            LOGIN,
            Reply(2, "", f"psql: error: {DB1} FATAL:  no pg_hba.conf entry for replication\n"),
            False,
        ),
        (LOGIN, Reply(2, "", f"psql: error: {DB1} Connection refused\n"), False),
        (ServerKilled(), Reply(0, "killed\n"), True),
        (ServerKilled(), Reply(0, "none\n"), False),
        (ServerCalledBack(), Reply(0, ""), None),
        (ServerUp(), Reply(0, "/var/run/postgresql:5432 - accepting connections\n"), None),
    ],
)
def test_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (QUERY, Reply(2, "")),
        (LOGIN, Reply(2, "", 'psql: error: could not translate host name "db1" to address\n')),
        (ServerKilled(), Reply(1, "", "kill: usage")),
        (ServerUp(), Reply(1, "")),
    ],
)
def test_other_answer_is_nobodys_fault(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_without_a_clock_nothing_is_waited_for_in_vain() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"cat() {{ :; }}; {QUERY.command()}"],
        env={"PATH": ""},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (127, b"")
    assert b"date: not found" in done.stderr


def test_sql_and_its_variables_cannot_break_out() -> None:
    fact = Query("db1", "orders", "shop", "select :'beat';", (("beat", "a'; rm $(x)"),))
    assert fact.stdin() == b"select :'beat';"
    assert """'beat=a'"'"'; rm $(x)'""" in fact.command()
