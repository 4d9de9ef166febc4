"""Recorded lines of a web server's log, read."""

from __future__ import annotations

import pytest

from graders.facts.requests import Requests
from runner.errors import UnreadableOutput
from runner.host import Reply

ASKED = Requests("/var/log/nginx/q.log", "grading-1")


def test_each_line_is_a_request() -> None:
    lines = '{"status":"200","who":"ann"}\n{"status":426}\n'
    assert ASKED.read(Reply(0, lines)) == ({"status": "200", "who": "ann"}, {"status": "426"})
    assert ASKED.read(Reply(0, "")) == ()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(2, "", "grep: /var/log/nginx/q.log: No such file or directory"),
        Reply(0, "GET / 200\n"),
        Reply(0, "[1]\n"),
        Reply(127, "", "sh: 1: grep: not found"),
    ],
)
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        ASKED.read(reply)


def test_mark_and_place_are_quoted() -> None:
    assert "until grep -aF -- 'a b' '/c d'; do" in Requests("/c d", "a b").command()
