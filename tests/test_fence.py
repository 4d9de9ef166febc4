"""The fence: what names bridges have, and rules that are put up once, wherever they are missing."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from runner import addresses, fence
from runner.engine import Engine
from tests.trial import world

TOOL = """\
#!/bin/sh
# A packet filter that keeps its rules in a file; `-w 5 -t mangle` comes first, as always.
[ "$1 $2 $3 $4" = "-w 5 -t mangle" ] || exit
rules=$(dirname "$0")/${0##*/}.rules; shift 4
case $1 in
-S) cat "$rules" ;;
-I) chain=$2; shift 2; echo "-A $chain $*" >> "$rules" ;;
esac
"""
OUT = "-i labbr+ ! -o labbr+ -j DROP"


def filters(folder: Path, **rules: str) -> dict[str, Path]:
    """Packet filters that hold these rules; where their rules are."""
    for name, text in rules.items():
        (folder / name).write_text(TOOL, encoding="ascii")
        (folder / name).chmod(0o755)
        (folder / f"{name}.rules").write_text(text, encoding="ascii")
    return {name: folder / f"{name}.rules" for name in rules}


def put_up(folder: Path) -> bool:
    """Run the rules where only these packet filters are found."""
    path = {**os.environ, "PATH": f"{folder}:/usr/bin:/bin"}
    return subprocess.run(["sh", "-c", fence.RULES], env=path, check=False).returncode == 0


def test_every_segment_of_every_slot_has_a_bridge_of_its_own() -> None:
    networks = {f"n{number}": number >= 16 for number in range(18)}
    names = [
        fence.bridge(slot, subnet)
        for slot in range(1, addresses.SLOTS + 1)
        for subnet in addresses.subnets(slot, networks).values()
    ]
    assert len(set(names)) == len(names) == addresses.SLOTS * 18
    assert max(map(len, names)) <= 15
    assert all(name.startswith(fence.PREFIX) for name in names)


def test_rules_stand_where_they_are_missing_and_never_twice(tmp_path: Path) -> None:
    rules = filters(tmp_path, iptables=f"-P FORWARD ACCEPT\n-A FORWARD {OUT}\n", ip6tables="")
    assert put_up(tmp_path)
    assert put_up(tmp_path)
    four, six = (rules[name].read_text(encoding="ascii") for name in ("iptables", "ip6tables"))
    own = "-A INPUT -i labbr+ -j DROP\n"
    assert four == f"-P FORWARD ACCEPT\n-A FORWARD {OUT}\n{own}"
    assert six == f"-A FORWARD {OUT}\n{own}"


def test_a_machine_without_a_packet_filter_has_no_fence(tmp_path: Path) -> None:
    assert not put_up(tmp_path)


@pytest.mark.engine
def test_the_fence_stands_however_it_is_put_up(
    there: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not there.local or os.geteuid() != 0:
        pytest.skip("only root of the engine's machine sees its rules")
    monkeypatch.setenv("LAB_STATE", str(tmp_path))
    assert fence.ensure(there)
    if not there.api.images(filters={"label": f"lab.image={fence.CARRIERS[0]}"}):
        pytest.skip("the image that has a packet filter was not built")
    far = replace(there, local=False)
    assert fence.ensure(far)
    assert fence.ensure(far)
    for tool in ("iptables", "ip6tables"):
        said = subprocess.run(
            [tool, "-w", "5", "-t", "mangle", "-S"], capture_output=True, text=True, check=True
        ).stdout
        assert said.count(OUT) == said.count("INPUT -i labbr+ -j DROP") == 1, said
    assert not there.api.containers(all=True, filters={"label": "lab.probe=fence"})


@pytest.mark.engine
def test_the_bridges_of_a_world_are_known_to_the_fence(there: Engine) -> None:
    with world(there, "9a", "bridges") as work:
        made = [there.api.inspect_network(one) for one in work.session.networks.values()]
        names = {one["Options"]["com.docker.network.bridge.name"] for one in made}
        slot = work.session.tag.slot
        assert names == {fence.bridge(slot, network.subnet) for network in work.world.networks}
