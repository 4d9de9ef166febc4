"""The door to the hosts: answers belong to their questions, nothing hangs, nothing stays behind."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from time import monotonic

import docker
import pytest
from docker.models.containers import Container

from runner.connection import (
    SERVER_ARGV,
    Connection,
    Identity,
    greeting,
    new_identity,
)
from runner.errors import CommandTimedOut, HostUnreachable, LookError
from runner.execstream import ExecStream
from runner.shells import open_shell
from tests.trial import tag

MIB = 1 << 20
BOMB = "while (1) { $p = fork; if (!defined $p) { select undef, undef, undef, 0.01 }\
 elsif (!$p) { sleep 1002; exit } }"


# --- without an engine ---------------------------------------------------------------------------


def frame(kind: int, data: bytes) -> bytes:
    return bytes([kind, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


@pytest.mark.parametrize("step", [1, 3, 8, 9, 1000])
def test_stdout_is_what_the_pieces_say_however_they_arrive(step: int) -> None:
    here, there = socket.socketpair()
    sent = frame(1, b"one ") + frame(2, b"oh no") + frame(1, b"") + frame(1, b"two\0\xff")
    with closing(here), closing(there):
        stream = ExecStream(there)
        for start in range(0, len(sent), step):
            here.sendall(sent[start : start + step])
        here.shutdown(socket.SHUT_WR)
        taken = b""
        while piece := stream.recv(3):
            taken += piece
        assert taken == b"one two\0\xff"
        assert stream.complaints == "oh no"


def test_complaints_are_bounded() -> None:
    here, there = socket.socketpair()
    with closing(here):
        stream = ExecStream(there)
        for _ in range(50):
            here.sendall(frame(2, b"x" * 1000))
        here.sendall(frame(1, b"!"))
        assert stream.recv(1) == b"!"
        assert len(stream.complaints) == 4096
        stream.close()


def test_closing_a_stream_wakes_who_waits_for_it() -> None:
    here, there = socket.socketpair()
    with closing(here), ThreadPoolExecutor(1) as pool:
        stream = ExecStream(there)
        waiting = pool.submit(stream.recv, 1)
        stream.close()
        stream.close()
        assert waiting.result(timeout=2) == b""
        assert stream.closed
        with pytest.raises(BrokenPipeError):
            stream.send(b"late")


def test_a_stream_times_out_as_asked() -> None:
    here, there = socket.socketpair()
    with closing(here):
        stream = ExecStream(there)
        stream.settimeout(0.01)
        with pytest.raises(TimeoutError):
            stream.recv(1)
        stream.close()


def test_every_identity_is_another_and_shows_no_private_key() -> None:
    one, two = new_identity(), new_identity()
    assert len({one.client, one.host, two.client, two.host}) == 4
    assert "PRIVATE" not in repr(one)


def test_the_greeting_hands_over_no_private_client_key_and_ends_in_an_empty_line() -> None:
    identity = new_identity()
    said = greeting(identity, user="o'neil").decode()
    secret = "".join(identity.client_private.splitlines()[1:-1])
    assert secret not in said.replace("\n", "")
    assert identity.client in said
    assert said.endswith("\n\n")
    assert "\n\n" not in said[:-2], "the server's shell would stop reading there"


def test_the_server_is_started_with_what_was_said_and_not_one_byte_more(tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = f"cat > {out}\n\nSSH-2.0-x\r\nmore".encode()
    subprocess.run(SERVER_ARGV, input=said, check=True, timeout=5)
    assert out.read_bytes() == b"SSH-2.0-x\r\nmore"


def test_nothing_is_imported_before_a_connection_is_opened() -> None:
    code = (
        "import sys, runner.connection, runner.execstream; "
        "sys.exit(bool({'paramiko', 'netmiko', 'docker', 'cryptography'} & set(sys.modules)))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=20)


def test_a_stream_that_ends_at_once_is_an_unreachable_host() -> None:
    here, there = socket.socketpair()
    here.sendall(frame(2, b"sh: /usr/sbin/sshd: not found\n"))
    here.shutdown(socket.SHUT_WR)
    before = set(threading.enumerate())
    with closing(here), pytest.raises(HostUnreachable) as caught:
        open_shell(ExecStream(there), new_identity(), host="web", deadline=monotonic() + 5)
    assert str(caught.value) == (
        "web: no way in for root by the grader's own SSH server: sh: /usr/sbin/sshd: not found"
    )
    assert "lab reset" in caught.value.remedy
    assert set(threading.enumerate()) <= before


def test_a_stream_that_says_nothing_is_given_up_at_the_deadline() -> None:
    here, there = socket.socketpair()
    began = monotonic()
    with closing(here), pytest.raises(HostUnreachable):
        open_shell(ExecStream(there), new_identity(), host="web", deadline=began + 0.4)
    assert monotonic() - began < 2


# --- on real hosts -------------------------------------------------------------------------------


def stream_into(host: Container) -> ExecStream:
    assert host.client is not None
    api = host.client.api
    started = api.exec_create(host.id, list(SERVER_ARGV), stdin=True, user="0")["Id"]
    return ExecStream(api.exec_start(started, socket=True))


def connect(host: Container, seconds: float = 10, identity: Identity | None = None) -> Connection:
    return open_shell(
        stream_into(host),
        identity or new_identity(),
        host="web",
        deadline=monotonic() + seconds,
    )


def inside(host: Container, command: str) -> str:
    said = host.exec_run(["sh", "-c", command], user="0").output
    assert isinstance(said, bytes)
    return said.decode()


def gone(host: Container, pattern: str) -> bool:
    """Whether no process matches within a moment."""
    deadline = monotonic() + 3
    while inside(host, f"ps -eo args | grep -v grep | grep -E '{pattern}'"):
        if monotonic() > deadline:
            return False
    return True


@pytest.fixture(scope="module")
def new_host() -> Iterator[Callable[[], Container]]:
    with ExitStack() as stack:
        client = stack.enter_context(closing(docker.from_env()))
        image = tag("base")

        def start() -> Container:
            host = client.containers.run(
                image,
                name=f"conn-test-{uuid.uuid4().hex[:8]}",
                detach=True,
                network_mode="none",
                mem_limit="256m",
                pids_limit=150,
                entrypoint=["/usr/bin/tini", "--", "sleep", "infinity"],
                command=[],
            )
            stack.callback(host.remove, force=True)
            return host

        yield start


@pytest.fixture(scope="module")
def host(new_host: Callable[[], Container]) -> Container:
    host = new_host()
    inside(host, "useradd -m -s /usr/sbin/nologin eve; groupadd staff2; usermod -aG staff2 eve")
    return host


@pytest.fixture
def web(host: Container) -> Iterator[Connection]:
    with closing(connect(host)) as connection:
        yield connection


@pytest.fixture
def spoilt(new_host: Callable[[], Container]) -> Container:
    """A host of one's own, to be damaged."""
    return new_host()


