"""Recorded answers about scans, alerts and what intruders leave, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.intrusion import Alerts, LiftBans, PortScan, ProcessesWith, StraySetuid
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

SCAN = PortScan("198.18.16.2", "198.18.16.208-223")
ALERTS = Alerts("198.18.16.205")


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            SCAN,
            Reply(
                0,
                "source 198.18.16.215 40721\nStarting Nmap 7.95 ( https://nmap.org )\n"
                "All 40 scanned ports on 198.18.16.2 are in ignored states.\n"
                "Nmap done: 1 IP address (1 host up) scanned in 0.73 seconds\n",
            ),
            ("198.18.16.215", 40721),
        ),
        (ALERTS, Reply(0, "2\n"), 2),
        (ALERTS, Reply(0, "0\n"), 0),
        (ALERTS, Reply(3, ""), None),
        (LiftBans(("198.18.16.205",)), Reply(0, "1\n"), True),
        (
            LiftBans(("198.18.16.205",)),
            Reply(255, "ERROR   Failed to access socket path: /var/run/fail2ban/fail2ban.sock.\n"),
            False,
        ),
        (StraySetuid(), Reply(1, "0\n"), 0),
        (StraySetuid(), Reply(0, "1\n"), 1),
        (ProcessesWith("4f2a"), Reply(0, "2\n"), 2),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (SCAN, Reply(1, "source 198.18.16.215 40721\nCouldn't open a raw socket. Error: (1)\n")),
        (SCAN, Reply(1, "")),
        (ALERTS, Reply(1, "\n", "tail: cannot open '/var/log/suricata/eve.json'\n")),
        (StraySetuid(), Reply(2, "", "sh: Syntax error")),
        (StraySetuid(), Reply(1, "0\n", "sh: 1: find: not found\n")),
        (ProcessesWith("4f2a"), Reply(2, "")),
        (ProcessesWith("4f2a"), Reply(0, "0\n", "sh: 1: grep: not found\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (PortScan("a b", "1.2.3.4"), "-p 1-40 'a b'"),
        (Alerts("1.2.3.4", path="/my log"), "tail -c 20000000 '/my log'"),
        (Alerts("1.2.3.4", 99), '"src_ip":"1\\.2\\.3\\.4","src_port":99,'),
        (LiftBans(("a b", "c")), "unban 'a b' c"),
    ],
)
def test_parameters_are_quoted(fact: Fact[Any], asked: str) -> None:
    assert asked in fact.command()


def test_the_text_that_is_looked_for_is_not_in_the_question() -> None:
    assert "4f2a" not in ProcessesWith("4f2a").command()
