"""What idle hosts take: memory and processor time, their shims included, from /proc."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_ID = re.compile(r"[0-9a-f]{64}")
_TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Usage:
    """Of some containers: bytes of their own (shared pages divided), and seconds of processor."""

    memory: int
    seconds: float
    processes: int


def of(containers: Iterable[str]) -> Usage:
    """What these containers take at this moment; their shims count.

    OSError where the system does not let us look, or they run on another machine.
    """
    wanted = set(containers)
    memory, seconds, processes = 0, 0.0, 0
    for folder in _processes():
        # What ended meanwhile takes nothing; what we may not look at is an error.
        with suppress(FileNotFoundError, ProcessLookupError):
            if not wanted & _containers_of(folder):
                continue
            memory += _own_memory(folder)
            seconds += _processor(folder)
            processes += 1
    if wanted and not processes:
        raise OSError("the engine's processes are not on this machine")
    return Usage(memory, seconds, processes)


def _processes() -> Iterator[Path]:
    return (folder for folder in _PROC.iterdir() if folder.name.isdecimal())


def _containers_of(folder: Path) -> set[str]:
    """The containers that a process belongs to: in its groups, or as a shim in its words."""
    groups = (folder / "cgroup").read_text(encoding="utf-8", errors="replace")
    words = (folder / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
    shim = words[words.index("-id") + 1 :][:1] if "shim" in words[0] and "-id" in words else []
    return {*_ID.findall(groups), *shim}


def _own_memory(folder: Path) -> int:
    for line in (folder / "smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _processor(folder: Path) -> float:
    # The name, in brackets, may contain anything; what counts is after it.
    words = (folder / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
    user, system = words.split()[11:13]
    return (int(user) + int(system)) / _TICKS
