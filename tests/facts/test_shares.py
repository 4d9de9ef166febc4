"""Recorded answers of a file server, read."""

from __future__ import annotations

import pytest

from graders.facts.shares import Entrance, Share
from runner.errors import UnreadableOutput
from runner.host import Reply

SHARE = Share("dc", "finance", "afischer", "secret")


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(0, "  .      D        0  Mon Nov 23 17:50:00 2026\n"), Entrance.OPEN),
        (Reply(1, "", "tree connect failed: NT_STATUS_ACCESS_DENIED\n"), Entrance.DENIED),
        (Reply(1, "NT_STATUS_ACCESS_DENIED listing \\*\n"), Entrance.DENIED),
        (Reply(1, "", "session setup failed: NT_STATUS_LOGON_FAILURE\n"), Entrance.NO_LOGIN),
        (Reply(1, "", "session setup failed: NT_STATUS_ACCESS_DENIED\n"), Entrance.NO_LOGIN),
        (Reply(1, "", "tree connect failed: NT_STATUS_BAD_NETWORK_NAME\n"), Entrance.MISSING),
    ],
)
def test_the_answer_is_read(reply: Reply, found: Entrance) -> None:
    assert SHARE.read(reply) is found


@pytest.mark.parametrize(
    "reply",
    [Reply(1, ""), Reply(1, "", "do_connect: Connection to dc failed (NT_STATUS_IO_TIMEOUT)\n")],
)
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        SHARE.read(reply)


def test_the_password_is_not_in_the_question() -> None:
    assert "secret" not in SHARE.command() + repr(SHARE)
    assert b"secret" in SHARE.stdin()
