"""What a host does by itself every night: timers of systemd and lines of cron."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

# A night has 24 hours, and a timer may spread its start.
_WITHIN = 26 * 3600
_BAR = "\t"
_ASSIGNMENT = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$")
_DUE = re.compile(r"^\s*(?:Next elapse|Iteration #2): \w+ (\S+ \S+) UTC$", re.MULTILINE)
_SPEC = re.compile(r"OnCalendar=(.*?) ; ")
_DAILY = re.compile(r"OnUnit(?:Active|Inactive)USec=(?:1d|[1-9]\d?h|\d+min) ")
_ARGV = re.compile(r"argv\[\]=(.*?) ; ")
_FIELDS = 5

# All in few programs, since each start counts: what systemd knows of the timers, of what they
# start and of when they are due; the tables of cron; and the scripts that any of it names, for a
# job may well find out by itself what there is to do.
_LOOK = r"""
export TZ=UTC
echo "now $(date +%s)"
timers=$(systemctl list-units --type=timer --state=active --plain --no-legend | cut -d' ' -f1)
shown=$(systemctl show -p FragmentPath,Unit,TimersMonotonic,TimersCalendar $timers)
echo "$shown"
units=$(echo "$shown" | sed -n 's/^Unit=//p')
does=$(systemctl show -p Id,ExecStart $units)
echo; echo "$does"; echo
echo "$shown" | sed -n 's/.*OnCalendar=\(.*\) ; next.*/\1/p' | sort -u |
    tr '\n' '\0' | xargs -0r systemd-analyze calendar --iterations=2 2>/dev/null
