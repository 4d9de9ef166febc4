"""4h: backups that restore, a standby that follows, an alarm that is heard."""

from __future__ import annotations

from collections.abc import Mapping

from graders.facts.backup import (
    Archives,
    ArchivesOf,
    FilesBelow,
    NewestRestored,
    Noted,
    NotedFiles,
    Restored,
)
from graders.facts.database import (
    Answer,
    LetsInWithoutPassword,
    Query,
    ServerCalledBack,
    ServerKilled,
    ServerUp,
)
from graders.facts.mailbox import Clock, Named
from graders.facts.report import Report, ReportFile
from graders.facts.schedule import NIGHTS, Job, JobRun, JobsDue, missed
from runner.check import check, require
from runner.host import Host
from runner.values import Values

REPORT = "/root/report.txt"
SHARES = "/srv/departments"
VAULT = "/srv/vault"
LEDGER = "/root/ledger"
INBOX = "/var/mail/oncall"
# Where a job finds the departments that it goes through.
LISTS = (SHARES, "/etc/backup")

FOLLOWS_WITHIN = 3
"""Seconds after which the standby has what was written to the primary."""
REJOINS_WITHIN = 6
"""Seconds that a standby gets to find its primary again after both were killed."""
ALARM_WITHIN = 10
"""Seconds after which a mail tells of a dead database."""
BEAT = "insert into heartbeat (token) values (:'beat');"
SEEN = "select token from heartbeat where token = :'beat';"
UNBEAT = "delete from heartbeat where token = :'beat';"
COUNT = "select count(*) from orders;"
TOTALS = "select count(*) || ' orders, ' || sum(number) || ' ' || sum(pieces) from orders"
# A database writes at every change, and says in its processes' titles how far it has come.
WRITTEN = ("db*: file /var/lib/postgresql/*", "db*: process postgres postgres: *")


@check(guard=True, leaves=WRITTEN)
def shop_can_order(annex: Host, values: Values) -> None:
    """The shop writes to the primary all the while, and no order is lost."""
    written = _ask(annex, "db1", f"{BEAT} {UNBEAT} {COUNT}", beat=annex.ask(Clock()))
    require(not written.problem, f"the shop cannot write to db1: {written.problem}")
    expected = str(values.number("orders"))
    require(
        written.value == expected,
        f"db1 holds {written.value or 'no'} orders; the shop has taken {expected}",
    )


@check(guard=True)
def databases_ask_for_passwords(annex: Host, db2: Host) -> None:
    """Neither the shop's login nor the standby's gets into the primary without its password."""
    for host, user, replication in (
        (annex, "shop", False),
        (annex, "standby", True),
        (db2, "standby", True),
    ):
        open_door = host.ask(LetsInWithoutPassword("db1", "orders", user, replication))
        require(
            not open_door,
            f"db1 lets the account {user!r} in from {host.name} without a password",
            hint="pg_hba.conf says by which method each login is checked",
        )


@check(guard=True)
def live_files_kept(files: Host, annex: Host, values: Values) -> None:
    """The departments' own files are all there, unchanged."""
    for department in values.texts("departments"):
        there = files.ask(FilesBelow(f"{SHARES}/{department}"))
        noted = annex.ask(NotedFiles(f"{LEDGER}/{department}.sha256"))
        lost = [path for path, known in noted.items() if there.get(path) != known]
        require(
            not lost,
            f"in {SHARES}/{department} {len(lost)} of {len(noted)} files are gone or changed",
        )


@check(guard=True)
def good_history_kept(annex: Host, values: Values) -> None:
    """No backup that was good is given up: the past of every other department is still there."""
    others = [one for one in values.texts("departments") if one != values.text("corrupt")]
    for department, archives in _archives(annex, others, values).items():
        noted = annex.ask(Noted(f"{LEDGER}/{department}.archives"))
        gone = [name for name in noted if name not in archives.names]
        require(
            not gone,
            f"{department}: the backup {gone[0] if gone else ''} is gone" + _said(archives.problem),
        )


@check(guard=True)
def other_departments_scheduled(files: Host, values: Values) -> None:
    """The nightly backups that ran go on running."""
    jobs = files.ask(JobsDue())
    missing = [
        department
        for department in values.texts("departments")
        if department != values.text("stopped") and missed(_serving(jobs, department))
    ]
    require(not missing, f"nothing backs up {', '.join(missing)} every night any more")


