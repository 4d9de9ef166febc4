"""What stays of somebody who has left: a way in, a program that runs or waits, an archive."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from graders.facts.ssh import ASKPASS, Login
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_CONNECT = 8
"""Seconds until somebody has to answer at the other end."""
_PATIENCE = 16
_NOT_RUN = (126, 127)
_AUTHENTICATED = "Authenticated to "
_SPOKE = "Permanently added"
"""What the client says once it has the server's key: from then on, who is cut off was refused."""
_NOBODY = (
    "Connection refused",
    "Connection timed out",
    "No route to host",
    "Network is unreachable",
    "Operation timed out",
    "banner exchange",
    "kex_exchange",
)
_MANAGER = re.compile(r"\(sd-pam\)$|(?:\S*/)?systemd(?:-executor)? --(?:user|deserialize)\b")
_FILE = re.compile(r"^file ([0-9a-f]{64}) (.+)$")


@dataclass(frozen=True)
class Authenticates(Fact[Login]):
    """Whether SSH at `address` takes `user` for who they are, with a password or with a key file.

    Who is taken for somebody has a way in, though the shell may throw them out again: a line can be
    forwarded without one.
    """

    address: str
    user: str
    password: str = field(default="", repr=False)
    key: str = ""

    timeout: ClassVar[float] = _PATIENCE + 4.0

    def command(self) -> str:
        """One way to log in and no other; inside, there is nothing to be done."""
        client = (
            f"ssh -n -T -F /dev/null -o ConnectTimeout={_CONNECT} -o LogLevel=VERBOSE"
            " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
            " -o IdentitiesOnly=yes -o NumberOfPasswordPrompts=1"
            f" -l {shlex.quote(self.user)} {shlex.quote(self.address)}"
        )
        if self.key:
            key = shlex.quote(self.key)
            how = f"-o BatchMode=yes -o PreferredAuthentications=publickey -i {key}"
            return f"test -r {key} && LC_ALL=C timeout {_PATIENCE} {client} {how} true"
        how = "-o PreferredAuthentications=password,keyboard-interactive"
        return f"( {ASKPASS}\nLC_ALL=C timeout {_PATIENCE} {client} {how} true )"

    def stdin(self) -> bytes:
        """The password, in a line."""
        return f"{self.password}\n".encode() if self.password else b""

    def read(self, reply: Reply) -> Login:
        """What the client says of it."""
        said = reply.stderr
        if _AUTHENTICATED in said:
            return Login.ADMITTED
        if _SPOKE in said and reply.status != _TIMED_OUT:
            return Login.REFUSED
        if reply.status in _NOT_RUN or not (reply.status == _TIMED_OUT or _unheard(said)):
            raise UnreadableOutput(f"cannot tell what became of a login: {reply.text[-300:]!r}")
        return Login.UNREACHABLE


_TIMED_OUT = 124


def _unheard(said: str) -> bool:
    return any(words in said for words in _NOBODY)


@dataclass(frozen=True)
class NumberOf(Fact[int | None]):
    """The number of an account on the host; None if there is no such account."""

    login: str

    def command(self) -> str:
        """A line of passwd(5)."""
        return f"getent passwd -- {shlex.quote(self.login)}"

    def read(self, reply: Reply) -> int | None:
        """The third field."""
        if reply.status == _NO_SUCH_KEY and not reply.text:
            return None
        fields = reply.stdout.strip().split(":")
        if len(fields) != 7 or not fields[2].isdigit():  # noqa: PLR2004 - the fields of passwd(5)
            raise UnreadableOutput(f"expected a line of passwd, found {reply.text[:200]!r}")
        return int(fields[2])


_NO_SUCH_KEY = 2


@dataclass(frozen=True)
class RunningAs(Fact[tuple[str, ...]]):
    """The programs that run under a number, as their command lines.

    The manager of somebody's services does not count: it is there for ten seconds after whoever
    has logged in, if only to see whether they can, and runs nothing by itself.
    """

    number: int

    def command(self) -> str:
        """By number: it is there whether or not the account has a name."""
        return "ps -eo ruid=,euid=,args="

    def read(self, reply: Reply) -> tuple[str, ...]:
        """All processes, of which those are kept; at the least ps itself runs."""
        rows = [line.split(None, 2) for line in reply.stdout.splitlines() if line.strip()]
        if not reply.ok or not rows or any(len(row) != 3 for row in rows):  # noqa: PLR2004
            raise UnreadableOutput(f"processes cannot be listed: {reply.text[:200]!r}")
        number = str(self.number)
        return tuple(
            args
            for real, effective, args in rows
            if number in (real, effective) and not _MANAGER.match(args)
        )


