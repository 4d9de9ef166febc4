"""PostgreSQL servers, as a program at another computer finds them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_OWN_WORDS = re.compile(r"^psql:(?:<stdin>:\d+:)? ?(?:error: )?")
_REFUSED = (
    "no password supplied",
    "password authentication failed",
    "no pg_hba.conf entry",
    "pg_hba.conf rejects",
)
_AWAY = (
    "Connection refused",
    "timeout expired",
    "No route to host",
    "starting up",
    "shutting down",
)


@dataclass(frozen=True)
class Answer:
    """What a server answered: the rows as text, or in one line why there are none."""

    rows: tuple[str, ...] = ()
    problem: str = ""

    @property
    def value(self) -> str:
        """The first row; empty if there is none."""
        return self.rows[0] if self.rows else ""


@dataclass(frozen=True)
class Query(Fact[Answer]):
    """What `server` answers to `sql`. The asking host keeps its password in root's .pgpass.

    `:'name'` in the SQL stands for what `variables` say. With `until` the question is asked again,
    for as many seconds as `patience` says, until that is the first row.
    """

    server: str
    database: str
    user: str
    sql: str
    variables: tuple[tuple[str, str], ...] = ()
    until: str = ""
    patience: int = 0

    def command(self) -> str:
        """One way for both: without patience the first answer is the last."""
        words = ["psql", "-qXAtw", "-h", self.server, "-U", self.user, "-d", self.database]
        words += ["-v", "ON_ERROR_STOP=1"]
        for name, text in self.variables:
            words += ["-v", f"{name}={text}"]
        return (
            "export PGCONNECT_TIMEOUT=3; sql=$(cat) && end=$(date +%s%3N) || exit; "
            f"end=$((end + {self.patience}000)); while :; do "
            f"said=$(printf '%s\\n' \"$sql\" | {shlex.join(words)} 2>&1); status=$?; "
            f'[ "$said" != {shlex.quote(self.until)} ] && [ "$(date +%s%3N)" -lt "$end" ] '
            "|| break; "
            "sleep 0.1; done; "
            '[ "$status" = 0 ] || { echo "$said" >&2; exit "$status"; }; printf %s "$said"'
        )

    def stdin(self) -> bytes:
        """The question."""
        return self.sql.encode()

    def read(self, reply: Reply) -> Answer:
        """Rows as psql prints them without ornament."""
        if reply.ok:
            return Answer(tuple(reply.stdout.splitlines()))
        lines = [line.strip() for line in reply.stderr.splitlines() if line.strip()]
        if not lines:
            raise UnreadableOutput(f"psql ended with {reply.status} and said nothing")
        return Answer(problem=_OWN_WORDS.sub("", lines[0])[:300])


@dataclass(frozen=True)
class LetsInWithoutPassword(Fact[bool]):
    """Whether `server` lets `user` in who has no password; for `replication` if that is asked."""

    server: str
    database: str
    user: str
    replication: bool = False

    def command(self) -> str:
        """No file of passwords, no prompt."""
        mode, ask = (
            ("replication=true", "IDENTIFY_SYSTEM") if self.replication else ("", "select 1")
        )
        where = f"host={self.server} user={self.user} dbname={self.database} {mode}"
        return (
            "PGCONNECT_TIMEOUT=3 PGPASSFILE=/dev/null "
            f"psql -qXAtw {shlex.quote(where)} -c {shlex.quote(ask)}"
        )

    def read(self, reply: Reply) -> bool:
        """In, refused, or nobody there to let in."""
        if reply.ok:
            return True
        if any(sign in reply.stderr for sign in (*_REFUSED, *_AWAY)):
            return False
        raise UnreadableOutput(
            f"{self.server} was expected to let in or refuse: {reply.text[:200]}"
        )


@dataclass(frozen=True)
class ServerKilled(Fact[bool]):
    """Kill this host's database server as a fault would, without warning; False if none ran."""

    def command(self) -> str:
        """Its first process; the others follow it."""
        return (
            "pid=$(head -n 1 /var/lib/postgresql/*/*/postmaster.pid 2>/dev/null) && "
            'kill -KILL "$pid" 2>/dev/null && echo killed || echo none'
        )

    def read(self, reply: Reply) -> bool:
        """One word."""
        if reply.stdout.strip() not in ("killed", "none"):
            raise UnreadableOutput(f"the server could not be killed: {reply.text[:200]}")
        return reply.stdout.strip() == "killed"


@dataclass(frozen=True)
class ServerCalledBack(Fact[None]):
    """Have this host's database server started, if it is down, without waiting until it is up."""

    def command(self) -> str:
        """Whoever watches the server may have been quicker."""
        return (
            "pg_isready -q || pg_lsclusters -h | while read -r version name _; do "
            'systemctl --no-block start "postgresql@$version-$name"; done'
        )

    def read(self, reply: Reply) -> None:
        """Whether it worked is seen by `ServerUp`."""


@dataclass(frozen=True)
class ServerUp(Fact[None]):
    """Wait until this host's database server answers."""

    timeout = 20.0

    def command(self) -> str:
        """A server that died takes a moment to find its feet."""
        return "for _ in $(seq 150); do pg_isready -q && exit 0; sleep 0.1; done; exit 1"

    def read(self, reply: Reply) -> None:
        """It answers, or the world is broken."""
        if not reply.ok:
            raise UnreadableOutput(f"the database server did not come back: {reply.text[:200]}")
