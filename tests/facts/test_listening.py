"""Recorded answers about what listens, read."""

from __future__ import annotations

import pytest

from graders.facts.listening import ListeningPorts
from runner.errors import UnreadableOutput
from runner.host import Reply


def test_all_but_loopback_counts() -> None:
    lines = """\
LISTEN 0      511          0.0.0.0:10000      0.0.0.0:*
LISTEN 0      4096      127.0.0.11:36283      0.0.0.0:*
LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
LISTEN 0      32    127.0.0.53%lo:5353        0.0.0.0:*
LISTEN 0      32              [::]:53            [::]:*
LISTEN 0      32             [::1]:631           [::]:*
LISTEN 0      32                 *:9090             *:*
"""
    assert ListeningPorts().read(Reply(0, lines)) == {10000, 22, 53, 9090}


@pytest.mark.parametrize("reply", [Reply(1, "", "Cannot open netlink socket"), Reply(0, "a b\n")])
def test_what_is_no_answer_is_not_taken_for_one(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        ListeningPorts().read(reply)
