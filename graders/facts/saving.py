"""The nightly backup of an office's mail: what makes it, what it makes, what it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from graders.facts.mailbox import Clock
from graders.facts.nights import Dates, FilesIn, Laid, MadeSince, Night, Readable
from graders.facts.otherday import JobRunOn
from graders.facts.rehearsal import PutBack, rehearsal
from graders.facts.schedule import NIGHTS, Job, JobRun, JobsDue, missed
from runner.check import require
from runner.errors import UnreadableOutput
from runner.host import Host
from runner.values import Values
from runner.verdict import Failure

BACKUP = "/backup"
NAME = "mail"
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
    """What the jobs make when they are started, one by one until each night has its backup.

    Each finds none of today's: one may make nothing where there is one, whoever has made it. No
    backup is there any more afterwards, and none is missing.
    """
    made: list[tuple[Job, Night]] = []
    complaints = []
    (today,) = mail.ask(Dates((0,)))
    for job in jobs:
        with rehearsal(mail, BACKUP, NAME, today):
            night, said = _made(mail, job, texts)
        if said:
            complaints.append(f": {said}")
        if night is not None:
            made.append((job, night))
        if not missed([one for one, _ in made], NIGHT):
            break
    return Saving(tuple(made), [*complaints, ""][0])


def require_closed(mail: Host, jobs: Sequence[Job], accounts: Sequence[str]) -> None:
    """What the jobs make when they are started is read by none of the accounts."""
    (today,) = mail.ask(Dates((0,)))
    made: list[Job] = []
    for job in jobs:
        with rehearsal(mail, BACKUP, NAME, today):
            night, _ = _made(mail, job)
            if night is None:
                continue
            for account in accounts:
                found = mail.ask(Readable(account, (f"{BACKUP}/{night.name}",)))
                require(
                    not found,
                    f"the account {account} may read {found}, with everybody's mail in it",
                    hint="which mode does a file have at the moment it is made?",
                )
        made.append(job)
        if not missed(made, NIGHT):
            return


def require_every_night(mail: Host, jobs: Sequence[Job], makers: Sequence[Job]) -> None:
    """Jobs are due every night and make backups, on whatever day of the week that is.

    `makers` are those of the `jobs` that make one today.
    """
    found, idle = _on_other_days(mail, jobs, makers)
    missing = missed(found, NIGHT)
    names = " and ".join(dict.fromkeys(job.name for job in found))
    require(
        not missing,
        f"{names} would save the mail between {EVENING}:00 and "
        f"0{EVENING + NIGHT - 24}:00 in {NIGHTS - missing} of the next {NIGHTS} nights",
        hint="when is it due, by the clock of the server, and when after that?",
    )
    require(
        not idle,
        f"{names} makes a backup today; started as on a {' or a '.join(idle)}, it makes none",
        hint="what else decides whether there is a backup, beside the hour at which a job is due?",
    )


def require_only_old_ones_go(mail: Host, jobs: Sequence[Job], values: Values) -> None:
    """What is started day by day clears away the backups that are too old, and only those."""
    keep = values.number("keep")
    today, *days = mail.ask(Dates((0, *range(keep + SLACK + 1, keep + SLACK + 6))))
    old = tuple((f"{NAME}-{day}.tar.gz", day) for day in days)
    foreign = f"ledger-{days[-1]}.tar.gz"
    clearing: list[Job] = []
    stale: list[int] = []
    # Each by itself, since one may clear away only when it has made a backup; then all together,
    # since another may do so only where one is.
    for group in (*((job,) for job in jobs), *([jobs] if len(jobs) > 1 else [])):
        with rehearsal(mail, BACKUP, NAME, today):
            for job in group:
                mail.ask(Laid(BACKUP, (*old, (foreign, days[-1]))))
                mail.ask(JobRun(job))
                left = mail.ask(FilesIn(BACKUP))
                require(
                    foreign in left,
                    "with the old backups, a file goes that is none",
                    hint="which names are ours?",
                )
                _require_good_ones(mail, left, values)
                stale.append(sum(name in left for name, _ in old))
                if not stale[-1]:
                    clearing.append(job)
                if not missed(clearing):
                    return
    require(
        clearing,
        f"after a new backup, {min(stale)} are left that are {keep + SLACK + 1} days old or more",
        hint="whether it goes by the date in the name or of the file is up to you",
    )
    raise Failure(
        f"the backups that are too old go on {NIGHTS - missed(clearing)} of the next {NIGHTS} days"
    )


def require_good_ones(mail: Host, values: Values) -> None:
    """The backups that are not yet too old are there, and the files of others.

    This looks before any job is started, so what an interrupted grading left is put back here.
    """
    mail.ask(PutBack(BACKUP, keeps_new=True))
    _require_good_ones(mail, mail.ask(FilesIn(BACKUP)), values)


def _require_good_ones(mail: Host, there: frozenset[str], values: Values) -> None:
    days = mail.ask(Dates(tuple(range(1, values.number("keep") - SLACK + 1))))
    gone = [day for day in days if f"{NAME}-{day}.tar.gz" not in there]
    require(not gone, f"in {BACKUP}, {len(gone)} backups are gone that are not yet too old")
    year = values.number("year")
    for name in (f"ledger-{year}-12-31.tar.gz", f"mail-yearly-{year}.tar.gz"):
        require(name in there, f"{BACKUP}/{name} is gone", hint="which names are nightly backups?")


def _on_other_days(
    mail: Host, jobs: Sequence[Job], makers: Sequence[Job]
) -> tuple[list[Job], list[str]]:
    """What makes a backup today or on a day of another kind, and on which of these none does."""
    told = mail.ask(Dates(tuple(range(NIGHTS + 2))))
    days = tuple(map(date.fromisoformat, told))
    found, idle, started = list(makers), [], False
    for ago in _other_kinds(days):
        weekday = days[ago].isoweekday()
        due = [job for job in dict.fromkeys((*found, *jobs)) if weekday in job.weekdays(NIGHT)]
        maker = next((job for job in due if _makes_one(mail, job, ago, days)), None)
        started |= bool(due)
        if maker is not None:
            found.append(maker)
        elif due and due[0] in makers:
            # It is the day of the week only if on another of today's kind there would be one.
            if not _makes_one(mail, due[0], NIGHTS, days):
                raise UnreadableOutput(f"{due[0].name} makes a backup today, and on no other day")
            idle.append(f"{days[ago]:%A}")
    # What a job keeps of when it last ran is of today again.
    for job in dict.fromkeys(found) if started else ():
        with rehearsal(mail, BACKUP, NAME, str(days[0])):
            mail.ask(JobRun(job))
    return list(dict.fromkeys(found)), idle


def _other_kinds(days: Sequence[date]) -> Iterator[int]:
    """How long ago the last days were of the kinds of which today is none.

    These are the two at the weekend and all others: by them jobs are told apart.
    """
    seen = {_kind(days[0])}
    for ago in range(1, NIGHTS):
        if _kind(days[ago]) not in seen:
            seen.add(_kind(days[ago]))
            yield ago


def _kind(day: date) -> int:
    return max(day.isoweekday(), 5)


def _makes_one(mail: Host, job: Job, ago: int, days: Sequence[date]) -> bool:
    """Whether there is a backup when the job is started as so many days ago."""
    # Of one day more there is none: where clocks were changed, it may be an hour before midnight.
    with rehearsal(mail, BACKUP, NAME, str(days[ago + 1])):
        since = mail.ask(Clock())
        mail.ask(JobRunOn(job, ago))
        return mail.ask(MadeSince(BACKUP, NAME, since)) is not None


def _made(mail: Host, job: Job, texts: tuple[str, ...] = ()) -> tuple[Night | None, str]:
    """What a job makes when it is started, and what it complains of."""
    since = mail.ask(Clock())
    said = mail.ask(JobRun(job))
    return mail.ask(MadeSince(BACKUP, NAME, since, texts)), said
