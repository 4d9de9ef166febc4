"""How worlds are built: what a host does at each boot, and that its cards keep their names."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic

import pytest

from runner import building, fence, life
from runner.engine import Engine
from runner.errors import HostNotReady
from runner.lines import Lines
from runner.practical import Practical
from tests.trial import apprentice, inside, left, silent, world

pytestmark = pytest.mark.engine

# Words of the grader, of the lab and of the solution; the path of each is one, too.
TELLTALES = (
    "keeper_has_an_account",
    "b_shop",
    "page.service",
    "lab.session",
    "lab.seed",
    "itg-labs",
)


@pytest.fixture(scope="module")
def shop(there: Engine) -> Iterator[Practical]:
    with world(there, "9b", "shop") as work:
        yield work


@pytest.fixture(scope="module")
def other(there: Engine) -> Iterator[Practical]:
    with world(there, "9b", "other") as work:
        yield work


def cards(there: Engine, work: Practical, host: str) -> dict[str, str]:
    said = json.loads(inside(there, work, host, "ip -4 -j addr"))
    return {one["ifname"]: one["addr_info"][0]["local"] for one in said if one["ifname"] != "lo"}


def test_cards_are_in_the_order_of_the_networks_after_every_restart(
    there: Engine, shop: Practical
) -> None:
    host = shop.world.host("web")
    # What a host brought along is unpacked once: somebody may have worked on it since.
    inside(there, shop, "web", "echo '# looked at' >> /usr/local/sbin/network-up")
    wanted = {f"eth{number}": address for number, address in enumerate(host.address.values())}
    assert list(host.address) == ["store", "street", "office"]
    for turn in range(5):
        there.api.restart(shop.session.container("web").id, timeout=3)
        with Lines(there) as lines:
            building.await_ready(shop.session, shop.world, lines.open)
        assert cards(there, shop, "web") == wanted, f"after restart {turn + 1}"
    assert inside(there, shop, "web", "tail -n 1 /usr/local/sbin/network-up") == "# looked at\n"


@pytest.mark.parametrize(
    ("unit", "again"),
    [("", False), ("[Service]\nRestart=always\nRestartSec=2\nExecStartPre=/bin/false\n", True)],
    ids=["does not start any more", "is started again and again"],
)
def test_after_a_restart_a_host_is_waited_for_as_long_as_something_is_to_come(
    there: Engine, shop: Practical, monkeypatch: pytest.MonkeyPatch, unit: str, *, again: bool
) -> None:
    monkeypatch.setattr(building, "RETURN_LIMIT", 0.5)
    limit = 6
    hosts = tuple(replace(host, ready_within=limit) for host in shop.world.hosts)
    folder = "/etc/systemd/system/ssh.service.d"
    breaks = f"mkdir -p {folder}; printf '%s' '{unit}' > {folder}/trial.conf" if unit else ""
    inside(there, shop, "web", breaks or "systemctl disable --quiet ssh")
    there.api.restart(shop.session.container("web").id, timeout=3)
    began = monotonic()
    try:
        with Lines(there) as lines, pytest.raises(HostNotReady):
            building.await_return(shop.session, replace(shop.world, hosts=hosts), lines.open)
        assert (monotonic() - began > limit) is again
    finally:
        inside(there, shop, "web", f"rm -rf {folder}; systemctl enable --quiet ssh")
        there.api.restart(shop.session.container("web").id, timeout=3)


def test_nothing_in_a_host_tells_how_it_will_be_judged(there: Engine, shop: Practical) -> None:
    looks = {
        "environment": "env; cat /proc/[0-9]*/environ | tr '\\0' '\\n'",
        "programs": "cat /proc/[0-9]*/cmdline | tr '\\0' ' '",
        "mounts": "cat /proc/self/mountinfo",
        "files": "grep -rlsE '{words}' --exclude-dir=proc --exclude-dir=sys / 2>/dev/null",
        "names": "find / -xdev -name '*grader*' -o -xdev -name '*.lab' -o -name 'setup*.sh'",
    }
    for host in ("web", "client"):
        for look, script in looks.items():
            said = inside(there, shop, host, script.replace("{words}", "|".join(TELLTALES)))
            assert not [word for word in TELLTALES if word in said], f"{look} of {host}: {said}"
        assert inside(there, shop, host, looks["files"].replace("{words}", "b_shop")) == ""


def test_no_way_leads_out(there: Engine, shop: Practical, other: Practical) -> None:
    targets = [*other.world.host("web").address.values(), "192.0.2.1", "198.51.100.1", "172.17.0.1"]
    tries = "\n".join(
        f"for card in eth0 eth1 eth2; do ip route replace {target}/32 dev $card;"
        f" ping -c 1 -W 1 {target} >/dev/null && echo {target}; nc -z -w 1 {target} 22 &&"
        f" echo {target}; ip route del {target}/32; done &"
        for target in targets
    )
    assert inside(there, shop, "web", f"{tries}\nwait 2>/dev/null") == ""
    assert "default" not in inside(there, shop, "web", "ip route")


def test_no_way_leads_out_past_a_made_up_neighbour(
    there: Engine, shop: Practical, other: Practical
) -> None:
    seen = there.api.inspect_container(other.session.container("web").id)
    ends = [
        (end["IPAddress"], end["MacAddress"])
        for end in seen["NetworkSettings"]["Networks"].values()
    ]
    tries = "\n".join(
        f"for card in eth0 eth1 eth2; do ip route replace {target}/32 dev $card;"
        f" ip neigh replace {target} lladdr {card} dev $card;"
        f" ping -c 1 -W 1 {target} >/dev/null && echo {target}; ip route del {target}/32; done &"
        for target, card in ends
    )
    assert inside(there, shop, "web", f"{tries}\nwait 2>/dev/null") == ""


def test_the_engines_machine_gives_no_answer(there: Engine, shop: Practical) -> None:
    """A host that guesses the bridge's card gets packets to the machine, but none come back."""
    segment = next(one.subnet for one in shop.world.networks if one.name == "store")
    name = fence.bridge(shop.session.tag.slot, segment)
    bridge = Path("/sys/class/net") / name / "address"
    if not bridge.exists():
        pytest.skip("the engine's network cards are not on this machine")
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104 - every address is the point
        server.settimeout(0.1)
        port = server.getsockname()[1]
        address = _address()
        said = inside(
            there,
            shop,
            "web",
            f"ip route replace {address}/32 dev eth0;"
            f" ip neigh replace {address} lladdr {bridge.read_text().strip()} dev eth0;"
            f" nc -vz -w 2 {address} {port} 2>&1; ip route del {address}/32 dev eth0",
        )
        assert "timed out" in said
        with pytest.raises(TimeoutError):
            server.accept()