@pytest.mark.engine
def test_status_and_both_outputs_are_told_apart(web: Connection) -> None:
    reply = web.run("printf 'out\\n\\n'; printf err >&2; exit 3")
    assert (reply.status, reply.stdout, reply.stderr) == (3, "out\n\n", "err")
    assert reply.seconds > 0
    assert not reply.truncated


@pytest.mark.engine
def test_bytes_survive_as_they_are(web: Connection) -> None:
    assert web.run("printf 'a\\0b\\033[1m\\377'").stdout == "a\0b\x1b[1m\ufffd"
    everything = bytes(range(256)) * 40
    assert web.run("sha256sum | cut -c1-8", stdin=everything).stdout == (
        hashlib.sha256(everything).hexdigest()[:8] + "\n"
    )
    assert (
        web.run("cat", stdin=b"it's 100% $HOME `x`\\n\n\n").stdout == "it's 100% $HOME `x`\\n\n\n"
    )
    assert web.run("wc -c", stdin=b"x" * MIB).stdout == f"{MIB}\n"


@pytest.mark.engine
def test_a_command_reads_its_stdin_and_never_the_shells(web: Connection) -> None:
    assert web.run("cat; read line; echo $?").stdout == "1\n"
    assert web.run("cat; exit 4", stdin=b"given").stdout == "given"
    assert web.run("true", stdin=b"unread" * 100_000).status == 0
    assert web.run("echo still in step").stdout == "still in step\n"


