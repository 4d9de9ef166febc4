"""What stands all day in a classroom: started, asked, killed, misused."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from tests.standing import FILE, PASSWORD, Standing, base, environment, program, standing

IMAGE = FILE.parent / "images" / "postgres"

DATA = "/var/lib/postgresql/data"


def described() -> dict[str, Any]:
    """The compose file, as data."""
    content: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return content


def test_it_listens_on_this_machine_only_unless_told_otherwise() -> None:
    (port,) = described()["services"]["records-db"]["ports"]
    assert port.startswith("${LAB_RECORDS_BIND:-127.0.0.1}:")


def test_every_service_is_bounded_watched_and_started_again() -> None:
    for name, service in described()["services"].items():
        for key in ("mem_limit", "pids_limit", "healthcheck", "logging", "restart"):
            assert key in service, f"{name} lacks {key}"
        assert service["restart"] == "unless-stopped"
        assert {"max-size", "max-file"} <= service["logging"]["options"].keys()


def test_no_password_stands_in_the_repository() -> None:
    assert set(described()["secrets"]["records_password"]) == {"file"}
    assert described()["secrets"]["records_password"]["file"].startswith(
        "${LAB_RECORDS_PASSWORD_FILE:?"
    )
    assert "environment" not in described()["services"]["records-db"]


def test_the_image_needs_no_new_builder() -> None:
    lines = (IMAGE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    assert text.startswith("ARG BASE=lab-base\nFROM ${BASE}\n")
    for newer in ("--mount", "--chmod", "--link", "<<", "TARGETARCH"):
        assert newer not in text


def test_the_entry_script_is_plain_shell() -> None:
    subprocess.run(["sh", "-n", str(IMAGE / "serve")], check=True)


@pytest.mark.engine
def test_without_a_password_file_compose_says_what_to_set() -> None:
    done = subprocess.run(
        [*program(), "-f", str(FILE), "config"],
        env=environment(None),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "set LAB_RECORDS_PASSWORD_FILE to a file holding the password" in done.stderr


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """One database for the tests of this file; each leaves it running, healthy and as it was."""
    with standing(tmp_path_factory.mktemp("infra")) as one:
        yield one


def works(server: Standing, password: str = PASSWORD) -> bool:
    """Somebody can log in and work."""
    try:
        with psycopg.connect(server.url(password)) as connection:
            connection.execute("CREATE TEMP TABLE t AS SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def said_when_started(server: Standing, words: str, **options: Any) -> None:  # noqa: ANN401
    """The image, started with these options of the engine, refuses in these words."""
    container = server.engine.containers.create(server.image, network_mode="none", **options)
    container.start()
    try:
        assert container.wait(timeout=30)["StatusCode"] == 1
        assert words in container.logs().decode()
    finally:
        container.remove(force=True, v=True)


def volume(server: Standing) -> dict[str, dict[str, str]]:
    """The database's volume, as another container would mount it."""
    name = f"{server.project}_records"
    return {name: {"bind": "/var/lib/postgresql", "mode": "rw"}}


def secret(file: Path) -> dict[str, dict[str, str]]:
    """A password file, as compose mounts it."""
    return {str(file): {"bind": "/run/secrets/records_password", "mode": "ro"}}


@pytest.mark.engine
def test_the_program_gets_in_and_nobody_else(server: Standing) -> None:
    assert works(server)
    assert not works(server, "")
    assert not works(server, PASSWORD + "x")
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(server.url().replace("//records:", "//postgres:"))
    with psycopg.connect(server.url()) as connection:
        query = "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = user"
        assert connection.execute(query).fetchone() == (False, False, False)


@pytest.mark.engine
def test_the_server_runs_without_any_privilege(server: Standing) -> None:
    status = server.inside("cat", "/proc/1/status")
    assert not re.search(r"^Uid:.*\b0\b", status, re.MULTILINE)
    assert re.search(r"^CapEff:\s0+$", status, re.MULTILINE)
    assert re.search(r"^CapPrm:\s0+$", status, re.MULTILINE)
    ports = server.container.attrs["NetworkSettings"]["Ports"]["5432/tcp"]
    assert {port["HostIp"] for port in ports} == {"127.0.0.1"}