@check(points=4)
def corrupt_backup_restores(files: Host, annex: Host, values: Values) -> None:
    """The department whose backup was corrupt has one again that restores, file for file."""
    department = values.text("corrupt")
    _require_restorable(files, annex, department, values)


@check(points=3)
def stopped_backup_is_current(files: Host, annex: Host, values: Values) -> None:
    """The department whose job had stopped has a backup that restores to its files of today."""
    _require_restorable(files, annex, values.text("stopped"), values)


@check(
    points=4,
    after=stopped_backup_is_current,
    survives_restart=True,
    disruptive=True,
    leaves=(
        f"annex: file {VAULT}/*",
        "files: file /root/.cache/borg/*",
        "files: file /root/.config/borg/*",
    ),
)
def stopped_job_runs_nightly(files: Host, annex: Host, values: Values) -> None:
    """The job that had stopped is due every night again and then makes a good backup."""
    department = values.text("stopped")
    jobs = _serving(files.ask(JobsDue()), department)
    require(
        not (days := missed(jobs)),
        f"on {days} of the next {NIGHTS} days nothing on files is due that would back up the "
        "department",
        hint="what is to start it, when is it due next, and will it still be after a restart?",
    )
    before = _archives(annex, [department], values)[department].names
    complaints = [said for job in jobs if (said := files.ask(JobRun(job)))]
    restored = _restored(annex, department, values)
    require(
        restored.archive and restored.archive not in before,
        "started as it would be at night, the job made no new backup"
        + (f": {complaints[0]}" if complaints else ""),
        hint="/var/log/backup.log on files, and what the job is told to do",
    )
    _require_same(restored, files.ask(FilesBelow(f"{SHARES}/{department}")))


@check(points=4, survives_restart=True, leaves=WRITTEN)
def standby_follows(annex: Host) -> None:
    """What is written to the primary can be read on the standby within three seconds."""
    beat = annex.ask(Clock())
    try:
        written = _ask(annex, "db1", BEAT, beat=beat)
        require(not written.problem, f"db1 takes no writes: {written.problem}")
        seen = _ask(annex, "db2", SEEN, beat=beat, until=beat, patience=FOLLOWS_WITHIN)
        require(not seen.problem, f"db2 cannot be read: {seen.problem}")
        require(
            seen.value == beat,
            f"{FOLLOWS_WITHIN} s after it was written to db1, a row is not on db2",
            hint="the log of db2, pg_stat_wal_receiver there and pg_stat_replication on db1",
        )
    finally:
        _ask(annex, "db1", UNBEAT, beat=beat)
    mode = _ask(annex, "db2", "select pg_is_in_recovery()")
    require(mode.value == "t", "db2 takes writes of its own: it is no standby of db1")


@check(points=2, survives_restart=True)
def standby_is_complete(annex: Host) -> None:
    """Every order on the primary is on the standby."""
    primary = _ask(annex, "db1", TOTALS)
    require(not primary.problem, f"db1 cannot be read: {primary.problem}")
    standby = _ask(annex, "db2", TOTALS, until=primary.value, patience=1)
    require(not standby.problem, f"db2 cannot be read: {standby.problem}")
    # Only the counts: how many are missing is what the report has to say.
    require(
        standby.value == primary.value,
        "db2 does not hold the same orders as db1",
        hint="compare the table orders on both",
    )


