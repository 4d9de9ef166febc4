"""What the runner may see of the machine it runs on, and do to it."""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from runner.daemon import Answer, Daemon, awaited, ping, search_path, start
from runner.errors import EngineUnavailable

INSTALL_SECONDS = 1200.0


@dataclass(frozen=True)
class Ran:
    """A command that has ended."""

    code: int
    output: str


class Machine(Protocol):
    """What the decision may know of a machine and do to it."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment variables."""

    @property
    def system(self) -> str:
        """The operating system as Python names it: linux, darwin, win32."""

    @property
    def user(self) -> str:
        """The login name; root is who may do everything."""

    def answer(self, address: str, patience: float = 0.0) -> Answer:
        """How the engine at an address answers, asked again for `patience` seconds if silent."""

    def has(self, program: str) -> bool:
        """Whether a program is installed, also in the folders for administrators."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""

    def read(self, path: str) -> str:
        """The text of a file; empty if there is none or it may not be read."""

    def write_script(self, path: str, text: str) -> None:
        """Write a file that can be run."""

    def remove(self, path: str) -> None:
        """Remove a file."""

    def free(self, folder: str) -> int:
        """Free bytes on the disk that holds a folder."""

    def groups(self) -> set[str]:
        """The groups that the accounts name for the user, in this login or only in the next."""

    def run(self, command: Sequence[str]) -> Ran:
        """Run a command to its end, without input."""

    def start_daemon(self, *, elevated: bool) -> None:
        """Start dockerd detached and wait for it; with sudo if `elevated`."""


@dataclass(frozen=True)
class ThisMachine:
    """The machine that the program runs on."""

    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))

    @property
    def system(self) -> str:
        """The operating system."""
        return sys.platform

    @property
    def user(self) -> str:
        """The login name by the accounts; USER could say anything."""
        try:
            return "root" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        except KeyError:
            return str(os.geteuid())

    def answer(self, address: str, patience: float = 0.0) -> Answer:
        """Ping an engine."""
        found = ping(address)
        if found is Answer.SILENT and patience:
            awaited(lambda: ping(address) is not Answer.SILENT, patience)
            found = ping(address)
        return found

    def has(self, program: str) -> bool:
        """Look for a program."""
        return shutil.which(program, path=search_path(self.environ)) is not None

    def exists(self, path: str) -> bool:
        """Look for a file or folder."""
        return Path(path).exists()

    def read(self, path: str) -> str:
        """Read a file."""
        try:
            return Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    def write_script(self, path: str, text: str) -> None:
        """Write a file that can be run."""
        script = Path(path)
        script.write_text(text, encoding="utf-8")
        script.chmod(0o755)

    def remove(self, path: str) -> None:
        """Remove a file."""
        Path(path).unlink(missing_ok=True)

    def free(self, folder: str) -> int:
        """Ask the file system."""
        return shutil.disk_usage(folder).free

    def groups(self) -> set[str]:
        """Ask the accounts, not this process."""
        return {group.gr_name for group in grp.getgrall() if self.user in group.gr_mem}

    def run(self, command: Sequence[str]) -> Ran:
        """Run a command; sudo may still ask for a password on the terminal itself."""
        variables = {**self.environ, "PATH": search_path(self.environ), "LC_ALL": "C.UTF-8"}
        try:
            ended = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=variables,
                timeout=INSTALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return Ran(124, f"{command[0]} did not end within {INSTALL_SECONDS:.0f} s")
        except OSError as error:
            return Ran(127, f"{command[0]}: {error.strerror}")
        return Ran(ended.returncode, ended.stdout.decode(errors="replace"))

    def start_daemon(self, *, elevated: bool) -> None:
        """Start dockerd here, or as root in a Python of its own."""
        if not elevated:
            start(Daemon(), self.environ)
            return
        code = "from runner import daemon; daemon.start_or_exit()"
        ran = self.run(["sudo", sys.executable, "-I", "-c", code])
        if ran.code != 0:
            raise EngineUnavailable(
                f"The container engine does not start: {ran.output.strip()}",
                remedy=f"Its log: sudo tail {Daemon().log}",
            )
