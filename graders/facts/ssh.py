"""Logging in over SSH, rightly and wrongly, as seen from a host."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import StrEnum

from graders.facts.network import address_from, address_in_turn
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


class Login(StrEnum):
    """What became of an attempt to log in."""

    ADMITTED = "admitted"
    REFUSED = "refused"
    """The server listened and said no."""
    UNREACHABLE = "unreachable"
    """No SSH server spoke: filtered, refused, banned or dropped at once."""


@dataclass(frozen=True)
class SshLogin(Fact[Login]):
    """Whether `user` gets in with `password` or with the key file `key` (on the asking host).

    With neither, it only asks whether the server would listen. `source` is what `address_from`
    takes. `wait` is how many seconds a server that is slow has to greet.
    """

    address: str
    user: str
    port: int = 22
    password: str = ""
    key: str = ""
    source: str = ""
    wait: int = 6

    def command(self) -> str:
        """The password comes on stdin and goes to ssh through the environment of one process."""
        if self.password:
            how = "-o PreferredAuthentications=password,keyboard-interactive"
        elif self.key:
            how = (
                f"-o BatchMode=yes -o PreferredAuthentications=publickey -i {shlex.quote(self.key)}"
            )
        else:
            how = "-o BatchMode=yes -o PreferredAuthentications=none"
        client = _client(self.address, self.user, self.port, self.wait)
        bind = f" -b {address_from(self.source)}" if self.source else ""
        ssh = f"LC_ALL=C timeout {self.wait + 3} {client}{bind} {how}"
        if self.key:
            ssh = f"test -r {shlex.quote(self.key)} && {ssh}"
        return f"( {ASKPASS}\n{ssh} true )" if self.password else f"{ssh} true"

    def stdin(self) -> bytes:
        """The password, in a line."""
        return f"{self.password}\n".encode() if self.password else b""

    def read(self, reply: Reply) -> Login:
        """What ssh said; its own failures are no answer."""
        return _login(reply.status, reply.stderr)


@dataclass(frozen=True, slots=True)
class Siege:
    """How guessing passwords ended: `refused` guesses, and whether the guesser was `shut_out`.

    `source` is the address that guessed; `answered`: the server spoke to it before the first guess.
    A guess that a ban cuts off is not among those refused.
    """

    source: str
    answered: bool
    refused: int = 0
    shut_out: bool = False


@dataclass(frozen=True)
class SshSiege(Fact[Siege]):
    """Guess `guesses` passwords for `user`, then see for `patience` seconds if it is over.

    All are guessed over one connection, or as few as the server bears: of a program that is gone at
    once, a busy journal cannot tell any more which service it was, and what reads the journal of
    that service misses what it wrote. A busy machine is given more patience. It ends as soon as the
    server no longer listens to this address. Where the server does not speak to the first of a
    range, others are tried: who guessed a while ago may be shut out still.
    """

    address: str
    user: str
    port: int
    source: str
    guesses: int = 6
    patience: float = 2.5

    def command(self) -> str:
        """A look before, a line for each call to guess, looks after: exit status, what ssh said."""
        knock, patient = (_client(self.address, self.user, self.port, wait) for wait in (2, 7))
        guesser = _client(self.address, self.user, self.port, 2, prompts=self.guesses)
        source, *others = (address_in_turn(self.source, ahead) for ahead in _TURNS)
        return f"""\
