"""A dockerd: whether it answers, and how it is started where no init does it.

Starting looks simple and is not: what a killed engine leaves behind keeps the next one from
starting. Each remnant is removed here, with the reason beside it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from urllib.parse import urlsplit

from runner.errors import EngineUnavailable
from runner.waiting import tries

# A login without administrator's folders in PATH still has dockerd, and dockerd needs iptables.
ADMINISTRATION = "/usr/local/sbin:/usr/sbin:/sbin"
PING_SECONDS = 3.0
BEGIN_SECONDS = 60.0
END_SECONDS = 10.0
_EXEC_SECONDS = 0.5


class Answer(Enum):
    """What an engine's address says to a ping."""

    ANSWERS = auto()
    FORBIDDEN = auto()
    SILENT = auto()


@dataclass(frozen=True)
class Daemon:
    """Where a dockerd keeps its things; the defaults are those of the distributions."""

    socket: Path = Path("/var/run/docker.sock")
    data: Path = Path("/var/lib/docker")
    run: Path = Path("/var/run/docker")
    pid_file: Path = Path("/var/run/docker.pid")
    log: Path = Path("/var/log/dockerd.log")
    containerd: Path = Path("/run/containerd/containerd.sock")
    flags: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """As DOCKER_HOST would name it."""
        return f"unix://{self.socket}"


def ping(address: str) -> Answer:
    """Ask an engine whether it is there; any HTTP answer says yes, also one that refuses."""
    kind, _, rest = address.partition("://")
    if kind not in {"unix", "tcp", "http", "https"}:
        # ssh:// and npipe:// need more than the standard library; the SDK will say if it fails.
        return Answer.ANSWERS
    try:
        with _connected(kind, rest, address) as talk:
            talk.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            return Answer.ANSWERS if talk.recv(16) else Answer.SILENT
    except PermissionError:
        return Answer.FORBIDDEN
    except OSError:
        return Answer.SILENT


def start_or_exit() -> None:
    """Start the machine's own dockerd; what sudo runs."""
    try:
        start(Daemon(), os.environ)
    except EngineUnavailable as error:
        sys.exit(f"{error} {error.remedy}")


def start(daemon: Daemon, environ: Mapping[str, str]) -> None:
    """Start a dockerd that outlives its caller and return when it answers.

    Idempotent, also when several do it at once. Needs root.
    """
    with _alone(daemon):
        if ping(daemon.address) is Answer.ANSWERS:
            return
        if _still_coming(daemon):
            return
        daemon.socket.unlink(missing_ok=True)
        _end_orphaned_containerd(daemon)
        _remove_dead_socket(daemon.containerd)
        if not os.path.ismount("/sys/fs/cgroup"):
            mount_cgroups()
        pid = _launch(daemon, environ)
        if not awaited(
            lambda: ping(daemon.address) is Answer.ANSWERS or not _alive(pid, "dockerd"),
            BEGIN_SECONDS,
        ) or not _alive(pid, "dockerd"):
            raise EngineUnavailable(
                f"The container engine does not start: {_complaint(daemon.log)}",
                remedy=f"Its log: tail -n 30 {daemon.log}",
            )


def mount_cgroups() -> None:
    """Mount the control groups that an init would have mounted: containers are limited by them."""
    folder = Path("/sys/fs/cgroup")
    with suppress(FileNotFoundError):
        rows = [line.split() for line in Path("/proc/cgroups").read_text().splitlines()[1:]]
        if all(hierarchy == "0" for _, hierarchy, _, _ in rows):
            _mount("cgroup2", "none", folder)
            return
        # Someone in this kernel holds controllers in version 1: the others cannot be had in 2.
        if not _mount("tmpfs", "cgroup", folder):
            return
        for name, _, _, enabled in rows:
            if enabled == "1":
                (folder / name).mkdir()
                if not _mount("cgroup", "cgroup", folder / name, "-o", name):
                    (folder / name).rmdir()
        # As systemd lays it out: what hosts with a real init are given is below this one.
        (folder / "unified").mkdir()
        _mount("cgroup2", "none", folder / "unified")


def search_path(environ: Mapping[str, str]) -> str:
    """PATH with the folders for administrators behind."""
    return f"{environ.get('PATH', '/usr/bin:/bin')}:{ADMINISTRATION}"