@dataclass(frozen=True)
class WaitingFor(Fact[tuple[str, ...]]):
    """Where something waits that is to run as `login`: a table of cron, a unit, a queue."""

    login: str

    def command(self) -> str:
        """A line for each place. Comments and settings are no jobs."""
        return f"login={shlex.quote(self.login)}; {_WAITING}"

    def read(self, reply: Reply) -> tuple[str, ...]:
        """The places, then the word end."""
        *places, last = reply.stdout.splitlines() or [""]
        if last != "end":
            raise UnreadableOutput(f"jobs cannot be looked for: {reply.text[:300]!r}")
        return tuple(places)


# A job is a line with six fields or, with a nickname such as @daily, with two; in the tables of the
# system the account stands behind the time.
_WAITING = r"""
own=/var/spool/cron/crontabs/$login
[ ! -f "$own" ] || ! grep -qE '^[[:space:]]*(@|[0-9*])' "$own" || echo "$own"
for table in /etc/crontab /etc/cron.d/*; do
    case $table in *.dpkg-*) continue ;; esac
    [ -f "$table" ] || continue
    awk -v login="$login" '/^[ \t]*#/ { next }
        ($1 ~ /^@/ && $2 == login) || ($1 ~ /^[0-9*]/ && $6 == login) { found = 1 }
        END { exit !found }' "$table" && echo "$table"
done
grep -rlsE "^User=[\"']?$login[\"']?[[:space:]]*$" /etc/systemd/system
[ ! -e "/var/lib/systemd/linger/$login" ] || echo "/var/lib/systemd/linger/$login"
for job in /var/spool/cron/atjobs/*; do
    [ -f "$job" ] && [ "$(stat -c %U "$job")" = "$login" ] && echo "$job"
done
echo end"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What stands in a folder that keeps things, as somebody can read it.

    `files` has a hash (SHA-256) for each file by where it stands; what is packed up counts as what
    it holds. `there` is whether there is such a folder, `problem` why something cannot be read.
    """

    there: bool
    files: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class KeptIn(Fact[Kept]):
    """What whoever is asked can read in `folder`: files, and what archives of tar hold."""

    folder: str

    timeout: ClassVar[float] = 20.0

    def command(self) -> str:
        """Nothing is written: what is packed up is read on its way."""
        return shlex.join(("bash", "-c", _KEPT, "kept", self.folder))

    def read(self, reply: Reply) -> Kept:
        """A line for each file, complaints, and at last whether there is such a folder."""
        *lines, last = reply.stdout.splitlines() or [""]
        if last not in ("there", "not there"):
            raise UnreadableOutput(f"the archive cannot be looked into: {reply.text[-300:]!r}")
        found = [_FILE.match(line) for line in lines]
        problems = [line for line, match in zip(lines, found, strict=True) if match is None]
        files = {match[2]: match[1] for match in found if match is not None}
        return Kept(last == "there", files, next(iter(problems), ""))


# Only of what has been read is anything said. Names end where a line does: what stands behind a
# line break in one is nobody's document.
_KEPT = r"""
[ -d "$1" ] || { echo 'not there'; exit; }
export LC_ALL=C
tell='hash=$(sha256sum) && printf "file %s %s\n" "${hash%% *}" "$TAR_ARCHIVE!$TAR_FILENAME"'
exec 3>&1
find "$1" -type f -print0 2>&3 | while IFS= read -rd '' path; do
    if hash=$(sha256sum 2>/dev/null < "$path"); then
        printf 'file %s %s\n' "${hash%% *}" "$path"
        [ ! -s "$path" ] || ! tar --force-local -tf "$path" >/dev/null 2>&1 ||
            tar --force-local -xf "$path" --to-command="$tell" 2>&1
    else
        echo "$path cannot be read"
    fi
done 2>/dev/null
echo there"""


@dataclass(frozen=True)
class OwnersBelow(Fact[frozenset[str]]):
    """Whose the folder is, and everything in it."""

    folder: str

    def command(self) -> str:
        """The links themselves, not what they lead to."""
        return f"find {shlex.quote(self.folder)} -printf '%u\\n' | sort -u"

    def read(self, reply: Reply) -> frozenset[str]:
        """Names of accounts, numbers where there is no name."""
        if reply.stderr.strip():
            raise UnreadableOutput(f"owners cannot be listed: {reply.text[:200]!r}")
        return frozenset(reply.stdout.split())
