"""Recorded answers about addresses by DHCP, read."""

from __future__ import annotations

import subprocess
import sys

import pytest

from graders.facts.dhcp import Lease, LeaseLedger, Ledger, Offer, Offers
from runner.errors import UnreadableOutput
from runner.host import Reply

ASKED = Offers(("5c:60:ba:f1:8f:34", "5c:60:ba:fb:ad:43"))
LEDGER = LeaseLedger()


def test_offers_are_read() -> None:
    said = (
        "5c:60:ba:f1:8f:34 10.96.32.148 43200 lis-mar-5647\n"
        "5c:60:ba:fb:ad:43 10.96.32.200 4294967295 \nend\n"
    )
    assert ASKED.read(Reply(0, said)) == {
        "5c:60:ba:f1:8f:34": Offer("10.96.32.148", 43200, "lis-mar-5647"),
        "5c:60:ba:fb:ad:43": Offer("10.96.32.200", 4294967295),
    }


def test_silence_is_no_offer() -> None:
    assert ASKED.read(Reply(0, "end\n")) == {}


@pytest.mark.parametrize(
    "reply",
    [
        Reply(0, ""),
        Reply(0, "5c:60:ba:f1:8f:34 10.96.32.148 43200 \n"),
        Reply(1, "", "OSError: [Errno 19] No such device\n"),
        Reply(0, "5c:60:ba:f1:8f:34 10.96.32.148\nend\n"),
    ],
)
def test_a_question_that_could_not_be_asked_is_not_silence(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        ASKED.read(reply)


def test_the_client_is_a_program() -> None:
    """Python reads it; where there is no card eth0, or not enough rights, it says so."""
    words = ASKED.command()
    assert words.startswith("python3 -c ")
    done = subprocess.run(
        ["/bin/sh", "-c", words.replace("python3", sys.executable, 1).replace("eth0", "nocard", 1)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "OSError" in done.stderr or "PermissionError" in done.stderr


@pytest.mark.parametrize(
    ("said", "leases"),
    [
        ("", {}),
        (
            """\
1795690450 5c:60:BA:f1:8f:34 10.96.32.148 lis-mar-5647 ff:ba:f1
0 5c:60:ba:fb:ad:43 10.96.32.200 * *
duid 00:01:00:01
1795690450 17 fd00::5 * 00:01

""",
            {
                "5c:60:ba:f1:8f:34": Lease("10.96.32.148", 1795690450),
                "5c:60:ba:fb:ad:43": Lease("10.96.32.200", 0),
            },
        ),
    ],
)
def test_leases_are_read(said: str, leases: dict[str, Lease]) -> None:
    assert LEDGER.read(Reply(0, f"1795650000\n{said}")) == Ledger(1795650000, leases)


@pytest.mark.parametrize("reply", [Reply(0, ""), Reply(1, "1795650000\n", "cat: denied\n")])
def test_a_ledger_that_cannot_be_read_is_not_empty(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        LEDGER.read(reply)
