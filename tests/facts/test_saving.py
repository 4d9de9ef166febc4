"""The nightly backup of the mail, judged from recorded answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from math import inf

import pytest

from graders.facts.nights import Night
from graders.facts.saving import (
    Saving,
    require_closed,
    require_every_night,
    require_good_ones,
    require_jobs,
    require_only_old_ones_go,
    saved,
)
from graders.facts.schedule import Job
from runner.errors import UnreadableOutput
from runner.host import Connection, Host, Reply
from runner.values import Values
from runner.verdict import Failure

EVERY, WORKING, WEEKEND = (6.0,) * 7, (6.0,) * 5 + (inf, inf), (inf,) * 5 + (8.0, 8.0)
THURSDAY, SATURDAY = date(2026, 2, 5), date(2026, 2, 7)
NIGHTS_AT_WORK = (0, 3, 4, 5, 6)
"""Nights of a Thursday and the six after it whose early hours are a working day's."""
JOB = Job("cron", "/etc/cron.d/save", "/usr/local/bin/save", due=EVERY)
OTHER = Job("timer", "other.service", "/usr/local/bin/other", due=WEEKEND)
VALUES = Values(1, {"keep": 5, "year": 2022})
DAYS = ("2026-02-03", "2026-02-02", "2026-02-01")
OTHERS = ("ledger-2022-12-31.tar.gz", "mail-yearly-2022.tar.gz")


@dataclass
class Answering(Connection):
    """A host with an answer for each command that has one of these words in it."""

    answers: dict[str, Reply] = field(default_factory=dict)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """The answer to what has such a word in it."""
        del stdin, timeout, user
        return next(reply for word, reply in self.answers.items() if word in command)

    def close(self) -> None:
        """Nothing is open."""


ASIDE = {"-by-a-grading": ""}
TODAY = {"12:00 $age days ago": "2026-02-03\n"}


def mail(answers: Mapping[str, Reply | str]) -> Host:
    line = Answering(
        {
            word: answer if isinstance(answer, Reply) else Reply(0, answer)
            for word, answer in (ASIDE | dict(answers)).items()
        }
    )
    return Host("mail", lambda: line)


def tables(*lines: str) -> str:
    """What a host says of the tables of cron and of eight evenings."""
    days = "".join(f"evening\t2026-11-{day} 19:59:59\n" for day in range(20, 28))
    return "\n".join(("now 2026-11-20 10:00:00", days, *(f"cron\t{line}" for line in lines), ""))


@pytest.mark.parametrize(
    "line",
    [
        "/etc/cron.d/save\t15 2 * * * root tar -czf /backup/mail.tar.gz /srv/mail",
        "/etc/cron.d/save\t15 2 * * 1-5 root tar -czf /backup/mail.tar.gz /srv/mail",
        "/etc/cron.d/mail-backup\t0 12 * * * root /usr/local/bin/daily",
        "/etc/cron.d/nightly\t15 2 * * * root /usr/local/bin/nightly",
        "/etc/cron.d/daily\t0 12 * * * root /usr/local/bin/daily",
        "/etc/crontab\t15 22 * * 3 root /usr/local/bin/nightly",
        "/var/spool/cron/crontabs/root\t@daily nightly",
    ],
)
def test_whatever_is_due_may_save_the_mail(line: str) -> None:
    assert len(require_jobs(mail({"systemctl": tables(line)}))) == 1


@pytest.mark.parametrize(
    "line",
    [
        "/etc/cron.d/save\t15 2 29 2 * root tar -czf /backup/mail.tar.gz /srv/mail",
        "/etc/crontab\t25 6 * * * root run-parts /etc/cron.daily",
    ],
)
def test_other_jobs_save_no_mail(line: str) -> None:
    with pytest.raises(Failure, match="nothing is due on mail in the next 7 nights"):
        require_jobs(mail({"systemctl": tables(line)}))


def test_what_says_so_is_started_first() -> None:
    starts = {"a": "12 * * *", "mailbackup": "12 * * 1", "c": "4 * * *"}
    lines = [f"/etc/cron.d/{name}\t0 {when} root {name}" for name, when in starts.items()]
    jobs = require_jobs(mail({"systemctl": tables(*lines)}))
    assert [job.command for job in jobs] == ["mailbackup", "c", "a"]


def test_a_job_is_started_and_what_it_complains_of_is_kept() -> None:
    host = mail(
        TODAY | {"date +%s": "1790000000.5\n", "env -i": Reply(1, "", "tar: not found"), "find": ""}
    )
    assert saved(host, [JOB], ("Subject: one",)) == Saving((), ": tar: not found")


