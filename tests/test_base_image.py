"""What every host of every world may rely on: the base image, with systemd and without."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from runner import images, probe
from runner.engine import Engine, connect

pytestmark = pytest.mark.engine

NETWORK_UP = "#!/bin/sh\necho nameserver 192.0.2.53 > /etc/resolv.conf\n"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = connect()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def base(engine: Engine) -> str:
    return images.ensure(engine, ["base"])["base"]


@pytest.fixture
def alone(engine: Engine, base: str) -> Iterator[str]:
    """A host without systemd that runs sshd, and nothing else."""
    container = engine.api.create_container(
        base,
        command=["tini", "--", "/usr/local/sbin/host-init", "/usr/sbin/sshd", "-D"],
        host_config=engine.api.create_host_config(network_mode="none"),
    )["Id"]
    engine.api.start(container)
    yield container
    engine.api.remove_container(container, force=True)


@pytest.fixture(scope="module")
def system(engine: Engine, base: str) -> Iterator[str]:
    """A host with systemd, up."""
    recipe = probe.systemd_recipe(engine, base)
    config = recipe.host_config(probe.PROBE_SLOT, "base")
    container = engine.api.create_container(
        base,
        command=["/sbin/init"],
        hostname="base",
        environment=recipe.environment,
        stop_signal=recipe.stop_signal,
        host_config=config | {"NetworkMode": "none", "Memory": 256 << 20, "PidsLimit": 200},
    )["Id"]
    engine.api.start(container)
    assert probe.problem(engine, container) is None
    yield container
    engine.api.remove_container(container, force=True)
    probe.remove_leftovers(engine, probe.PROBE_SLOT)


def said(engine: Engine, container: str, command: str) -> str:
    """What a shell command prints in the container, errors included."""
    asked = engine.api.exec_create(container, ["sh", "-c", command])["Id"]
    return bytes(engine.api.exec_start(asked)).decode().strip()


def wait(engine: Engine, container: str, status: str) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if engine.api.inspect_container(container)["State"]["Status"] == status:
            return
        time.sleep(0.05)
    pytest.fail(f"the container is not {status}")


def test_no_identity_is_baked_in(engine: Engine, base: str) -> None:
    container = engine.api.create_container(
        base,
        command=["sh", "-c", "cat /etc/machine-id; ls /etc/ssh; grep ^root: /etc/shadow"],
        host_config=engine.api.create_host_config(network_mode="none"),
    )["Id"]
    engine.api.start(container)
    engine.api.wait(container)
    lines = engine.api.logs(container).decode().splitlines()
    engine.api.remove_container(container)
    assert lines[:-1] == ["moduli", "ssh_config", "ssh_config.d", "sshd_config", "sshd_config.d"]
    assert lines[-1].startswith("root:*:"), "nobody logs in as root with a password"


def test_a_host_without_systemd_runs_its_one_program(engine: Engine, alone: str) -> None:
    deadline = time.monotonic() + 10
    while "ssh-ed25519" not in said(engine, alone, "ssh-keyscan 127.0.0.1 2>/dev/null"):
        assert time.monotonic() < deadline
    assert said(engine, alone, "cat /proc/1/comm") == "tini"
    assert said(engine, alone, "/usr/sbin/policy-rc.d; echo $?") == "101"
    started = time.monotonic()
    engine.api.stop(alone, timeout=10)
    assert time.monotonic() - started < 3, "it ends when it is asked to"


def test_systemd_is_up_and_no_unit_failed(engine: Engine, system: str) -> None:
    assert said(engine, system, "systemctl --failed --no-legend --plain") == ""
    for unit in ("ssh", "cron", "rsyslog", "dbus", "systemd-journald", "systemd-logind"):
        assert said(engine, system, f"systemctl is-active {unit}") == "active", unit
    assert said(engine, system, "systemctl list-timers --no-legend --plain | wc -l") == "1"


def test_services_are_administered_as_anywhere(engine: Engine, system: str) -> None:
    assert said(engine, system, "systemctl restart ssh && systemctl is-active ssh") == "active"
    assert said(engine, system, "/usr/sbin/policy-rc.d; echo $?") == "0"
    assert "permit" not in said(
        engine, system, "logger -t trial permit; grep imklog /var/log/syslog"
    )
    assert "trial: permit" in said(
        engine,
        system,
        "journalctl -t trial --no-pager -o cat; sleep 0.2; grep trial: /var/log/syslog",
    )


def test_many_wrong_passwords_do_not_lock_out_the_address(engine: Engine, system: str) -> None:
    # Asked again where the engine lost what a command that ended at once has said.
    deadline = time.monotonic() + 10
    while not (found := said(engine, system, "sshd -T | grep -i persourcepenalties")):
        assert time.monotonic() < deadline
    assert found == "persourcepenalties no"


def test_a_reboot_comes_back_with_its_network_and_a_poweroff_stays_off(
    engine: Engine, system: str
) -> None:
    said(
        engine,
        system,
        f"printf '{NETWORK_UP}' > /usr/local/sbin/network-up; chmod 755 /usr/local/sbin/network-up;"
        "printf '[Service]\\nExecStart=sleep 999\\n[Install]\\nWantedBy=multi-user.target\\n'"
        " > /etc/systemd/system/own.service; systemctl daemon-reload; systemctl enable --now own",
    )
    before = said(engine, system, "cat /etc/machine-id /etc/ssh/*.pub")
    said(engine, system, "systemctl reboot")
    deadline = time.monotonic() + 20
    while not engine.api.inspect_container(system)["RestartCount"]:
        assert time.monotonic() < deadline, "a reboot ends and begins"
        time.sleep(0.05)
    wait(engine, system, "running")
    assert probe.problem(engine, system) is None
    assert said(engine, system, "systemctl is-active own network-up") == "active\nactive"
    assert said(engine, system, "cat /etc/resolv.conf") == "nameserver 192.0.2.53"
    assert said(engine, system, "cat /etc/machine-id /etc/ssh/*.pub") == before
    said(engine, system, "systemctl poweroff")
    wait(engine, system, "exited")
    assert engine.api.inspect_container(system)["State"]["ExitCode"] == 0
    engine.api.start(system)
    assert probe.problem(engine, system) is None
