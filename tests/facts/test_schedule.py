"""Recorded answers about timers and cron, read."""

from __future__ import annotations

import pytest

from graders.facts.schedule import Job, JobRun, NightlyJobs
from runner.errors import UnreadableOutput
from runner.host import Reply

ALL_BY_CRON = "/var/spool/cron/crontabs/adm"
LISTS = ("/srv/departments", "/etc/backup")

# Monday the 23rd of November 2026, 18:06. A timer for leap days, a nightly one, a transient
# weekly one, a monotonic one, and one of the distribution's own.
RECORDED = """\
now 1795457186
Unit=backup@accounts.service
TimersCalendar={ OnCalendar=*-02-29 02:00:00 ; next_elapse=Tue 2028-02-29 02:00:00 UTC }
FragmentPath=/etc/systemd/system/backup@.timer

Unit=backup@legal.service
TimersCalendar={ OnCalendar=*-*-* 02:00:00 ; next_elapse=Tue 2026-11-24 02:00:00 UTC }
FragmentPath=/etc/systemd/system/backup@.timer

Unit=run-p162-i377017.service
TimersCalendar={ OnCalendar=Tue *-*-* 00:00:00 ; next_elapse=Tue 2026-11-24 00:00:00 UTC }
FragmentPath=/run/systemd/transient/run-p162-i377017.timer

Unit=run-p163-i377021.service
TimersMonotonic={ OnActiveUSec=1h ; next_elapse=1h 52min 6.190496s }
TimersMonotonic={ OnUnitActiveUSec=1d ; next_elapse=0 }
FragmentPath=/run/systemd/transient/run-p163-i377021.timer

Unit=systemd-tmpfiles-clean.service
TimersMonotonic={ OnUnitActiveUSec=1d ; next_elapse=0 }
FragmentPath=/usr/lib/systemd/system/systemd-tmpfiles-clean.timer

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save accounts ; ignore_errors=no }
Id=backup@accounts.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save legal ; ignore_errors=no }
Id=backup@legal.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save weekly ; ignore_errors=no }
Id=run-p162-i377017.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save mono ; ignore_errors=no }
Id=run-p163-i377021.service

Normalized form: *-*-* 02:00:00
    Next elapse: Tue 2026-11-24 02:00:00 UTC
       From now: 7h left
   Iteration #2: Wed 2026-11-25 02:00:00 UTC
       From now: 1 day 7h left

Normalized form: *-02-29 02:00:00
    Next elapse: Tue 2028-02-29 02:00:00 UTC
       From now: 1 year 3 months left
   Iteration #2: Sun 2032-02-29 02:00:00 UTC
       From now: 5 years 3 months left

Normalized form: Tue *-*-* 00:00:00
    Next elapse: Tue 2026-11-24 00:00:00 UTC
       From now: 5h left
   Iteration #2: Tue 2026-12-01 00:00:00 UTC
       From now: 1 week 5h left

cron	/etc/crontab	SHELL=/bin/sh
cron	/etc/crontab	17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
cron	/etc/crontab	47 6	* * 7	root	run-parts --report /etc/cron.weekly
cron	/etc/cron.d/save	PATH=/usr/local/sbin:/usr/bin:/bin
cron	/etc/cron.d/save	30 2 * * * root save sales
cron	/etc/cron.d/save	0 2 * * 1-5 root save design
cron	/var/spool/cron/crontabs/adm	@daily save-all $(date +\\%F)
daily	/etc/cron.daily/save
script	/etc/cron.daily/save	#!/bin/sh for d in /srv/departments/*; do save $(basename $d); done
script	save-all	#!/bin/sh for c in /etc/backup/*.conf; do save $c; done
script	/usr/local/sbin/save	#!/bin/sh . "/etc/backup/$1.conf"
"""


def test_what_is_due_every_night_is_listed() -> None:
    found = NightlyJobs().read(Reply(0, RECORDED))
    assert [(job.kind, job.name, job.user, job.command) for job in found] == [
        ("timer", "backup@legal.service", "root", "/usr/local/sbin/save legal"),
        ("timer", "run-p163-i377021.service", "root", "/usr/local/sbin/save mono"),
        ("cron", "/etc/crontab", "root", "cd / && run-parts --report /etc/cron.hourly"),
        ("cron", "/etc/cron.d/save", "root", "save sales"),
        ("cron", "/var/spool/cron/crontabs/adm", "adm", "save-all $(date +%F)"),
        ("cron", "/etc/cron.daily/save", "root", "/etc/cron.daily/save"),
    ]
    assert found[3].environment == (("PATH", "/usr/local/sbin:/usr/bin:/bin"),)


@pytest.mark.parametrize(
    ("department", "by"),
    [
        ("legal", {"backup@legal.service", ALL_BY_CRON, "/etc/cron.daily/save"}),
        ("sales", {"/etc/cron.d/save", ALL_BY_CRON, "/etc/cron.daily/save"}),
    ],
)
def test_job_serves_whom_it_names_or_goes_through(department: str, by: set[str]) -> None:
    jobs = NightlyJobs().read(Reply(0, RECORDED))
    assert {job.name for job in jobs if job.serves(department, LISTS)} == by


def test_part_of_a_word_is_no_name() -> None:
    job = Job("cron", "/etc/cron.d/x", "save presales", "save sales-old")
    assert not job.serves("sales", LISTS)


def test_list_of_no_timers_is_nobodys_fault() -> None:
    with pytest.raises(UnreadableOutput):
        NightlyJobs().read(Reply(1, "", "Failed to connect to bus"))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(0, "2026-11-23 18:04:55 sales: ok\n"), ""),
        (
            Reply(1, "", "/bin/sh: 1: save: not found\n"),
            "/bin/sh: 1: save: not found",
        ),
        (Reply(1, ""), "it ended with 1"),
    ],
)
def test_complaint_of_a_job_is_read(reply: Reply, found: str) -> None:
    assert JobRun(Job("cron", "x", "save sales")).read(reply) == found


def test_line_of_cron_gets_crons_environment() -> None:
    job = Job("cron", "x", "save 'a b'", "", "adm", (("PATH", "/opt/bin"),))
    command = JobRun(job).command()
    assert command.startswith("runuser -u adm -- sh -c ")
    assert "PATH=/opt/bin" in command
    assert "PATH=/usr/bin" not in command
