"""Jobs of the night started as if it were another day."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from graders.facts.schedule import Job, JobRun
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

_LIBRARY = "/usr/$LIB/faketime/libfaketime.so.1"
"""The dynamic linker knows what `$LIB` is on its machine."""
_CANNOT = 69

# A unit is read when it is first named, so nothing of what its owner has changed and not yet loaded
# is loaded for it. Of systemd itself and of what else it starts, the date stays as it is.
_TWIN = """\
twin={twin}; place=/run/systemd/system/$twin
fragment=$(systemctl show -P FragmentPath {unit}) && [ -f "$fragment" ] || exit {cannot}
trap '{{ systemctl stop "$twin"; rm -rf "$place" "$place.d"; systemctl reset-failed "$twin"
    }} 2>/dev/null' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$place.d" && cp -- "$fragment" "$place" &&
    for file in $(systemctl show -P DropInPaths {unit}); do
        cp -- "$file" "$place.d" || exit {cannot}
    done && printf '[Service]\\nEnvironment=%s\\n' {given} > "$place.d/zzz-day.conf" ||
    exit {cannot}
"""


@dataclass(frozen=True)
class JobRunOn(Fact[str]):
    """Start a nightly job as if it were so many days `ago`; what it said, empty if it succeeded.

    What it starts sees that date, unless it has an environment of its own; files have the times
    that they have. It is for a past day, on which nothing is too old yet that is not so today.
    """

    job: Job
    ago: int

    timeout = 25.0

    def command(self) -> str:
        """For a unit, with a copy of it; for a line of cron, in its environment."""
        given = {
            "LD_PRELOAD": _LIBRARY,
            "FAKETIME": f"-{self.ago}d",
            "NO_FAKE_STAT": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DISABLE_SHM": "1",
        }
        there = f"ls /usr/lib/*/faketime/libfaketime.so.1 >/dev/null || exit {_CANNOT}\n"
        if self.job.kind == "cron":
            job = replace(self.job, environment=(*self.job.environment, *given.items()))
            return there + JobRun(job).command()
        twin = f"{self.ago}-days-ago-{self.job.name}"
        words = " ".join(f'"{name}={text}"' for name, text in given.items())
        made = _TWIN.format(
            twin=shlex.quote(twin),
            unit=shlex.quote(self.job.name),
            given=shlex.quote(words),
            cannot=_CANNOT,
        )
        return there + made + JobRun(replace(self.job, name=twin)).command()

    def read(self, reply: Reply) -> str:
        """As of a job that is started today, but for a host on which no other day can be had."""
        if reply.status == _CANNOT:
            raise UnreadableOutput(f"{self.job.name} cannot be started as on another day")
        return JobRun(self.job).read(reply)
