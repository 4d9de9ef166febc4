"""The nightly backup of the mail, judged from recorded answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf

import pytest

from graders.facts.nights import Night
from graders.facts.saving import (
    Saving,
    require_every_night,
    require_good_ones,
    require_jobs,
    require_only_old_ones_go,
    saved,
)
from graders.facts.schedule import Job
from runner.host import Connection, Host, Reply
from runner.values import Values
from runner.verdict import Failure

EVERY, WORKING, WEEKEND = (6.0,) * 7, (6.0,) * 5 + (inf, inf), (inf,) * 5 + (8.0, 8.0)
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


def mail(answers: Mapping[str, Reply | str]) -> Host:
    line = Answering(
        {
            word: answer if isinstance(answer, Reply) else Reply(0, answer)
            for word, answer in answers.items()
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
        {"date +%s": "1790000000.5\n", "env -i": Reply(1, "", "tar: not found"), "find": ""}
    )
    assert saved(host, [JOB], ("Subject: one",)) == Saving((), ": tar: not found")


def test_jobs_are_started_until_each_night_has_its_backup() -> None:
    day, name = "2026-02-03", "mail-2026-02-03.tar.gz"
    host = mail(
        {
            "date +%s": "1790000000.5\n",
            "env -i": "",
            "systemctl start": "",
            "find": f"made {day} {name}\nSubject: one",
        }
    )
    night, part = Night(name, frozenset({"Subject: one"})), replace(JOB, due=WORKING)
    assert saved(host, [JOB, OTHER], ("Subject: one",)).made == ((JOB, night),)
    assert saved(host, [part, OTHER, JOB], ("Subject: one",)).jobs == (part, OTHER)


def test_backups_are_made_every_night() -> None:
    require_every_night([JOB])
    require_every_night([replace(JOB, due=WORKING), OTHER])
    with pytest.raises(Failure, match="/save would save the mail between 20:00 and 06:00 in 5 of"):
        require_every_night([replace(JOB, due=WORKING)])
    with pytest.raises(Failure, match="between 20:00 and 06:00 in 0 of the next 7 nights"):
        require_every_night([replace(JOB, due=(10.0,) * 7)])


def clearing(*left: str) -> Host:
    """A host on which a job leaves these files, of which those of the 18th are old."""
    return mail(
        {
            "date -d": "\n".join(f"2026-01-{day}" for day in range(18, 13, -1)),
            "touch": "",
            "-delete": "",
            "env -i": "",
            "ls -A": "\n".join(left),
        }
    )


FOREIGN = "ledger-2026-01-14.tar.gz"


def test_old_backups_go_day_by_day() -> None:
    require_only_old_ones_go(clearing(FOREIGN), [replace(JOB, due=(19.0,) * 7)], 10)
    with pytest.raises(Failure, match="after a new backup, 1 are left that are 13 days old"):
        require_only_old_ones_go(clearing(FOREIGN, "mail-2026-01-16.tar.gz"), [JOB], 10)
    with pytest.raises(Failure, match="a file goes that is none"):
        require_only_old_ones_go(clearing(), [JOB], 10)
    with pytest.raises(Failure, match="go on 5 of the next 7 days"):
        require_only_old_ones_go(clearing(FOREIGN), [replace(JOB, due=WORKING)], 10)


def _backups(*names: str) -> Host:
    return mail({"ls -A": "\n".join(names), "date -d": "\n".join(DAYS)})


def test_good_backups_and_the_files_of_others_are_to_stay() -> None:
    nights = [f"mail-{day}.tar.gz" for day in DAYS]
    require_good_ones(_backups(*nights, *OTHERS), VALUES)
    with pytest.raises(Failure, match="1 backups are gone"):
        require_good_ones(_backups(*nights[1:], *OTHERS), VALUES)
    with pytest.raises(Failure, match="ledger-2022-12-31"):
        require_good_ones(_backups(*nights, OTHERS[1]), VALUES)
