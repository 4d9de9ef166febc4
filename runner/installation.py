"""A container engine on this machine: found, else started, else installed.

What to do is decided here, over a `Machine` that can look and act; how a daemon is started where
no init does it is in `runner.daemon`. All three are standard library only: every start asks them.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence

from runner.daemon import Answer
from runner.errors import EngineUnavailable, StageError
from runner.machine import Machine, ThisMachine

SOCKET = "unix:///var/run/docker.sock"
DATA = "/var/lib"
NEEDED_BYTES = 3 * 1024**3
POLICY = "/usr/sbin/policy-rc.d"
# The mark tells our file from the administrator's, should a kill have left it behind.
REFUSE_STARTS = "#!/bin/sh\n# itg-labs: nothing is started while packages are installed\nexit 101\n"
STARTING_SECONDS = 60.0


def ensure_engine(
    ask: Callable[[str], bool] | None,
    say: Callable[[str], None],
    machine: Machine | None = None,
) -> None:
    """Return when a container engine answers; install or start one if none does.

    `ask` is asked before anything is changed; None means that consent was given (`--yes`, or root
    with nobody at a terminal). `say` is told what takes long. Raises EngineUnavailable, whose
    remedy is what the person can type.
    """
    machine = machine or ThisMachine()
    address = machine.environ.get("DOCKER_HOST") or SOCKET
    answer = machine.answer(address)
    if answer is Answer.ANSWERS:
        return
    if answer is Answer.FORBIDDEN:
        raise _forbidden(machine, address)
    if address.removeprefix("unix://") not in {SOCKET.removeprefix("unix://"), "/run/docker.sock"}:
        raise EngineUnavailable(
            f"DOCKER_HOST names {address}, but no container engine answers there.",
            remedy="Start that engine, or use this machine's: unset DOCKER_HOST",
        )
    if machine.system != "linux":
        raise EngineUnavailable(
            "No container engine answers on this machine.",
            remedy="Install and start Docker Desktop, then call again.",
        )
    if not machine.has("dockerd"):
        install(
            _engine_packages(machine),
            "No container engine is installed.",
            ask=ask,
            say=say,
            machine=machine,
        )
        consent: Callable[[str], bool] | None = None
    else:
        consent = ask
    _start(consent, say, machine)


def install(
    packages: Sequence[str],
    lack: str,
    *,
    ask: Callable[[str], bool] | None,
    say: Callable[[str], None],
    machine: Machine,
) -> None:
    """Install packages of the distribution; `lack` is the sentence that says what for."""
    listed = " ".join(packages)
    if machine.has("apt-get"):
        refresh, put = ["apt-get", "update"], ["apt-get", "install", "-y"]
        put.append("--no-install-recommends")
    elif machine.has("dnf"):
        refresh, put = ["dnf", "makecache"], ["dnf", "install", "-y"]
    else:
        raise EngineUnavailable(
            f"{lack} This system has neither apt-get nor dnf.",
            remedy=f"Install with its own package manager, then call again: {listed}",
        )
    by_hand = _typed(machine, refresh, [*put, *packages])
    elevate = _elevation(machine, lack, by_hand)
    free = machine.free(DATA)
    if free < NEEDED_BYTES:
        raise EngineUnavailable(
            f"{lack} The disk that holds {DATA} has {free / 1024**3:.1f} GiB free;"
            f" the engine and its images need {NEEDED_BYTES / 1024**3:.0f} GiB.",
            remedy=f"Make room there, then call again. What is large: sudo du -xh {DATA} | sort -h",
        )
    if ask is not None and not ask(f"{lack} Install {listed}?"):
        raise EngineUnavailable(lack, remedy=f"Type: {by_hand}")
    with_policy = machine.user == "root" and not _systemd(machine)
    if with_policy:
        _refuse_starts(machine)
    try:
        # A fresh machine updates itself in the background: its lock is waited for.
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive"]
        lock = ["-o", "DPkg::Lock::Timeout=180"] if put[0] == "apt-get" else []
        say("Reading the distribution's list of packages.")
        machine.run([*elevate, *quiet, *refresh, *lock])
        say(f"Installing {listed} (about half a minute).")
        ran = machine.run([*elevate, *quiet, *put, *lock, *packages])
    finally:
        if with_policy and machine.read(POLICY) == REFUSE_STARTS:
            machine.remove(POLICY)
    if ran.code != 0:
        raise _not_installed(listed, ran.output, by_hand)


def _engine_packages(machine: Machine) -> list[str]:
    """The engine, and what builds base images where none can be pulled."""
    if not machine.has("apt-get"):
        return ["moby-engine", "iptables"]
    # The keyring: Ubuntu does not know Debian's keys, and the labs' hosts are Debian.
    packages = ["docker.io", "iptables", "ca-certificates", "mmdebstrap", "debian-archive-keyring"]
    # With AppArmor in the kernel and its parser absent the engine starts but no container does.
    confined = machine.read("/sys/module/apparmor/parameters/enabled").startswith("Y")
    return [*packages, "apparmor"] if confined else packages


def _start(ask: Callable[[str], bool] | None, say: Callable[[str], None], machine: Machine) -> None:
    """Start an engine that is installed, by the init if there is one."""
    lack = "The container engine is installed but does not run."
    if not _systemd(machine):
        by_hand = _typed(machine, ["dockerd"])
        elevate = _elevation(machine, lack, by_hand)
        _agree(ask, lack, by_hand)
        say("Starting the container engine.")
        machine.start_daemon(elevated=bool(elevate))
        patience = 0.0
    else:
        # Installing starts it as well; asking systemd once more then changes nothing.
        by_hand = _typed(machine, ["systemctl", "start", "docker"])
        elevate = _elevation(machine, lack, by_hand)
        _agree(ask, lack, by_hand)
        say("Starting the container engine.")
        ran = machine.run([*elevate, "systemctl", "start", "docker"])
        if ran.code != 0:
            raise EngineUnavailable(
                f"The container engine does not start: {_last_line(ran.output)}",
                remedy="What it said: journalctl -u docker -n 30 --no-pager",
            )
        patience = STARTING_SECONDS
    answer = machine.answer(SOCKET, patience)
    if answer is Answer.FORBIDDEN:
        raise _forbidden(machine, SOCKET)
    if answer is Answer.SILENT:
        raise EngineUnavailable(
            f"The container engine was started but does not answer at {SOCKET}.",
            remedy="What is wrong: sudo docker info; journalctl -u docker -n 30 --no-pager",
        )


def _agree(ask: Callable[[str], bool] | None, lack: str, by_hand: str) -> None:
    if ask is not None and not ask(f"{lack} Start it?"):
        raise EngineUnavailable(lack, remedy=f"Type: {by_hand}")


def _systemd(machine: Machine) -> bool:
    """Whether systemd runs this machine (sd_booted(3) looks for the same folder)."""
    return machine.exists("/run/systemd/system")


def _elevation(machine: Machine, lack: str, by_hand: str) -> list[str]:
    """What to put before a command that only root may run."""
    if machine.user == "root":
        return []
    if not machine.has("sudo"):
        raise EngineUnavailable(
            f"{lack} {machine.user} may not change that and there is no sudo.",
            remedy=f"As root, type: {by_hand}",
        )
    return ["sudo"]


def _typed(machine: Machine, *commands: Sequence[str]) -> str:
    """Commands as a person types them."""
    prefix = "sudo " if machine.user != "root" and machine.has("sudo") else ""
    return " && ".join(prefix + shlex.join(command) for command in commands)


def _refuse_starts(machine: Machine) -> None:
    """Keep package scripts from starting daemons that no init would look after."""
    if not machine.exists(POLICY):
        try:
            machine.write_script(POLICY, REFUSE_STARTS)
        except OSError as error:
            raise StageError(
                f"{POLICY} cannot be written: {error.strerror}.",
                remedy="Is the file system mounted read-only? See: mount | grep ' / '",
            ) from error


def _forbidden(machine: Machine, address: str) -> EngineUnavailable:
    found = f"{address} belongs to a container engine that {machine.user} may not use."
    if "docker" in machine.groups():
        return EngineUnavailable(
            f"{found} The account is in the group docker, this login is not yet.",
            remedy="Log out and in again, or for this terminal only: newgrp docker",
        )
    return EngineUnavailable(
        found,
        remedy=f"Type: sudo usermod -aG docker {shlex.quote(machine.user)}"
        " - then log out and in again. (Members of that group are as powerful as root.)",
    )


def _not_installed(listed: str, output: str, by_hand: str) -> EngineUnavailable:
    signs = (
        ("No space left on device", "the disk is full"),
        ("You don't have enough free space", "the disk is full"),
        ("Could not get lock", "another program is installing packages"),
        ("Failed to fetch", "the distribution's package mirror does not answer"),
        ("Temporary failure resolving", "the distribution's package mirror cannot be found"),
        ("Unable to locate package", "the distribution's package mirror does not offer them"),
        ("has no installation candidate", "the distribution's package mirror does not offer them"),
        ("Failed to download metadata", "the distribution's package mirror does not answer"),
        ("a password is required", "sudo wants a password and nobody is at a terminal"),
        ("a terminal is required", "sudo wants a password and nobody is at a terminal"),
        ("is not in the sudoers file", "this account may not use sudo"),
    )
    because = next((words for sign, words in signs if sign in output), _last_line(output))
    return EngineUnavailable(
        f"{listed} could not be installed: {because}.",
        remedy=f"When that is mended, call again or type: {by_hand}",
    )


def _last_line(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "it printed nothing"