def test_jobs_are_started_until_each_night_has_its_backup() -> None:
    day, name = "2026-02-03", "mail-2026-02-03.tar.gz"
    host = mail(
        TODAY
        | {
            "date +%s": "1790000000.5\n",
            "env -i": "",
            "systemctl start": "",
            "find": f"made {day} {name}\nSubject: one",
        }
    )
    night, part = Night(name, frozenset({"Subject: one"})), replace(JOB, due=WORKING)
    assert saved(host, [JOB, OTHER], ("Subject: one",)).made == ((JOB, night),)
    assert saved(host, [part, OTHER, JOB], ("Subject: one",)).jobs == (part, OTHER)


class Working(Connection):
    """A host whose jobs make nothing on some days of the week, some on no day but today."""

    def __init__(self, today: date, idle: Mapping[str, str], *, today_alone: bool = False) -> None:
        self.today, self.idle, self.today_alone = today, idle, today_alone
        self.made = False
        self.agos: list[int] = []

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """As the host would."""
        del stdin, timeout, user
        if "12:00 $age days ago" in command:
            days = (self.today - timedelta(days=age) for age in range(9))
            return Reply(0, "\n".join(map(str, days)))
        if "find . " in command:
            return Reply(0, "made 2026-02-05 mail-2026-01-31.tar.gz" if self.made else "")
        if "env -i" in command or "systemctl start" in command:
            ago = int(next(iter(re.findall(r"FAKETIME=-(\d)d", command)), "0"))
            weekday = (self.today - timedelta(days=ago)).isoweekday()
            job = next(name for name in self.idle if name in command)
            self.made = str(weekday) not in self.idle[job] and not (ago and self.today_alone)
            self.agos.append(ago)
        return Reply(0, "1790000000.5")

    def close(self) -> None:
        """Nothing is open."""


def every_night(
    jobs: Mapping[Job, str], today: date = THURSDAY, *, today_alone: bool = False
) -> list[int]:
    """How long ago it was by the clocks of the jobs when they were started."""
    first = datetime.combine(today, time(20))
    due = [replace(job, first=first) for job in jobs]
    idle = {job.command: days for job, days in jobs.items()}
    line = Working(today, idle, today_alone=today_alone)
    makers = [job for job in due if str(today.isoweekday()) not in idle[job.command]]
    require_every_night(Host("mail", lambda: line), due, makers)
    return line.agos


def on_thursday(*hours: float) -> tuple[float, ...]:
    """Hours after each of seven evenings of which the first is a Thursday's."""
    return tuple(hours[0] if night in NIGHTS_AT_WORK else hours[-1] for night in range(7))


AT_WORK = replace(JOB, command="at-work", due=on_thursday(6.0, inf))
AT_WEEKENDS = replace(JOB, command="at-weekends", due=on_thursday(inf, 6.0))


def test_backups_are_made_every_night() -> None:
    assert every_night({JOB: ""}) == [4, 5, 0]
    assert every_night({JOB: ""}, SATURDAY) == [1, 6, 0]
    assert every_night({AT_WORK: "", AT_WEEKENDS: ""}) == [4, 5, 0, 0]
    with pytest.raises(Failure, match="/save would save the mail between 20:00 and 06:00 in 5 of"):
        every_night({AT_WORK: ""})
    with pytest.raises(Failure, match="between 20:00 and 06:00 in 0 of the next 7 nights"):
        every_night({replace(JOB, due=(10.0,) * 7): ""})


def test_a_job_that_is_due_may_make_no_backup_on_some_days() -> None:
    with pytest.raises(Failure, match="today; started as on a Sunday or a Saturday, it makes none"):
        every_night({JOB: "67"})
    with pytest.raises(Failure, match="started as on a Sunday, it makes none"):
        every_night({JOB: "7"})
    with pytest.raises(Failure, match="started as on a Friday, it makes none"):
        every_night({JOB: "12345"}, SATURDAY)


def test_jobs_may_share_the_days_among_themselves() -> None:
    for today in (THURSDAY, SATURDAY):
        every_night({JOB: "67", replace(JOB, command="other"): "12345"}, today)
    every_night({AT_WORK: "67", AT_WEEKENDS: "12345"})
    with pytest.raises(Failure, match="started as on a Sunday, it makes none"):
        every_night({JOB: "67", replace(JOB, command="other"): "123457"})


def test_a_job_that_works_on_no_other_day_at_all_is_not_judged_by_its_days() -> None:
    with pytest.raises(UnreadableOutput, match="makes a backup today, and on no other day"):
        every_night({JOB: ""}, today_alone=True)


