"""The virtual environment of a checkout: built once, rebuilt when the lock file changes.

runner/launch.sh calls this file with a bare Python, before there is anything to import: it knows
the standard library only, nothing of the runner, and speaks to the terminal itself.
"""

from __future__ import annotations

import fcntl
import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

NOT_READY = 3
INTERRUPTED = 130

# Settings of the person's own pip that would install to somewhere else than the environment.
ELSEWHERE = ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON")

CAUSES = (
    ("No space left on device", "The disk is full."),
    ("DO NOT MATCH THE HASHES", "A package is not the one that requirements.lock names."),
    ("connection broken by", "The package index cannot be reached: is there a network?"),
    ("No matching distribution", "A package has no build for this Python or this machine."),
    ("ensurepip", "This Python cannot build virtual environments (on Debian: python3-venv)."),
)


@dataclass(frozen=True)
class Checkout:
    """The folder that the launchers stand in, and what they put there."""

    root: Path

    @property
    def lock(self) -> Path:
        """What is to be installed, with hashes."""
        return self.root / "requirements.lock"

    @property
    def environment(self) -> Path:
        """The virtual environment."""
        return self.root / ".venv"

    @property
    def python(self) -> Path:
        """The interpreter of the environment."""
        return self.environment / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """Written last: what was installed, for which folder."""
        return self.environment / "stamp"

    @property
    def log(self) -> Path:
        """All that the steps print."""
        return self.root / ".venv.log"

    @property
    def turn(self) -> Path:
        """Held by the one that builds."""
        return self.root / ".venv.turn"


@dataclass(frozen=True)
class Step:
    """One command of the building, with the words shown meanwhile."""

    words: str
    command: Sequence[str]


class StepFailed(Exception):
    """A step ended with an error; what it printed is in the log."""


def main(arguments: Sequence[str]) -> int:
    """Build the environment for the stamp that the launcher asks for, unless another just did."""
    checkout = Checkout(Path(__file__).resolve().parent.parent)
    wanted = arguments[0]
    try:
        with turn(checkout, tell) as held:
            if stamped(checkout) != wanted:
                build(checkout, wanted, held)
    except KeyboardInterrupt:
        tell("Interrupted; the next call begins the set-up again.")
        return INTERRUPTED
    except StepFailed as failed:
        tell(f"{failed} failed. {cause(checkout.log)} The log is {checkout.log}")
        return NOT_READY
    except OSError as error:
        tell(f"The set-up stopped: {error}. It needs to write in {checkout.root}")
        return NOT_READY
    return 0


def stamped(checkout: Checkout) -> str:
    """What the environment was built for; nothing if it is unfinished or its Python is gone."""
    if not os.access(checkout.python, os.X_OK):
        return ""
    try:
        return checkout.stamp.read_text(encoding="utf-8").removesuffix("\n")
    except FileNotFoundError:
        return ""


def build(checkout: Checkout, wanted: str, held: int) -> None:
    """Make the environment anew; `held` is the lock that every step inherits.

    A step that outlives a killed launcher so keeps the next one waiting instead of building
    into the same folder.
    """
    remove(checkout.environment)
    checkout.log.write_text("", encoding="utf-8")
    tell("First call: setting up the environment (about half a minute, once).")
    begun = time.monotonic()
    listed = steps(checkout)
    for number, step in enumerate(listed, start=1):
        run(step, f"[{number}/{len(listed)}] {step.words}", checkout.log, held)
    (site,) = checkout.environment.glob("lib/python3*/site-packages")
    (site / "itg-labs.pth").write_text(f"{checkout.root}\n", encoding="utf-8")
    checkout.stamp.write_text(f"{wanted}\n", encoding="utf-8")
    tell(f"Ready after {time.monotonic() - begun:.0f} s.")


def steps(checkout: Checkout) -> list[Step]:
    """The building in order."""
    # The real path names the version (python3.11): when the system moves on to a newer Python
    # the link dangles and the environment is rebuilt, instead of finding no packages.
    base = os.path.realpath(sys.executable)
    python = str(checkout.python)
    # The lock is complete, so pip need not resolve; what has no wheel would be built with
    # tools that nobody has locked; all cores compile better than pip's one.
    pip = [python, "-I", "-m", "pip", "install", "--require-hashes", "--no-deps", "--no-compile"]
    pip += ["--only-binary", ":all:", "--retries", "2", "--no-input", "--progress-bar", "off"]
    compiled = [str(checkout.environment / "lib")]
    compiled += [str(checkout.root / room) for room in ("runner", "graders")]
    return [
        Step("Making the environment", (base, "-I", "-m", "venv", str(checkout.environment))),
        Step("Installing packages", (*pip, "-r", str(checkout.lock))),
        Step("Compiling", (python, "-I", "-m", "compileall", "-q", "-j", "0", *compiled)),
    ]


def run(step: Step, words: str, log: Path, held: int) -> None:
    """Run a step with its output in the log and its progress on the terminal."""
    moving = sys.stderr.isatty()
    if not moving:
        tell(words)
    begun = time.monotonic()
    packages = 0
    try:
        with (
            log.open("ab") as written,
            subprocess.Popen(
                step.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=environ(os.environ),
                pass_fds=(held,),
            ) as process,
        ):
            for text in output(process):
                written.write(text)
                packages += len(re.findall(rb"^Collecting ", text, re.MULTILINE))
                if moving:
                    count = f" {packages}" if packages else ""
                    show(f"{words}{count} ... {time.monotonic() - begun:.0f} s")
    finally:
        if moving:
            show("")
    # compileall complains of files in packages that are not meant for this Python.
    if process.returncode != 0 and "compileall" not in step.command:
        raise StepFailed(step.words)


def output(process: subprocess.Popen[bytes]) -> Iterator[bytes]:
    """What the process prints as it comes, and b"" every quarter of a second without any."""
    assert process.stdout is not None  # noqa: S101 - we asked for a pipe
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(timeout=0.25):
                yield b""
                continue
            text = os.read(process.stdout.fileno(), 65536)
            if not text:
                return
            yield text


def environ(own: Mapping[str, str]) -> dict[str, str]:
    """The environment variables for a step: the person's, without what leads pip elsewhere."""
    kept = {name: value for name, value in own.items() if name not in ELSEWHERE}
    return kept | {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_REQUIRE_VIRTUALENV": "0"}


def cause(log: Path) -> str:
    """Why a step failed, in a sentence, from what it printed."""
    printed = log.read_text(encoding="utf-8", errors="replace")
    for sign, sentence in CAUSES:
        if sign in printed:
            return sentence
    lines = [line for line in printed.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "It printed nothing."


@contextmanager
def turn(checkout: Checkout, say: Callable[[str], None]) -> Iterator[int]:
    """Hold the checkout's lock; one that finds it held says so and waits."""
    with checkout.turn.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another call is setting up the environment; waiting for it.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def remove(folder: Path) -> None:
    """Remove an old or unfinished environment, its stamp first: half of it must not pass."""
    (folder / "stamp").unlink(missing_ok=True)
    if folder.exists():
        shutil.rmtree(folder)


def tell(words: str) -> None:
    """Say a line to the person."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def show(words: str) -> None:
    """Replace the line that stands on the terminal."""
    width = shutil.get_terminal_size().columns - 1
    sys.stderr.write(f"\r\x1b[K{words[:width]}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
