"""Scans and what notices them, bans, and what an intruder leaves behind."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

from graders.facts.network import Door, address_in_turn
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply


@dataclass(frozen=True)
class PortScan(Fact[Door]):
    """Knock at the first `ports` TCP ports of `target`; the answer is where it came from.

    `source` is what `address_in_turn` takes: whoever counts knocks by address says so once in a
    while, and would not say it again of the same. Address and port tell this scan from others.
    """

    target: str
    source: str
    device: str = "eth0"
    ports: int = 40

    def command(self) -> str:
        """Half-open, fast, no second try."""
        return (
            f"( source={address_in_turn(self.source)}; port=$(shuf -n 1 -i 20000-60000)"
            ' && echo "source $source $port" && nmap -n -Pn -sS -T5 --max-retries 0'
            f' --min-rate 200 -S "$source" -g "$port" -e {shlex.quote(self.device)}'
            f" -p 1-{self.ports} {shlex.quote(self.target)} 2>&1 )"
        )

    def read(self, reply: Reply) -> Door:
        """The scan must have come to its end."""
        source = re.search(r"^source (\S+) (\d+)$", reply.stdout, re.MULTILINE)
        if source is None or "1 IP address (1 host up) scanned" not in reply.stdout:
            raise UnreadableOutput(f"the scan did not take place: {reply.text!r}")
        return source[1], int(source[2])


@dataclass(frozen=True)
class Alerts(Fact[int | None]):
    """How many alerts about `address` Suricata's EVE log at `path` holds; None if there is no log.

    With `port`, only about what came from that port. Looks until there is one, for up to `patience`
    seconds.
    """

    address: str
    port: int = 0
    patience: float = 0.0
    path: str = "/var/log/suricata/eve.json"

    def command(self) -> str:
        """Only the end of a log that may have grown large."""
        path = shlex.quote(self.path)
        source = f'"src_ip":"{re.escape(self.address)}"'
        source += f',"src_port":{self.port},' if self.port else ""
        wanted = shlex.quote(f'"event_type":"alert".*{source}')
        return f"""\
( [ -e {path} ] || exit 3
end=$(($(date +%s%N) + {round(self.patience * 1e9)}))
while
    found=$(tail -c 20000000 {path} | grep -ace {wanted})
    [ "$found" = 0 ] && [ "$(date +%s%N)" -lt "$end" ]
do sleep 0.1; done
echo "$found" )"""

    def read(self, reply: Reply) -> int | None:
        """A number."""
        if reply.status == _NO_LOG:
            return None
        return _number(reply)


@dataclass(frozen=True)
class LiftBans(Fact[bool]):
    """Undo what fail2ban has done to `addresses`; False where it does not run."""

    addresses: tuple[str, ...]

    def command(self) -> str:
        """No harm where there is no ban."""
        return f"fail2ban-client unban {shlex.join(self.addresses)} 2>&1"

    def read(self, reply: Reply) -> bool:
        """Its exit status says it."""
        return reply.ok


@dataclass(frozen=True)
class StraySetuid(Fact[int]):
    """How many programs run with their owner's rights although no package brought them."""

    def command(self) -> str:
        """Asks the package database about all in one go and counts what it does not know."""
        return (
            "( find / -xdev -type f -perm /6000 -print0 | LC_ALL=C xargs -0r dpkg-query -S 2>&1"
            " | grep -c 'no path found matching' )"
        )

    def read(self, reply: Reply) -> int:
        """A number."""
        return _number(reply)


@dataclass(frozen=True)
class ProcessesWith(Fact[int]):
    """How many running processes have `text` in their command line; the text is not shown."""

    text: str

    def command(self) -> str:
        """The text is read from stdin, so it does not find itself."""
        return "( grep -slaF -f - /proc/[0-9]*/cmdline | wc -l )"

    def stdin(self) -> bytes:
        """The text, in a line."""
        return f"{self.text}\n".encode()

    def read(self, reply: Reply) -> int:
        """A number."""
        return _number(reply)


_NO_LOG = 3


def _number(reply: Reply) -> int:
    if not reply.stdout.strip().isdigit() or "not found" in reply.stderr:
        raise UnreadableOutput(f"expected a number, found {reply.text!r}")
    return int(reply.stdout)
