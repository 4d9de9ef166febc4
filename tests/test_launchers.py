"""The two launchers, in checkouts of their own whose path has a space in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# What a minimal system has; each test's machine is made of links to these.
COMMON = (
    "cat",
    "cksum",
    "cp",
    "env",
    "id",
    "ls",
    "mkdir",
    "grep",
    "mktemp",
    "printf",
    "readlink",
    "rm",
    "sed",
    "sh",
)

# Stands for a Python: old enough or new enough, with venv or without, building in no time.
PYTHON = """#!/bin/sh
case "$*" in
    *ensurepip*) [ -e "$MACHINE/venv" ] ;;
    *version_info*print*) exit 9 ;;
    *'"python%d.%d-venv"'*) echo python3.12-venv ;;
    *version_info*) [ -e "$MACHINE/new" ] ;;
    *environment.py*)
        echo "$3" >>"$MACHINE/built"
        mkdir -p "$CHECKOUT/.venv/bin"
        cp "$MACHINE/program" "$CHECKOUT/.venv/bin/python"
        echo "$3" >"$CHECKOUT/.venv/stamp" ;;
esac
"""
# Stands for the environment's Python: says how it was called.
PROGRAM = '#!/bin/sh\nprintf "<%s>" "$@"\nexit ${EXIT:-7}\n'
APT = """#!/bin/sh
echo "$*" >>"$MACHINE/installed"
case "$*" in
    *install*) [ -z "$BROKEN" ] && cp "$MACHINE/python" "$MACHINE/bin/python3" &&
        : >"$MACHINE/new" && : >"$MACHINE/venv" ;;
