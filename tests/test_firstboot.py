"""What a host brings along to its first boot; that it is unpacked once, test_building.py shows."""

from __future__ import annotations

import io
import secrets
import tarfile
from base64 import b64decode
from gzip import decompress

from runner.firstboot import LARGEST, luggage
from runner.scenario import FileSpec, HostSpec

NOTE = FileSpec("/root/ticket/note", b"please\n", 0o640)


def host(*files: FileSpec, systemd: bool = True) -> HostSpec:
    return HostSpec(
        name="pc",
        title="a PC",
        image="base",
        systemd=systemd,
        command="sleep infinity",
        address={"office": "10.0.0.2"},
        gateway=None,
        dns=None,
        administered=True,
        caps=(),
        devices=(),
        sysctls={},
        memory="64M",
        pids=100,
        login="root",
        setup="",
        ready="",
        ready_within=5,
        files=files,
        known={},
    )


def unpacked(archive: bytes) -> dict[str, tuple[bytes, int]]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {one.name: (tar.extractfile(one).read(), one.mode) for one in tar}  # type: ignore[union-attr]


def test_few_files_are_in_the_command_and_the_engine_has_nothing_to_unpack() -> None:
    found = luggage(host(NOTE))
    assert found.archive == b""
    assert found.command[-1] == "/sbin/init"
    files = unpacked(decompress(b64decode(found.command[4])))
    assert files["root/ticket/note"] == (b"please\n", 0o640)
    assert files["usr/local/sbin/network-up"][1] == 0o755


def test_a_host_without_systemd_goes_on_to_its_own_program() -> None:
    command = luggage(host(systemd=False)).command
    assert command[-4:] == ("/usr/local/sbin/host-init", "sh", "-c", "exec sleep infinity")


def test_what_would_fill_the_engines_lists_is_given_to_the_engine() -> None:
    films = FileSpec("/srv/film", secrets.token_bytes(LARGEST), 0o644)
    found = luggage(host(films))
    assert found.command == ("/sbin/init",)
    assert unpacked(found.archive)["srv/film"][0] == films.content
