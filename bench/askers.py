"""Who asks thirty questions of three hosts: the floor, pytest-testinfra three ways, goss by SSH."""

from __future__ import annotations

import io
import json
import os
import sys
import tarfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench import environments, raw, ssh
from bench.contest import timed
from bench.ground import Bench
from bench.processes import Done, ProgramFailed, Words, run

EACH = 10
"""Checks for each host."""
WAYS = ("paramiko", "docker", "ssh")
"""How pytest-testinfra reaches hosts."""
_INSIDE = Path(__file__).parent / "inside"

Ask = Callable[[raw.World], float]
"""Ask all questions once of the hosts of a world; the seconds that took."""


def fill(bench: Bench, world: raw.World) -> None:
    """Put the files there that are asked for."""
    files = {f"facts/{n}": f"this is fact {n}\n".encode() for n in range(EACH)}
    for container in world.containers.values():
        bench.engine.api.put_archive(container, "/srv", _archive(files))


def floor_process(bench: Bench) -> Ask:
    """One connection and one batch for each host, as a whole process."""
    file = bench.folder / "facts.sh"
    file.write_text(_script(), encoding="utf-8")
    program: Words = [sys.executable, "-I", _INSIDE / "floor_grade.py", bench.key_file, file]

    def ask(world: raw.World) -> float:
        done = run([*program, *world.addresses.values()])
        _expect(done.output.count("ok ") == EACH * len(world.addresses), done)
        return done.seconds

    return ask


def floor_inside(bench: Bench) -> Ask:
    """The same within this process."""

    def one(address: str) -> None:
        transport = ssh.login(address, bench.key.client_private)
        try:
            said = ssh.batch(transport, _script())
        finally:
            transport.close()
        if said.count("ok ") != EACH:
            raise ProgramFailed(f"not all checks passed: {said[-200:]}")

    def ask(world: raw.World) -> float:
        with ThreadPoolExecutor(len(world.addresses)) as pool:
            return timed(lambda: list(pool.map(one, world.addresses.values())))

    return ask


def testinfra(bench: Bench) -> tuple[Mapping[str, Ask], str]:
    """pytest-testinfra in each of its `WAYS`, and its version; NotRun where it cannot be had."""
    python = environments.python(bench, "testinfra")
    config = _ssh_config(bench)

    def by(way: str) -> Ask:
        def ask(world: raw.World) -> float:
            there = world.containers if way == "docker" else world.addresses
            hosts = ",".join(f"{way}://{host}" for host in there.values())
            # Without a configuration: the house's own is for its own tests.
            alone: Words = ["-c", os.devnull, "--rootdir", bench.folder, "-p", "no:cacheprovider"]
            words: Words = [python, "-I", "-m", "pytest", "-q", *alone]
            settings = [] if way == "docker" else [f"--ssh-config={config}"]
            tests = _INSIDE / "thirty_facts.py"
            done = run([*words, f"--hosts={hosts}", *settings, tests], folder=bench.folder)
            _expect(f"{EACH * len(there)} passed" in done.output, done)
            return done.seconds

        return ask

    return {way: by(way) for way in WAYS}, environments.version(python, "pytest-testinfra")


def goss(bench: Bench) -> tuple[Callable[[raw.World], None], Ask, str]:
    """How goss is put into hosts, how it is run there by three `ssh` at once, and its version."""
    program, version = environments.debian(bench, "goss", "usr/bin/goss")
    form = {
        "command": {
            f"fact-{n}": {"exec": command, "exit-status": 0}
            for n, command in enumerate(_commands())
        }
    }
    files = {"goss": program.read_bytes(), "facts.json": json.dumps(form).encode()}
    config = _ssh_config(bench)
    words = "goss -g /usr/local/bin/facts.json validate --format tap"

    def put(world: raw.World) -> None:
        for container in world.containers.values():
            bench.engine.api.put_archive(container, "/usr/local/bin", _archive(files))

    def one(address: str) -> None:
        done = run(["ssh", "-F", config, address, words])
        _expect(done.output.count("\nok ") == EACH, done)

    def ask(world: raw.World) -> float:
        with ThreadPoolExecutor(len(world.addresses)) as pool:
            return timed(lambda: list(pool.map(one, world.addresses.values())))

    return put, ask, version


def _commands() -> list[str]:
    files = [f"/srv/facts/{n}" for n in range(EACH)]
    return [f"test -f {file} && grep -q 'fact {n}' {file}" for n, file in enumerate(files)]


def _script() -> str:
    """One host's third of the checks as one batch; prints a line for each that holds."""
    return "".join(f"{command} && echo ok {n}\n" for n, command in enumerate(_commands()))


def _ssh_config(bench: Bench) -> Path:
    """What OpenSSH's client is to know: our key, and nothing of the person's own hosts."""
    file = bench.folder / "ssh_config"
    file.write_text(
        "Host *\n"
        "  User root\n"
        f"  IdentityFile {bench.key_file}\n"
        "  IdentitiesOnly yes\n"
        "  StrictHostKeyChecking no\n"
        "  UserKnownHostsFile /dev/null\n"
        "  LogLevel ERROR\n",
        encoding="utf-8",
    )
    return file


def _archive(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(content), 0o755
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


def _expect(held: bool, done: Done) -> None:  # noqa: FBT001 - a condition
    if not held:
        raise ProgramFailed(f"not all checks passed: {done.output.strip()[-200:]}")