( {ASKPASS}
source={source}
knock() {{
    said=$(LC_ALL=C timeout "$@" -b "$source" true 2>&1)
    echo "$? $said" | tr '\\r\\n' '  '; echo
}}
guess() {{ knock "$1" {guesser} -o PreferredAuthentications=password; }}
denials() {{ grep -o {" ".join(f"-e {shlex.quote(words)}" for words in _DENIALS)} | wc -l; }}
look() {{ knock 4 {knock} -o BatchMode=yes -o PreferredAuthentications=none; }}
look_long() {{ knock 9 {patient} -o BatchMode=yes -o PreferredAuthentications=none; }}
slow() {{ case $look in 124*|*'timed out'*) true ;; *) false ;; esac; }}
greeted() {{ case $look in *'Permission denied ('*) true ;; *) false ;; esac; }}
# Whoever guessed a while ago may be shut out still, and a server that is slow looks as if it were
# shut: then others look as well, and longer.
look=$(look)
greeted || {{
    found=$(for source in {" ".join(dict.fromkeys(others))}; do
        {{ look=$(look_long); ! greeted || echo "$source $look"; }} &
    done; wait)
    [ -z "$found" ] || {{
        look=$(echo "$found" | head -n 1); source=${{look%% *}} look=${{look#* }}
    }}
}}
echo "source $source"
echo "before $look"
greeted || exit 0
# Most often two seconds are plenty; where the machine is busy, the guesses are made once more.
for limit in 2 8; do
    denied=0 calls=0
    while [ $denied -lt {self.guesses} ] && [ $((calls += 1)) -le {self.guesses} ]; do
        told=$(guess $limit); echo "guess $told"
        found=$(echo "$told" | denials)
        [ "$found" -gt 0 ] || break
        denied=$((denied + found))
    done
    begun=$(date +%s%N) || exit
    patience={round(self.patience * 1e9)}
    while before=$(date +%s%N); look=$(look); echo "look $look"; now=$(date +%s%N)
        # Where a look takes long, so does what has to notice the guesses.
        longer=$(((now - before) * {_LOOKS}))
        [ $longer -le {_LONGEST} ] || longer={_LONGEST}
        [ $longer -le $patience ] || patience=$longer
        greeted && [ $now -lt $((begun + patience)) ]
    do sleep 0.1; done
    ! slow || {{ look=$(look); echo "look $look"; }}
    greeted && [ $denied -lt {self.guesses} ] || break
done )"""

    def stdin(self) -> bytes:
        """A password that nobody has."""
        return b"letmein-1234\n"

    def read(self, reply: Reply) -> Siege:
        """Every line is `what status said`."""
        rows = [line.split(" ", 1) for line in reply.stdout.splitlines() if line.strip()]
        told: dict[str, list[str]] = {}
        for what, rest in (row for row in rows if len(row) == 2):  # noqa: PLR2004
            told.setdefault(what, []).append(rest)
        if not {"source", "before"} <= told.keys():
            raise UnreadableOutput(f"the guesses left no account of themselves: {reply.text!r}")
        source = told["source"][0].strip()
        if _outcome(told["before"][0]) is Login.UNREACHABLE:
            return Siege(source, answered=False)
        if not {"guess", "look"} <= told.keys():
            raise UnreadableOutput(f"the guesses left no account of themselves: {reply.text!r}")
        refused = sum(line.count(words) for line in told["guess"] for words in _DENIALS)
        shut_out = _outcome(told["look"][-1]) is Login.UNREACHABLE
        if not shut_out and refused < self.guesses:
            raise UnreadableOutput(
                f"only {refused} of {self.guesses} guesses were answered in time, yet nobody is "
                "shut out: the machine is too busy to tell"
            )
        return Siege(source, answered=True, refused=refused, shut_out=shut_out)


# SSH asks a program for the password, which reads it from the environment. The folder is not /tmp:
# nothing may be executed there on some hosts.
ASKPASS = """\
IFS= read -r SSH_PROBE; export SSH_PROBE
ask=$(mktemp /var/tmp/ask.XXXXXX) && trap 'rm -f "$ask"' EXIT || exit
printf '#!/bin/sh\\nprintf "%%s\\\\n" "$SSH_PROBE"\\n' > "$ask" && chmod 700 "$ask" || exit
export SSH_ASKPASS="$ask" SSH_ASKPASS_REQUIRE=force"""

_NO_SERVER = (
    "Connection refused",
    "Connection timed out",
    "Connection closed by",
    "Connection reset by",
    "No route to host",
    "Network is unreachable",
    "Operation timed out",
    "Not allowed at this time",
    "banner exchange",
    "kex_exchange_identification",
)
_DENIALS = ("Permission denied", "Too many authentication failures")
"""What ssh says of each password that was not taken."""
_LOOKS, _LONGEST = 25, 8_000_000_000
"""A guesser is looked after for as long as so many looks take, but for no more nanoseconds."""
_TURNS = (0, 4, 8, 12)
"""How many seconds ahead the addresses lie that a siege may come from."""
_SSH_FAILED = 255
_TIMED_OUT = 124
_NOT_RUN = (126, 127)


def _client(address: str, user: str, port: int, wait: int, *, prompts: int = 1) -> str:
    """The client without anything that its user has configured.

    Run it under `timeout`: a ban may fall in the middle of a conversation, which ssh would then
    wait for without end.
    """
    return (
        f"ssh -n -F /dev/null -p {port} -o ConnectTimeout={wait} -o LogLevel=ERROR"
        " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        f" -o IdentitiesOnly=yes -o NumberOfPasswordPrompts={prompts}"
        f" -l {shlex.quote(user)} {shlex.quote(address)}"
    )


def _outcome(line: str) -> Login:
    status, _, said = line.strip().partition(" ")
    if not status.isdigit():
        raise UnreadableOutput(f"expected an exit status, found {line!r}")
    return _login(int(status), said)


def _login(status: int, said: str) -> Login:
    if status == 0:
        return Login.ADMITTED
    if status == _TIMED_OUT:
        return Login.UNREACHABLE
    if status in _NOT_RUN:
        raise UnreadableOutput(f"ssh cannot be run: {said.strip()}")
    if status != _SSH_FAILED:
        # Authenticated, but the account's shell or an expired password let nothing be done.
        if said.strip() or status == 1:
            return Login.REFUSED
        raise UnreadableOutput(f"ssh ended with {status} and said nothing")
    if "Permission denied (" in said or "Too many authentication failures" in said:
        return Login.REFUSED
    if any(words in said for words in _NO_SERVER):
        return Login.UNREACHABLE
    raise UnreadableOutput(f"cannot tell what became of a login: {said.strip()!r}")
