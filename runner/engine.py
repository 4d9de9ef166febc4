"""The container engine: finding it, knowing what it can do, and what its errors mean.

    engine = connect()
    with translating("start the host gateway"):
        engine.api.start(container)

Whatever the docker SDK or the connection below it raises leaves `translating` as a `LabError`.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner.errors import EngineUnavailable, LabError, StageError

if TYPE_CHECKING:
    from docker import APIClient

SOCKET = "/var/run/docker.sock"

# An engine that needs longer than this for "who are you" will not run a lab either.
HELLO = 15.0
# Starting many hosts at once on a slow disk makes single calls this slow, not slower.
CALL = 120.0
# Shells of hosts are held open on their own connections, so this is more than the threads.
CONNECTIONS = 64


class NotFound(StageError):
    """The engine knows no such container, network or image."""


class Conflict(StageError):
    """The engine refuses: the name is taken, or the thing is in use or in another state."""


@dataclass(frozen=True)
class Engine:
    """An engine that answers, and what decides how worlds are built on it."""

    api: APIClient = field(repr=False, compare=False)
    url: str
    id: str
    """Not enough to tell engines of one machine apart: they share it. `root` does."""
    root: str
    """Where it keeps its data, on its own machine."""
    version: str
    arch: str
    cgroup_version: int
    cgroup_driver: str
    bridge_filter: bool
    """Frames between two hosts on one network pass the engine's firewall rules."""
    remapped: bool
    """Root inside containers is somebody else outside (userns-remap)."""
    local: bool
    """It runs on this machine and sees the same files."""
    cores: int = 1
    """How many processors its machine has."""

    @property
    def major(self) -> int:
        """The first number of its version: 20 for 20.10.24."""
        digits = self.version.split(".", 1)[0]
        return int(digits) if digits.isdecimal() else 0

    def again(self, timeout: float) -> APIClient:
        """Another client of the same engine, for calls that may not take longer than this."""
        return _client(self.url, self.api.api_version, timeout)

    def close(self) -> None:
        """Let the connections go."""
        self.api.close()


def connect(url: str | None = None, patience: float = HELLO) -> Engine:
    """The engine at `url`, else the one that DOCKER_HOST names, else this machine's.

    It has `patience` seconds to answer. Raises `EngineUnavailable`; the remedy fits what was found.
    """
    where = url or os.environ.get("DOCKER_HOST") or f"unix://{_socket()}"
    with translating("answer", where=where):
        _knock(where)
        # Asking for the newest version that both speak costs one call of 7 ms.
        api = _client(where, "auto", patience)
        info = api.info()
    api.timeout = CALL  # type: ignore[assignment]  # the same
    return _known(api, where, info)


@contextmanager
def translating(what: str, *, where: str = "") -> Iterator[None]:
    """Turn whatever the engine or the way to it raises into a `LabError`.

    `what` completes "The container engine could not ...".
    """
    try:
        yield
    except LabError:
        raise
    except Exception as error:
        meant = meaning(error, what, where)
        if meant is None:
            raise
        raise meant from error


def meaning(error: Exception, what: str, where: str = "") -> LabError | None:
    """What the error says about the engine; None if it does not come from there."""
    from docker.errors import APIError, DockerException
    from requests.exceptions import RequestException
    from urllib3.exceptions import HTTPError

    if isinstance(error, APIError):
        return _refused(error.status_code, error.explanation or str(error), what)
    if not isinstance(error, DockerException | RequestException | HTTPError | ConnectionError):
        return None
    return _unreachable(error, what, where)


def no_space(text: str) -> bool:
    """Whether a message of the engine, or of what ran in it, says that the disk is full."""
    return "no space left on device" in text.lower()


DISK_FULL = "`df -h` shows which disk is full; `./lab images prune` removes images no longer used."


