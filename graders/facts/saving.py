"""The nightly backup of an office's mail: what makes it, what it makes, what it leaves alone."""

from __future__ import annotations

import re

from graders.facts.mailbox import Clock
from graders.facts.nights import Dates, FilesIn, MadeSince, Night
from graders.facts.schedule import Job, JobRun, NightlyJobs
from runner.check import require
from runner.host import Host
from runner.values import Values

BACKUP = "/backup"
SLACK = 2
"""Days by which a backup may go earlier or later than was said; one more for the time of day."""
_SAVES = re.compile(r"(?<![\w.])/backup(?![\w.-])|/srv/mail|mail[\w-]*backup|backup[\w-]*mail")
"""What is said of a job that has to do with these backups."""


def require_jobs(mail: Host) -> list[Job]:
    """What is started every night and has to do with the backups."""
    jobs = [
        job
        for job in mail.ask(NightlyJobs())
        if _SAVES.search(f"{job.name} {job.command} {job.text}") and "run-parts" not in job.command
    ]
    require(
        jobs,
        f"nothing on {mail.name} is due within a day, and the next day again, that would save mail",
        hint="what is to start it, when is it due next, and will it still be after a restart?",
    )
    return jobs


def made(mail: Host, jobs: list[Job], texts: tuple[str, ...]) -> tuple[Night | None, str]:
    """What the jobs make when they are started, and what they complain of."""
    since = mail.ask(Clock())
    complaints = [said for job in jobs if (said := mail.ask(JobRun(job)))]
    night = mail.ask(MadeSince(BACKUP, "mail", since, texts or ("Subject:",)))
    return night, f": {complaints[0]}" if complaints else ""


def require_good_ones(mail: Host, values: Values) -> None:
    """The backups that are not yet too old are there, and the files of others."""
    there = mail.ask(FilesIn(BACKUP))
    days = mail.ask(Dates(tuple(range(1, values.number("keep") - SLACK + 1))))
    gone = [day for day in days if f"mail-{day}.tar.gz" not in there]
    require(not gone, f"in {BACKUP}, {len(gone)} backups are gone that are not yet too old")
    year = values.number("year")
    for name in (f"ledger-{year}-12-31.tar.gz", f"mail-yearly-{year}.tar.gz"):
        require(name in there, f"{BACKUP}/{name} is gone", hint="which names are nightly backups?")