@pytest.mark.engine
@pytest.mark.parametrize(
    "command", ["exit 7", "if then", "set -e; false; echo no", "exec false", "kill -9 $$", "}", "'"]
)
def test_no_command_hurts_the_next(web: Connection, command: str) -> None:
    with suppress(HostUnreachable):
        assert web.run(command).status != 0
    assert web.run("echo next").stdout == "next\n"


@pytest.mark.engine
def test_nothing_carries_over_to_the_next_command(web: Connection) -> None:
    web.run("cd /tmp; x=1; export x; umask 077; exec >/dev/null; cat() { echo no; }")
    assert web.run("pwd; echo [$x]; umask; echo 5 | cat").stdout == "/root\n[]\n0022\n5\n"


@pytest.mark.engine
def test_output_without_end_is_cut_and_its_command_killed(host: Container, web: Connection) -> None:
    for command in ("yes", "yes >&2", "yes & yes", "setsid yes"):
        reply = web.run(command, timeout=20)
        assert reply.truncated
        assert reply.status == 137
        assert max(len(reply.stdout), len(reply.stderr)) == MIB
    assert web.run("echo next").stdout == "next\n"
    assert gone(host, "^yes")


@pytest.mark.engine
def test_output_up_to_the_limit_is_kept(web: Connection) -> None:
    reply = web.run(f"head -c {MIB} /dev/zero")
    assert (reply.status, reply.stdout, reply.truncated) == (0, "\0" * MIB, False)
    reply = web.run(f"head -c {MIB + 1} /dev/zero; exit 3")
    assert (reply.status, len(reply.stdout), reply.truncated) in ((3, MIB, True), (137, MIB, True))


@pytest.mark.engine
@pytest.mark.parametrize(
    "command",
    [
        "sleep 1001; echo late",
        "sleep 1001 & sleep 1001; echo late",
        "setsid sh -c 'sleep 1001 & sleep 1001'; echo late",
        "(setsid sleep 1001 &); cat /dev/zero >/dev/null",
        "trap '' TERM HUP INT; while :; do sleep 1001; done",
        "setsid sleep 1001 </dev/null >/dev/null 2>&1 & wait",
    ],
)
def test_a_command_that_hangs_is_killed_and_never_answers_late(
    host: Container, web: Connection, command: str
) -> None:
    began = monotonic()
    with pytest.raises(CommandTimedOut, match=r"web did not answer within 0.3 s: "):
        web.run(command, timeout=0.3)
    assert monotonic() - began < 2.5
    for number in range(5):
        assert web.run(f"echo {number}").stdout == f"{number}\n"
    assert gone(host, "sleep 1001|/dev/zero")


@pytest.mark.engine
def test_a_daemon_neither_holds_an_answer_up_nor_writes_into_others(web: Connection) -> None:
    began = monotonic()
    reply = web.run("(while sleep 0.01; do echo noise; echo noise >&2; done) & echo started")
    assert "started" in reply.stdout
    assert monotonic() - began < 3
    for _ in range(40):
        reply = web.run("sleep 0.01; echo clean")
        assert (reply.stdout, reply.stderr) == ("clean\n", "")
    reply = web.run("(while sleep 0.01; do echo noise; done) & echo started", user="eve")
    for _ in range(20):
        assert web.run("sleep 0.01; echo clean").stdout == "clean\n"


@pytest.mark.engine
def test_a_daemon_goes_on_after_its_command(host: Container, web: Connection) -> None:
    web.run("setsid sleep 77 </dev/null >/dev/null 2>&1 &")
    with pytest.raises(CommandTimedOut):
        web.run("sleep 1001", timeout=0.2)
    assert "sleep 77" in inside(host, "ps -eo args")


