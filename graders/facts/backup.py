"""Backups in Borg repositories, and the files that they are backups of."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_HASH = re.compile(r"^([0-9a-f]{64}) [ *](?:\./)?(.+)$")
_WORD = re.compile(r"^(?:archive|problem) ")

# One process, because starting Borg is most of the work. Nobody's cache or lock is touched, and
# nobody is there to answer a question.
_PROGRAM = """
import contextlib, hashlib, io, os, pathlib, sys, tempfile

scratch = tempfile.TemporaryDirectory()
os.environ.update(
    BORG_BASE_DIR=scratch.name + "/base",
    BORG_PASSPHRASE=sys.stdin.readline().rstrip("\\n"),
    BORG_SELFTEST="disabled",
    BORG_RELOCATED_REPO_ACCESS_IS_OK="yes",
    BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK="yes",
)
from borg.archiver import Archiver
from borg.helpers import Error

borg = Archiver()


def run(*words):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = borg.run(borg.parse_args(["--bypass-lock", *words]))
    if status:
        print("problem", "borg", words[0], "ended with", status)
    return said.getvalue().splitlines()


def look(repository, folder):
    names = run("list", "--format", "{archive}{NL}", repository)
    for name in names:
        print("archive", name)
    if folder and names:
        out = pathlib.Path(scratch.name, "out")
        out.mkdir()
        os.chdir(out)
        try:
            run("extract", repository + "::" + names[-1])
        finally:
            inside = out / folder.strip("/")
            top = inside if inside.is_dir() else out
            for path in sorted(p for p in top.rglob("*") if p.is_file()):
                found = hashlib.sha256(path.read_bytes()).hexdigest()
                print(found + "  " + str(path.relative_to(top)))
            os.chdir("/")


folder, *repositories = sys.argv[1:]
for repository in repositories:
    print("repository", repository)
    try:
        look(repository, folder)
    except Error as error:
        print("problem", error.get_message().splitlines()[0])
"""


@dataclass(frozen=True)
class Archives:
    """The archives of a repository by name, oldest first; `problem` is why Borg shows none."""

    names: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Restored:
    """What came back of the newest archive: hash by path. `problem` is what Borg complained of."""

    archive: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class ArchivesOf(Fact[Mapping[str, Archives]]):
    """What Borg lists of some repositories. Ask as the account that they belong to."""

    repositories: tuple[str, ...]
    passphrase: str = field(repr=False)
    timeout = 25.0

    def command(self) -> str:
        """Nothing is restored."""
        return shlex.join(["python3", "-c", _PROGRAM, "", *self.repositories])

    def stdin(self) -> bytes:
        """The passphrase, in a line."""
        return f"{self.passphrase}\n".encode()

    def read(self, reply: Reply) -> Mapping[str, Archives]:
        """By repository, each of which has to be there."""
        found = {}
        for part in _parts(reply):
            name, *lines = part.splitlines()
            found[name] = Archives(_said("archive", lines), " ".join(_said("problem", lines)))
        if set(found) != set(self.repositories):
            raise UnreadableOutput(f"not every repository was looked at: {reply.text[-200:]}")
        return found


@dataclass(frozen=True)
class NewestRestored(Fact[Restored]):
    """The newest archive of a repository, restored to a scratch folder that is removed again.

    `folder` is where the files lived: its path is taken off names in archives that hold the whole
    path. Ask as the account that the repository belongs to.
    """

    repository: str
    folder: str
    passphrase: str = field(repr=False)
    timeout = 25.0

    def command(self) -> str:
        """Restores even what Borg warns of: the hashes tell."""
        return shlex.join(["python3", "-c", _PROGRAM, self.folder, self.repository])

    def stdin(self) -> bytes:
        """The passphrase, in a line."""
        return f"{self.passphrase}\n".encode()

    def read(self, reply: Reply) -> Restored:
        """The archives' names, what came back, and what was wrong with it."""
        (part,) = _parts(reply)
        _, *lines = part.splitlines()
        return Restored(
            archive=["", *_said("archive", lines)][-1],
            files=hashes_of("\n".join(line for line in lines if not _WORD.match(line))),
            problem=" ".join(_said("problem", lines)),
        )


@dataclass(frozen=True)
class FilesBelow(Fact[Mapping[str, str]]):
    """The files below a folder: hash by path, relative to it; none if there is no such folder."""

    folder: str

    def command(self) -> str:
        """One process for all."""
        folder = shlex.quote(self.folder)
        return f"[ ! -d {folder} ] || {{ cd {folder} && find . -type f -exec sha256sum {{}} +; }}"

    def read(self, reply: Reply) -> Mapping[str, str]:
        """As sha256sum prints them."""
        if not reply.ok:
            raise UnreadableOutput(f"the files could not be read: {reply.text[:200]}")
        return hashes_of(reply.stdout)


@dataclass(frozen=True)
class NotedFiles(Fact[Mapping[str, str]]):
    """Hash by path as a list of hashes says, which the scenario laid down."""

    path: str

    def command(self) -> str:
        """The whole list."""
        return f"cat -- {shlex.quote(self.path)}"

    def read(self, reply: Reply) -> Mapping[str, str]:
        """As sha256sum prints them."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.path} cannot be read: {reply.text[:200]}")
        return hashes_of(reply.stdout)


@dataclass(frozen=True)
class Noted(Fact[tuple[str, ...]]):
    """The lines of a file that the scenario laid down."""

    path: str

    def command(self) -> str:
        """The whole of it."""
        return f"cat -- {shlex.quote(self.path)}"

    def read(self, reply: Reply) -> tuple[str, ...]:
        """It is there, or the world is not what it should be."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.path} cannot be read: {reply.text[:200]}")
        return tuple(reply.stdout.splitlines())


def hashes_of(text: str) -> Mapping[str, str]:
    """Hash by path from the lines of sha256sum; UnreadableOutput where one is not of that kind."""
    found = {}
    for line in text.splitlines():
        match = _HASH.match(line)
        if match is None:
            raise UnreadableOutput(f"expected a hash and a path, found {line[:80]!r}")
        found[match[2]] = match[1]
    return found


def _parts(reply: Reply) -> list[str]:
    """What was printed of each repository, its name in the first line."""
    parts = re.split(r"^repository ", reply.stdout, flags=re.MULTILINE)[1:]
    if not reply.ok or not parts:
        raise UnreadableOutput(f"Borg could not be asked: {reply.text[-200:]}")
    return parts


def _said(word: str, lines: list[str]) -> tuple[str, ...]:
    return tuple(line.partition(" ")[2] for line in lines if line.startswith(f"{word} "))
