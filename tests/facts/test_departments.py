"""Recorded answers about groups, read."""

from __future__ import annotations

import pytest

from graders.facts.departments import JoinedForNow, LeftAgain, MembersOf
from runner.errors import UnreadableOutput
from runner.host import Reply

BOTH = MembersOf(("finance", "sales"))


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (
            Reply(0, "finance:x:1000:mweiss,adahl\nsales:x:1001:\n"),
            (("adahl", "mweiss"), ()),
        ),
        (Reply(2, "sales:x:1001:jpark\n"), (None, ("jpark",))),
        (Reply(2, ""), (None, None)),
    ],
)
def test_the_answer_is_read(
    reply: Reply, found: tuple[tuple[str, ...] | None, tuple[str, ...] | None]
) -> None:
    assert BOTH.read(reply) == found


def test_a_line_that_is_no_group_is_no_answer() -> None:
    with pytest.raises(UnreadableOutput):
        BOTH.read(Reply(0, "finance\n"))


def test_a_membership_that_could_not_be_changed_says_why() -> None:
    joined = JoinedForNow("adahl", "finance")
    assert joined.read(Reply(0, "Adding user adahl to group finance\n")) == ""
    assert joined.read(Reply(3, "", "gpasswd: group 'finance' does not exist\n")).startswith("gp")


def test_what_is_asked_is_quoted() -> None:
    assert MembersOf(("a b",)).command() == "getent group -- 'a b'"
    assert JoinedForNow("a b", "c;d").command().endswith("gpasswd --add 'a b' 'c;d'")
    assert LeftAgain("a b", "c;d").command().endswith("gpasswd --delete 'a b' 'c;d'")


def test_who_cannot_be_taken_out_again_is_no_verdict() -> None:
    LeftAgain("adahl", "finance").read(Reply(0, "Removing user adahl from group finance\n"))
    with pytest.raises(UnreadableOutput):
        LeftAgain("adahl", "finance").read(Reply(3, "", "gpasswd: not a member\n"))


def test_systemd_undoes_what_a_killed_grader_leaves() -> None:
    assert "--on-active=45 gpasswd --delete a c;" in JoinedForNow("a", "c").command()
    assert LeftAgain("a", "c").command().startswith("systemctl --quiet stop grading-department")
