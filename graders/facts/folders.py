"""What somebody can do in the folders of a file server, from another computer."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_SAID: Mapping[str, str] = {
    "NT_STATUS_ACCESS_DENIED": "access denied",
    "NT_STATUS_BAD_NETWORK_NAME": "there is no such share",
    "NT_STATUS_CONNECTION_REFUSED": "nothing answers there",
    "NT_STATUS_HOST_UNREACHABLE": "nothing answers there",
    "NT_STATUS_LOGON_FAILURE": "the login is refused",
    "NT_STATUS_MEDIA_WRITE_PROTECTED": "it may only be read",
    "NT_STATUS_NO_SUCH_FILE": "it is not there",
    "NT_STATUS_OBJECT_NAME_NOT_FOUND": "it is not there",
    "NT_STATUS_OBJECT_PATH_NOT_FOUND": "there is no such folder",
}
_NOT_IN = re.compile(
    r"(?:session setup|tree connect|Connection to \S+) failed.*\b(NT_STATUS_[A-Z0-9_]+)"
)
_STATUS = re.compile(r"\bNT_STATUS_[A-Z0-9_]+")
_CUT_OFF = {
    "NT_STATUS_CONNECTION_DISCONNECTED",
    "NT_STATUS_CONNECTION_RESET",
    "NT_STATUS_INVALID_NETWORK_RESPONSE",
    "NT_STATUS_IO_TIMEOUT",
    "NT_STATUS_UNEXPECTED_NETWORK_ERROR",
}
"""Nobody has refused anything: the line broke."""
_HASHES = "--- contents"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something to be done in a share: smbclient's commands for it."""

    share: str
    commands: tuple[str, ...]

    @property
    def fetches(self) -> bool:
        """Something is read, of which a digest tells."""
        return any(one.startswith("get ") for one in self.commands)

    def line(self, number: int) -> str:
        """The share is entered anew each time, so that one refusal says nothing of the next."""
        entered = f"tcon {_quoted(self.share)}"
        return "".join(f"{one.format(number=number)};" for one in (entered, *self.commands))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a deed: `status` is the server's, empty if it was done.

    `digest` is of what was read (SHA-256), `owners` says of each file that was listed whose it is.
    """

    status: str = ""
    digest: str = ""
    owners: Mapping[str, str] = field(default_factory=dict)

    @property
    def done(self) -> bool:
        """It was done."""
        return not self.status

    def __str__(self) -> str:
        return _SAID.get(self.status, self.status) or "done"


@dataclass(frozen=True)
class Visit(Fact[tuple[Outcome, ...]]):
    """What becomes of each of the `deeds` of somebody who logs in to `server`, one after another.

    `text` is what is written, in a line. Who gives no name does not log in. The visitor comes in by
    the share `door`: IPC$ is open to all who log in, but may be shut to guests whom others let in.
    """

    timeout: ClassVar[float] = 25.0
    server: str
    name: str
    password: str = field(repr=False)
    deeds: tuple[Deed, ...]
    text: str = ""
    door: str = "ipc$"

    def command(self) -> str:
        """One session; what it writes and reads stands in a folder that is removed again."""
        deeds = "".join(one.line(number) for number, one in enumerate(self.deeds))
        login = "-A /dev/stdin" if self.name else "-N"
        door = shlex.quote(f"//{self.server}/{self.door}")
        words = f"smbclient {door} {login} --use-kerberos=off -t 20"
        return f"""\
( there=$(mktemp -d) && cd "$there" && printf '%s\\n' {shlex.quote(self.text)} > text || exit 1
{words} -c {shlex.quote(deeds)}
status=$?; echo '{_HASHES}'; set -- got-*; [ ! -f "$1" ] || sha256sum "$@"
rm -r "$there"; exit $status )"""

    def stdin(self) -> bytes:
        """What smbclient calls an authentication file."""
        return f"username = {self.name}\npassword = {self.password}\n".encode()

    def read(self, reply: Reply) -> tuple[Outcome, ...]:
        """Each deed begins with the words about the share that is entered."""
        said, _, hashes = reply.stdout.partition(f"{_HASHES}\n")
        parts = re.split(r"^tcon (?=to |failed)", said, flags=re.MULTILINE)[1:]
        found: tuple[Outcome, ...] = ()
        if len(parts) == len(self.deeds):
            digests = dict(_digests(hashes))
            found = tuple(_outcome(part, digests.get(nr, "")) for nr, part in enumerate(parts))
        elif not parts and (refused := _NOT_IN.search(reply.text)):
            found = (Outcome(refused[1]),) * len(self.deeds)
        unread = any(
            deed.fetches and one.done and not one.digest
            for deed, one in zip(self.deeds, found, strict=False)
        )
        if not found or unread or any(one.status in _CUT_OFF for one in found):
            raise UnreadableOutput(f"//{self.server} was visited with this result: {reply.text}")
        return found


def lists(share: str, folder: str = "") -> Deed:
    """Look into a folder of the share."""
    return Deed(share, (f"ls {_quoted(f'{folder}/*' if folder else '*')}",))


def owners(share: str, pattern: str) -> Deed:
    """See whose the files are."""
    return Deed(share, ("showacls", f"ls {_quoted(pattern)}", "showacls"))


def reads(share: str, path: str) -> Deed:
    """Fetch a file."""
    return Deed(share, (f"get {_quoted(path)} got-{{number}}",))


def writes(share: str, path: str) -> Deed:
    """Make a file with the visit's text in it, or put the text in the place of what it says."""
    return Deed(share, (f"put text {_quoted(path)}",))


def alters(share: str, path: str) -> Deed:
    """Do to a file what only who may change it can, and change nothing: it keeps its times.

    Unlike writing it anew, this makes no file where there is none.
    """
    return Deed(share, (f"utimes {_quoted(path)} -1 -1 -1 -1",))


def deletes(share: str, path: str) -> Deed:
    """Delete a file."""
    return Deed(share, (f"rm {_quoted(path)}",))


def renames(share: str, path: str, new: str) -> Deed:
    """Give a file another name."""
    return Deed(share, (f"rename {_quoted(path)} {_quoted(new)}",))


def makes(share: str, folder: str) -> Deed:
    """Make a folder."""
    return Deed(share, (f"mkdir {_quoted(folder)}",))


@dataclass(frozen=True)
class Cleared(Fact[None]):
    """Whatever on a host is named `name`, removed, wherever it is; a name that nothing else has."""

    name: str

    def command(self) -> str:
        """Folders in memory are looked through as well."""
        name = shlex.quote(f"{self.name}*")
        return f"find / /run /tmp /dev/shm -xdev -name {name} -prune -exec rm -rf {{}} +"

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.name} could not be removed: {reply.text[:200]}")


def _quoted(path: str) -> str:
    """As smbclient reads it, which knows no way to write a quote, nor a semicolon."""
    if set(path) & set('";\n{}'):
        raise ValueError(f"smbclient cannot be told {path!r}")
    return '"{}"'.format(path.replace("/", "\\"))


def _outcome(part: str, digest: str) -> Outcome:
    status = _STATUS.search(part)
    return Outcome(status[0] if status else "", digest, dict(_owners(part)))


def _digests(text: str) -> Iterator[tuple[int, str]]:
    for digest, number in re.findall(r"^([0-9a-f]{64})  got-(\d+)$", text, re.MULTILINE):
        yield int(number), digest


def _owners(text: str) -> Iterator[tuple[str, str]]:
    for entry in text.split("FILENAME:")[1:]:
        owner = re.search(r"Owner SID:\s*(\S+)", entry)
        yield entry.splitlines()[0].strip(), owner[1] if owner else ""