def test_backups_are_closed_to_other_accounts() -> None:
    made = {
        "date +%s": "1790000000.5\n",
        "env -i": "",
        "runuser": "/backup/mail-2026-02-03.tar.gz",
        "find": "made 2026-02-03 mail-2026-02-03.tar.gz",
    }
    require_closed(mail(TODAY | made | {"runuser": ""}), [JOB], ("nobody", "vmail"))
    require_closed(mail(TODAY | made | {"find": ""}), [JOB], ("nobody",))
    with pytest.raises(Failure, match="the account nobody may read /backup/mail-2026-02-03"):
        require_closed(mail(TODAY | made), [JOB], ("nobody",))


class Clearing(Answering):
    """A host whose jobs clear away the old backups, some only under a condition.

    `/usr/local/bin/save` makes today's backup; `own` clears only after it has made one, `careful`
    only where there is one.
    """

    def __init__(self, *stays: str) -> None:
        super().__init__({})
        self.first = {*OTHERS, *(f"mail-{day}.tar.gz" for day in DAYS)}
        self.stays = stays
        self.there: set[str] = set()

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """As the host would."""
        del stdin, timeout, user
        told = ""
        if "-by-a-grading" in command:
            self.there = set(self.first)
        elif "days ago" in command:
            ages = command.split(" in ")[1].split(";", maxsplit=1)[0].split()
            told = "\n".join(str(date(2026, 2, 4) - timedelta(days=int(age))) for age in ages)
        elif "touch" in command:
            self.there |= set(re.findall(r"-e ([\w.-]+)", command))
        elif "ls -A" in command:
            told = "\n".join(self.there)
        else:
            self._started(command)
        return Reply(0, told)

    def _started(self, command: str) -> None:
        today = "mail-2026-02-04.tar.gz"
        clears = today in self.there if "careful" in command else today not in self.there
        if "careful" not in command:
            self.there.add(today)
        if clears and ("careful" in command or "own" in command):
            self.there = {name for name in self.there if not self._old(name)}

    def _old(self, name: str) -> bool:
        return name.startswith(("mail-2026-01", "every")) and name not in self.stays


def clears(*jobs: Job, stays: tuple[str, ...] = (), lacks: str = "") -> None:
    host = Clearing(*stays)
    host.first -= {lacks}
    require_only_old_ones_go(Host("mail", lambda: host), jobs, VALUES)


OWN = replace(JOB, command="own")
CAREFUL = replace(JOB, command="careful")


def test_old_backups_go_day_by_day() -> None:
    clears(replace(OWN, due=(19.0,) * 7))
    with pytest.raises(Failure, match="after a new backup, 1 are left that are 8 days old"):
        clears(OWN, stays=("mail-2026-01-26.tar.gz",))
    with pytest.raises(Failure, match="go on 5 of the next 7 days"):
        clears(replace(OWN, due=WORKING))


def test_who_clears_may_do_so_only_with_a_new_backup_or_only_where_there_is_one() -> None:
    clears(replace(OWN, due=WORKING), replace(OWN, due=WEEKEND))
    clears(JOB, CAREFUL)
    with pytest.raises(Failure, match="after a new backup, 5 are left"):
        clears(JOB)


def test_nothing_else_goes_with_the_old_backups() -> None:
    def left(*names: str) -> Host:
        days = "\n".join(f"2026-01-{day}" for day in range(19, 13, -1))
        return mail({"days ago": days, "touch": "", "env -i": "", "ls -A": "\n".join(names)})

    with pytest.raises(Failure, match="a file goes that is none"):
        require_only_old_ones_go(left(), [JOB], VALUES)
    with pytest.raises(Failure, match="backups are gone that are not yet too old"):
        clears(OWN, lacks=f"mail-{DAYS[0]}.tar.gz")


def _backups(*names: str) -> Host:
    return mail({"ls -A": "\n".join(names), "date -d": "\n".join(DAYS)})


def test_good_backups_and_the_files_of_others_are_to_stay() -> None:
    nights = [f"mail-{day}.tar.gz" for day in DAYS]
    require_good_ones(_backups(*nights, *OTHERS), VALUES)
    with pytest.raises(Failure, match="1 backups are gone"):
        require_good_ones(_backups(*nights[1:], *OTHERS), VALUES)
    with pytest.raises(Failure, match="ledger-2022-12-31"):
        require_good_ones(_backups(*nights, OTHERS[1]), VALUES)
