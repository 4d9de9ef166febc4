"""How many hosts with systemd a machine takes: each watches files, and watchers are counted.

systemd opens three inotify instances on every host, and the kernel counts those of all
hosts as one account's. The 128 that it usually allows are used up by some forty hosts; the next
one does not boot, and does not say why.
"""

from __future__ import annotations

from pathlib import Path

from runner.engine import Engine

ENOUGH = 8192
"""For two thousand hosts: memory ends before."""
LIMIT = Path("/proc/sys/fs/inotify/max_user_instances")
REMEDY = f"sudo sysctl -w fs.inotify.max_user_instances={ENOUGH}"


def ensure(engine: Engine, limit: Path = LIMIT) -> int | None:
    """Allow enough of them where this is the engine's machine and it lets us.

    How many there may be then; None where this machine does not say, or is not the engine's.
    """
    if not engine.local:
        return None
    try:
        allowed = int(limit.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    if allowed >= ENOUGH:
        return allowed
    try:
        limit.write_text(f"{ENOUGH}\n", encoding="ascii")
    except OSError:
        return allowed  # only root may; a few worlds run without it
    return ENOUGH