@pytest.mark.engine
def test_slow_commands_run_side_by_side(web: Connection) -> None:
    began = monotonic()
    with ThreadPoolExecutor(12) as pool:
        answers = pool.map(lambda n: web.run(f"sleep 0.5; echo {n}").stdout, range(12))
        assert list(answers) == [f"{n}\n" for n in range(12)]
    assert monotonic() - began < 4


@pytest.mark.engine
def test_another_account_sees_what_it_would_after_a_login(web: Connection) -> None:
    reply = web.run("id -un; id -Gn; pwd; echo $HOME $USER $LOGNAME $SHELL; umask", user="eve")
    assert reply.stdout.splitlines() == [
        "eve",
        "eve staff2",
        "/home/eve",
        "/home/eve eve eve /usr/sbin/nologin",
        "0022",
    ]
    assert web.run("cat /etc/shadow", user="eve").status == 1
    assert web.run("cat; exit 5", user="eve", stdin=b"\0it's").stdout == "\0it's"
    assert web.run("grep -c 0000000000000000 /proc/self/status", user="eve").stdout.strip() != "0"
    nobody = web.run("id", user="nosuchuser")
    assert (nobody.status, nobody.stderr) == (1, "user nosuchuser does not exist\n")


@pytest.mark.engine
def test_another_accounts_hanging_command_is_killed(host: Container, web: Connection) -> None:
    with pytest.raises(CommandTimedOut):
        web.run("sleep 1001 & sleep 1001", user="eve", timeout=0.3)
    assert gone(host, "sleep 1001")


@pytest.mark.engine
def test_nothing_of_a_connection_stays(host: Container) -> None:
    before = set(threading.enumerate())
    files = inside(
        host, "find / -xdev -newermt '-0 sec' -type f 2>/dev/null; ls -A /run /tmp /root"
    )
    with closing(connect(host)) as web:
        web.run("true")
        with suppress(CommandTimedOut):
            web.run("sleep 1001", timeout=0.1)
    assert set(threading.enumerate()) <= before
    assert gone(host, "sshd|/bin/sh")
    assert inside(host, "ls -A /run /tmp /root") in files
    with pytest.raises(HostUnreachable, match="web: the connection was closed"):
        web.run("true")


@pytest.mark.engine
def test_closing_ends_what_still_runs(host: Container) -> None:
    web = connect(host)
    with ThreadPoolExecutor(2) as pool:
        running = [pool.submit(web.run, "sleep 1004", user=user) for user in (None, "eve")]
        web.run("sleep 0.3")
        web.close()
        for answer in running:
            with pytest.raises(HostUnreachable):
                answer.result(timeout=5)
    assert gone(host, "sleep 1004")


@pytest.mark.engine
def test_many_hosts_are_reached_at_once_from_a_fresh_program(host: Container) -> None:
    with ThreadPoolExecutor(4) as pool:
        connections = list(pool.map(lambda _: connect(host), range(4)))
        assert [one.run("echo $PPID").status for one in connections] == [0] * 4
        list(pool.map(lambda one: one.close(), connections))


@pytest.mark.engine
def test_a_server_with_another_key_is_not_believed(host: Container) -> None:
    mine, other = new_identity(), new_identity()
    mixed = Identity(
        client=mine.client,
        client_private=mine.client_private,
        host=other.host,
        host_private=mine.host_private,
    )
    with pytest.raises(HostUnreachable, match="not the one that was started"):
        connect(host, identity=mixed)