@check(
    points=5,
    after=standby_follows,
    survives_restart=True,
    disruptive=True,
    leaves=(*WRITTEN, "db*: file /dev/shm/PostgreSQL.*", f"annex: file {INBOX}*"),
)
def dead_database_raises_alarm(annex: Host, db1: Host, db2: Host, values: Values) -> None:
    """When a database dies, a mail naming its machine is with the person on call in ten seconds."""
    recipient = f"{values.person('oncall').login}@{values.company().domain}"
    servers = (db1, db2)
    since = annex.ask(Clock())
    try:
        killed = [host.name for host in servers if host.ask(ServerKilled())]
        require(
            len(killed) == len(servers),
            "a database was down before it was put to the test: it cannot be seen to die",
        )
        names = tuple(host.name for host in servers)
        named = annex.ask(Named(INBOX, recipient, names, since, ALARM_WITHIN))
        silent = [name for name in names if name not in named]
        require(
            not silent,
            f"{ALARM_WITHIN} s after the databases had died, no mail to {recipient} named "
            f"{' or '.join(silent)}",
            hint="`ssh oncall@annex` shows what has arrived; what watches has a log, too",
        )
    finally:
        for host in servers:
            host.ask(ServerCalledBack())
        for host in servers:
            host.ask(ServerUp())
        # A standby that lost its primary asks for it again only every few seconds: who looks next
        # must find the pair as it was.
        beat = annex.ask(Clock())
        _ask(annex, "db1", BEAT, beat=beat)
        _ask(annex, "db2", SEEN, beat=beat, until=beat, patience=REJOINS_WITHIN)
        _ask(annex, "db1", UNBEAT, beat=beat)


@check(points=1)
def report_names_corrupt_backup(desk: Host, values: Values) -> None:
    """The report says whose backup was corrupt."""
    _require_entry(desk, "Corrupt backup", values.text("corrupt"))


@check(points=2)
def report_dates_stopped_backup(desk: Host, annex: Host, values: Values) -> None:
    """The report says whose backups had stopped, and of which night the last good one is."""
    _require_entry(desk, "Stopped backup", values.text("stopped"))
    (night,) = annex.ask(Noted(f"{LEDGER}/last-good-backup"))
    _require_entry(desk, "Last good backup", night)


@check(points=2)
def report_counts_missing_orders(desk: Host, values: Values) -> None:
    """The report says how many orders a failover would have lost."""
    _require_entry(desk, "Orders missing on the standby", str(values.number("orders_missing")))


@check(points=1)
def report_names_largest_department(desk: Host, values: Values) -> None:
    """The report says whose files take the most room on the file server."""
    _require_entry(desk, "Largest department", values.text("largest"))


def _ask(
    annex: Host, server: str, sql: str, *, beat: str = "", until: str = "", patience: int = 0
) -> Answer:
    return annex.ask(Query(server, "orders", "shop", sql, (("beat", beat),), until, patience))


def _archives(annex: Host, departments: list[str], values: Values) -> Mapping[str, Archives]:
    repositories = tuple(f"{VAULT}/{department}" for department in departments)
    found = annex.ask(ArchivesOf(repositories, values.text("passphrase")), user="borg")
    return {department: found[f"{VAULT}/{department}"] for department in departments}


def _restored(annex: Host, department: str, values: Values) -> Restored:
    question = NewestRestored(
        f"{VAULT}/{department}", f"{SHARES}/{department}", values.text("passphrase")
    )
    return annex.ask(question, user="borg")


def _serving(jobs: tuple[Job, ...], department: str) -> list[Job]:
    return [job for job in jobs if job.serves(department, LISTS) and missed([job]) < NIGHTS]


def _require_restorable(files: Host, annex: Host, department: str, values: Values) -> None:
    restored = _restored(annex, department, values)
    # Whose backup it is, is for the apprentice to find out.
    require(
        restored.archive,
        f"one repository below {VAULT} in the annex holds no backup to restore"
        + _said(restored.problem),
    )
    _require_same(restored, files.ask(FilesBelow(f"{SHARES}/{department}")))


def _require_same(restored: Restored, live: Mapping[str, str]) -> None:
    wrong = [path for path, known in live.items() if restored.files.get(path) != known]
    require(
        not wrong,
        f"the newest backup of one department, restored, lacks {len(wrong)} of its {len(live)} "
        "files or has them other than they are" + _said(restored.problem),
        hint="a backup is good when a restore of it is the same as the original",
    )


def _said(problem: str) -> str:
    return f"; Borg says: {problem}" if problem else ""


def _require_entry(desk: Host, key: str, expected: str) -> None:
    report = desk.ask(ReportFile(REPORT)) or Report()
    given = report.value(key)
    require(not report.problem, f"{REPORT}: {report.problem}")
    require(given, f"{REPORT} says nothing for '{key}:'")
    require(
        given.casefold().rstrip("/").rpartition("/")[2] == expected.casefold(),
        f"{REPORT} says {given!r} for '{key}:', which is not what was to be found",
    )