esac
"""


class Machine:
    """A folder that is all a launcher finds: programs, and a checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkout = folder / "it labs"
        self.bin = folder / "bin"
        (self.checkout / "runner").mkdir(parents=True)
        self.bin.mkdir()
        for name in ("lab", "test", "runner/launch.sh", "requirements.lock"):
            shutil.copy(ROOT / name, self.checkout / name)
        # The one path that is not looked up in PATH: this machine's own Python must not be found.
        launch = self.checkout / "runner/launch.sh"
        launch.write_text(launch.read_text().replace("/usr/bin/python3", f"{folder}/none"))
        for name in COMMON:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        for name, text in (("python", PYTHON), ("program", PROGRAM), ("apt", APT)):
            script(folder / name, text)

    def give(self, program: str, name: str) -> None:
        """Put one of the stand-ins on PATH."""
        shutil.copy(self.folder / program, self.bin / name)

    def give_python(self, name: str = "python3") -> None:
        """Put a fitting Python on PATH."""
        self.give("python", name)
        (self.folder / "new").touch()
        (self.folder / "venv").touch()

    def lines(self, name: str) -> list[str]:
        """What a stand-in has written down."""
        file = self.folder / name
        return file.read_text().splitlines() if file.exists() else []

    def call(
        self,
        *words: str,
        program: str | Path = "lab",
        cwd: Path | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Call a launcher with nothing but this machine around it and no terminal."""
        return subprocess.run(
            [self.checkout / program, *words],
            cwd=cwd or self.folder,
            env={
                "PATH": str(self.bin),
                "MACHINE": str(self.folder),
                "CHECKOUT": str(self.checkout),
                **(extra or {}),
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def script(path: Path, text: str) -> None:
    """Write a program."""
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine without any Python."""
    return Machine(tmp_path)


def test_the_first_call_builds_and_hands_over(machine: Machine) -> None:
    machine.give_python()
    called = machine.call("grade", "4c", "two  words")
    assert called.stdout == "<-I><-m><runner><grade><4c><two  words>"
    assert called.returncode == 7
    assert len(machine.lines("built")) == 1


def test_a_later_call_only_hands_over(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    (machine.bin / "python3").unlink()
    assert machine.call("list").stdout == "<-I><-m><runner><list>"
    assert len(machine.lines("built")) == 1


def test_it_is_found_through_links_and_from_anywhere(machine: Machine) -> None:
    machine.give_python()
    direct = machine.folder / "direct"
    direct.symlink_to("it labs/lab")
    away = machine.folder / "away"
    away.mkdir()
    (away / "link").symlink_to("../direct")
    assert machine.call("x", program=away / "link", cwd=away).returncode == 7
    assert machine.lines("built")[0].endswith(f" {machine.checkout}")


def test_a_changed_lock_builds_again(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# one more\n")
    machine.call()
    assert len(set(machine.lines("built"))) == 2


def test_an_unfinished_environment_is_built_again(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    (machine.checkout / ".venv" / "stamp").unlink()
    machine.call()
    assert len(machine.lines("built")) == 2


def test_a_moved_checkout_is_built_again(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    machine.checkout = machine.checkout.rename(machine.folder / "moved to")
    machine.call()
    assert machine.lines("built")[1].endswith("/moved to")


def test_a_python_that_the_system_replaced_is_noticed(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    (machine.checkout / ".venv/bin/python").unlink()
    (machine.checkout / ".venv/bin/python").symlink_to("/nowhere/python3.11")
    (machine.folder / "program").chmod(0o755)
    shutil.rmtree(machine.checkout / ".venv" / "bin")
    assert machine.call().returncode == 7
    assert len(machine.lines("built")) == 2


def test_a_newer_python_beside_an_old_one_is_taken(machine: Machine) -> None:
    script(machine.bin / "python3", "#!/bin/sh\nexit 1\n")
    machine.give_python("python3.12")
    assert machine.call().returncode == 7


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may install by itself")


@needs_root
def test_without_any_python_root_installs_one(machine: Machine) -> None:
    machine.give("apt", "apt-get")
    called = machine.call("list")
    assert called.returncode == 7
    assert "Installing python3 python3-venv" in called.stderr
    quiet = "-q -o DPkg::Lock::Timeout=180"
    assert machine.lines("installed") == [
        f"{quiet} update",
        f"{quiet} install -y --no-install-recommends python3 python3-venv",
    ]


@needs_root
def test_a_python_without_venv_gets_only_that(machine: Machine) -> None:
    machine.give("apt", "apt-get")
    machine.give_python("python3.12")
    (machine.folder / "venv").unlink()
    assert machine.call().returncode == 7
    assert machine.lines("installed")[-1].endswith("--no-install-recommends python3.12-venv")


@needs_root
def test_a_mirror_that_fails_ends_in_what_to_type(machine: Machine) -> None:
    machine.give("apt", "apt-get")
    called = machine.call(extra={"BROKEN": "1"})
    assert called.returncode == 3
    assert called.stderr.splitlines()[1:] == [
        f"The system's packages gave no fitting Python; the log is {machine.checkout}/.venv.log",
        (
            "Type: apt-get update && apt-get install -y python3 python3-venv"
            " (or install Python 3.11 or newer in another way)"
        ),
    ]


def test_who_may_not_install_is_told_what_to_type(machine: Machine) -> None:
    machine.give("apt", "apt-get")
    (machine.bin / "id").unlink()
    script(machine.bin / "id", "#!/bin/sh\necho 1000\n")
    called = machine.call()
    assert called.returncode == 3
    assert called.stderr.splitlines() == [
        "Python 3.11 or newer is needed and there is none on this machine.",
        "As root, type: apt-get update && apt-get install -y python3 python3-venv",
    ]
    script(machine.bin / "sudo", '#!/bin/sh\n[ "$1" = -v ] || exec "$@"\n')
    called = machine.call()
    assert called.stderr.splitlines()[1] == (
        "Type: sudo apt-get update && sudo apt-get install -y python3 python3-venv"
    )
    assert machine.lines("installed") == []
    assert machine.call("list", "--yes").returncode == 7


def test_a_system_with_an_unknown_package_manager(machine: Machine) -> None:
    called = machine.call()
    assert called.returncode == 3
    assert "Install Python 3.11 or newer with its venv module" in called.stderr


def test_the_tests_run_in_order_and_the_first_failure_is_the_exit_code(machine: Machine) -> None:
    machine.give_python()
    script(
        machine.folder / "program",
        '#!/bin/sh\necho "<$*>"\ncase "$*" in *format*) exit 4 ;; *pytest*) exit 5 ;; esac\n',
    )
    called = machine.call("--quick", "-k", "a b", program="test")
    assert called.stdout.splitlines() == [
        "== ruff check",
        "<-I -m ruff check .>",
        "== ruff format",
        "<-I -m ruff format --check .>",
        "== pytest",
        "<-I -m pytest -m not engine and not slow -k a b>",
        "== mypy",
        "<-I -m mypy>",
    ]
    assert called.returncode == 4


def test_files_of_tests_are_dealt_out_each_once_and_any_failure_counts(machine: Machine) -> None:
    machine.give_python()
    files = [f"tests/test_{one}.py" for one in "abcdefg"] + ["tests/facts/test_h.py"]
    for name in files:
        (machine.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (machine.checkout / name).touch()
    # What needs an engine as a whole has nothing to run.
    (machine.checkout / "tests/test_i.py").write_text("pytestmark = pytest.mark.engine\n")
    script(
        machine.folder / "program",
        '#!/bin/sh\necho "<$*>"\ncase "$*" in *test_c.py*) exit 5 ;; esac\n',
    )
    called = machine.call("--quick", program="test")
    shares = [line for line in called.stdout.splitlines() if "-m pytest" in line]
    assert 2 <= len(shares) <= 4
    assert all(line.startswith("<-I -m pytest -m not engine and not slow ") for line in shares)
    dealt = [word.strip("<>") for line in shares for word in line.split() if ".py" in word]
    assert sorted(dealt) == sorted(files)
    assert called.returncode == 5


def test_without_an_engine_what_needs_none_is_tested_and_the_run_fails(machine: Machine) -> None:
    machine.give_python()
    script(
        machine.folder / "program",
        '#!/bin/sh\ncase "$2" in -c) exit 3 ;; -m) echo "<$*>" ;; esac\n',
    )
    called = machine.call(program="test")
    assert "<-I -m pytest -m not engine and not slow" in called.stdout
    assert called.stdout.splitlines()[-1] == "<-I -m mypy>"
    assert called.returncode == 3


@pytest.mark.slow
def test_a_real_environment_is_built_once_for_two_calls_at_once(tmp_path: Path) -> None:
    """Nothing to install, so that no network is needed; all else is as on a fresh clone."""
    checkout = tmp_path / "it labs"
    (checkout / "runner").mkdir(parents=True)
    (checkout / "graders").mkdir()
    for name in ("lab", "runner/launch.sh", "runner/environment.py"):
        shutil.copy(ROOT / name, checkout / name)
    (checkout / "requirements.lock").write_text("# nothing\n")
    (checkout / "runner/__main__.py").write_text("import sys\nprint(sys.argv[1:], sys.path)\n")
    # A module in the current directory may not take the place of one of ours.
    (tmp_path / "runner.py").write_text("raise SystemExit('the wrong one')\n")
    calls = [
        subprocess.Popen(
            [checkout / "lab", "hello"],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [call.communicate(timeout=120) for call in calls]
    assert [call.returncode for call in calls] == [0, 0], said
    assert all(out.startswith("['hello']") for out, _ in said)
    words = "".join(error for _, error in said)
    assert words.count("First call: setting up") == 1
    assert words.count("Another call is setting up the environment; waiting for it.") == 1
    # Moved, it does not work any more and is built anew.
    moved = checkout.rename(tmp_path / "moved")
    again = subprocess.run(
        [moved / "lab"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert "Ready after" in again.stderr


def test_a_ready_environment_costs_next_to_nothing(machine: Machine) -> None:
    machine.give_python()
    machine.call()
    times = []
    for _ in range(10):
        begun = time.perf_counter()
        machine.call()
        times.append(time.perf_counter() - begun)
    assert min(times) < 0.05
