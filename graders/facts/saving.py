"""The nightly backup of an office's mail: what makes it, what it makes, what it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from graders.facts.mailbox import Clock
from graders.facts.nights import Dates, FilesIn, Laid, MadeSince, Night, TakenAway
from graders.facts.schedule import NIGHTS, Job, JobRun, JobsDue, missed
from runner.check import require
from runner.host import Host
from runner.values import Values
from runner.verdict import Failure

BACKUP = "/backup"
SLACK = 2
"""Days by which a backup may go earlier or later than was said; one more for the time of day."""
EVENING, NIGHT = 20, 10
"""The hour at which a night begins, and how many hours later the branch office comes."""
_SAVES = re.compile(r"(?<![\w.])/backup(?![\w.-])|/srv/mail|mail[\w-]*backup|backup[\w-]*mail")
"""What is said of most jobs that have to do with these backups."""
_TRIED = 6
"""So many jobs are started at most, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Saving:
    """What jobs did when they were started: who made which backup, and the first complaint."""

    made: tuple[tuple[Job, Night], ...]
    said: str

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Those that made one."""
        return tuple(job for job, _ in self.made)


def require_jobs(mail: Host) -> list[Job]:
    """What may make or clear away the backups, first what says so by its name or its text.

    What a job is about need stand nowhere in it, so whatever is due these days may be one.
    """

    def likely(job: Job) -> tuple[bool, int]:
        tells = _SAVES.search(f"{job.name} {job.command} {job.text}")
        return tells is None, missed([job], NIGHT)

    jobs = sorted((job for job in mail.ask(JobsDue(EVENING)) if missed([job]) < NIGHTS), key=likely)
    require(
        jobs,
        f"nothing is due on {mail.name} in the next {NIGHTS} nights but what was there before",
        hint="what is to start it, when is it due next, and will it still be after a restart?",
    )
    return jobs[:_TRIED]


def saved(mail: Host, jobs: Sequence[Job], texts: tuple[str, ...]) -> Saving:
    """What the jobs make when they are started, one by one until each night has its backup."""
    made: list[tuple[Job, Night]] = []
    complaints = []
    for job in jobs:
        since = mail.ask(Clock())
        if said := mail.ask(JobRun(job)):
            complaints.append(f": {said}")
        night = mail.ask(MadeSince(BACKUP, "mail", since, texts))
        if night is not None:
            made.append((job, night))
        if not missed([one for one, _ in made], NIGHT):
            break
    return Saving(tuple(made), [*complaints, ""][0])


def require_every_night(jobs: Sequence[Job]) -> None:
    """The jobs that make the backups are started every night."""
    missing = missed(jobs, NIGHT)
    names = " and ".join(dict.fromkeys(job.name for job in jobs))
    require(
        not missing,
        f"{names} would save the mail between {EVENING}:00 and "
        f"0{EVENING + NIGHT - 24}:00 in {NIGHTS - missing} of the next {NIGHTS} nights",
        hint="when is it due, by the clock of the server, and when after that?",
    )


def require_only_old_ones_go(mail: Host, jobs: Sequence[Job], keep: int) -> None:
    """What is started day by day clears away the backups that are too old, and only those."""
    days = mail.ask(Dates(tuple(range(keep + SLACK + 1, keep + SLACK + 6))))
    old = tuple((f"mail-{day}.tar.gz", day) for day in days)
    foreign = f"ledger-{days[-1]}.tar.gz"
    clearing: list[Job] = []
    stale: list[int] = []
    try:
        for job in jobs:
            mail.ask(Laid(BACKUP, (*old, (foreign, days[-1]))))
            mail.ask(JobRun(job))
            left = mail.ask(FilesIn(BACKUP))
            require(
                foreign in left,
                "with the old backups, a file goes that is none",
                hint="which names are ours?",
            )
            stale.append(sum(name in left for name, _ in old))
            if not stale[-1]:
                clearing.append(job)
            if not missed(clearing):
                return
    finally:
        mail.ask(TakenAway(BACKUP, (*(name for name, _ in old), foreign)))
    require(
        clearing,
        f"after a new backup, {min(stale)} are left that are {keep + SLACK + 1} days old or more",
        hint="whether it goes by the date in the name or of the file is up to you",
    )
    raise Failure(
        f"the backups that are too old go on {NIGHTS - missed(clearing)} of the next {NIGHTS} days"
    )


def require_good_ones(mail: Host, values: Values) -> None:
    """The backups that are not yet too old are there, and the files of others."""
    there = mail.ask(FilesIn(BACKUP))
    days = mail.ask(Dates(tuple(range(1, values.number("keep") - SLACK + 1))))
    gone = [day for day in days if f"mail-{day}.tar.gz" not in there]
    require(not gone, f"in {BACKUP}, {len(gone)} backups are gone that are not yet too old")
    year = values.number("year")
    for name in (f"ledger-{year}-12-31.tar.gz", f"mail-yearly-{year}.tar.gz"):
        require(name in there, f"{BACKUP}/{name} is gone", hint="which names are nightly backups?")
