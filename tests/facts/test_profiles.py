"""VPN profiles, as people write them, read."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from graders.facts.profiles import Kind, Profile, ProfileFile
from runner.host import Reply

WIREGUARD = Profile(
    Kind.WIREGUARD,
    """\
[Interface]
PrivateKey = 6Kp0aR1e2N0=
Address = 10.69.251.56/32, fd00::56/128
DNS = 10.69.251.1
PostUp = touch /tmp/owned

[Peer]  # the gateway
PublicKey=9LbOUSrVqbz8=
Endpoint = 198.18.12.2:52556
AllowedIPs = 0.0.0.0/0, ::/0
""",
)
OPENVPN = Profile(
    Kind.OPENVPN,
    """\
client
dev tun
script-security 2
up /tmp/owned
remote 198.18.12.2 52556
user nobody
<ca>
AAAA
BBBB
</ca>
<cert>
up CCCC
</cert>
""",
)


def test_wireguard_is_freed_of_what_is_not_the_tunnel() -> None:
    assert WIREGUARD.usable().splitlines() == [
        "[Interface]",
        "PrivateKey = 6Kp0aR1e2N0=",
        "address = 10.69.251.56/32",
        "",
        "[Peer]  # the gateway",
        "PublicKey=9LbOUSrVqbz8=",
        "Endpoint = 198.18.12.2:52556",
        "allowedips = 0.0.0.0/1, 128.0.0.0/1",
    ]


def test_openvpn_is_freed_of_what_is_not_the_tunnel() -> None:
    lines = OPENVPN.usable().splitlines()
    assert lines[:3] == ["client", "remote 198.18.12.2 52556", "<ca>"]
    assert "up CCCC" in lines


def test_a_tunnel_can_go_without_routes() -> None:
    assert "[Interface]\nTable = off\n" in WIREGUARD.usable(routes=False)


@pytest.mark.parametrize(
    ("profile", "line"),
    [(WIREGUARD, "AllowedIPs = 10.96.0.0/24"), (OPENVPN, "route 10.96.0.0 255.255.255.0")],
)
def test_more_can_be_sent_into_it_than_it_says(profile: Profile, line: str) -> None:
    assert line in profile.usable(also=IPv4Network("10.96.0.0/24")).splitlines()


@pytest.mark.parametrize(
    ("profile", "server", "identity"),
    [
        (WIREGUARD, "9LbOUSrVqbz8=", "6Kp0aR1e2N0="),
        (OPENVPN, "AAAA BBBB", "up CCCC"),
        (Profile(Kind.WIREGUARD, ""), "", ""),
        (Profile(Kind.OPENVPN, "client\nca ca.crt\n"), "", ""),
    ],
)
def test_both_ends_are_known(profile: Profile, server: str, identity: str) -> None:
    assert (profile.server, profile.identity) == (server, identity)


@pytest.mark.parametrize(
    ("reply", "found"),
    [(Reply(0, "client\n"), Profile(Kind.OPENVPN, "client\n")), (Reply(3, ""), None)],
)
def test_a_file_is_a_profile_or_there_is_none(reply: Reply, found: Profile | None) -> None:
    assert ProfileFile("/root/handover", "nb-56", Kind.OPENVPN).read(reply) == found


def test_the_file_is_named_by_device_and_kind_and_quoted() -> None:
    assert "[ -f '/a b/nb-56.ovpn' ]" in ProfileFile("/a b", "nb-56", Kind.OPENVPN).command()


def test_its_secrets_are_not_shown() -> None:
    assert "6Kp0aR1e2N0=" not in repr(WIREGUARD)
