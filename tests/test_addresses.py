"""A hundred worlds live side by side: no subnet twice, none that the machine routes already."""

from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.addresses import (
    PRIVATE_EACH,
    PUBLIC_EACH,
    SLOTS,
    free_slots,
    host_routes,
    subnets,
)
from runner.errors import StageError

FULL = {f"n{n}": False for n in range(PRIVATE_EACH)} | {f"p{n}": True for n in range(PUBLIC_EACH)}
WORLDS = st.dictionaries(
    st.text("abcdefgh", min_size=1, max_size=3), st.booleans(), min_size=1, max_size=10
).filter(lambda networks: sum(networks.values()) <= PUBLIC_EACH)
ROUTES = st.lists(
    st.builds(
        lambda address, bits: IPv4Network((address, bits), strict=False),
        st.integers(0, 2**32 - 1)
        | st.integers(int(IPv4Network("10.96.0.0/12")[0]), int(IPv4Network("10.96.0.0/12")[-1])),
        st.integers(0, 32),
    ),
    max_size=8,
)


def test_no_two_of_all_subnets_of_all_slots_overlap() -> None:
    every = [net for slot in range(SLOTS + 1) for net in subnets(slot, FULL).values()]
    assert len(set(every)) == (SLOTS + 1) * len(FULL)
    assert {net.prefixlen for net in every} == {24}  # equal sizes: different means disjoint


def test_public_networks_lie_in_the_range_that_belongs_to_nobody() -> None:
    for slot in (0, 1, SLOTS):
        plan = subnets(slot, FULL)
        assert all(
            net.subnet_of(IPv4Network("198.18.0.0/15" if FULL[name] else "10.96.0.0/12"))
            for name, net in plan.items()
        )


def test_they_come_in_the_order_of_the_networks() -> None:
    plan = subnets(1, {"office": False, "outside": True, "servers": False})
    assert {name: str(net) for name, net in plan.items()} == {
        "office": "10.96.16.0/24",
        "outside": "198.18.2.0/24",
        "servers": "10.96.17.0/24",
    }


def test_more_networks_than_a_slot_has_are_refused() -> None:
    with pytest.raises(StageError, match="16 private and 2 public networks; this one has 3"):
        subnets(1, {"a": True, "b": True, "c": True})


@settings(deadline=None, max_examples=30)  # each looks at all slots
@given(st.integers(0, 2**31), WORLDS, ROUTES)
def test_a_free_slot_collides_with_nothing(
    seed: int, networks: dict[str, bool], taken: list[IPv4Network]
) -> None:
    routed = [net for net in taken if net.prefixlen > 0]
    for slot in free_slots(seed, networks, taken):
        assert 1 <= slot <= SLOTS
        for mine, theirs in ((a, b) for a in subnets(slot, networks).values() for b in routed):
            assert not mine.overlaps(theirs)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**31), WORLDS)
def test_every_slot_is_offered_once_and_the_preferred_one_first(
    seed: int, networks: dict[str, bool]
) -> None:
    offered = list(free_slots(seed, networks, []))
    assert sorted(offered) == list(range(1, SLOTS + 1))
    assert offered[0] == seed % SLOTS + 1


def test_a_hundred_worlds_of_one_seed_find_places_side_by_side() -> None:
    networks = {"office": False, "outside": True, "servers": False}
    taken: list[IPv4Network] = []
    for _ in range(100):
        taken += subnets(next(free_slots(7, networks, taken)), networks).values()
    assert not any(a.overlaps(b) for a, b in combinations(taken, 2))


def test_a_route_to_everywhere_takes_no_slot_and_one_to_all_private_ones_takes_all() -> None:
    networks = {"office": False}
    assert next(free_slots(0, networks, [IPv4Network("0.0.0.0/0")])) == 1
    assert list(free_slots(0, networks, [IPv4Network("10.0.0.0/8")])) == []


def test_the_machines_routes_are_read_from_its_table(tmp_path: Path) -> None:
    table = tmp_path / "route"
    table.write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010011AC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "eth0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "tun0\t0000600A\t00000000\t0001\t0\t0\t0\t0000F0FF\t0\t0\t0\n",
        encoding="ascii",
    )
    assert [str(net) for net in host_routes(table)] == [
        "0.0.0.0/0",
        "172.17.0.0/16",
        "10.96.0.0/12",
    ]


def test_a_machine_that_does_not_tell_has_no_routes(tmp_path: Path) -> None:
    assert host_routes(tmp_path / "none") == []
