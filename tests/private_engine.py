"""An engine of the tests' own, that sees only cgroup v2 and no network: nothing of it stays."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from runner.engine import Engine, connect
from runner.errors import EngineUnavailable
from runner.probe import PROBE_SLOT, remove_leftovers

# A mount namespace of its own hides the machine's cgroup v1; a network namespace of its own, since
# an engine without a bridge removes the one that another engine on the machine works with.
_INSIDE = """
umount -l /sys/fs/cgroup && mount -t cgroup2 none /sys/fs/cgroup || exit 77
exec dockerd --data-root "$0/data" --exec-root "$0/exec" --pidfile "$0/pid" -H "unix://$0/sock" \
    --bridge=none --iptables=false --ip-forward=false --cgroup-parent /lab-test-engine
"""


@contextmanager
def private_engine(patience: float = 30.0) -> Iterator[Engine]:
    """The engine, running; skips the test where this machine cannot run one."""
    if os.geteuid() != 0:
        pytest.skip("a second engine needs root")
    if not shutil.which("dockerd") or not shutil.which("unshare"):
        pytest.skip("a second engine needs dockerd and unshare")
    # A short path: the names of sockets below it have a limit of 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="labtest-", dir="/tmp"))
    command = ["unshare", "--mount", "--net", "--propagation", "private"]
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(
            [*command, "sh", "-c", _INSIDE, str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        engine = _answering(daemon, folder, patience)
        yield engine
        for container in engine.api.containers(all=True):
            engine.api.remove_container(container["Id"], force=True, v=True)
        remove_leftovers(engine, PROBE_SLOT)
        engine.close()
    finally:
        daemon.terminate()
        with suppress(subprocess.TimeoutExpired):
            daemon.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()
        shutil.rmtree(folder, ignore_errors=True)
        for tree in ("/sys/fs/cgroup", "/sys/fs/cgroup/unified"):
            with suppress(OSError):
                Path(tree, "lab-test-engine").rmdir()


def _answering(daemon: subprocess.Popen[bytes], folder: Path, patience: float) -> Engine:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if daemon.poll() == 77:
            pytest.skip("this machine does not let a second engine see cgroup v2")
        if daemon.poll() is not None:
            break
        with suppress(EngineUnavailable):
            return connect(f"unix://{folder}/sock")
        time.sleep(0.1)
    last = (folder / "log").read_text(errors="replace")[-1500:]
    pytest.fail(f"the second engine did not start; it said:\n{last}")
