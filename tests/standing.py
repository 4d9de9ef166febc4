"""The classroom's database, brought up for tests the way a classroom brings it up."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import docker
import psycopg
from docker.models.containers import Container
from docker.models.images import Image

from runner import engine as room
from runner import images, imagespec

FILE = Path(__file__).parent.parent / "infra" / "docker-compose.yml"

# Left behind on purpose: the next tests need not build it again.
IMAGE = "lab-records-db:test"

# Everything that a shell, SQL, a URL or YAML could stumble over.
PASSWORD = """a'b"c$d\\e f;g@h:i/j%k#l`m*"""


@dataclass(frozen=True)
class Standing:
    """One running copy of what infra/docker-compose.yml describes."""

    project: str
    password_file: Path
    engine: docker.DockerClient
    files: tuple[Path, ...] = (FILE,)

    def compose(self, *words: str) -> str:
        """Say something to compose; its output."""
        files = [word for file in self.files for word in ("-f", str(file))]
        done = subprocess.run(
            [*program(), "-p", self.project, *files, *words],
            env=environment(self.password_file),
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert done.returncode == 0, f"compose {' '.join(words)}: {done.stderr}"
        return done.stdout

    @property
    def container(self) -> Container:
        """The database's container."""
        label = f"com.docker.compose.project={self.project}"
        found: Container = self.engine.containers.list(all=True, filters={"label": label})[0]
        return found

    @property
    def image(self) -> Image:
        """The image it was started from."""
        return self.engine.images.get(IMAGE)

    def inside(self, *words: str) -> str:
        """What a command prints inside the container, run as the database's own account."""
        output = self.container.exec_run(list(words), user="postgres").output
        assert isinstance(output, bytes)
        return output.decode()

    def await_log(self, words: str) -> None:
        """Wait until the database has said something."""
        self._await(lambda: words in self.log, f"{words!r} in the log")

    def await_healthy(self) -> None:
        """Wait until the health check passes."""
        self._await(
            lambda: self.container.attrs["State"].get("Health", {}).get("Status") == "healthy",
            "a healthy database",
        )

    @property
    def log(self) -> str:
        """All the database has said."""
        return self.container.logs().decode()

    def url(self, password: str = PASSWORD, *, options: str = "") -> str:
        """How the program is pointed here; the port is another one after every start."""
        ports = self.container.attrs["NetworkSettings"]["Ports"]["5432/tcp"]
        at = f"{ports[0]['HostIp']}:{ports[0]['HostPort']}"
        return f"postgresql://records:{quote(password, safe='')}@{at}/records{options}"

    def empty(self) -> str:
        """How the program is pointed at a database that nobody has used yet."""
        name = f"test_{secrets.token_hex(4)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"CREATE SCHEMA {name}".encode())
        return self.url(options=f"?options=-csearch_path%3D{name}")

    def _await(self, condition: Callable[[], bool], what: str) -> None:
        until = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < until, f"no {what}; the log: {self.log}"
            time.sleep(0.1)


@contextmanager
def standing(folder: Path, *, disk: str = "") -> Iterator[Standing]:
    """The database under a name of its own, empty and healthy; nothing of it is left.

    `disk` is how large its volume is, such as 96m, which then ends with the container.
    """
    password_file = folder / "password"
    password_file.write_text(PASSWORD + "\n", encoding="utf-8")
    password_file.chmod(0o600)
    there = room.connect()
    images.ensure(there, ["base"])
    there.close()
    engine = docker.from_env()
    files: tuple[Path, ...] = (FILE,)
    if disk:
        files += (folder / "small.yml",)
        options = f"{{type: tmpfs, device: tmpfs, o: size={disk}}}"
        files[-1].write_text(f"volumes: {{records: {{driver_opts: {options}}}}}\n")
    one = Standing(f"records-test-{secrets.token_hex(4)}", password_file, engine, files)
    try:
        one.compose("build")
        one.compose("up", "-d")
        one.await_healthy()
        yield one
    finally:
        one.compose("down", "-v", "-t", "2")
        engine.close()


def program() -> list[str]:
    """Compose, of whichever generation is installed."""
    return ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]


def base() -> str:
    """The image that the project's images are built on."""
    return imagespec.tag_of("base")


def environment(password_file: Path | None) -> dict[str, str]:
    """What compose is to read; nothing of a classroom's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LAB_")}
    kept |= {"LAB_BASE_IMAGE": base(), "LAB_RECORDS_IMAGE": IMAGE}
    kept |= {"LAB_RECORDS_PORT": "0"}
    if password_file is not None:
        kept["LAB_RECORDS_PASSWORD_FILE"] = str(password_file)
    return kept
