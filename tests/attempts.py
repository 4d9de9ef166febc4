"""Attempts as gradings give them, and a database without our door."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from runner.record import Attempt
from runner.verdict import Evidence, Outcome, Verdict

NOON = datetime(2026, 3, 2, 12, 0, 0, 123456, tzinfo=UTC)

VERDICTS = (
    Verdict(
        check="web_answers",
        standard="The intranet answers office workstations.",
        outcome=Outcome.PASSED,
        points=3,
        seconds=0.25,
        after_restart=True,
        evidence=(
            Evidence(
                "client", "root", "curl -s web", 0, "Grüße\n\ttab 'quoted' \"double\" %s", 0.1
            ),
            Evidence("client", "apprentice", "curl -s other", None, "", 5.0),
        ),
    ),
    Verdict(
        check="ssh_closed",
        standard="SSH is closed to the outside.",
        outcome=Outcome.FAILED,
        points=2,
        reason="port 22 answered",
        hint="which chain sees it?",
    ),
    Verdict(check="later", standard="Later.", outcome=Outcome.BLOCKED, points=1),
    Verdict(
        check="guard", standard="Guard.", outcome=Outcome.BROKEN, guard=True, where="grader.py:7"
    ),
)


def attempt(
    apprentice: str = "Ada", code: str = "4c", *, minutes: int = 0, demonstrated: bool = False
) -> Attempt:
    """An attempt as grading gives it."""
    graded = NOON + timedelta(minutes=minutes)
    return Attempt(
        id=uuid4(),
        apprentice=apprentice,
        code=code,
        title="Installs network security software",
        seed=2**70,
        session="s1a2b3",
        started_at=graded - timedelta(hours=1),
        graded_at=graded,
        demonstrated=demonstrated,
        points=3,
        possible=6,
        hints_used=1,
        program_version="0.1.0",
        lab_revision="abc",
        grader_revision="def",
        engine="docker 20.10",
        verdicts=VERDICTS,
    )


def raw(url: str) -> sa.Engine:
    """The same database without our door."""
    return sa.create_engine(
        url.replace("postgresql:", "postgresql+psycopg:"), poolclass=sa.pool.NullPool
    )


fork = multiprocessing.get_context("fork")
"""Writers that are programs of their own, and need not read ours again."""


def promised_when_killed(
    task: Callable[..., None], words: tuple[Any, ...], after: Iterable[int]
) -> set[UUID]:
    """The ids of what writers, each killed after so many of them, had said to be on disk.

    `task` is given the words and a pipe, to which it writes each id once it is.
    """
    promised = b""
    for many in after:
        out, into = os.pipe()
        writer = fork.Process(target=task, args=(*words, into))
        writer.start()
        os.close(into)
        for _ in range(many):
            promised += os.read(out, 16)
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        while rest := os.read(out, 4096):
            promised += rest
        os.close(out)
    return {UUID(bytes=promised[at : at + 16]) for at in range(0, len(promised), 16)}
