"""What a host looks like in every respect that a grader could change, and what has changed."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase, translate

from runner.check import Check
from runner.errors import UnreadableOutput
from runner.findings import Problem, Proof
from runner.lines import Lines
from runner.practical import Practical
from runner.session import Container, in_parallel
from runner.waiting import tries

SETTLE_LIMIT = 5.0
"""Seconds that what ends by itself has to end: a session's last process, a socket."""
SHOWN = 12
"""Changes of one host that are listed."""

_LOOK_LIMIT = 20.0
_LOGS = "/var/log/"
_RUN = "/run/"
_BY_ITSELF = re.compile(
    "|".join(
        map(
            translate,
            (
                # What systemd and its logind note in memory about who is logged in, and the manager
                # that they keep for ten seconds after somebody's last session.
                "file /run/systemd/*",
                "file /run/user/*",
                "process * (sd-pam)",
                "process * /usr/lib/systemd/systemd --user",
                # The journal keeps a file for each account, from its first session on.
                "file /var/log/journal/*",
            ),
        )
    )
)
"""What the system does of its own accord when somebody logs in, and takes back late or never."""
_WORDS = {"process": ("was started", "has ended")}


@dataclass(frozen=True, slots=True)
class State:
    """One thing in a host: what it is, and its content where that counts.

    The content of a file is its digest, empty if it is too large or as old as the image; `written`
    is when it was. What is `alive` (a log, or what a running program holds open to write) may grow:
    its content is that program's own business.
    """

    what: str
    content: str = ""
    written: str = ""
    size: int = 0
    alive: bool = False

    def becomes(self, later: State) -> bool:
        """Whether it can be `later` without anybody having changed it."""
        if self.what != later.what:
            return False
        if self.alive or later.alive:
            return later.size >= self.size
        if self.content and later.content:
            return self.content == later.content
        return (self.size, self.written) == (later.size, later.written)


@dataclass(frozen=True)
class Fingerprint:
    """The things in each host, by a name such as "file /etc/motd"; `moving` ones as "web: file /x".

    Those change by themselves, as was seen while nobody looked.
    """

    hosts: Mapping[str, Mapping[str, State]]
    moving: frozenset[str] = frozenset()


def take(work: Practical, lines: Lines) -> Fingerprint:
    """Look at all hosts until two looks are the same; what moves on is known to move by itself.

    It is for the time before a grading: what was just played may still be settling down.
    """
    last = look(work, lines)
    moving: frozenset[str] = frozenset()
    for _ in tries(SETTLE_LIMIT):
        now = look(work, lines)
        moving = frozenset(name for name, _ in _differences(last, now))
        if not moving:
            return now
        last = now
    return replace(last, moving=moving)


def settled(
    work: Practical,
    lines: Lines,
    before: Fingerprint,
    checks: Iterable[Check],
    *,
    within: float = SETTLE_LIMIT,
) -> Fingerprint:
    """The hosts as they are once nothing has changed since `before`, or when time is up."""
    known = tuple(checks)
    now = look(work, lines)
    for _ in tries(within):
        if not changes(before, now, known):
            break
        now = look(work, lines)
    return now


def changes(
    before: Fingerprint, after: Fingerprint, checks: Iterable[Check], *, most: int = SHOWN
) -> list[Problem]:
    """What differs and is declared by none of the checks; of each host the first `most`."""
    declared = [pattern for one in checks for pattern in one.leaves]
    found = [
        (name, said)
        for name, said in _differences(before, after)
        if name not in before.moving and not any(fnmatchcase(name, one) for one in declared)
    ]
    counted = Counter(name.partition(":")[0] for name, _ in found)
    shown: Counter[str] = Counter()
    problems = []
    for name, said in found:
        host = name.partition(":")[0]
        shown[host] += 1
        if shown[host] <= most:
            problems.append(Problem(Proof.LOOKING, f"{name} {said}"))
    problems += [
        Problem(Proof.LOOKING, f"{host}: and {count - most} more changes")
        for host, count in counted.items()
        if count > most
    ]
    return problems


def look(work: Practical, lines: Lines) -> Fingerprint:
    """Look at all hosts once; LookError if one cannot be looked at."""
    since = int(work.session.tag.started.timestamp())

    def one(container: Container) -> tuple[str, Mapping[str, State]]:
        reply = lines.open(work.session, container.host).run(
            f"since={since}\n{_LOOK}", timeout=_LOOK_LIMIT
        )
        if reply.truncated:
            raise UnreadableOutput(f"host {container.host} has too many files to be looked at")
        try:
            records = zlib.decompress(base64.b64decode(reply.stdout), wbits=31)
        except (binascii.Error, zlib.error) as error:
            raise UnreadableOutput(
                f"host {container.host} could not be looked at: {error}"
            ) from error
        return container.host, read(records.decode("utf-8", "backslashreplace"))

    return Fingerprint(dict(in_parallel(one, work.session.containers)))


def read(records: str) -> dict[str, State]:
    """The things in a host, from what its look brought: records that end with NUL, fields by tab.

    The first field of a record says of what kind it is.
    """
    kinds: dict[str, list[str]] = {}
    for record in records.split("\0"):
        kind, tab, rest = record.partition("\t")
        if tab:
            kinds.setdefault(kind, []).append(rest)
    found = dict(_files(kinds))
    for account in kinds.get("account", ()):
        name, _, rest = account.partition(":")
        found[f"account {name}"] = State("", rest)
    counted: Counter[str] = Counter()
    for kind, names in _COUNTED.items():
        counted.update(f"{kind} {name}" for name in names(kinds.get(kind, [])))
    for name, number in counted.items():
        found[name] = State(str(number))
    return found


