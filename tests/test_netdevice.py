"""A router is configured at its prompt and reads back what was configured."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import ClassVar

import docker
import pytest
from docker.models.containers import Container

from runner.connection import SERVER_ARGV, new_identity
from runner.errors import CommandTimedOut, HostUnreachable, UnreadableOutput
from runner.execstream import ExecStream
from runner.host import Fact, Host, Reply
from runner.lines import Lines
from runner.netdevice import Device, open_device
from runner.session import Container as Made
from runner.session import Session, Tag
from tests.trial import connect, tag

pytestmark = pytest.mark.engine


def device(router: Container, **options: str) -> Device:
    assert router.client is not None
    api = router.client.api
    started = api.exec_create(router.id, list(SERVER_ARGV), stdin=True, user="0")["Id"]
    stream = ExecStream(api.exec_start(started, socket=True))
    return open_device(stream, new_identity(), host="edge", deadline=monotonic() + 20, **options)


@pytest.fixture(scope="module")
def router() -> Iterator[Container]:
    with ExitStack() as stack:
        client = stack.enter_context(closing(docker.from_env()))
        container = client.containers.run(
            tag("router"),
            name=f"conn-router-{uuid.uuid4().hex[:8]}",
            detach=True,
            network_mode="none",
            mem_limit="256m",
            pids_limit=256,
            cap_add=["NET_ADMIN", "SYS_ADMIN"],
        )
        stack.callback(container.remove, force=True)
        deadline = monotonic() + 20
        while container.exec_run(["vtysh", "-c", "show ip route json"]).exit_code:
            assert monotonic() < deadline, container.logs().decode()
        yield container


def test_a_route_and_ospf_are_configured_saved_and_read_back(router: Container) -> None:
    with closing(device(router)) as edge:
        assert "FRRouting" in edge.show("show version")
        edge.configure(
            [
                "ip route 198.51.100.0/24 Null0",
                "router ospf",
                "ospf router-id 192.0.2.1",
                "network 10.0.0.0/8 area 0",
            ]
        )
        routes = edge.show_json("show ip route json")
        ospf = edge.show_json("show ip ospf json")
        edge.save()
    assert isinstance(routes, dict)
    assert routes["198.51.100.0/24"][0]["protocol"] == "static"
    assert isinstance(ospf, dict)
    assert ospf["routerId"] == "192.0.2.1"
    kept = router.exec_run(["cat", "/etc/frr/frr.conf"]).output
    assert b"ip route 198.51.100.0/24" in kept


@dataclass(frozen=True)
class Version(Fact[str]):
    """What a router says that it is, asked at its own prompt."""

    dialect: ClassVar[str] = "cisco_ios"

    def command(self) -> str:
        """Typed at the prompt."""
        return "show version"

    def read(self, reply: Reply) -> str:
        """As it stands."""
        return reply.stdout


def test_a_fact_can_be_asked_at_the_routers_prompt(router: Container) -> None:
    assert router.id is not None
    edge = Made(id=router.id, host="edge", name="edge", state="running", administered=True)
    label = Tag("s", "9a", "joe", seed=1, slot=1, revision="r", started=datetime.now(UTC))
    world = Session(label, (edge,), {})
    with closing(connect()) as there, Lines(there) as lines:
        host = Host(
            "edge",
            connection=partial(lines.open, world, "edge"),
            prompt=partial(lines.prompt, world, "edge"),
        )
        assert "FRRouting" in host.ask(Version())
        assert host.evidence[0].question == "show version"


def test_what_the_router_refuses_is_said(router: Container) -> None:
    with closing(device(router)) as edge:
        with pytest.raises(UnreadableOutput, match="edge refused `show nonsense`"):
            edge.show("show nonsense")
        with pytest.raises(UnreadableOutput, match="no JSON"):
            edge.show_json("show version")
        with pytest.raises(UnreadableOutput, match="refused a line"):
            edge.configure(["ip route 198.51.100.0/24 nowhere special"])


def test_a_command_without_end_takes_the_session_with_it(router: Container) -> None:
    edge = device(router)
    began = monotonic()
    with pytest.raises(CommandTimedOut, match="edge did not answer within"):
        edge.show("ping 127.0.0.1", timeout=1.5)
    assert monotonic() - began < 4
    with pytest.raises(HostUnreachable):
        edge.show("show version")
    edge.close()


def test_an_account_that_is_not_there_is_no_way_in(router: Container) -> None:
    with pytest.raises(HostUnreachable, match="no way in for nobodyhere"):
        device(router, user="nobodyhere")


def test_a_closed_device_leaves_no_thread_and_no_process(router: Container) -> None:
    before = set(threading.enumerate())
    with closing(device(router)) as edge:
        edge.show("show version")
    assert set(threading.enumerate()) <= before
    deadline = monotonic() + 3
    while b"sshd" in router.exec_run(["ps", "-eo", "args"]).output:
        assert monotonic() < deadline
