"""A machine itself: its time, its age, what it takes on trust."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class Offsets(Fact[tuple[str, ...]]):
    """How far local time is from UTC at each of these moments (seconds since 1970): +0100, ...

    The machine's own time zone counts, not one that an account has set for itself.
    """

    moments: tuple[int, ...]

    def command(self) -> str:
        """A line for each."""
        asked = " ".join(map(str, self.moments))
        return f"for moment in {asked}; do env -u TZ date -d @$moment +%z; done"

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A sign and four digits."""
        found = tuple(reply.stdout.split())
        if not reply.ok or len(found) != len(self.moments):
            raise UnreadableOutput(f"date did not tell the offsets: {reply.text!r}")
        return found


@dataclass(frozen=True)
class RunsSince(Fact[int]):
    """Since when the machine has been running, in seconds since 1970."""

    def command(self) -> str:
        """The first process is as old as the machine is up."""
        return "echo $(($(date +%s) - $(ps -o etimes= -p 1)))"

    def read(self, reply: Reply) -> int:
        """A number."""
        if not reply.stdout.strip().isdigit():
            raise UnreadableOutput(f"expected a moment, found {reply.text!r}")
        return int(reply.stdout)


@dataclass(frozen=True)
class TakesAnyCertificate(Fact[tuple[str, ...]]):
    """The settings by which a directory's client takes certificates that it cannot check.

    This looks at files, those of libldap, SSSD, nslcd and what services are started with, since
    nothing is to be seen from outside before somebody plays the directory: each is `file:line`.
    Where nothing is set, the clients are strict.
    """

    places: tuple[str, ...] = (
        "/etc/ldap",
        "/etc/sssd",
        "/etc/nslcd.conf",
        "/etc/default",
        "/etc/environment",
        "/etc/systemd/system",
        "/root/.ldaprc",
    )

    def command(self) -> str:
        """A place need not be there."""
        words = ["grep", "-rHsiE", "-e", _TAKES_ANY, "--", *self.places, "/dev/null"]
        return f"{shlex.join(words)}; true"

    def read(self, reply: Reply) -> tuple[str, ...]:
        """A line for each setting; no line is a good answer."""
        if not reply.ok or reply.stderr.strip():
            raise UnreadableOutput(f"the settings cannot be read: {reply.text[:200]!r}")
        return tuple(line.strip() for line in reply.stdout.splitlines() if line.strip())


_TAKES_ANY = r"^[^#;]*tls_?reqcert[\"']?[[:space:]=]+[\"']?(never|allow|try)\b"