@pytest.mark.engine
@pytest.mark.parametrize(
    "hardening",
    [
        "passwd -l root",
        "echo 'PermitRootLogin no\nAllowUsers nobody\nMaxSessions 0' >> /etc/ssh/sshd_config",
        "rm -rf /etc/ssh /root/.ssh",
        "echo 'exit 9' | tee /root/.bashrc /root/.profile /etc/profile /etc/bash.bashrc",
        "touch /etc/nologin; echo 'ALL: ALL' > /etc/hosts.deny",
        "echo 'echo noise; echo noise >&2' > /etc/ssh/sshrc",
        "rm -rf /run/sshd; dd if=/dev/zero of=/fill bs=1M count=1 2>/dev/null",
        "rm -f /etc/pam.d/sshd /etc/sudoers",
        "chsh -s /bin/sh root",
    ],
)
def test_what_an_apprentice_hardens_does_not_lock_the_grader_out(
    spoilt: Container, hardening: str
) -> None:
    inside(spoilt, hardening)
    with closing(connect(spoilt)) as web:
        reply = web.run("id -u; echo $PATH")
    assert reply.stdout.startswith("0\n/usr/sbin:/usr/bin:")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("rm /usr/sbin/sshd", "sshd: not found"),
        ("printf '#!/bin/sh\\nexec yes' > /usr/sbin/sshd", "no way in for root"),
        ("printf '#!/bin/sh\\nsleep 60' > /usr/sbin/sshd", "no way in for root"),
        ("userdel sshd", "sshd"),
        ("rm /bin/sh", "no way in for root"),
        ("usermod -s /usr/sbin/nologin root", "no shell could be started"),
        ("printf '#!/bin/sh\\nsleep 60' > /usr/bin/env", "no shell could be started"),
        ("echo 'sleep 60' > /etc/ssh/sshrc", "no shell could be started"),
    ],
)
def test_a_damaged_host_is_unreachable_and_says_why(
    spoilt: Container, damage: str, says: str
) -> None:
    inside(spoilt, damage)
    began = monotonic()
    with pytest.raises(HostUnreachable, match=says):
        connect(spoilt, seconds=3)
    assert monotonic() - began < 6


@pytest.mark.engine
def test_a_host_without_a_free_process_ends_every_question_in_time(spoilt: Container) -> None:
    with closing(connect(spoilt)) as web:
        spoilt.exec_run(["perl", "-e", BOMB], detach=True)
        deadline = monotonic() + 5
        with suppress(docker.errors.APIError):
            while inside(spoilt, "true") == "" and monotonic() < deadline:
                pass
        for _ in range(3):
            began = monotonic()
            with pytest.raises(LookError):
                web.run("cat /etc/hostname", timeout=1)
            assert monotonic() - began < 4
    with pytest.raises((LookError, docker.errors.APIError)):
        connect(spoilt, seconds=3)


@pytest.mark.engine
def test_a_command_that_forks_without_end_is_ended(spoilt: Container) -> None:
    with closing(connect(spoilt)) as web:
        began = monotonic()
        with suppress(LookError):
            web.run("f() { f | f & }; f; sleep 1003", timeout=1)
        assert monotonic() - began < 5


@pytest.mark.engine
def test_a_frozen_host_is_given_up_in_time(spoilt: Container) -> None:
    with closing(connect(spoilt)) as web:
        spoilt.pause()
        try:
            began = monotonic()
            with pytest.raises(CommandTimedOut):
                web.run("true", timeout=0.5)
            assert monotonic() - began < 4
            began = monotonic()
            with pytest.raises(HostUnreachable, match="it stopped answering"):
                web.run("true")
            assert monotonic() - began < 0.5
        finally:
            spoilt.unpause()


@pytest.mark.engine
def test_a_host_that_is_powered_off_is_unreachable(spoilt: Container) -> None:
    with closing(connect(spoilt)) as web, ThreadPoolExecutor(1) as pool:
        running = pool.submit(web.run, "sleep 30", timeout=20)
        spoilt.kill()
        with pytest.raises(HostUnreachable, match="web: the connection ended during sleep 30"):
            running.result(timeout=5)
        with pytest.raises(HostUnreachable, match="the connection was lost"):
            web.run("true")


@pytest.mark.engine
def test_memory_that_runs_out_ends_in_time(spoilt: Container) -> None:
    with closing(connect(spoilt)) as web:
        began = monotonic()
        with suppress(LookError):
            assert web.run("tail -c 2G /dev/zero", timeout=8).status != 0
        assert monotonic() - began < 11