echo
tables=
if systemctl -q is-active cron; then
    for table in /etc/crontab /etc/cron.d/* /var/spool/cron/crontabs/* /etc/cron.daily/*; do
        case $table in *.dpkg-*|*/.placeholder|/etc/cron.daily/*.*) continue ;; esac
        [ -f "$table" ] || continue
        case $table in
        /etc/cron.daily/*) [ ! -x "$table" ] || tables="$tables
daily\t$table" ;;
        *) tables="$tables
$(sed "/^[[:space:]]*\(#\|$\)/d; s|^|cron\t$table\t|" "$table")" ;;
        esac
    done
fi
printf '%s\n' "$tables"
for word in $(printf '%s\n' "$does" "$tables" | tr -cs 'A-Za-z0-9_./@-' '\n' | sort -u); do
    file=$(command -v -- "$word") || continue
    case $file in /bin/*|/usr/bin/*|/sbin/*|/usr/sbin/*) continue ;; /*) ;; *) continue ;; esac
    [ -f "$file" ] && read -r first < "$file" || continue
    case $first in '#!'*) ;; *) continue ;; esac
    printf 'script\t%s\t%s\n' "$word" "$(head -c 4000 "$file" | tr '\t\n' '  ')"
done
"""


@dataclass(frozen=True)
class Job:
    """Something that is started every night. `name` is the unit, or where the line stands.

    `text` is all that is known of what it does: the command and the scripts it names.
    """

    kind: Literal["timer", "cron"]
    name: str
    command: str
    text: str = ""
    user: str = "root"
    environment: tuple[tuple[str, str], ...] = ()

    def serves(self, name: str, places: tuple[str, ...]) -> bool:
        """It names `name`, or goes through one of the folders `places`, whatever is in them."""
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{self.name} {self.command}"):
            return True
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.text):
            return True
        return any(re.search(rf"{re.escape(place)}/?(?:\*| |\)|$)", self.text) for place in places)


@dataclass(frozen=True)
class NightlyJobs(Fact[tuple[Job, ...]]):
    """All that will be started within a day, and again within the next."""

    def command(self) -> str:
        """Timers that are active, and the tables of cron if that runs."""
        return _LOOK

    def read(self, reply: Reply) -> tuple[Job, ...]:
        """The jobs, each with the scripts that it names."""
        first, _, rest = reply.stdout.partition("\n")
        if not re.fullmatch(r"now \d+", first):
            raise UnreadableOutput(f"the timers could not be listed: {reply.text[:200]}")
        rows = [line.split(_BAR) for line in rest.splitlines() if _BAR in line]
        scripts = {row[1]: row[2] for row in rows if row[0] == "script"}
        blocks = [_block(text) for text in rest.split("\n\n")]
        found = (*_timers(blocks, rest, int(first.split()[1])), *_cron(rows))
        return tuple(replace(job, text=_named(job.command, scripts)) for job in found)


@dataclass(frozen=True)
class JobRun(Fact[str]):
    """Start a nightly job now, the way its scheduler would; what it said, empty if it succeeded."""

    job: Job
    timeout = 25.0

    def command(self) -> str:
        """A unit may be of a type whose start does not wait for its end."""
        if self.job.kind == "timer":
            unit = shlex.quote(self.job.name)
            return (
                f"systemctl start {unit} || "
                f"{{ systemctl status --no-pager -n 3 {unit}; exit 1; }}; "
                f"for _ in $(seq 100); do systemctl -q is-active {unit} || exit 0; sleep 0.1; done"
            )
        given = {"SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", **dict(self.job.environment)}
        # A command that is not found is the job's failure, not that of who asks: hence `exit 1`.
        words = " ".join(f"{name}={shlex.quote(text)}" for name, text in given.items())
        user = shlex.quote(self.job.user)
        home = f'"$(getent passwd {user} | cut -d: -f6)"'
        inner = f"cd {home} && env -i HOME={home} LOGNAME={user} {words} /bin/sh -c "
        inner += shlex.quote(self.job.command)
        if self.job.user == "root":
            return f"{inner} || exit 1"
        return f"runuser -u {user} -- sh -c {shlex.quote(inner)} || exit 1"

    def read(self, reply: Reply) -> str:
        """Any complaint will do; it is shown, not judged."""
        if reply.ok:
            return ""
        lines = [line.strip() for line in reply.text.splitlines() if line.strip()]
        return lines[-1][:200] if lines else f"it ended with {reply.status}"


def _block(text: str) -> dict[str, str]:
    """Properties as systemd shows them; those that are given twice are joined."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name] = f"{found.get(name, '')} {value}".strip()
    return found


def _timers(blocks: list[dict[str, str]], text: str, now: int) -> list[Job]:
    does = {block["Id"]: block.get("ExecStart", "") for block in blocks if "Id" in block}
    due = _due(text)
    found = []
    for block in blocks:
        if "Unit" not in block or block.get("FragmentPath", "").startswith("/usr/lib/"):
            continue
        times = [due.get(spec, ()) for spec in _SPEC.findall(block.get("TimersCalendar", ""))]
        nightly = any(
            len(two) > 1 and two[0] - now <= _WITHIN and two[1] - now <= 2 * _WITHIN
            for two in times
        )
        if nightly or _DAILY.search(block.get("TimersMonotonic", "")):
            unit = block["Unit"]
            commands = _ARGV.findall(does.get(unit, ""))
            found.append(Job("timer", unit, "; ".join(commands)))
    return found


def _due(text: str) -> dict[str, tuple[float, ...]]:
    """When each calendar expression is due next, and then again."""
    found = {}
    for part in text.split("\n\n"):
        form = re.search(r"^\s*Normalized form: (.*)$", part, re.MULTILINE)
        if form:
            times = (datetime.fromisoformat(f"{day}+00:00") for day in _DUE.findall(part))
            found[form[1]] = tuple(time.timestamp() for time in times)
    return found


def _named(command: str, scripts: Mapping[str, str]) -> str:
    words = re.split(r"[^A-Za-z0-9_./@-]+", command)
    return " ".join(scripts[word] for word in dict.fromkeys(words) if word in scripts)


def _cron(rows: list[list[str]]) -> list[Job]:
    found = []
    environment: dict[str, dict[str, str]] = {}
    for row in rows:
        if row[0] == "daily":
            found.append(Job("cron", row[1], row[1]))
        if row[0] != "cron":
            continue
        table, line = row[1], _BAR.join(row[2:]).strip()
        own = environment.setdefault(table, {})
        if assignment := _ASSIGNMENT.match(line):
            own[assignment[1]] = assignment[2].strip("'\"")
            continue
        personal = table.startswith("/var/spool/")
        entry = _entry(line, named=not personal)
        if entry is not None:
            owner = table.rpartition("/")[2] if personal else entry[0]
            found.append(Job("cron", table, entry[1], "", owner, tuple(own.items())))
    return found


def _entry(line: str, *, named: bool) -> tuple[str, str] | None:
    """User and command of a line that is due every day; `named` where the line has the user."""
    if line.startswith("@"):
        when, *rest = line.split(None, 1)
        if when not in ("@daily", "@midnight", "@hourly"):
            return None
    else:
        words = line.split(None, _FIELDS)
        if any(word not in ("*", "*/1") for word in words[2:_FIELDS]):
            return None
        rest = words[_FIELDS:]
    words = [*rest, ""][0].split(None, 1) if named else ["root", *rest]
    # To cron a bare percent sign is the end of the command.
    command = re.split(r"(?<!\\)%", [*words, "", ""][1])[0].replace("\\%", "%").strip()
    return (words[0], command) if command else None
