"""Recorded answers about logins over SSH, read."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graders.facts.ssh import Login, Siege, SshLogin, SshSiege
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.real_shell import ran

LOGIN = SshLogin("10.96.128.77", "bpetrov", 2022, password="Welcome1")
SIEGE = SshSiege("10.96.128.77", "root", 2022, "198.18.16.193-254", guesses=2)
DENIED = "root@10.96.128.77: Permission denied (publickey,password). "
REFUSED = "ssh: connect to host 10.96.128.77 port 2022: Connection refused "


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (LOGIN, Reply(0, ""), Login.ADMITTED),
        (LOGIN, Reply(255, "", DENIED), Login.REFUSED),
        (LOGIN, Reply(1, "", "This account is currently not available.\n"), Login.REFUSED),
        (LOGIN, Reply(1, "", "Your password has expired.\n"), Login.REFUSED),
        (LOGIN, Reply(124, ""), Login.UNREACHABLE),
        (LOGIN, Reply(255, "", REFUSED), Login.UNREACHABLE),
        (
            LOGIN,
            Reply(255, "", "ssh: connect to host 10.96.128.77 port 2022: Connection timed out\n"),
            Login.UNREACHABLE,
        ),
        (
            LOGIN,
            Reply(255, "", "Connection closed by 10.96.128.77 port 2022\n"),
            Login.UNREACHABLE,
        ),
        (
            SIEGE,
            Reply(
                0,
                f"source 198.18.16.200\nbefore 255 {DENIED}\nguess 255 {DENIED}\n"
                f"guess 255 {DENIED}\nguess 124 \n"
                f"look 255 {DENIED}\nlook 255 {REFUSED}\n",
            ),
            Siege("198.18.16.200", answered=True, refused=2, shut_out=True),
        ),
        (
            SIEGE,
            Reply(
                0,
                f"source 198.18.16.200\nbefore 255 {DENIED}\nguess 255 {DENIED}\n"
                f"guess 255 {DENIED}\nlook 124 \nlook 255 {DENIED}\n",
            ),
            Siege("198.18.16.200", answered=True, refused=2, shut_out=False),
        ),
        (
            SIEGE,
            Reply(
                0,
                f"source 198.18.16.200\nbefore 255 {DENIED}\nguess 124 \nguess 124 \n"
                "look 124 \nlook 124 \n",
            ),
            Siege("198.18.16.200", answered=True, refused=0, shut_out=True),
        ),
        (
            SIEGE,
            Reply(0, "source 198.18.16.200\nbefore 255 ssh: connect: Connection timed out \n"),
            Siege("198.18.16.200", answered=False),
        ),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (LOGIN, Reply(255, "", "ssh: Could not resolve hostname web: Name or service not known")),
        (LOGIN, Reply(255, "")),
        (LOGIN, Reply(2, "")),
        (LOGIN, Reply(127, "", "timeout: failed to run command 'ssh': No such file\n")),
        (SIEGE, Reply(0, "source 198.18.16.200\n")),
        (SIEGE, Reply(0, f"source 198.18.16.200\nbefore 255 {DENIED}\n")),
        (
            SIEGE,
            Reply(
                0,
                f"source 1.2.3.4\nbefore 255 {DENIED}\nguess 255 {DENIED}\nguess 124 \n"
                f"look 255 {DENIED}\n",
            ),
        ),
        (SIEGE, Reply(1, "", "mktemp: failed to create file")),
        (SIEGE, Reply(0, f"source 1.2.3.4\nbefore 255 {DENIED}\nguess oops\nlook oops\n")),
        (SIEGE, Reply(0, "source 198.18.16.200\nbefore oops\n")),
        (SIEGE, Reply(0, "source 1.2.3.4\nbefore 127 sh: 5: timeout: not found\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize("fact", [LOGIN, SIEGE])
def test_a_password_that_cannot_be_given_is_not_taken_for_one_that_is_wrong(
    fact: Fact[Any],
) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", fact.command()],
        env={"PATH": ""},
        input=fact.stdin(),
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (127, b"")
    assert b"mktemp: not found" in done.stderr


def test_the_password_is_not_in_the_question() -> None:
    assert LOGIN.password not in LOGIN.command()
    assert LOGIN.stdin() == b"Welcome1\n"


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (SshLogin("a b", "x;y"), "-l 'x;y' 'a b'"),
        (SshLogin("a", "x", key="/root/my key"), "test -r '/root/my key' &&"),
        (SshLogin("a", "x", source="198.18.4.9"), "-b 198.18.4.9 "),
        (SshLogin("a", "x"), "PreferredAuthentications=none"),
    ],
)
def test_parameters_are_quoted(fact: SshLogin, asked: str) -> None:
    assert asked in fact.command()


def test_a_siege_comes_from_another_address_where_one_is_shut_out_already(tmp_path: Path) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"""#!/bin/sh
echo "$*" | grep -o -e '-b [0-9.]*' > {tmp_path}/now
[ -e {tmp_path}/first ] || cp {tmp_path}/now {tmp_path}/first
cmp -s {tmp_path}/now {tmp_path}/first && echo "{REFUSED}" >&2 || echo "{DENIED}" >&2
exit 255
""",
        encoding="utf-8",
    )
    ssh.chmod(0o700)
    fact = replace(SIEGE, patience=0.0)
    reply = ran(fact, f"{tmp_path}:{os.environ['PATH']}")
    assert reply.ok
    first = (tmp_path / "first").read_text(encoding="utf-8").split()[1]
    siege = fact.read(reply)
    assert (siege.answered, siege.source == first) == (True, False)


@pytest.mark.parametrize(("allowed", "calls"), [(6, 1), (3, 2)])
def test_passwords_are_guessed_over_as_few_connections_as_the_server_bears(
    tmp_path: Path, allowed: int, calls: int
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text(
        f"""#!/bin/sh
case "$*" in *=none*) echo "{DENIED}" >&2; exit 255 ;; esac
n=1
while [ $((n += 1)) -le {allowed} ]; do
    printf 'Permission denied, please try again.\\r\\n' >&2
done
echo "Received disconnect from 10.96.128.77 port 2022:2: Too many authentication failures" >&2
exit 255
""",
        encoding="utf-8",
    )
    ssh.chmod(0o700)
    fact = replace(SIEGE, guesses=6, patience=0.0)
    reply = ran(fact, f"{tmp_path}:{os.environ['PATH']}")
    assert reply.stdout.count("guess 255 ") == calls
    assert fact.read(reply).refused == 6
