"""Recorded answers of name servers, read."""

from __future__ import annotations

import pytest

from graders.facts.names import NamesOf, Resolved
from runner.errors import UnreadableOutput
from runner.host import Reply

ASKED = Resolved("intranet.oakhurst.test", server="198.18.12.2")


@pytest.mark.parametrize(
    ("reply", "addresses"),
    [
        (Reply(0, "10.96.96.64\n"), ("10.96.96.64",)),
        (Reply(0, "web.oakhurst.test.\n10.96.96.9\n10.96.96.64\n"), ("10.96.96.64", "10.96.96.9")),
        (Reply(0, ""), ()),
        (
            Reply(
                9,
                ";; communications error to 198.18.12.2#53: timed out\n"
                ";; no servers could be reached\n",
            ),
            (),
        ),
    ],
)
def test_addresses_are_read(reply: Reply, addresses: tuple[str, ...]) -> None:
    assert ASKED.read(reply) == addresses


@pytest.mark.parametrize(
    "reply", [Reply(10, "", "dig: couldn't get address"), Reply(0, ";; Warning: odd\n")]
)
def test_what_is_no_answer_is_not_taken_for_one(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        ASKED.read(reply)


def test_names_are_quoted() -> None:
    assert "@'a b' 'c d' A" in Resolved("c d", server="a b").command()


@pytest.mark.parametrize(
    ("reply", "names"),
    [
        (Reply(0, "LIS-it-4711.oakhurst.test.\n"), ("lis-it-4711.oakhurst.test",)),
        (Reply(0, "b.test.\na.test.\n"), ("a.test", "b.test")),
        (Reply(0, ""), ()),
        (Reply(9, ";; no servers could be reached\n"), ()),
    ],
)
def test_names_are_read(reply: Reply, names: tuple[str, ...]) -> None:
    assert NamesOf("10.96.96.64", server="198.18.12.2").read(reply) == names


@pytest.mark.parametrize("reply", [Reply(10, "", "dig: oops"), Reply(0, ";; Warning: odd\n")])
def test_what_names_nobody_is_not_taken_for_a_name(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        NamesOf("10.96.96.64", server="198.18.12.2").read(reply)


def test_addresses_are_quoted() -> None:
    assert "@'a b' -x 'c d'" in NamesOf("c d", server="a b").command()
