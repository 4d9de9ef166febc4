"""Recorded answers about contents of files, read."""

from __future__ import annotations

import pytest

from graders.facts.files import Mentions
from runner.errors import UnreadableOutput
from runner.host import Reply


@pytest.mark.parametrize(("reply", "found"), [(Reply(0, "0\n"), 0), (Reply(0, "17\n"), 17)])
def test_the_answer_is_read(reply: Reply, found: int) -> None:
    assert Mentions("4f2a", ("/etc",)).read(reply) == found


@pytest.mark.parametrize(
    "reply",
    [Reply(0, ""), Reply(0, "0\n", "runuser: user www-data does not exist\n"), Reply(0, "many\n")],
)
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        Mentions("4f2a", ("/etc",)).read(reply)


@pytest.mark.parametrize(
    ("fact", "asked"),
    [
        (Mentions("x", ("/etc/cron*", "/a b")), "-- /etc/cron* '/a b' |"),
        (Mentions("x", ("/a b*c;d",)), "-- '/a b'*'c;d' |"),
        (Mentions("x", ("/a",), user="www-data"), "runuser -u www-data -- grep"),
    ],
)
def test_paths_are_quoted_but_for_patterns(fact: Mentions, asked: str) -> None:
    assert asked in fact.command()


def test_the_text_is_not_in_the_question() -> None:
    fact = Mentions("4f2a", ("/etc",))
    assert "4f2a" not in fact.command()
    assert fact.stdin() == b"4f2a\n"
