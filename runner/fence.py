"""The fence round the labs: what comes in by a lab's bridge never gets past it.

A lab's segments give the engine's machine no address, so nothing that a host sends out is answered.
A packet that wants no answer would still get to the machine, and where the world is routed past it:
these few rules in the machine's packet filter drop it. They name bridges by how their names begin,
so they serve every world, and are of no effect while none runs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress
from ipaddress import IPv4Network
from pathlib import Path

from runner import places
from runner.engine import Engine, NotFound, translating
from runner.errors import LabError
from runner.locks import alone

PREFIX = "labbr"
"""How the names of the labs' bridges on the engine's machine begin."""
CARRIERS = ("vpn", "security")
"""Our images that have a packet filter."""

_LIMIT = 10
"""Seconds that the packet filter may take."""
_TRUSTED = 3600.0
"""Seconds for which a fence that could not be looked at without a container counts as standing."""
_BOOT = Path("/proc/sys/kernel/random/boot_id")

# Says at the end whether the machine is fenced. The rules stand in a table that engines leave
# alone: DOCKER-USER is out of effect for a moment whenever an engine makes a network.
# A frame from one host to another of the same segment passes FORWARD too where the engine filters
# those: it leaves by the bridge that it came in by.
RULES = f"""\
fenced=no
for tool in iptables ip6tables; do
    said=$($tool -w 5 -t mangle -S 2>/dev/null) || continue
    for rule in "FORWARD -i {PREFIX}+ ! -o {PREFIX}+ -j DROP" "INPUT -i {PREFIX}+ -j DROP"; do
        case $said in *"-A $rule"*) ;; *) $tool -w 5 -t mangle -I $rule || continue 2 ;; esac
    done
    [ $tool = ip6tables ] || fenced=yes
done
[ $fenced = yes ]
"""
"""The shell script that puts up what is missing of the fence, and nothing twice."""


def bridge(slot: int, subnet: IPv4Network) -> str:
    """The bridge of one segment on the engine's machine: at most 15 characters, used once."""
    return f"{PREFIX}{slot}-{int(subnet.network_address) >> 8:x}"


def ensure(engine: Engine) -> bool:
    """Put the fence up where it is missing; False where this engine's machine gives no way to.

    Done directly by root of that machine (a few milliseconds), else by a container that shares
    its network, once an hour, if one of the images that can is there.
    """
    if engine.local and os.geteuid() == 0:
        return _directly()
    kept = _memory(engine)
    if _fresh(kept):
        return True
    try:
        fenced = _by_container(engine)
    except LabError:
        return False  # the labs run without it as well
    if fenced:
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        kept.touch()
    return fenced


def _directly() -> bool:
    shell = shutil.which("sh")
    if shell is None:
        return False
    environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    # Two that look at the same time would both find nothing there.
    with alone("fence"), suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            [shell, "-c", RULES], env=environment, capture_output=True, timeout=_LIMIT, check=False
        )
        return done.returncode == 0
    return False


def _by_container(engine: Engine) -> bool:
    api = engine.api
    with translating("look for an image with a packet filter"):
        found = [
            image["Id"]
            for name in CARRIERS
            for image in api.images(filters={"label": f"lab.image={name}"})
        ]
    if not found:
        return False
    shared = api.create_host_config(
        network_mode="host",
        cap_add=["NET_ADMIN"],
        userns_mode="host" if engine.remapped else None,
        mem_limit="64m",
    )
    with alone("fence"), translating("put up the fence round the labs"):
        made = api.create_container(
            found[0],
            command=["sh", "-c", RULES],
            user="root",
            labels={"lab.probe": "fence"},
            host_config=shared,
        )["Id"]
        try:
            api.start(made)
            return int(api.wait(made, timeout=_LIMIT)["StatusCode"]) == 0
        finally:
            with suppress(NotFound), translating("remove what put up the fence"):
                api.remove_container(made, force=True, v=True)


def _memory(engine: Engine) -> Path:
    """The file whose age says when the fence was last seen; rules end with the machine's boot."""
    boot = "elsewhere"
    with suppress(OSError):
        boot = _BOOT.read_text(encoding="ascii").strip() if engine.local else boot
    name = "".join(c for c in engine.id if c.isalnum())[:24]
    return places.state() / "engines" / f"fence-{name}-{boot}"


def _fresh(kept: Path) -> bool:
    with suppress(OSError):
        return time.time() - kept.stat().st_mtime < _TRUSTED
    return False
