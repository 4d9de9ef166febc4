"""Recorded answers about TCP ports and pages, read."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from graders.facts.network import (
    Answer,
    Page,
    PagesWith,
    Reach,
    Statuses,
    TcpPorts,
    address_from,
    address_in_turn,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

DOORS = (("10.96.128.77", 80), ("10.96.128.77", 22))
PORTS = TcpPorts(DOORS)
PAGE = Page("http://10.96.128.77/")
STATUSES = Statuses(("http://10.96.128.77/a", "http://10.96.128.77/b"))
PAGES_WITH = PagesWith(("http://10.96.128.77/a",), "4f2a")


def both(first: Reach, second: Reach) -> dict[tuple[str, int], Reach]:
    return dict(zip(DOORS, (first, second), strict=True))


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            PORTS,
            Reply(0, "10.96.128.77 22 124 \n10.96.128.77 80 0 \n"),
            both(Reach.OPEN, Reach.FILTERED),
        ),
        (
            PORTS,
            Reply(0, "10.96.128.77 80 1 Connection refused\n10.96.128.77 22 1 No route to host\n"),
            both(Reach.REFUSED, Reach.UNREACHABLE),
        ),
        (
            PORTS,
            Reply(
                0,
                "10.96.128.77 22 1 Network is unreachable\n"
                "10.96.128.77 80 1 Connection timed out\n",
            ),
            both(Reach.FILTERED, Reach.UNREACHABLE),
        ),
        (PAGE, Reply(0, "<h1>Hello</h1>\n\n200"), Answer(200, "<h1>Hello</h1>\n")),
        (PAGE, Reply(0, "\n204"), Answer(204)),
        (
            PAGE,
            Reply(28, "\n000", "curl: (28) Connection timed out after 3002 milliseconds\n"),
            Answer(0, problem="Connection timed out after 3002 milliseconds"),
        ),
        (
            PAGE,
            Reply(7, "\n000", "curl: (7) Failed to connect to 10.96.128.77 port 80 after 0 ms\n"),
            Answer(0, problem="Failed to connect to 10.96.128.77 port 80 after 0 ms"),
        ),
        (STATUSES, Reply(0, "200\n404\n"), (200, 404)),
        (STATUSES, Reply(7, "000\n000\n"), (0, 0)),
        (PAGES_WITH, Reply(0, "1\n"), 1),
        (PAGES_WITH, Reply(0, "0\n", "curl: (22) The requested URL returned error: 404\n"), 0),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (PORTS, Reply(0, "10.96.128.77 22 0 \n")),
        (PORTS, Reply(0, "nonsense\n")),
        (PORTS, Reply(0, "10.96.128.77 22 0 \n10.96.128.77 80 1 Name or service not known\n")),
        (PORTS, Reply(2, "", "sh: 1: Syntax error")),
        (PAGE, Reply(2, "", "curl: option --interfac: is unknown\n")),
        (PAGE, Reply(45, "\n000", "curl: (45) Couldn't bind to '198.18.4.'\n")),
        (STATUSES, Reply(0, "200\n")),
        (STATUSES, Reply(0, "200\nOK\n")),
        (PAGES_WITH, Reply(0, "0\n", "curl: (7) Failed to connect to 10.96.128.77 port 80\n")),
        (PAGES_WITH, Reply(0, "", "")),
        (PAGES_WITH, Reply(0, "0\n", "curl: (52) Empty reply from server\n")),
        (PAGES_WITH, Reply(0, "0\n", "sh: 1: curl: not found\n")),
        (PAGES_WITH, Reply(0, "0\n", "curl: (22) error: 404\nsh: 1: grep: not found\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (PORTS, "knock 2 10.96.128.77 80 10.96.128.77 22"),
        (TcpPorts((("a; rm b", 1),)), "knock 2 'a; rm b' 1"),
        (Page("http://a/'b'", source="198.18.4.9"), "--interface 198.18.4.9 -- 'http://a/'"),
        (Statuses(("http://a/b c",)), "-o /dev/null 'http://a/b c'"),
        (PagesWith(("http://a/$b",), "secret"), "'http://a/$b' | grep"),
    ],
)
def test_parameters_are_quoted(fact: Fact[Any], asked: str) -> None:
    assert asked in fact.command()


def test_the_text_that_is_looked_for_is_not_in_the_question() -> None:
    assert PAGES_WITH.text not in PAGES_WITH.command()
    assert PAGES_WITH.stdin() == b"4f2a\n"


@pytest.mark.parametrize(
    ("source", "shell"),
    [
        ("198.18.4.9", "198.18.4.9"),
        ("198.18.4.193-254", '"198.18.4.$(shuf -n 1 -i 193-254)"'),
        ("$(reboot)", "'$(reboot)'"),
        ("1.2.3.4-5;reboot", "'1.2.3.4-5;reboot'"),
    ],
)
def test_a_source_is_an_address_or_a_range(source: str, shell: str) -> None:
    assert address_from(source) == shell


@pytest.mark.parametrize(
    ("source", "shell"),
    [
        ("198.18.4.9", "198.18.4.9"),
        ("198.18.4.208-223", '"198.18.4.$(($(date +%s) % 16 + 208))"'),
        ("$(reboot)", "'$(reboot)'"),
    ],
)
def test_a_source_may_be_another_one_every_second(source: str, shell: str) -> None:
    assert address_in_turn(source) == shell


def test_addresses_in_turn_stay_in_their_range() -> None:
    sources = f"{address_in_turn('1.2.3.8-23')} {address_in_turn('1.2.3.8-23', ahead=4)}"
    shell = f"date() {{ echo $now; }}; for now in 15 16 31 32; do echo {sources}; done"
    said = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["1.2.3.23", "1.2.3.11", "1.2.3.8", "1.2.3.12"] * 2
