"""What a world takes: the memory of its hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runner.engine import Engine, translating
from runner.errors import StageError
from runner.session import Container, Session, in_parallel


def memory(engine: Engine, session: Session) -> int:
    """Bytes that all hosts of a world hold, without what the kernel gives back when it is asked."""

    def of(one: Container) -> int:
        with translating(f"measure host {one.host}"):
            # A first sample is enough: a second, a second later, is for those who ask for rates.
            stats = engine.api.stats(one.id, stream=False, one_shot=True)
        return held(stats.get("memory_stats") or {}, one.host)

    return sum(in_parallel(of, session.containers))


def held(stats: Mapping[str, Any], host: str) -> int:
    """Bytes that cannot be given back, from what the engine says of a host's memory.

    It counts files that the kernel keeps in memory as used; they are named differently in the two
    kinds of control groups. Files that are in memory only (tmpfs) are not among them.
    """
    details = stats.get("stats") or {}
    whole = "total_" if "total_inactive_file" in details else ""
    try:
        cached = details[f"{whole}inactive_file"] + details[f"{whole}active_file"]
        return max(int(stats["usage"]) - int(cached), 0)
    except KeyError:
        raise StageError(
            f"the engine does not say how much memory host {host} uses",
            remedy="./lab doctor looks at what the engine lacks",
        ) from None
