"""Isolation: what arrived is told by who sent it, and every way out that is planted is found."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from runner import fence, isolation, session
from runner.engine import Engine
from runner.isolation import Arrival
from runner.lines import Lines
from runner.practical import Practical
from tests.trial import apprentice, inside, left, world


def test_messages_say_who_sent_them_and_how() -> None:
    text = "noise\nabc web UDP\n\0\1abc client forged-TCP\nabc web UDP\nabc\nab web TCP\n"
    assert isolation.read_arrivals(text, "abc", "to a neighbour") == {
        Arrival("web", "UDP", "to a neighbour"),
        Arrival("client", "forged-TCP", "to a neighbour"),
    }


@pytest.mark.parametrize(
    ("arrival", "said"),
    [
        (Arrival("web", "TCP", "to X"), "host web gets TCP to X"),
        (
            Arrival("web", "forged-UDP", "out by card eth0"),
            "host web gets UDP out by card eth0 by a route and a neighbour entry of its own",
        ),
    ],
)
def test_an_arrival_is_told_in_one_line(arrival: Arrival, said: str) -> None:
    assert str(arrival) == said


@pytest.fixture(scope="module")
def work(there: Engine) -> Iterator[Practical]:
    fence.ensure(there)
    with world(there, "9a", "isolation") as found:
        yield found


@contextmanager
def reaching_out(there: Engine, work: Practical, options: Mapping[str, str]) -> Iterator[None]:
    """A network that no lab would make, with the server in it."""
    name = f"{apprentice('out')}-network"
    made = there.api.create_network(name, driver="bridge", options=dict(options))["Id"]
    server = work.session.container("web").id
    try:
        there.api.connect_container_to_network(server, made)
        yield
    finally:
        there.api.disconnect_container_from_network(server, made)
        there.api.remove_network(made)


def breaches(there: Engine, work: Practical) -> list[str]:
    with Lines(there) as lines:
        return [one.text for one in isolation.breaches(there, work, lines)]


@pytest.mark.engine
def test_nothing_gets_out_and_the_world_is_left_as_it_was(there: Engine, work: Practical) -> None:
    before = {host.name: inside(there, work, host.name, "ip route") for host in work.world.hosts}
    assert breaches(there, work) == []
    for host, routes in before.items():
        assert inside(there, work, host, "ip route") == routes
        assert "PERMANENT" not in inside(there, work, host, "ip neigh")
    who = work.session.tag.apprentice
    assert not [name for name in left(there, who) if "neighbour" in name]
    assert [one.tag.code for one in session.find_all(there) if one.tag.apprentice == who] == ["9a"]


@pytest.mark.engine
def test_a_neighbour_writes_down_what_comes_to_it(there: Engine, work: Practical) -> None:
    server = work.session.container("web").id
    with isolation.neighbour(there, work) as other:
        assert other.heard() == ""
        (network,) = other.session.networks.values()
        there.api.connect_container_to_network(server, network)
        try:
            inside(there, work, "web", f"echo abc web UDP | nc -u -w 1 {other.address} 7")
            inside(there, work, "web", f"echo abc web TCP | nc -N -w 1 {other.address} 7")
        finally:
            there.api.disconnect_container_from_network(server, network)
        assert sorted(other.heard().splitlines()) == ["abc web TCP", "abc web UDP"]


@pytest.mark.engine
def test_a_network_that_reaches_out_is_found(there: Engine, work: Practical) -> None:
    if not there.local:
        pytest.skip("the engine's machine is another one: nothing listens there")
    with reaching_out(there, work, {}):
        found = breaches(there, work)
    assert "host web gets TCP to the engine's machine" in found
    assert "host web gets UDP to the engine's machine" in found


@pytest.mark.engine
def test_a_packet_that_wants_no_answer_is_found(there: Engine, work: Practical) -> None:
    """What a lab's network would let out if the fence were not there."""
    if not there.local or os.geteuid() != 0:
        pytest.skip("only root of the engine's machine sees what passes its cards")
    silent = {
        "com.docker.network.bridge.inhibit_ipv4": "true",
        "com.docker.network.bridge.enable_ip_masquerade": "false",
    }
    with reaching_out(there, work, silent):
        found = breaches(there, work)
    own = "by a route and a neighbour entry of its own"
    assert f"host web gets UDP to the engine's machine {own}" in found
    assert [one for one in found if one.startswith("host web gets UDP out by card")]
    assert not [one for one in found if "gets TCP" in one]