def _differences(before: Fingerprint, after: Fingerprint) -> Iterator[tuple[str, str]]:
    """What differs, as "web: file /etc/motd", and how."""
    for host in sorted(before.hosts.keys() | after.hosts.keys()):
        old, new = before.hosts.get(host, {}), after.hosts.get(host, {})
        for name in sorted(old.keys() | new.keys()):
            if _BY_ITSELF.match(name):
                continue
            came, went = _WORDS.get(name.partition(" ")[0], ("appeared", "is gone"))
            if name not in old:
                yield f"{host}: {name}", came
            elif name not in new:
                yield f"{host}: {name}", went
            elif not old[name].becomes(new[name]):
                counted = new[name].what.isdecimal()
                said = f"is there {new[name].what} times, before {old[name].what}"
                yield f"{host}: {name}", said if counted else "was changed"


def _files(kinds: Mapping[str, list[str]]) -> Iterator[tuple[str, State]]:
    contents = {
        path: digest
        for digest, _, path in (one.partition("  ") for one in kinds.get("content", ()))
    }
    held = set(kinds.get("held", ()))
    for record in kinds.get("file", ()):
        what, size, written, path = record.split("\t", 3)
        if not what.startswith("f") or path.startswith(_RUN):
            yield f"file {path}", State(what)
            continue
        alive = path.startswith(_LOGS) or path in held
        yield f"file {path}", State(what, contents.get(path, ""), written, int(size), alive)


def _processes(found: list[str]) -> Iterator[str]:
    """Owner and command line of what runs in the host, but for what the engine has put into it.

    That has no parent there: the runner's own lines, and everything that runs in them.
    """
    rows = [one.split(None, 3) for one in found]
    parent = {row[0]: row[1] for row in rows}
    for pid, _, *rest in rows:
        first = pid
        while parent.get(first, "0") != "0":
            first = parent[first]
        if first == "1":
            yield " ".join(rest)


def _sockets(found: list[str]) -> Iterator[str]:
    rows = [one.split() for one in found]
    ports = {row[4].rpartition(":")[2] for row in rows if row[1] == "LISTEN"}
    for kind, state, _, _, local, peer, *_ in rows:
        if state in ("LISTEN", "UNCONN"):
            yield f"{kind} {local}"
        elif state == "ESTAB" and local.rpartition(":")[2] not in ports:
            yield f"{kind} to {peer}"


def _rules(found: list[str]) -> Iterator[str]:
    """The rules of a packet filter with their tables and chains, without what counts or runs."""
    inside: list[str] = []
    for row in found:
        line = _COUNTERS.sub("", row).strip()
        if line == "}":
            inside = inside[:-1]
        elif line.endswith("{"):
            inside.append(line[:-1].strip())
            yield " ".join(inside)
        elif line and not line.startswith("#"):
            yield " ".join([*inside, line])


_COUNTERS = re.compile(
    r" packets \d+ bytes \d+|\[\d+:\d+\]| expires \w+|(?<=used )\d+(?= \w*bytes)"
)


def _as_they_are(found: list[str]) -> Iterator[str]:
    return (" ".join(one.split()) for one in found if one.strip())


_COUNTED: Mapping[str, Callable[[list[str]], Iterator[str]]] = {
    "process": _processes,
    "socket": _sockets,
    "firewall": _rules,
    "address": _as_they_are,
    "route": _as_they_are,
    "tunnel": _as_they_are,
}

# The engine could tell which files have changed as well, but walks both layers for it: a second and
# more where this takes a tenth. What is below a mounted folder it does not know.
_LOOK = r"""
rows() { sed "s/^/$1\t/" | tr '\n' '\0'; }
below=$(awk '$5 !~ "^/(proc|sys|dev)(/|$)" || $5 == "/dev/shm" { print $5 }' /proc/self/mountinfo)
{
find $below -xdev -printf 'file\t%y %m %U:%G %l\t%s\t%T@\t%p\0'
find $below -xdev -newerct "@$since" -type f -size -2048k ! -path '/run/*' \
    -exec md5sum -z {} + | sed -z 's/^/content\t/'
find /proc/[0-9]*/fd -lname '/*' -perm -200 -printf 'held\t%l\0'
sed -s 's|^|account\t|' /etc/passwd | tr '\n' '\0'
sed 's|^\([^:]*\)|account\tgroup \1|' /etc/group | tr '\n' '\0'
sed 's|^\([^:]*\)|account\tpassword of \1|' /etc/shadow | tr '\n' '\0'
# What has ended and waits for its parent to notice is no longer a process.
ps -ewwo s=,pid=,ppid=,user:32=,args= | sed -n '/^Z/!s/^. *//p' | rows process
ss -Htuan | rows socket
nft list ruleset | rows firewall
[ ! -s /proc/net/ip_tables_names ] || iptables-legacy-save | rows firewall
[ ! -s /proc/net/ip6_tables_names ] || ip6tables-legacy-save | rows firewall
ip -o addr | awk '{ print $2, $3, $4 }' | rows address
ip -br link | rows address
{ ip route show table all; ip -6 route show table all; ip rule; } |
    sed 's/ expires [^ ]*//' | sort -u | rows route
wg show all dump | awk '{ print $1, (NF == 9) ? $2 " " $5 " " $9 : $3 " " $4 " " $5 }' | rows tunnel
} 2>/dev/null | gzip -1 | base64 -w0
"""
