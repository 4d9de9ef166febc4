"""Recorded accounts of tunnels, read; and the commands that open them, as far as text goes."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Network

import pytest

from graders.facts.network import Answer, Page
from graders.facts.profiles import Kind, Profile
from graders.facts.tunnels import Accepted, Through, Tunnel
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

WIREGUARD = Profile(Kind.WIREGUARD, "[Interface]\nPrivateKey = x\n[Peer]\n")
OPENVPN = Profile(Kind.OPENVPN, "client\n")
PAGE = Page("http://intranet.oakhurst.test/")


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(0, "up\nhello\n\n200"), Tunnel(up=True, answer=Answer(200, "hello\n"))),
        (
            Reply(28, "up\n\n000", "curl: (28) Connection timed out after 3001 milliseconds\n"),
            Tunnel(
                up=True,
                answer=Answer(0, problem="Connection timed out after 3001 milliseconds"),
            ),
        ),
        (
            Reply(0, "down the server does not answer it\n"),
            Tunnel(up=False, problem="the server does not answer it"),
        ),
        (
            Reply(0, "down Options error: --ca fails with 'ca.crt': No such file (errno=2) \n"),
            Tunnel(
                up=False, problem="Options error: --ca fails with 'ca.crt': No such file (errno=2)"
            ),
        ),
        (Reply(0, "down  \n"), Tunnel(up=False, problem="it did not come up")),
    ],
)
def test_what_was_seen_through_it_is_read(reply: Reply, found: Tunnel[Answer]) -> None:
    assert Through(WIREGUARD, PAGE).read(reply) == found


@pytest.mark.parametrize(
    ("reply", "up"),
    [(Reply(0, "up\n"), True), (Reply(0, "down the server does not answer it\n"), False)],
)
def test_whether_it_was_accepted_is_read(reply: Reply, up: bool) -> None:  # noqa: FBT001
    assert Accepted(OPENVPN).read(reply).up is up


def test_an_account_of_nothing_is_no_answer() -> None:
    with pytest.raises(UnreadableOutput):
        Accepted(OPENVPN).read(Reply(9, "", "mktemp: cannot create directory\n"))


@pytest.mark.parametrize(
    "fact",
    [Through(WIREGUARD, PAGE), Through(OPENVPN, PAGE), Accepted(WIREGUARD), Accepted(OPENVPN)],
)
def test_the_command_is_good_shell(fact: Fact[object]) -> None:
    subprocess.run(["/bin/sh", "-n"], input=fact.command().encode(), check=True)


@pytest.mark.parametrize("fact", [Accepted(WIREGUARD), Accepted(OPENVPN)])
def test_a_host_that_can_open_no_tunnel_says_so(fact: Fact[object]) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", fact.command()], env={"PATH": ""}, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (127, b"", b"ip: not found\n")


def test_the_profile_travels_on_stdin_only() -> None:
    fact = Through(WIREGUARD, PAGE, also=IPv4Network("10.96.0.0/24"))
    assert b"PrivateKey = x\n" in fact.stdin()
    assert b"AllowedIPs = 10.96.0.0/24\n" in fact.stdin()
    assert "PrivateKey" not in fact.command()
