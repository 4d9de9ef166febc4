"""Recorded answers of CUPS, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.printing import (
    Cancelled,
    Operation,
    Printed,
    Queue,
    QueueOf,
    SchedulerStarted,
    SchedulerStopped,
    Submission,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

PRINTED = Printed("grading-1", "hq-1-colour")
QUEUE = QueueOf("10.96.112.10", "hq-1-colour", ("color-supported", "sides-supported"))
OPERATION = Operation("10.96.112.10", "labels", "CUPS-Accept-Jobs", "root")

ATTRIBUTES = """\
"/dev/stdin":
    Get-Printer-Attributes:
        attributes-charset (charset) = utf-8
        printer-uri (uri) = ipp://server:631/printers/hq-1-colour
    /dev/stdin                                                           [PASS]
        RECEIVED: 263 bytes in response
        status-code = successful-ok (successful-ok)
        color-supported (boolean) = true
        sides-supported (1setOf keyword) = one-sided,two-sided-long-edge
        printer-location (textWithoutLanguage) = Floor 1, room 1.12
"""
NO_SUCH_QUEUE = """\
    /dev/stdin                                                           [FAIL]
        RECEIVED: 127 bytes in response
        status-code = client-error-not-found (The printer or class does not exist.)
"""
ACCEPTED = """\
    /dev/stdin                                                           [PASS]
        RECEIVED: 72 bytes in response
        status-code = successful-ok (successful-ok)
"""
NO_SERVER = 'ipptool: Unable to connect to "10.96.112.10" on port 631 - Host is down\n'


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            PRINTED,
            Reply(0, "request id is hq-1-colour-12 (0 file(s))\n"),
            Submission(request="hq-1-colour-12"),
        ),
        (
            PRINTED,
            Reply(1, "", "lp: Not allowed to print.\n"),
            Submission(refused="Not allowed to print"),
        ),
        (
            PRINTED,
            Reply(1, "", "lp: Error - No default destination.\n"),
            Submission(refused="No default destination"),
        ),
        (PRINTED, Reply(124, ""), Submission(refused="no answer within 6 s")),
        (Cancelled("hq-1-colour-12"), Reply(1, "", "cancel: job is completed\n"), None),
        (
            QUEUE,
            Reply(0, ATTRIBUTES),
            Queue(
                {
                    "color-supported": "true",
                    "sides-supported": "one-sided,two-sided-long-edge",
                    "printer-location": "Floor 1, room 1.12",
                }
            ),
        ),
        (QUEUE, Reply(1, NO_SUCH_QUEUE), Queue(exists=False, problem="there is no such queue")),
        (
            QUEUE,
            Reply(1, "", NO_SERVER),
            Queue(problem='Unable to connect to "10.96.112.10" on port 631'),
        ),
        (OPERATION, Reply(0, ACCEPTED), "successful-ok"),
        (OPERATION, Reply(1, NO_SUCH_QUEUE), "client-error-not-found"),
        (
            SchedulerStopped(),
            Reply(0, "cups.socket\ncups.service\n"),
            ("cups.socket", "cups.service"),
        ),
        (SchedulerStopped(), Reply(0, ""), ()),
        (SchedulerStarted(()), Reply(0, ""), None),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (PRINTED, Reply(139, "", "Segmentation fault\n")),
        (PRINTED, Reply(0, "")),
        (QUEUE, Reply(0, "")),
        (OPERATION, Reply(1, "", "ipptool: Bad URI\n")),
        (SchedulerStopped(), Reply(1, "", "Failed to connect to bus\n")),
        (SchedulerStarted(("cups.service",)), Reply(1, "", "Job for cups.service failed.\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize(
    ("refused", "forbidden"),
    [
        ("Not allowed to print", True),
        ("Unauthorized", True),
        ("Forbidden", True),
        ("The printer or class does not exist", False),
        ("no answer within 6 s", False),
    ],
)
def test_a_no_is_told_from_a_fault(refused: str, forbidden: bool) -> None:  # noqa: FBT001
    assert Submission(refused=refused).forbidden is forbidden


def test_the_queue_is_part_of_the_request() -> None:
    assert Submission(request="hq-1-colour-12").queue == "hq-1-colour"
    assert Submission(refused="Forbidden").queue == ""


def test_several_values_are_parted() -> None:
    queue = Queue({"sides-supported": "one-sided,two-sided-long-edge"})
    assert queue.texts("sides-supported") == ("one-sided", "two-sided-long-edge")
    assert queue.texts("media-supported") == ()


def test_what_is_asked_is_quoted() -> None:
    job = Printed("a b", "q;r", "10.0.0.1", options=("sides=one sided",))
    assert job.command() == (
        "LC_ALL=C timeout 6 lp -t 'a b' -h 10.0.0.1 -d 'q;r' -o 'sides=one sided'"
    )
    assert job.stdin() == b"a b\n"
    assert Cancelled("q;r-1").command() == "timeout 6 cancel 'q;r-1'"
    assert "'ipp://s/printers/q;r'" in QueueOf("s", "q;r", ()).command()


def test_a_request_names_what_it_wants() -> None:
    assert b"OPERATION Get-Printer-Attributes\n" in QUEUE.stdin()
    assert b"requested-attributes color-supported,sides-supported\n" in QUEUE.stdin()
    assert b"OPERATION CUPS-Accept-Jobs\n" in OPERATION.stdin()
    assert b"requesting-user-name root\n" in OPERATION.stdin()


def test_only_what_ran_is_started_again() -> None:
    assert SchedulerStarted(("cups.socket",)).command().endswith("systemctl start cups.socket")
    assert SchedulerStarted(()).command() == "true"
