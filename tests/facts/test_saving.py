"""The nightly backup of the mail, judged from recorded answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from graders.facts.saving import made, require_good_ones, require_jobs
from graders.facts.schedule import Job
from runner.host import Connection, Host, Reply
from runner.values import Values
from runner.verdict import Failure

JOB = Job("cron", "/etc/cron.d/save", "/usr/local/bin/save")
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


def cron(table: str, command: str) -> str:
    return f"now 1790000000\n\n\n\ncron\t{table}\t15 2 * * * root {command}\n"


@pytest.mark.parametrize(
    ("table", "command"),
    [
        ("/etc/cron.d/save", "tar -czf /backup/mail.tar.gz /srv/mail"),
        ("/etc/cron.d/mail-backup", "/usr/local/bin/nightly"),
        ("/etc/cron.d/nightly", "/usr/local/bin/backup_mail"),
    ],
)
def test_a_job_is_known_by_what_it_is_about(table: str, command: str) -> None:
    (job,) = require_jobs(mail({"systemctl": cron(table, command)}))
    assert (job.name, job.command) == (table, command)


@pytest.mark.parametrize("command", ["/usr/bin/apt-get update", "run-parts /srv/mail"])
def test_other_jobs_save_no_mail(command: str) -> None:
    with pytest.raises(Failure, match="nothing on mail is due"):
        require_jobs(mail({"systemctl": cron("/etc/cron.d/other", command)}))


def test_a_job_is_started_and_what_it_complains_of_is_kept() -> None:
    host = mail(
        {"date +%s": "1790000000.5\n", "env -i": Reply(1, "", "tar: not found"), "find": ""}
    )
    assert made(host, [JOB], ("Subject: one",)) == (None, ": tar: not found")


def _backups(*names: str) -> Host:
    return mail({"ls -A": "\n".join(names), "date -d": "\n".join(DAYS)})


def test_good_backups_and_the_files_of_others_are_to_stay() -> None:
    nights = [f"mail-{day}.tar.gz" for day in DAYS]
    require_good_ones(_backups(*nights, *OTHERS), VALUES)
    with pytest.raises(Failure, match="1 backups are gone"):
        require_good_ones(_backups(*nights[1:], *OTHERS), VALUES)
    with pytest.raises(Failure, match="ledger-2022-12-31"):
        require_good_ones(_backups(*nights, OTHERS[1]), VALUES)
