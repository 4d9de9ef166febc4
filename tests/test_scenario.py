"""A world as written becomes a world without a template left: addresses, files, names, ways."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from runner import addresses, scenario
from runner.errors import AuthoringError
from runner.scenario import FileSpec, Scenario
from runner.values import Values

WORLD = """\
title: "{{ company }}"
domain: "{{ company }}.test"
networks:
  office: {title: The office}
  street: {title: The street, public: true}
hosts:
  gateway:
    title: the way out of {{ company }}
    image: router
    init: systemd
    administered: true
    networks: {office: 254, street: "{{ number }}"}
    dns: gateway
    caps: [NET_ADMIN]
    sysctls: {net.ipv4.ip_forward: "1"}
    memory: 64M
    setup: |
      echo {{ address.desk.office }} ${#x} {{ network.office }} {{ netmask.street }} {{ seed }}
  desk:
    title: the desk
    image: base
    networks: {office: 20}
    gateway: gateway
    dns: gateway
    ready: test -e /tmp
  shop:
    title: a shop
    image: base
    command: serve {{ number + 1 }}
    networks: {street: 8}
    dns: desk
"""
VALUES = Values(seed=3, drawn={"company": "acme", "number": 7})

Build = Callable[..., Scenario]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    world = tmp_path / "corner"
    world.mkdir()
    (world / "scenario.yaml").write_text(WORLD, encoding="utf-8")
    return world


@pytest.fixture
def build(folder: Path) -> Build:
    def built(hosts: list[str] | None = None) -> Scenario:
        plan = addresses.subnets(1, {"office": False, "street": True})
        return scenario.read(folder, VALUES, plan, hosts)

    return built


def lay(folder: Path, name: str, text: str | bytes, mode: int = 0o644) -> None:
    path = folder / "files" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)


def test_every_text_is_filled(build: Build) -> None:
    world = build()
    assert (world.name, world.title, world.domain) == ("corner", "acme", "acme.test")
    assert world.host("gateway").title == "the way out of acme"
    assert world.host("shop").command == "serve 8"
    assert world.host("gateway").setup == ("echo 10.96.16.20 ${#x} 10.96.16.0/24 255.255.255.0 3\n")


def test_addresses_are_network_and_number_in_the_order_written(build: Build) -> None:
    gateway = build().host("gateway")
    assert list(gateway.address.items()) == [("office", "10.96.16.254"), ("street", "198.18.2.7")]


def test_what_is_plain_is_taken_as_it_is(build: Build) -> None:
    gateway = build().host("gateway")
    assert gateway.systemd
    assert gateway.administered
    assert gateway.caps == ("NET_ADMIN",)
    assert gateway.sysctls == {"net.ipv4.ip_forward": "1"}
    assert (gateway.memory, gateway.pids, gateway.login) == ("64M", 256, "root")
    desk = build().host("desk")
    assert not desk.systemd
    assert (desk.ready, desk.ready_within) == ("test -e /tmp", 30)


def test_a_gateway_is_reached_in_the_network_that_both_stand_in(build: Build) -> None:
    world = build()
    assert world.host("desk").gateway == "10.96.16.254"
    assert world.host("shop").gateway is None


def test_a_name_server_is_here_or_near_or_far(build: Build) -> None:
    world = build()
    assert world.host("gateway").dns == "127.0.0.1"
    assert world.host("desk").dns == "10.96.16.254"
    assert world.host("shop").dns == "10.96.16.20"  # no common network: its first address


def test_names_are_known_with_and_without_domain_from_where_one_stands(build: Build) -> None:
    world = build()
    assert world.host("shop").known == {
        "gateway": "198.18.2.7",
        "gateway.acme.test": "198.18.2.7",
        "desk": "10.96.16.20",
        "desk.acme.test": "10.96.16.20",
        "shop": "198.18.2.8",
        "shop.acme.test": "198.18.2.8",
    }
    assert world.host("desk").known["gateway"] == "10.96.16.254"


def test_a_world_without_names_knows_none(folder: Path, build: Build) -> None:
    (folder / "scenario.yaml").write_text(f"names: none\n{WORLD}", encoding="utf-8")
    assert all(host.known == {} for host in build().hosts)


def test_only_the_hosts_of_the_lab_and_their_networks_are_there(build: Build) -> None:
    world = build(["shop"])
    assert [host.name for host in world.hosts] == ["shop"]
    assert [network.name for network in world.networks] == ["street"]
    assert not world.routed
    assert world.host("shop").dns is None  # the desk is not there
    assert build().routed


def test_a_gateway_that_the_lab_leaves_out_is_no_way(build: Build) -> None:
    assert build(["desk"]).host("desk").gateway is None


def test_files_are_laid_at_their_path_filled_and_with_their_mode(
    folder: Path, build: Build
) -> None:
    lay(folder, "desk/etc/motd.j2", "Welcome to {{ company }}\n")
    lay(folder, "desk/usr/local/bin/tool", "#!/bin/sh\necho {{ not a template }}\n", 0o755)
    lay(folder, "desk/srv/picture", b"\x89PNG\xff\x00")
    assert build().host("desk").files == (
        FileSpec("/etc/motd", b"Welcome to acme\n", 0o644),
        FileSpec("/srv/picture", b"\x89PNG\xff\x00", 0o644),
        FileSpec("/usr/local/bin/tool", b"#!/bin/sh\necho {{ not a template }}\n", 0o755),
    )
    assert build().host("shop").files == ()


def test_files_travel_as_an_archive_that_belongs_to_root(folder: Path, build: Build) -> None:
    lay(folder, "desk/usr/local/bin/tool", "#!/bin/sh\n", 0o755)
    extra = FileSpec("/etc/extra", b"more", 0o600)
    archive = io.BytesIO(build().host("desk").archive((extra,)))
    with tarfile.open(fileobj=archive) as tar:
        found = {one.name: (one.mode, one.uid, one.gid, one.size) for one in tar.getmembers()}
    assert found == {"usr/local/bin/tool": (0o755, 0, 0, 10), "etc/extra": (0o600, 0, 0, 4)}


def test_a_file_that_is_no_text_cannot_be_a_template(folder: Path, build: Build) -> None:
    lay(folder, "desk/etc/motd.j2", b"\xff{{ company }}")
    with pytest.raises(AuthoringError, match=r"motd\.j2:1: is not UTF-8 text"):
        build()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: lay(folder, "desk/etc/motd", "other"),
        lambda folder: (folder / "files/desk/etc/motd").chmod(0o755),
        lambda folder: (folder / "files/desk/etc/motd").rename(folder / "files/desk/etc/issue"),
        lambda folder: (folder / "scenario.yaml").write_text(WORLD + "\n"),
    ],
)
def test_the_digest_changes_with_whatever_the_world_is_made_of(
    folder: Path, change: Callable[[Path], None]
) -> None:
    lay(folder, "desk/etc/motd", "text")
    before = scenario.digest(folder)
    assert scenario.digest(folder) == before
    change(folder)
    assert scenario.digest(folder) != before


def test_an_image_is_looked_up_only_where_it_is_known_which_there_are(folder: Path) -> None:
    assert scenario.form_of(folder).hosts["desk"].image == "base"
    with pytest.raises(AuthoringError, match=r"hosts.gateway.image: there is no 'router'"):
        scenario.form_of(folder, ("base",))