@pytest.mark.engine
def test_the_password_is_in_no_description_layer_environment_or_log(server: Standing) -> None:
    everywhere = [
        repr(server.container.attrs),
        repr(server.image.history()),
        server.inside("cat", "/proc/1/environ", "/proc/1/cmdline"),
        server.log,
    ]  # fmt: skip
    for text in everywhere:
        assert PASSWORD not in text
        assert PASSWORD[3:12] not in text


@pytest.mark.engine
def test_it_stops_cleanly_and_comes_back(server: Standing) -> None:
    start = time.monotonic()
    server.compose("stop")
    assert time.monotonic() - start < 10
    assert "database system is shut down" in server.log.splitlines()[-1]
    assert server.container.attrs["State"]["ExitCode"] == 0
    server.compose("start")
    server.await_healthy()
    assert works(server)


@pytest.mark.engine
def test_what_was_kept_survives_a_kill(server: Standing) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    server.container.kill("SIGKILL")
    server.compose("start")
    server.await_healthy()
    with psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (1000,)
        connection.execute("DROP TABLE kept")


@pytest.mark.engine
@pytest.mark.parametrize("after", [0.3, 0.6, 0.9, 1.2])
def test_a_kill_during_the_first_start_leaves_nothing_half_made(
    server: Standing, after: float
) -> None:
    server.compose("down", "-v")
    server.compose("up", "-d")
    time.sleep(after)
    server.container.kill("SIGKILL")
    server.compose("start")
    server.await_healthy()
    assert works(server)


@pytest.mark.engine
def test_a_changed_password_file_holds_after_a_restart(server: Standing) -> None:
    server.password_file.write_text("another one\r\n", encoding="utf-8")
    server.compose("restart")
    server.await_healthy()
    assert works(server, "another one")
    assert not works(server)
    server.password_file.write_text(PASSWORD, encoding="utf-8")
    server.compose("restart")
    server.await_healthy()
    assert works(server)


@pytest.mark.engine
def test_a_volume_of_another_major_version_is_refused_untouched(server: Standing) -> None:
    now = server.inside("cat", f"{DATA}/PG_VERSION").strip()

    def pretend(major: str) -> None:
        server.engine.containers.run(
            base(), ["sh", "-c", f"echo {major} > {DATA}/PG_VERSION"], volumes=volume(server),
            remove=True, network_mode="none",
        )  # fmt: skip

    server.compose("stop")
    pretend("13")
    server.compose("start")
    server.await_log(
        f"the volume holds data of PostgreSQL 13 and this image is PostgreSQL {now}: dump it with"
    )
    server.compose("stop")
    pretend(now)
    server.compose("start")
    server.await_healthy()
    assert works(server)


@pytest.mark.engine
def test_a_second_server_on_the_same_volume_is_refused(server: Standing) -> None:
    mounted = {**volume(server), **secret(server.password_file)}
    said_when_started(server, "another records-db is running on this volume", volumes=mounted)
    assert works(server)


@pytest.mark.engine
def test_a_start_past_compose_says_what_is_missing(server: Standing, tmp_path: Path) -> None:
    said_when_started(server, "no password file at /run/secrets/records_password")
    said_when_started(server, "the password file is a directory", volumes=secret(tmp_path))
    empty = tmp_path / "empty"
    empty.write_text("\n", encoding="utf-8")
    said_when_started(server, "the password file is empty", volumes=secret(empty))
    said_when_started(server, "must be started as root", user="postgres")
    said_when_started(
        server,
        "cannot write to /var/lib/postgresql",
        volumes={
            **secret(server.password_file),
            str(tmp_path): {"bind": "/var/lib/postgresql", "mode": "rw"},
        },
    )
