"""What a grader leaves in a host is found and named; what moves by itself is told apart."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from runner import fingerprint, practical
from runner.check import Check, check
from runner.engine import Engine
from runner.fingerprint import Fingerprint, State, changes, read
from runner.grading import grade
from runner.host import Host
from runner.lines import Lines
from runner.practical import Practical
from tests.trial import inside, world


def records(*rows: str) -> str:
    return "".join(f"{row}\0" for row in rows)


def seen(*rows: str) -> Fingerprint:
    return Fingerprint({"web": read(records(*rows))})


def said(before: Fingerprint, after: Fingerprint, *checks: Check) -> list[str]:
    return [problem.text for problem in changes(before, after, checks)]


@check(leaves=("web: file /var/spool/cups/*", "db*: process postgres postgres: *"))
def prints(web: Host) -> None:
    """It prints."""


PAGE = "file\tf 644 0:0 \t5\t100.5\t/srv/page"
OLDER = "file\tf 644 0:0 \t5\t100.0\t/srv/page"
ENGINE = ("process\t1 0 root /sbin/init", "process\t90 0 root /bin/sh -c s=")


# --- what a look brings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        pytest.param(
            [PAGE, "content\tabc  /srv/page"],
            {"file /srv/page": State("f 644 0:0 ", "abc", "100.5", 5)},
            id="a file with its content",
        ),
        pytest.param(
            ["file\tl 777 0:0 page\t4\t100.5\t/srv/link", "file\td 755 0:0 \t60\t9\t/srv"],
            {"file /srv/link": State("l 777 0:0 page"), "file /srv": State("d 755 0:0 ")},
            id="of links and folders size and time say nothing",
        ),
        pytest.param(
            ["file\tf 644 0:0 \t5\t100.5\t/a\tb\nc"],
            {"file /a\tb\nc": State("f 644 0:0 ", "", "100.5", 5)},
            id="a name with everything in it",
        ),
        pytest.param(
            [PAGE, "held\t/srv/page", "file\tf 640 0:4 \t7\t1\t/var/log/syslog"],
            {
                "file /srv/page": State("f 644 0:0 ", "", "100.5", 5, alive=True),
                "file /var/log/syslog": State("f 640 0:4 ", "", "1", 7, alive=True),
            },
            id="what is held open to write, and a log, are alive",
        ),
        pytest.param(
            ["file\tf 644 0:0 \t5\t100.5\t/run/nginx.pid"],
            {"file /run/nginx.pid": State("f 644 0:0 ")},
            id="what a file of /run holds is gone at the next boot",
        ),
        pytest.param(
            ["account\tjoe:x:1000:1000::/home/joe:/bin/sh", "account\tgroup joe:x:1000:"],
            {
                "account joe": State("", "x:1000:1000::/home/joe:/bin/sh"),
                "account group joe": State("", "x:1000:"),
            },
            id="accounts and groups",
        ),
        pytest.param(
            [
                *ENGINE,
                "process\t20 1 www-data nginx: worker",
                "process\t21 1 www-data nginx: worker",
                "process\t91 90 root /usr/sbin/sshd -i",
                "process\t92 91 root ps -e",
            ],
            {
                "process root /sbin/init": State("1"),
                "process www-data nginx: worker": State("2"),
            },
            id="processes, but for what the engine put there",
        ),
        pytest.param(
            [
                "socket\ttcp LISTEN 0 128 0.0.0.0:22 0.0.0.0:*",
                "socket\tudp UNCONN 0 0 127.0.0.1:53 0.0.0.0:*",
                "socket\ttcp ESTAB 0 0 10.1.0.10:22 10.1.0.20:41000",
                "socket\ttcp ESTAB 0 0 10.1.0.10:41234 10.1.0.20:5432",
                "socket\ttcp TIME-WAIT 0 0 10.1.0.10:41235 10.1.0.20:5432",
            ],
            {
                "socket tcp 0.0.0.0:22": State("1"),
                "socket udp 127.0.0.1:53": State("1"),
                "socket tcp to 10.1.0.20:5432": State("1"),
            },
            id="sockets that listen, and those to elsewhere",
        ),
        pytest.param(
            [
                "firewall\ttable inet filter {",
                "firewall\t\tset bans {",
                "firewall\t\t\telements = { 10.0.0.1 timeout 10m expires 9m57s320ms }",
                "firewall\t\t}",
                "firewall\t\tchain input {",
                "firewall\t\t\ttcp dport 22 counter packets 17 bytes 900 accept",
                "firewall\t\t}",
                "firewall\t}",
            ],
            {
                "firewall table inet filter": State("1"),
                "firewall table inet filter set bans": State("1"),
                "firewall table inet filter set bans elements = { 10.0.0.1 timeout 10m }": State(
                    "1"
                ),
                "firewall table inet filter chain input": State("1"),
                "firewall table inet filter chain input tcp dport 22 counter accept": State("1"),
            },
            id="rules where they stand, without what they counted",
        ),
        pytest.param(
            ["firewall\t# Generated by iptables", "firewall\t:INPUT DROP [12:900]", "firewall\t"],
            {"firewall :INPUT DROP": State("1")},
            id="rules of the older kind",
        ),
        pytest.param(
            ["route\tdefault via 10.1.0.1 dev eth0 ", "address\teth0 inet 10.1.0.10/24"],
            {
                "route default via 10.1.0.1 dev eth0": State("1"),
                "address eth0 inet 10.1.0.10/24": State("1"),
            },
            id="routes and addresses",
        ),
        pytest.param([], {}, id="nothing"),
    ],
)
def test_a_look_is_read(rows: list[str], expected: dict[str, State]) -> None:
    assert read(records(*rows)) == expected


# --- what has changed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        pytest.param([PAGE], [PAGE], [], id="nothing"),
        pytest.param([], [PAGE], ["web: file /srv/page appeared"], id="a file came"),
        pytest.param([PAGE], [], ["web: file /srv/page is gone"], id="a file went"),
        pytest.param(
            [PAGE],
            [PAGE.replace("644", "600")],
            ["web: file /srv/page was changed"],
            id="its mode",
        ),
        pytest.param(
            [PAGE, "content\tabc  /srv/page"],
            [OLDER, "content\tabc  /srv/page"],
            [],
            id="written anew with the same content",
        ),
        pytest.param(
            [PAGE, "content\tabc  /srv/page"],
            [PAGE, "content\tdef  /srv/page"],
            ["web: file /srv/page was changed"],
            id="other content of the same time",
        ),
        pytest.param([PAGE], [PAGE, "content\tabc  /srv/page"], [], id="copied up, not changed"),
        pytest.param([PAGE], [OLDER], ["web: file /srv/page was changed"], id="a large file"),
        pytest.param(
            ["file\tf 640 0:4 \t7\t1\t/var/log/syslog"],
            ["file\tf 640 0:4 \t9\t2\t/var/log/syslog"],
            [],
            id="a log grew",
        ),
        pytest.param(
            ["file\tf 640 0:4 \t7\t1\t/var/log/syslog"],
            ["file\tf 640 0:4 \t0\t2\t/var/log/syslog"],
            ["web: file /var/log/syslog was changed"],
            id="a log was emptied",
        ),
        pytest.param(
            [PAGE, "held\t/srv/page"], [OLDER], [], id="a program had it open and has closed it"
        ),
        pytest.param(
            [],
            ["file\tf 600 0:0 \t7\t1\t/var/log/probe"],
            ["web: file /var/log/probe appeared"],
            id="a new log is a new file",
        ),
        pytest.param(
            ["account\troot:old"],
            ["account\troot:new", "account\tpassword of eve:!"],
            ["web: account password of eve appeared", "web: account root was changed"],
            id="accounts",
        ),
        pytest.param(
            [*ENGINE, "process\t20 1 root cron"],
            [*ENGINE, "process\t21 1 joe sleep 9"],
            ["web: process joe sleep 9 was started", "web: process root cron has ended"],
            id="processes",
        ),
        pytest.param(
            [*ENGINE, "process\t20 1 root cron"],
            [*ENGINE, "process\t20 1 root cron", "process\t21 1 root cron"],
            ["web: process root cron is there 2 times, before 1"],
            id="the same process twice",
        ),
        pytest.param(
            ENGINE,
            [
                *ENGINE,
                "process\t30 1 joe (sd-pam)",
                "process\t31 1 joe /usr/lib/systemd/systemd --user",
                "file\td 700 9:9 \t40\t1\t/run/user/9",
            ],
            [],
            id="what a login brings with it",
        ),
        pytest.param(
            [],
            ["file\tf 600 0:0 \t7\t1\t/var/spool/cups/c00001"],
            [],
            id="what is declared",
        ),
    ],
)
def test_changes_are_named(before: list[str], after: list[str], expected: list[str]) -> None:
    assert said(seen(*before), seen(*after), prints) == expected


def test_what_one_host_may_leave_another_may_not() -> None:
    after = read(records("file\tf 600 0:0 \t7\t1\t/var/spool/cups/c00001"))
    found = said(Fingerprint({"web": {}, "desk": {}}), Fingerprint({"web": after, "desk": after}))
    assert found == [
        "desk: file /var/spool/cups/c00001 appeared",
        "web: file /var/spool/cups/c00001 appeared",
    ]


def test_what_moved_before_anybody_looked_may_move_on() -> None:
    before = Fingerprint({"web": read(records(PAGE))}, frozenset({"web: file /srv/page"}))
    assert said(before, seen(OLDER)) == []


def test_many_changes_are_counted() -> None:
    many = [f"file\tf 644 0:0 \t5\t1\t/srv/{number:03}" for number in range(100)]
    found = said(seen(), seen(*many))
    assert len(found) == fingerprint.SHOWN + 1
    assert found[-1] == f"web: and {100 - fingerprint.SHOWN} more changes"


# --- a world --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def work(there: Engine) -> Iterator[Practical]:
    with world(there, "9a", "fingerprint") as found:
        yield found


@pytest.fixture
def lines(there: Engine) -> Iterator[Lines]:
    with Lines(there) as opened:
        yield opened


@pytest.mark.engine
def test_a_grading_that_only_looks_changes_nothing(
    there: Engine, work: Practical, lines: Lines
) -> None:
    before = fingerprint.take(work, lines)
    assert before.moving == frozenset()
    grade("9a", work.lab.checks[:1], practical.stage(there, work, lines))
    after = fingerprint.settled(work, lines, before, ())
    assert said(before, after) == []


LEFT = {
    "a file in memory": ("echo x > /tmp/probe", "rm /tmp/probe", "file /tmp/probe appeared"),
    "a file on disk": ("echo x > /root/probe", "rm /root/probe", "file /root/probe appeared"),
    "a file of the image": (
        "mv /etc/profile /run/profile",
        "mv /run/profile /etc/profile",
        "file /etc/profile is gone",
    ),
    "a rewritten file": (
        "cp -p /etc/motd /run/motd; echo x >> /etc/motd",
        "cp -p /run/motd /etc/motd; rm /run/motd",
        "file /etc/motd was changed",
    ),
    "a mode": ("chmod 600 /etc/motd", "chmod 644 /etc/motd", "file /etc/motd was changed"),
    "an account": ("useradd probe", "userdel probe", "account probe appeared"),
    "a process": (
        "setsid sleep 998877 > /dev/null 2>&1 &",
        "kill $(pgrep -f '^sleep 998877')",
        "process root sleep 998877 was started",
    ),
    "a listener": (
        "setsid nc -lk 4711 > /dev/null 2>&1 &",
        "kill $(pgrep -f '^nc -lk 4711')",
        "socket tcp 0.0.0.0:4711 appeared",
    ),
    "an address": (
        "ip addr add 203.0.113.9/32 dev lo",
        "ip addr del 203.0.113.9/32 dev lo",
        "address lo inet 203.0.113.9/32 appeared",
    ),
    "a route": (
        "ip route add blackhole 203.0.113.0/24",
        "ip route del blackhole 203.0.113.0/24",
        "route blackhole 203.0.113.0/24 appeared",
    ),
}


@pytest.mark.engine
def test_whatever_a_grader_leaves_is_found(there: Engine, work: Practical, lines: Lines) -> None:
    before = fingerprint.take(work, lines)
    for leave, _, _ in LEFT.values():
        inside(there, work, "web", leave)
    after = fingerprint.settled(work, lines, before, (), within=0.5)
    found = {problem.text for problem in changes(before, after, (), most=100)}
    for _, repair, _ in LEFT.values():
        inside(there, work, "web", repair)
    missed = [what for what, (_, _, text) in LEFT.items() if f"web: {text}" not in found]
    assert not missed
    again = said(before, fingerprint.settled(work, lines, before, (), within=0.5))
    assert {one for one in again if not one.endswith(("- appeared", "- was changed"))} <= {
        "web: file /etc/subuid was changed",
        "web: file /etc/subgid was changed",
    }


@pytest.mark.engine
def test_what_ends_by_itself_is_waited_for(there: Engine, work: Practical, lines: Lines) -> None:
    before = fingerprint.take(work, lines)
    inside(there, work, "web", "setsid sleep 2", wait=False)
    assert said(before, fingerprint.settled(work, lines, before, ())) == []


@pytest.mark.engine
def test_what_has_ended_is_no_process(there: Engine, work: Practical, lines: Lines) -> None:
    parent = "setsid sh -c 'sleep 0.1 & exec sleep 998877' > /dev/null 2>&1 &"
    before = fingerprint.take(work, lines)
    inside(there, work, "web", parent + " until ps -e -o s= | grep -q Z; do sleep 0.1; done")
    try:
        after = fingerprint.settled(work, lines, before, (), within=0.5)
        assert said(before, after) == ["web: process root sleep 998877 was started"]
    finally:
        inside(there, work, "web", "kill $(pgrep -f '^sleep 998877')")
