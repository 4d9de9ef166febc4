"""What a host does by itself every night: timers of systemd and lines of cron."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf
from typing import Literal

from graders.facts.crontab import FIELDS, Times, times
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

NIGHTS = 7
_BAR = "\t"
_DAY = 24.0
_ASSIGNMENT = re.compile(r"^([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$")
_SPEC = re.compile(r"OnCalendar=(.*?) ; ")
_AGAIN = re.compile(r"OnUnit(?:Active|Inactive)USec=(.*?) ; ")
_ARGV = re.compile(r"argv\[\]=(.*?) ; ")
_PARTS = re.compile(r"run-parts\b[^;|&]*?(/etc/cron\.(?:hourly|daily|weekly|monthly))/?(?![\w.-])")
_UNITS = {"w": 168, "d": 24, "h": 1, "min": 1 / 60, "s": 1 / 3600, "ms": 0, "us": 0, "": 0}
"""Units in which systemd tells a span, in hours. All others are longer than any night."""

# All in few programs, since each start counts: what systemd knows of the timers, of what they
# start and of when that is due after each of the next evenings, by the clock of the host; the
# tables of cron, as far as cron would read them; which of all that came with a package; and the
# scripts that any of it names, for a job may well find out by itself what there is to do.
_LOOK = r"""
export LC_ALL=C
echo "now $(date +'%F %T')"
timers=$(systemctl list-units --type=timer --state=active --plain --no-legend | cut -d' ' -f1)
shown=$(systemctl show -p FragmentPath,Unit,TimersMonotonic,TimersCalendar,RandomizedDelayUSec \
    $timers)
echo "$shown"
units=$(echo "$shown" | sed -n 's/^Unit=//p')
does=$(systemctl show -p Id,ExecStart $units)
echo; echo "$does"; echo
specs=$(echo "$shown" | sed -n 's/.*OnCalendar=\(.*\) ; next.*/\1/p' | sort -u)
for day in 0 1 2 3 4 5 6 7; do
    evening=$(date -d "@BEFORE@ $day days" +'%F %T')
    printf 'evening\t%s\n' "$evening"
    printf '%s\n' "$specs" | tr '\n' '\0' |
        xargs -0r systemd-analyze calendar --base-time="$evening" 2>/dev/null |
        sed -n 's/^Normalized form: /form\t/p; s/^ *Next elapse: [A-Z][a-z]* /due\t/p'
