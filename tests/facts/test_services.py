"""Recorded answers about states of services, read."""

from __future__ import annotations

import pytest

from graders.facts.services import UnitState
from runner.errors import UnreadableOutput
from runner.host import Reply


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (Reply(0, "active\n"), "active"),
        (Reply(3, "inactive\n"), "inactive"),
        (Reply(3, "failed\n"), "failed"),
    ],
)
def test_the_answer_is_read(reply: Reply, found: str) -> None:
    assert UnitState("ssh").read(reply) == found


def test_a_systemd_that_does_not_answer_is_no_answer() -> None:
    with pytest.raises(UnreadableOutput):
        UnitState("ssh").read(Reply(1, "", "Failed to connect to bus: No such file or directory\n"))


def test_the_unit_is_quoted() -> None:
    assert UnitState("a b").command().endswith("-- 'a b'")
