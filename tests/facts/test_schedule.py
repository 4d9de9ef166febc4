"""Recorded answers about timers and cron, read."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import inf

import pytest

from graders.facts.schedule import Job, JobRun, JobsDue, missed
from runner.errors import UnreadableOutput
from runner.host import Reply

ALL_BY_CRON = "/var/spool/cron/crontabs/adm"
NEVER = (inf,) * 7
LISTS = ("/srv/departments", "/etc/backup")

# Monday the 23rd of November 2026, 18:06. A timer for leap days, a nightly one that may be late, a
# transient one for working days, two monotonic ones, and one of the distribution's own.
RECORDED = """\
now 2026-11-23 18:06:26
Unit=backup@accounts.service
TimersCalendar={ OnCalendar=*-02-29 02:00:00 ; next_elapse=Tue 2028-02-29 02:00:00 UTC }
RandomizedDelayUSec=0
FragmentPath=/etc/systemd/system/backup@.timer

Unit=backup@legal.service
TimersCalendar={ OnCalendar=*-*-* 02:00:00 ; next_elapse=Tue 2026-11-24 02:00:00 UTC }
RandomizedDelayUSec=1h 30min
FragmentPath=/etc/systemd/system/backup@.timer

Unit=run-p162-i377017.service
TimersCalendar={ OnCalendar=Mon..Fri *-*-* 03:00:00 ; next_elapse=Tue 2026-11-24 03:00:00 UTC }
RandomizedDelayUSec=0
FragmentPath=/run/systemd/transient/run-p162-i377017.timer

Unit=run-p163-i377021.service
TimersMonotonic={ OnActiveUSec=1h ; next_elapse=1h 52min 6.190496s }
TimersMonotonic={ OnUnitActiveUSec=1d ; next_elapse=0 }
RandomizedDelayUSec=0
FragmentPath=/run/systemd/transient/run-p163-i377021.timer

Unit=run-p164-i377025.service
TimersMonotonic={ OnUnitActiveUSec=1w 1d ; next_elapse=0 }
TimersMonotonic={ OnUnitInactiveUSec=infinity ; next_elapse=0 }
RandomizedDelayUSec=0
FragmentPath=/run/systemd/transient/run-p164-i377025.timer

Unit=systemd-tmpfiles-clean.service
TimersMonotonic={ OnUnitActiveUSec=1d ; next_elapse=0 }
RandomizedDelayUSec=0
FragmentPath=/usr/lib/systemd/system/systemd-tmpfiles-clean.timer

Unit=
FragmentPath=/etc/systemd/system/apt-daily.timer

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save accounts ; ignore_errors=no }
Id=backup@accounts.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save legal ; ignore_errors=no }
Id=backup@legal.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save working ; ignore_errors=no }
Id=run-p162-i377017.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save mono ; ignore_errors=no }
Id=run-p163-i377021.service

ExecStart={ path=/usr/local/sbin/save ; argv[]=/usr/local/sbin/save seldom ; ignore_errors=no }
Id=run-p164-i377025.service