def test_the_engines_resolver_answers_nothing(there: Engine, shop: Practical) -> None:
    asked = "timeout 4 dig +time=1 +tries=1 @127.0.0.11 example.org; cat /etc/resolv.conf"
    said = inside(there, shop, "client", asked)
    assert "ANSWER SECTION" not in said
    assert said.endswith("# There is no name server here.\n")


def test_limits_hold(there: Engine, shop: Practical) -> None:
    seen = there.api.inspect_container(shop.session.container("web").id)["HostConfig"]
    assert not seen["Privileged"]
    assert (seen["Memory"], seen["MemorySwap"], seen["PidsLimit"]) == (96 << 20, 96 << 20, 160)
    assert "SYS_ADMIN" not in (seen["CapAdd"] or [])
    said = inside(there, shop, "web", "echo x | dd of=/srv/x bs=1 seek=1073741824 2>&1; ls -s /srv")
    assert "File too large" in said or "limit exceeded" in said


def test_a_clean_stop_leaves_nothing(there: Engine) -> None:
    with world(there, "9b", "gone") as work:
        assert len(left(there, apprentice("gone"))) == 5
        life.stop(there, work.session, silent)
        life.stop(there, work.session, silent)  # twice does no harm
        assert left(there, apprentice("gone")) == []


def _address() -> str:
    """This machine's address on the way out; nothing is sent to find it."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return str(probe.getsockname()[0])