done
tables= found=
if systemctl -q is-active cron; then
    found=$(find -L /etc/crontab /etc/cron.d -maxdepth 1 -type f -user root ! -perm /022 \
        -regex '.*/[A-Za-z0-9_-]+'; find /var/spool/cron/crontabs -type f;
        find -L /etc/cron.hourly /etc/cron.daily /etc/cron.weekly /etc/cron.monthly -maxdepth 1 \
        -type f -executable -regex '.*/[A-Za-z0-9_-]+')
    for table in $found; do
        case $table in
        /etc/cron.d/*|/etc/crontab|/var/*) tables="$tables
$(sed "/^[[:space:]]*\(#\|$\)/d; s|^|cron\t$table\t|" "$table")" ;;
        *) tables="$tables$(printf '\npart\t%s' "$table")" ;;
        esac
    done
fi
printf '%s\n' "$tables"
dpkg-query -S $found $(echo "$shown" | sed -n 's/^FragmentPath=//p') 2>/dev/null |
    sed -n 's/^[^/]*: /brought\t/p'
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
    """Something that is started by itself. `name` is the unit, or where the line stands.

    `text` is all that is known of what it does: the command and the scripts it names. `due` is how
    many hours after each of the next evenings it is started at the latest, infinite where it is
    not started before the next evening; `first` is the first of these evenings.
    """

    kind: Literal["timer", "cron"]
    name: str
    command: str
    text: str = ""
    user: str = "root"
    environment: tuple[tuple[str, str], ...] = ()
    due: tuple[float, ...] = ()
    first: datetime | None = field(default=None, compare=False)

    def weekdays(self, hours: float = inf) -> frozenset[int]:
        """Days of the week, Monday being 1, on which it is started so soon after the evening."""
        if self.first is None:
            return frozenset()
        after = (
            timedelta(days=night, hours=due) for night, due in enumerate(self.due) if due < hours
        )
        return frozenset((self.first + one).isoweekday() for one in after)

    def serves(self, name: str, places: tuple[str, ...]) -> bool:
        """It names `name`, or goes through one of the folders `places`, whatever is in them."""
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", f"{self.name} {self.command}"):
            return True
        if re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", self.text):
            return True
        return any(re.search(rf"{re.escape(place)}/?(?:\*| |\)|$)", self.text) for place in places)


def missed(jobs: Sequence[Job], hours: float = inf) -> int:
    """On how many of the next seven days none of these is started so soon after the evening."""
    return sum(all(job.due[day] >= hours for job in jobs) for day in range(NIGHTS))


@dataclass(frozen=True)
class JobsDue(Fact[tuple[Job, ...]]):
    """All that starts by itself and that no package brought, for the days after each `evening`.

    That is an hour of the clock of the host, and the first one is still to come.
    """

    evening: int = 12

    def command(self) -> str:
        """Timers that are active, and the tables of cron if that runs."""
        # What is due at the hour itself is due after the second before it.
        return _LOOK.replace("@BEFORE@", f"{self.evening - 1:02}:59:59")

    def read(self, reply: Reply) -> tuple[Job, ...]:
        """The jobs, each with the scripts that it names."""
        first, _, rest = reply.stdout.partition("\n")
        rows = [line.split(_BAR) for line in rest.splitlines() if _BAR in line]
        try:
            now = datetime.fromisoformat(first.removeprefix("now "))
            evenings = _evenings(rows, now)
        except (ValueError, KeyError) as error:
            raise UnreadableOutput(f"the timers could not be listed: {reply.text[:200]}") from error
        scripts = {row[1]: row[2] for row in rows if row[0] == "script"}
        brought = {row[1] for row in rows if row[0] == "brought"}
        blocks = [_block(text) for text in rest.split("\n\n")]
        found = (*_timers(blocks, evenings, brought), *_cron(rows, list(evenings), brought))
        begun = min(evenings)
        return tuple(replace(job, text=_named(job.command, scripts), first=begun) for job in found)


@dataclass(frozen=True)
class JobRun(Fact[str]):
    """Start a nightly job now, the way its scheduler would; what it said, empty if it succeeded."""

    job: Job
    timeout = 25.0

    def command(self) -> str:
        """A unit may be of a type whose start does not wait for its end.

        Systemd refuses one that has been started five times within ten seconds, unless it forgets.
        """
        if self.job.kind == "timer":
            unit = shlex.quote(self.job.name)
            return (
                f"systemctl reset-failed {unit} 2>/dev/null; systemctl start {unit} || "
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


def _evenings(rows: list[list[str]], now: datetime) -> dict[datetime, dict[str, datetime]]:
    """The next seven evenings, and when each calendar expression is due next after each."""
    found: dict[datetime, dict[str, datetime]] = {}
    evening, form = now, ""
    for row in rows:
        if row[0] == "evening":
            evening = datetime.fromisoformat(row[1]) + timedelta(seconds=1)
            found[evening] = {}
        elif row[0] == "form":
            form = row[1]
        elif row[0] == "due":
            # By the clock of the host, whose time zone is the last word.
            found[evening][form] = datetime.fromisoformat(row[1].rpartition(" ")[0])
    coming = [one for one in found if one > now][:NIGHTS]
    if len(coming) < NIGHTS:
        raise ValueError("too few evenings")
    return {one: found[one] for one in coming}


def _timers(
    blocks: list[dict[str, str]],
    evenings: Mapping[datetime, Mapping[str, datetime]],
    brought: set[str],
) -> list[Job]:
    does = {block["Id"]: block.get("ExecStart", "") for block in blocks if "Id" in block}
    found = []
    for block in blocks:
        unit = block.get("Unit")
        if not unit or block.get("FragmentPath", "") in brought:
            continue
        specs = _SPEC.findall(block.get("TimersCalendar", ""))
        delay = _hours(block.get("RandomizedDelayUSec", "0"))
        again = [_hours(text) for text in _AGAIN.findall(block.get("TimersMonotonic", ""))]
        # What runs again so long after it last ran may do so at any hour.
        often = min((hours for hours in again if hours <= _DAY), default=inf)
        due = tuple(
            min(often, *(_after(evening, when.get(spec)) for spec in specs), inf) + delay
            for evening, when in evenings.items()
        )
        commands = _ARGV.findall(does.get(unit, ""))
        found.append(Job("timer", unit, "; ".join(commands), due=due))
    return found


def _hours(span: str) -> float:
    """A span as systemd tells it, like `1d 2h 30min`."""
    words = re.findall(r"([\d.]+)([a-z]*)", span)
    if not words:  # `infinity`
        return inf
    return sum(float(number) * _UNITS.get(unit, 30 * _DAY) for number, unit in words)


def _after(evening: datetime, start: datetime | None) -> float:
    """Hours between the two; infinite if that is for another evening to count."""
    hours = (start - evening).total_seconds() / 3600 if start is not None else inf
    return hours if hours < _DAY else inf


def _named(command: str, scripts: Mapping[str, str]) -> str:
    words = re.split(r"[^A-Za-z0-9_./@-]+", command)
    return " ".join(scripts[word] for word in dict.fromkeys(words) if word in scripts)


def _cron(rows: list[list[str]], evenings: Sequence[datetime], brought: set[str]) -> list[Job]:
    found = []
    environment: dict[str, dict[str, str]] = {}
    folders: dict[str, tuple[float, ...]] = {}
    for row in rows:
        if row[0] != "cron":
            continue
        table, line = row[1], _BAR.join(row[2:]).strip()
        own = environment.setdefault(table, {})
        if assignment := _ASSIGNMENT.match(line):
            own[assignment[1]] = assignment[2].strip("'\"")
            continue
        personal = table.startswith("/var/spool/")
        entry = _entry(line, named=not personal)
        if entry is None:
            continue
        when, user, command = entry
        due = tuple(_after(evening, when.first(evening)) for evening in evenings)
        if folder := _PARTS.search(command):
            folders[folder[1]] = due
        # The one table to which people add lines of their own.
        elif table not in brought or table == "/etc/crontab":
            owner = table.rpartition("/")[2] if personal else user
            found.append(Job("cron", table, command, "", owner, tuple(own.items()), due))
    parts = {row[1] for row in rows if row[0] == "part"} - brought
    for script in sorted(parts):
        place = script.rpartition("/")[0]
        if place in folders:
            found.append(Job("cron", script, script, due=folders[place]))
    return found


def _entry(line: str, *, named: bool) -> tuple[Times, str, str] | None:
    """When it is due, user and command of a line; `named` where the line has the user."""
    words = line.split(None, 1 if line.startswith("@") else FIELDS)
    when = times(" ".join(words[:-1]))
    if when is None:
        return None
    words = words[-1].split(None, 1) if named else ["root", words[-1]]
    # To cron a bare percent sign is the end of the command.
    command = re.split(r"(?<!\\)%", [*words, "", ""][1])[0].replace("\\%", "%").strip()
    return (when, words[0], command) if command else None
