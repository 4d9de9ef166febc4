"""Whatever an apprentice does to a host: grading ends in time, each check with its right outcome.

Every case is a world of its own in which the job is done and then something is done to the server.
The first two checks look at the server itself, the third from a host that nobody can touch.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, sleep

import pytest

from runner import life, practical
from runner.attempt import named
from runner.engine import Engine
from runner.verdict import Grade, Outcome
from tests.trial import apprentice, connect, inside, left, silent, world

DEADLINE = 45.0
SETTLE = 1.5
P, F, B = Outcome.PASSED, Outcome.FAILED, Outcome.BROKEN
ABREAST = 3


@dataclass(frozen=True)
class Case:
    """What is done as root, and which outcomes are right for account, greeting and page."""

    name: str
    script: str
    account: tuple[Outcome, ...]
    greeting: tuple[Outcome, ...]
    page: tuple[Outcome, ...]
    says: str = ""

    def __str__(self) -> str:
        return self.name


FOREVER = "perl -e 'while (1) { my $p = fork; select undef, undef, undef, 0.01 unless $p }'"
DIRTY = (
    "import sys; w = sys.stdout.buffer.write;"
    r'w(b"\x1b]0;owned\x07\x1b[2J\x1b[31m\0\xff\x9bm\r\xe2\x80\xae"); w(b"x" * 10000000)'
)

CASES = (
    Case("nothing", "true", (P,), (P,), (P,)),
    Case(
        "stops_ssh", "systemctl mask --now ssh.service; rm -rf /etc/ssh /run/sshd", (P,), (P,), (P,)
    ),
    Case(
        "cuts_all_networks",
        "for n in eth0 eth1 eth2; do ip link set $n down; done; ip rule add prohibit",
        (P,),
        (P,),
        (F,),
    ),
    Case("removes_sshd", "rm /usr/sbin/sshd", (B,), (B,), (P,), "sshd: not found"),
    Case("fork_bomb", FOREVER, (P, B), (P, B, F), (P, F)),
    Case(
        "memory_hog",
        "for i in 1 2 3; do (while :; do tail -c 300M /dev/zero; done) & done",
        (P, B),
        (P, B, F),
        (P, F),
    ),
    Case(
        "fills_what_can_be_filled",
        "dd if=/dev/zero of=/run/fill bs=1M; echo x | dd of=/srv/fill bs=1 seek=1073741824",
        (P, B),
        (P, B),
        (P, F),
    ),
    Case("prints_for_ever", "printf '#!/bin/sh\\nexec yes' >/srv/greet", (P,), (F,), (P,), "y\ny"),
    Case(
        "hangs",
        "printf '#!/bin/sh\\ntrap : TERM INT HUP; while :; do sleep 9; done' >/srv/greet",
        (P,),
        (B,),
        (P,),
        "did not answer within 2 s",
    ),
    Case(
        "prints_what_a_terminal_obeys",
        f"printf '%s\\n' '#!/usr/bin/python3' '{DIRTY}' >/srv/greet; /srv/greet >/srv/page",
        (P,),
        (F,),
        (F,),
        "xxxx",
    ),
    Case(
        "shell_that_hangs",
        "printf '#!/usr/bin/python3\\nimport time; time.sleep(999)' >/t; chmod +x /t;"
        " mv -f /t /usr/bin/dash",
        (B,),
        (B,),
        (P, F),
    ),
    Case("shell_that_lies", "cp /usr/bin/true /t; mv -f /t /usr/bin/dash", (B,), (B,), (P, F)),
    Case("stops_all_processes", "kill -STOP -1", (P,), (P,), (P, F)),
    Case("nologin", "usermod -s /usr/sbin/nologin root", (B,), (B,), (P,), "no shell could be"),
    Case(
        "limits",
        "printf '* hard nproc 1\\nroot hard nproc 1\\n* hard fsize 1\\n* hard cpu 1\\n'"
        " >>/etc/security/limits.conf; echo 'ulimit -u 1' | tee -a /etc/profile >/root/.bashrc",
        (P,),
        (P,),
        (P,),
    ),
    Case("preloads_nothing", "echo /nonexistent.so >/etc/ld.so.preload", (P,), (P,), (P,)),
    Case("no_accounts", "rm -f /etc/passwd /etc/shadow", (B,), (B,), (P,)),
    Case(
        "kills_everything",
        "while :; do for p in /proc/[0-9]*; do p=${p#/proc/};"
        " [ $p = 1 ] || [ $p = $$ ] || kill -9 $p; done; done 2>/dev/null",
        (B,),
        (B,),
        (P, F),
    ),
    Case("powers_off", "systemctl poweroff", (B,), (B,), (F,), "host web is switched off"),
    Case("frozen", "", (B,), (B,), (F,), "host web stands still"),
)


@dataclass(frozen=True)
class Seen:
    """What a case came to."""

    grade: Grade
    seconds: float
    left: tuple[str, ...]


def played(there: Engine, case: Case) -> Seen:
    with world(there, "9b", case.name) as work:
        practical.play(there, work, named(work.lab.attempts, "done"), silent)
        if case.script:
            inside(there, work, "web", case.script, wait=False)
        else:
            there.api.pause(work.session.container("web").id)
        sleep(SETTLE)  # what was done works in the background: nothing tells when it is done
        began = monotonic()
        grade = practical.judge(there, work)
        seconds = monotonic() - began
        life.stop(there, work.session, silent)
        return Seen(grade, seconds, tuple(left(there, apprentice(case.name))))


@pytest.fixture(scope="module")
def findings() -> Iterator[dict[Case, Future[Seen]]]:
    """All cases, some side by side from the first test on; each test waits for its own."""
    there = connect()
    with ThreadPoolExecutor(ABREAST) as pool:
        yield {case: pool.submit(played, there, case) for case in CASES}
        pool.shutdown(cancel_futures=True)
    there.close()


@pytest.mark.engine
@pytest.mark.parametrize("case", CASES, ids=str)
def test_grading_ends_in_time_with_the_right_outcomes(
    case: Case, findings: dict[Case, Future[Seen]]
) -> None:
    seen = findings[case].result()
    account, greeting, page = seen.grade.verdicts
    told = [f"{v.outcome}: {v.reason}" for v in seen.grade.verdicts]
    assert account.outcome in case.account, told
    assert greeting.outcome in case.greeting, told
    assert page.outcome in case.page, told
    assert case.says in "\n".join(told)
    assert seen.seconds < DEADLINE
    assert seen.left == ()
    for verdict in seen.grade.verdicts:
        evidence = [text for item in verdict.evidence for text in (item.question, item.answer)]
        for text in (verdict.reason, verdict.hint, *evidence):
            assert all(character.isprintable() or character in "\n\t" for character in text)
            assert len(text) < 5000