def _unreachable(error: Exception, what: str, where: str) -> EngineUnavailable:
    from requests.exceptions import Timeout

    chain = list(_causes(error))
    at = f" at {where}" if where else ""
    for cause in chain:
        if isinstance(cause, PermissionError):
            return EngineUnavailable(
                f"The container engine{at} does not let {_me()} in: permission denied.",
                remedy="Join its group (`sudo usermod -aG docker $USER`, then log in again), "
                "or call the program as root.",
            )
        if isinstance(cause, FileNotFoundError | ConnectionRefusedError):
            return EngineUnavailable(
                f"No container engine answers{at}.",
                remedy="`./lab doctor --fix` installs or starts one; DOCKER_HOST names another.",
            )
    if any(isinstance(cause, Timeout | TimeoutError) for cause in chain):
        return EngineUnavailable(
            f"The container engine{at} did not answer in time when asked to {what}.",
            remedy="See whether the machine is overloaded or its disk is full, then try again.",
        )
    return EngineUnavailable(
        f"The connection to the container engine{at} broke when it was asked to {what}: "
        f"{_shortly(str(chain[-1]))}",
        remedy="`./lab doctor` says whether it still runs.",
    )


def _refused(status: int | None, said: str, what: str) -> LabError:
    message = f"The container engine could not {what}: {_shortly(said)}"
    if no_space(said):
        return StageError(message, remedy=DISK_FULL)
    if status == 404:  # noqa: PLR2004 - HTTP's number is its name
        return NotFound(message)
    if status == 409:  # noqa: PLR2004 - the same
        return Conflict(message)
    return StageError(message, remedy="`./lab doctor` looks at what the engine lacks.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it was raised from; requests hides the cause in the arguments."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        hidden = [current.__cause__, current.__context__, getattr(current, "reason", None)]
        waiting += [one for one in (*current.args, *hidden) if isinstance(one, BaseException)]


def _shortly(text: str, most: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 3] + "..."


def _me() -> str:
    return "root" if os.geteuid() == 0 else "this account"


def _socket() -> str:
    """Where this machine's engine listens; an engine of one's own (rootless) comes second."""
    own = Path(os.environ.get("XDG_RUNTIME_DIR", "/nonexistent")) / "docker.sock"
    return str(own) if not Path(SOCKET).exists() and own.exists() else SOCKET


def _knock(where: str) -> None:
    """See whether somebody listens at a socket: the SDK leaves one open that leads nowhere."""
    if where.startswith("unix:"):
        with socket.socket(socket.AF_UNIX) as door:
            try:
                door.connect(where.removeprefix("unix:").replace("//", "", 1))
            except OSError as error:
                raise _unreachable(error, "answer", where) from error


def _client(where: str, version: str, timeout: float) -> APIClient:
    # Reading the SDK costs 0.1 s: only who needs an engine pays for it. It would read an SSH client
    # as well, in case the engine is reached that way, and does without where there is none.
    if not where.startswith("ssh:"):
        sys.modules.setdefault("docker.transport.sshconn", None)  # type: ignore[arg-type]
    from docker import APIClient
    from docker.utils import kwargs_from_env

    tls = kwargs_from_env().get("tls") if where.startswith("tcp:") else None
    return APIClient(
        base_url=where,
        version=version,
        timeout=timeout,  # type: ignore[arg-type]  # the SDK takes any number
        tls=tls or False,
        max_pool_size=CONNECTIONS,
    )


def _known(api: APIClient, where: str, info: dict[str, Any]) -> Engine:
    if info.get("OSType", "linux") != "linux":
        raise EngineUnavailable(
            f"The container engine at {where} runs {info['OSType']} containers; "
            "labs are made of Linux containers.",
            remedy="Switch it to Linux containers.",
        )
    security = info.get("SecurityOptions") or []
    # A socket may lead into a virtual machine (Docker Desktop): then kernel or folder differ.
    local = (
        where.startswith("unix:")
        and info.get("KernelVersion") == os.uname().release
        and Path(info.get("DockerRootDir", "/nonexistent")).exists()
    )
    return Engine(
        api=api,
        url=where,
        id=str(info.get("ID", "")),
        root=str(info.get("DockerRootDir", "")),
        version=str(info.get("ServerVersion", "")),
        arch=str(info.get("Architecture", "")),
        cgroup_version=int(info.get("CgroupVersion") or 1),
        cgroup_driver=str(info.get("CgroupDriver", "")),
        bridge_filter=bool(info.get("BridgeNfIptables", False)),
        remapped=any("name=userns" in option for option in security),
        local=local,
        cores=max(int(info.get("NCPU") or 1), 1),
    )