def awaited(holds: Callable[[], bool], seconds: float) -> bool:
    """Whether something came to hold within a time."""
    return any(holds() for _ in tries(seconds))


@contextmanager
def _connected(kind: str, rest: str, address: str) -> Iterator[socket.socket]:
    if kind == "unix":
        talk = socket.socket(socket.AF_UNIX)
        to: str | tuple[str, int] = rest
    else:
        talk = socket.socket()
        parts = urlsplit(address)
        to = (parts.hostname or "localhost", parts.port or 2375)
    with talk:
        talk.settimeout(PING_SECONDS)
        talk.connect(to)
        yield talk


@contextmanager
def _alone(daemon: Daemon) -> Iterator[None]:
    """One starts, the others wait and then find it started."""
    lock = daemon.pid_file.with_name(f"{daemon.pid_file.name}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _still_coming(daemon: Daemon) -> bool:
    """Wait for a dockerd that lives but is silent; remove a pid file that names none.

    dockerd refuses to start if its pid file names any living process, be it another program
    that was given the number since.
    """
    pid = _number(daemon.pid_file)
    if pid is not None and _alive(pid, "dockerd"):
        if awaited(lambda: ping(daemon.address) is Answer.ANSWERS, END_SECONDS):
            return True
        raise EngineUnavailable(
            f"The container engine runs as process {pid} but does not answer at {daemon.address}.",
            remedy=f"End it, then call again: sudo kill {pid}",
        )
    daemon.pid_file.unlink(missing_ok=True)
    return False


def _end_orphaned_containerd(daemon: Daemon) -> None:
    """End the containerd of a killed dockerd: the next one would wait 15 s for it and give up."""
    noted = daemon.run / "containerd" / "containerd.pid"
    pid = _number(noted)
    if pid is not None and _alive(pid, f"{daemon.run}/containerd"):
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            if awaited(lambda: not _alive(pid, "containerd"), END_SECONDS / 2):
                break
    noted.unlink(missing_ok=True)


def _remove_dead_socket(path: Path) -> None:
    """Remove the system containerd's socket if nobody listens: dockerd trusts that it exists."""
    with socket.socket(socket.AF_UNIX) as talk:
        talk.settimeout(PING_SECONDS)
        try:
            talk.connect(str(path))
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                path.unlink(missing_ok=True)


def _launch(daemon: Daemon, environ: Mapping[str, str]) -> int:
    """Start dockerd in a session of its own, parent gone; its process number."""
    variables = {name: value for name, value in environ.items() if not name.startswith("DOCKER_")}
    variables["PATH"] = search_path(environ)
    # For each container dockerd starts itself and runc a dozen times over, each time with much to
    # set up and nothing to throw away: an eighth less CPU, for 30 MB more in dockerd.
    variables.setdefault("GOGC", "400")
    daemon.log.parent.mkdir(parents=True, exist_ok=True)
    # The shell ends at once, so init takes dockerd in; / is where it keeps no one from unmounting.
    detach = 'cd /; log=$1; shift; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    command = ["dockerd", "--host", daemon.address, "--data-root", str(daemon.data)]
    command += ["--exec-root", str(daemon.run), "--pidfile", str(daemon.pid_file), *daemon.flags]
    started = subprocess.run(
        ["sh", "-c", detach, "sh", str(daemon.log), *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=variables,
        start_new_session=True,
        check=True,
    )
    return int(started.stdout)


def _complaint(log: Path) -> str:
    """What dockerd said last: its final line is the reason, unless it said nothing."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    failed = [line for line in lines[-30:] if "failed to" in line or "level=fatal" in line]
    return (failed or lines or ["it printed nothing"])[-1]


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _alive(pid: int, sign: str) -> bool:
    """Whether a process lives whose command line holds `sign`; numbers are used again."""
    words = b""
    with suppress(OSError):
        # Empty for good where it has ended, and for a moment where a program takes a shell's place.
        for _ in tries(_EXEC_SECONDS):
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
            if words:
                break
    return sign.encode() in words


def _mount(kind: str, source: str, folder: Path, *options: str) -> bool:
    command = ["mount", "-t", kind, *options, source, str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
