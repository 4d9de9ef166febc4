"""The peer Docker Compose: `up`, until every host answers SSH, and `down`."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from bench import environments, raw, ssh
from bench.contest import timed
from bench.environments import NotRun
from bench.ground import Bench
from bench.processes import ProgramFailed, run

HOSTS = ("one", "two", "three")
_IN_PACKAGE = "usr/libexec/docker/cli-plugins/docker-compose"


def command(bench: Bench) -> tuple[list[str], str]:
    """How Compose is called here, and its version: v2 wherever it can be had, else v1."""
    try:
        found = ["docker", "compose"]
        return found, run([*found, "version", "--short"]).output.strip()
    except (ProgramFailed, OSError):
        pass
    try:
        path, version = environments.debian(bench, "docker-compose", _IN_PACKAGE)
        return [str(path)], version
    except (NotRun, ProgramFailed, OSError) as error:
        if not shutil.which("docker-compose"):
            raise NotRun(f"no Docker Compose here: {error}") from error
    return ["docker-compose"], run(["docker-compose", "version", "--short"]).output.strip()


def ready(bench: Bench) -> tuple[Callable[[], Mapping[str, float]], str]:
    """One turn of Compose and its version; NotRun where there is none."""
    words, version = command(bench)
    image = raw.host_image(bench)
    # v1 knows no --wait; both return once the containers run.
    wait = [] if version.startswith("1.") else ["--wait"]

    def turn() -> Mapping[str, float]:
        subnet = raw.free_subnet()
        addresses = [str(subnet[number + 2]) for number in range(len(HOSTS))]
        file = bench.folder / "compose.json"
        file.write_text(json.dumps(_project(bench, image, str(subnet), addresses)))
        project = f"bench{bench.token}{secrets.token_hex(2)}"
        call = [*words, "-f", str(file), "-p", project]

        def up() -> None:
            run([*call, "up", "-d", *wait])
            ssh.answer(addresses, bench.key.client_private)

        try:
            started = timed(up)
        finally:
            stopped = timed(lambda: run([*call, "down", "-t", "0", "-v"]))
        return {"start-compose": started, "stop-compose": stopped}

    return turn, version


def _project(bench: Bench, image: str, subnet: str, addresses: list[str]) -> dict[str, Any]:
    def service(name: str, address: str) -> dict[str, Any]:
        return {
            "image": image,
            "hostname": name,
            "labels": bench.label,
            "mem_limit": "64m",
            "pids_limit": 256,
            "networks": {"office": {"ipv4_address": address}},
        }

    office = {"labels": bench.label, "ipam": {"config": [{"subnet": subnet}]}}
    return {
        "version": "2.4",  # v1 wants to be told; v2 says that it does not
        "services": {
            name: service(name, address) for name, address in zip(HOSTS, addresses, strict=True)
        },
        "networks": {"office": office},
    }
