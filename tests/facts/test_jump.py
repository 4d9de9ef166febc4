"""Recorded answers of jump hosts, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.jump import (
    Keyring,
    Landing,
    LoginBeyond,
    Passage,
    Passages,
    RunsCommands,
    WaysToLogIn,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

KEYRING = Keyring("198.18.12.2", "jump", "/root/fresh/id_ed25519")
INTRANET, PAYROLL = ("10.96.96.64", 22), ("10.96.96.110", 80)
BOTH = Passages(KEYRING, (INTRANET, PAYROLL))
ONE = Passages(KEYRING, (INTRANET,))
BEYOND = LoginBeyond(KEYRING, "fdubois", "10.96.96.64")
RUNS = RunsCommands(KEYRING)
WAYS = WaysToLogIn("198.18.12.2", "jump")
DENIED = "jump@198.18.12.2: Permission denied (publickey,password,keyboard-interactive)."
PROHIBITED = (
    "channel 0: open failed: administratively prohibited: open failed stdio forwarding failed"
)


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            BOTH,
            Reply(0, f"10.96.96.110 80 255 {PROHIBITED} \n10.96.96.64 22 0 \n"),
            {INTRANET: Passage.OPEN, PAYROLL: Passage.FORBIDDEN},
        ),
        (ONE, Reply(0, f"10.96.96.64 22 255 {DENIED} \n"), {INTRANET: Passage.REFUSED}),
        (
            ONE,
            Reply(
                0,
                "10.96.96.64 22 255 channel 0: open failed: connect failed: Connection refused "
                "stdio forwarding failed \n",
            ),
            {INTRANET: Passage.FAILED},
        ),
        (ONE, Reply(0, "10.96.96.64 22 124 \n"), {INTRANET: Passage.FAILED}),
        (
            ONE,
            Reply(0, "10.96.96.64 22 255 ssh: connect to host x port 22: Connection timed out \n"),
            {INTRANET: Passage.UNREACHABLE},
        ),
        (BEYOND, Reply(0, ""), Landing(arrived=True)),
        (
            BEYOND,
            Reply(255, "", f"{DENIED}\r\nConnection closed by UNKNOWN port 65535\r\n"),
            Landing(arrived=False, problem=DENIED),
        ),
        (RUNS, Reply(0, "42718\n"), True),
        (RUNS, Reply(1, "This account is currently not available.\n"), False),
        (RUNS, Reply(0, "You may pass, but not stay.\n"), False),
        (RUNS, Reply(255, "", DENIED), False),
        (
            WAYS,
            Reply(255, "", DENIED),
            frozenset({"publickey", "password", "keyboard-interactive"}),
        ),
        (
            WAYS,
            Reply(255, "", "jump@198.18.12.2: Permission denied (publickey).\r\n"),
            frozenset({"publickey"}),
        ),
        (WAYS, Reply(0, ""), frozenset({"none"})),
        (
            WAYS,
            Reply(255, "", "ssh: connect to host x port 22: Connection refused\r\n"),
            frozenset(),
        ),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (ONE, Reply(1, "")),
        (ONE, Reply(0, "nonsense\n")),
        (ONE, Reply(0, "10.96.96.64 22 77 \n")),
        (ONE, Reply(0, "10.96.96.64 22 127 sh: 3: timeout: not found \n")),
        (ONE, Reply(0, "10.96.96.64 22 127 timeout: failed to run command 'ssh' \n")),
        (BEYOND, Reply(1, "")),
        (RUNS, Reply(255, "", "ssh: connect to host x port 22: Connection refused\r\n")),
        (WAYS, Reply(255, "", "command-line line 0: Bad configuration option: nonsense\r\n")),
    ],
)
def test_what_is_no_answer_is_not_taken_for_one(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize("fact", [ONE, BEYOND, RUNS])
def test_a_key_that_is_not_there_is_not_taken_for_one_that_is_refused(fact: Fact[Any]) -> None:
    assert "test -r /root/fresh/id_ed25519" in fact.command()


def test_names_are_quoted() -> None:
    odd = Keyring("a b", "c d", "/e f")
    assert "-i '/e f'" in RunsCommands(odd).command()
    assert "-l 'c d' 'a b'" in RunsCommands(odd).command()
    assert "ask 'g h' 80 &" in Passages(odd, (("g h", 80),)).command()
