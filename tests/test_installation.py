"""What is done about a missing engine, on machines that exist only here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from runner.daemon import Answer
from runner.errors import EngineUnavailable, Exit
from runner.installation import POLICY, REFUSE_STARTS, SOCKET, ensure_engine, install
from runner.machine import Machine, Ran

GIB = 1024**3
PACKAGES = "docker.io iptables ca-certificates mmdebstrap debian-archive-keyring"
INSTALL_DEBIAN = (
    "apt-get update && apt-get install -y --no-install-recommends"
    " docker.io iptables ca-certificates mmdebstrap debian-archive-keyring"
)


@dataclass
class Imagined:
    """A machine in memory: what it has is what it is given, what is done to it is written down."""

    programs: set[str]
    user: str = "root"
    system: str = "linux"
    environ: Mapping[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    member_of: set[str] = field(default_factory=set)
    free_bytes: int = 20 * GIB
    engine: Answer = Answer.SILENT
    after_start: Answer = Answer.ANSWERS
    results: dict[str, Ran] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def answer(self, address: str, patience: float = 0.0) -> Answer:
        """Answers only at the default address, unless it answers everywhere."""
        elsewhere = address != SOCKET and self.engine is Answer.SILENT
        return Answer.SILENT if elsewhere and patience == 0 else self.engine

    def has(self, program: str) -> bool:
        """Looks into the set."""
        return program in self.programs

    def exists(self, path: str) -> bool:
        """Looks into the files."""
        return path in self.files

    def read(self, path: str) -> str:
        """Reads from the files."""
        return self.files.get(path, "")

    def write_script(self, path: str, text: str) -> None:
        """Writes to the files."""
        self.files[path] = text

    def remove(self, path: str) -> None:
        """Removes from the files."""
        del self.files[path]

    def free(self, folder: str) -> int:
        """The same everywhere."""
        assert folder
        return self.free_bytes

    def groups(self) -> set[str]:
        """As given."""
        return self.member_of

    def run(self, command: Sequence[str]) -> Ran:
        """Writes down, and does what the real command would do to an engine."""
        line = " ".join(command)
        self.done.append(line + (" [starts refused]" if POLICY in self.files else ""))
        for sign, result in self.results.items():
            if sign in line:
                return result
        if "docker.io" in line or "moby-engine" in line:
            self.programs |= {"dockerd"}
        if "systemctl start docker" in line:
            self.engine = self.after_start
        return Ran(0, "")

    def start_daemon(self, *, elevated: bool) -> None:
        """Writes down, and the engine answers."""
        self.done.append("sudo dockerd" if elevated else "dockerd")
        self.engine = self.after_start


SYSTEMD = {"/run/systemd/system": ""}


def quiet(words: str) -> None:
    """Nobody listens."""
    assert words


def refused(machine: Imagined, ask: Callable[[str], bool] | None = None) -> tuple[str, str]:
    """The message and the remedy with which no engine could be had."""
    with pytest.raises(EngineUnavailable) as raised:
        ensure_engine(ask, quiet, machine)
    assert raised.value.exit_code == Exit.NOT_GRADED
    return str(raised.value), raised.value.remedy


def test_the_imagined_machine_is_a_machine() -> None:
    machine: Machine = Imagined(set())
    assert machine.answer(SOCKET) is Answer.SILENT


def test_an_engine_that_answers_is_left_alone() -> None:
    machine = Imagined(set(), engine=Answer.ANSWERS, user="apprentice")
    ensure_engine(None, quiet, machine)
    assert machine.done == []


def test_without_an_init_it_is_installed_with_starts_refused_and_then_started() -> None:
    machine = Imagined({"apt-get"})
    said: list[str] = []
    ensure_engine(None, said.append, machine)
    lock = "-o DPkg::Lock::Timeout=180"
    assert machine.done == [
        f"env DEBIAN_FRONTEND=noninteractive apt-get update {lock} [starts refused]",
        (
            "env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends"
            f" {lock} {PACKAGES} [starts refused]"
        ),
        "dockerd",
    ]
    assert POLICY not in machine.files
    assert said[-1] == "Starting the container engine."


def test_with_systemd_it_is_systemd_that_starts_it() -> None:
    machine = Imagined({"apt-get"}, files=dict(SYSTEMD))
    ensure_engine(None, quiet, machine)
    assert machine.done[-1] == "systemctl start docker"
    assert not any("refused" in line for line in machine.done)


def test_an_installed_one_is_only_started() -> None:
    machine = Imagined({"dockerd", "sudo"}, user="me", files=dict(SYSTEMD))
    ensure_engine(None, quiet, machine)
    assert machine.done == ["sudo systemctl start docker"]


def test_fedora_has_its_own_name_for_it() -> None:
    machine = Imagined({"dnf"}, files=dict(SYSTEMD))
    ensure_engine(None, quiet, machine)
    assert machine.done[1] == (
        "env DEBIAN_FRONTEND=noninteractive dnf install -y moby-engine iptables"
    )


def test_the_parser_of_apparmor_comes_along_where_the_kernel_confines() -> None:
    enabled = {"/sys/module/apparmor/parameters/enabled": "Y\n"}
    machine = Imagined({"apt-get"}, files=SYSTEMD | enabled)
    ensure_engine(None, quiet, machine)
    assert machine.done[1].endswith(" apparmor")


def test_one_question_is_asked_and_no_is_heard() -> None:
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    machine = Imagined({"apt-get"})
    assert refused(machine, no) == (
        "No container engine is installed.",
        f"Type: {INSTALL_DEBIAN}",
    )
    assert asked == [f"No container engine is installed. Install {PACKAGES}?"]
    assert machine.done == []


def test_yes_to_installing_is_yes_to_starting() -> None:
    asked: list[str] = []

    def yes(question: str) -> bool:
        asked.append(question)
        return True

    ensure_engine(yes, quiet, Imagined({"apt-get"}))
    assert len(asked) == 1


def test_no_to_starting_is_heard() -> None:
    machine = Imagined({"dockerd", "sudo"}, user="me", files=dict(SYSTEMD))
    assert refused(machine, lambda _: False) == (
        "The container engine is installed but does not run.",
        "Type: sudo systemctl start docker",
    )


def test_neither_root_nor_sudo() -> None:
    assert refused(Imagined({"apt-get"}, user="me")) == (
        "No container engine is installed. me may not change that and there is no sudo.",
        f"As root, type: {INSTALL_DEBIAN}",
    )


def test_sudo_stands_before_each_command_that_is_to_be_typed() -> None:
    _, remedy = refused(Imagined({"apt-get", "sudo"}, user="me"), lambda _: False)
    assert remedy == f"Type: sudo {INSTALL_DEBIAN.replace('&& ', '&& sudo ')}"


def test_an_engine_that_does_not_let_us_in() -> None:
    assert refused(Imagined(set(), user="me", engine=Answer.FORBIDDEN)) == (
        "unix:///var/run/docker.sock belongs to a container engine that me may not use.",
        (
            "Type: sudo usermod -aG docker me - then log out and in again."
            " (Members of that group are as powerful as root.)"
        ),
    )


def test_a_membership_that_this_login_does_not_know_yet() -> None:
    machine = Imagined(set(), user="me", engine=Answer.FORBIDDEN, member_of={"docker"})
    assert refused(machine)[1] == ("Log out and in again, or for this terminal only: newgrp docker")


def test_after_an_installation_by_sudo_the_engine_may_not_let_us_in() -> None:
    machine = Imagined(
        {"apt-get", "sudo"}, user="me", files=dict(SYSTEMD), after_start=Answer.FORBIDDEN
    )
    assert "usermod" in refused(machine)[1]


@pytest.mark.parametrize("address", ["tcp://engine.test:2375", "unix:///run/user/1000/docker.sock"])
def test_nothing_is_installed_for_an_engine_that_is_named(address: str) -> None:
    machine = Imagined({"apt-get", "dockerd"}, environ={"DOCKER_HOST": address})
    assert refused(machine) == (
        f"DOCKER_HOST names {address}, but no container engine answers there.",
        "Start that engine, or use this machine's: unset DOCKER_HOST",
    )
    assert machine.done == []


def test_the_default_address_may_be_named() -> None:
    machine = Imagined({"dockerd"}, environ={"DOCKER_HOST": SOCKET})
    ensure_engine(None, quiet, machine)
    assert machine.done == ["dockerd"]


def test_elsewhere_than_on_linux() -> None:
    message, remedy = refused(Imagined({"apt-get"}, system="darwin"))
    assert message == "No container engine answers on this machine."
    assert "Docker Desktop" in remedy


def test_no_package_manager_that_we_know() -> None:
    message, remedy = refused(Imagined(set()))
    assert message.endswith("This system has neither apt-get nor dnf.")
    assert remedy.endswith("moby-engine iptables")


def test_no_room_on_the_disk() -> None:
    machine = Imagined({"apt-get"}, free_bytes=GIB)
    message, remedy = refused(machine)
    assert "/var/lib has 1.0 GiB free; the engine and its images need 3 GiB" in message
    assert "du -xh" in remedy
    assert machine.done == []


@pytest.mark.parametrize(
    ("output", "because"),
    [
        ("E: Unable to locate package docker.io", "package mirror does not offer them"),
        ("Err:1 Temporary failure resolving 'mirror.test'", "package mirror cannot be found"),
        ("E: You don't have enough free space in /var/cache", "the disk is full"),
        ("sudo: a password is required", "sudo wants a password"),
        ("first\nE: Something else\n\n", "E: Something else"),
        ("", "it printed nothing"),
    ],
)
def test_why_packages_could_not_be_installed(output: str, because: str) -> None:
    machine = Imagined({"apt-get"}, results={"apt-get install": Ran(100, output)})
    message, remedy = refused(machine)
    assert message.startswith(
        "docker.io iptables ca-certificates mmdebstrap debian-archive-keyring could not be"
    )
    assert because in message
    assert remedy == f"When that is mended, call again or type: {INSTALL_DEBIAN}"
    assert POLICY not in machine.files


def test_the_administrators_own_policy_stays() -> None:
    machine = Imagined({"apt-get"}, files={POLICY: "#!/bin/sh\nexit 104\n"})
    ensure_engine(None, quiet, machine)
    assert machine.files[POLICY] == "#!/bin/sh\nexit 104\n"


def test_a_policy_that_a_killed_call_left_behind_goes() -> None:
    machine = Imagined({"apt-get"}, files={POLICY: REFUSE_STARTS})
    ensure_engine(None, quiet, machine)
    assert POLICY not in machine.files


def test_systemd_cannot_start_it() -> None:
    machine = Imagined(
        {"dockerd"},
        files=dict(SYSTEMD),
        results={"systemctl": Ran(1, "Failed to start docker.service: Unit is masked.\n")},
    )
    message, remedy = refused(machine)
    assert message.endswith("Failed to start docker.service: Unit is masked.")
    assert "journalctl -u docker" in remedy


def test_started_but_silent() -> None:
    machine = Imagined({"dockerd"}, files=dict(SYSTEMD), after_start=Answer.SILENT)
    assert "was started but does not answer" in refused(machine)[0]


def test_other_packages_come_the_same_way() -> None:
    machine = Imagined({"apt-get", "sudo"}, user="me", files=dict(SYSTEMD))
    install(["mmdebstrap"], "No base image can be pulled.", ask=None, say=quiet, machine=machine)
    assert machine.done[-1].startswith("sudo env DEBIAN_FRONTEND=noninteractive apt-get install")
    assert machine.done[-1].endswith(" mmdebstrap")