EVENINGS
cron	/etc/crontab	SHELL=/bin/sh
cron	/etc/crontab	17 *	* * *	root	cd / && run-parts --report /etc/cron.hourly
cron	/etc/crontab	25 6	* * *	root	[ -x /anacron ] || { run-parts /etc/cron.daily; }
cron	/etc/crontab	47 6	* * 7	root	run-parts --report /etc/cron.weekly
cron	/etc/crontab	10 1	* * *	root	run-parts /etc/cron.own
cron	/etc/cron.d/save	PATH=/usr/local/sbin:/usr/bin:/bin
cron	/etc/cron.d/save	30 2 * * * root save sales
cron	/etc/cron.d/save	0 2 * * 1-5 root save design
cron	/etc/cron.d/save	0 4 * * 0,6 root save design
cron	/etc/cron.d/save	0 4 * * 0,9 root save nonsense
cron	/etc/cron.d/theirs	0 4 * * * root save theirs
cron	/var/spool/cron/crontabs/adm	@daily save-all $(date +\\%F)
part	/etc/cron.daily/save
part	/etc/cron.daily/theirs
part	/etc/cron.monthly/save
brought	/etc/crontab
brought	/etc/cron.d/theirs
brought	/etc/cron.daily/theirs
brought	/usr/lib/systemd/system/systemd-tmpfiles-clean.timer
script	/etc/cron.daily/save	#!/bin/sh for d in /srv/departments/*; do save $(basename $d); done
script	save-all	#!/bin/sh for c in /etc/backup/*.conf; do save $c; done
script	/usr/local/sbin/save	#!/bin/sh . "/etc/backup/$1.conf"
"""
EVENINGS = tuple(datetime(2026, 11, day, 12) for day in range(23, 31))  # noqa: DTZ001
# From Tuesday's noon on.
WORKING = (15.0,) * 3 + (inf, inf, 15.0, 15.0)


def recorded(zone: str = "UTC") -> Reply:
    """The answer, with what systemd says of eight evenings; the first of them is over."""
    said = []
    for evening in EVENINGS:
        day = evening + timedelta(days=1)
        work = day + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[day.weekday()])
        said += [
            f"evening\t{evening - timedelta(seconds=1)}",
            "form\t*-*-* 02:00:00",
            f"due\t{day:%F} 02:00:00 {zone}",
            "form\t*-02-29 02:00:00",
            f"due\t2028-02-29 02:00:00 {zone}",
            "form\t2020-01-01 00:00:00",
            "form\tMon..Fri *-*-* 03:00:00",
            f"due\t{work:%F} 03:00:00 {zone}",
        ]
    return Reply(0, RECORDED.replace("EVENINGS", "\n".join(said)))


def test_what_starts_by_itself_is_listed_with_its_hours() -> None:
    found = JobsDue().read(recorded())
    assert [(job.kind, job.name, job.user, job.command, job.due) for job in found] == [
        ("timer", "backup@accounts.service", "root", "/usr/local/sbin/save accounts", NEVER),
        ("timer", "backup@legal.service", "root", "/usr/local/sbin/save legal", (15.5,) * 7),
        ("timer", "run-p162-i377017.service", "root", "/usr/local/sbin/save working", WORKING),
        ("timer", "run-p163-i377021.service", "root", "/usr/local/sbin/save mono", (24,) * 7),
        ("timer", "run-p164-i377025.service", "root", "/usr/local/sbin/save seldom", NEVER),
        ("cron", "/etc/crontab", "root", "run-parts /etc/cron.own", (13 + 1 / 6,) * 7),
        ("cron", "/etc/cron.d/save", "root", "save sales", (14.5,) * 7),
        ("cron", "/etc/cron.d/save", "root", "save design", (14,) * 3 + (inf, inf, 14, 14)),
        ("cron", "/etc/cron.d/save", "root", "save design", (inf,) * 3 + (16, 16, inf, inf)),
        ("cron", "/var/spool/cron/crontabs/adm", "adm", "save-all $(date +%F)", (12,) * 7),
        ("cron", "/etc/cron.daily/save", "root", "/etc/cron.daily/save", (18 + 5 / 12,) * 7),
    ]
    assert found[6].environment == (("PATH", "/usr/local/sbin:/usr/bin:/bin"),)


def test_a_job_starts_on_the_day_after_the_evening_if_it_is_due_after_midnight() -> None:
    monday = datetime.fromisoformat("2026-11-23 20:00")
    job = Job("cron", "a", "b", due=(3.0, 4.5, 9.0, inf, inf, inf, inf), first=monday)
    assert job.weekdays() == {1, 3, 4}
    assert job.weekdays(9.0) == {1, 3}
    assert Job("cron", "a", "b", due=(3.0,) * 7).weekdays() == frozenset()
    assert all(
        one.first == datetime.fromisoformat("2026-11-24 12:00")
        for one in JobsDue().read(recorded())
    )


def test_days_are_missed_that_none_of_the_jobs_has() -> None:
    jobs = JobsDue().read(recorded())
    legal, working = jobs[1], jobs[2]
    assert missed([]) == missed([jobs[0]]) == 7
    assert missed([working]) == 2
    assert missed([working], 14) == 7
    assert missed([legal, working]) == missed([legal], 16) == 0
    assert missed([legal], 15.5) == 7
    designs = [job for job in jobs if job.command == "save design"]
    assert (missed(designs[:1]), missed(designs[1:]), missed(designs)) == (2, 5, 0)


def test_hours_are_those_of_the_hosts_own_clock() -> None:
    assert JobsDue().read(recorded("CET")) == JobsDue().read(recorded())


def test_the_evening_is_begun_a_second_before() -> None:
    assert 'date -d "19:59:59 $day days"' in JobsDue(20).command()


@pytest.mark.parametrize(
    ("department", "by"),
    [
        ("legal", {"backup@legal.service", ALL_BY_CRON, "/etc/cron.daily/save"}),
        ("sales", {"/etc/cron.d/save", ALL_BY_CRON, "/etc/cron.daily/save"}),
    ],
)
def test_job_serves_whom_it_names_or_goes_through(department: str, by: set[str]) -> None:
    jobs = JobsDue().read(recorded())
    assert {job.name for job in jobs if job.serves(department, LISTS)} == by


def test_part_of_a_word_is_no_name() -> None:
    job = Job("cron", "/etc/cron.d/x", "save presales", "save sales-old")
    assert not job.serves("sales", LISTS)


def test_list_of_no_timers_is_nobodys_fault() -> None:
    with pytest.raises(UnreadableOutput):
        JobsDue().read(Reply(1, "", "Failed to connect to bus"))


@pytest.mark.parametrize(
    "line", ["evening\t2026-11-23 19:59:59", "evening\tsoon", "due\t2026-11-24 02:00:00 UTC"]
)
def test_evenings_that_are_not_told_are_nobodys_fault(line: str) -> None:
    with pytest.raises(UnreadableOutput):
        JobsDue().read(Reply(0, f"now 2026-11-23 18:06:26\n{line}\n"))


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


def test_a_unit_is_started_however_often_it_was() -> None:
    asked = JobRun(Job("timer", "save.service", "save")).command()
    assert asked.index("reset-failed save.service") < asked.index("start save.service")


def test_line_of_cron_gets_crons_environment() -> None:
    job = Job("cron", "x", "save 'a b'", "", "adm", (("PATH", "/opt/bin"),))
    command = JobRun(job).command()
    assert command.startswith("runuser -u adm -- sh -c ")
    assert "PATH=/opt/bin" in command
    assert "PATH=/usr/bin" not in command
