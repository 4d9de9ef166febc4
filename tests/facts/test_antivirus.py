"""Recorded answers about the scanner's findings, read."""

from __future__ import annotations

import pytest

from graders.facts.antivirus import Diagnosis, Scanned
from runner.errors import UnreadableOutput
from runner.host import Reply


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        (
            Reply(1, "stream: westbrook.Loader.4995aa.UNOFFICIAL FOUND\n"),
            Diagnosis(running=True, virus="westbrook.Loader.4995aa.UNOFFICIAL"),
        ),
        (Reply(0, "stream: OK\n"), Diagnosis(running=True)),
        (
            Reply(
                2,
                "",
                "ERROR: Could not connect to clamd on LocalSocket /var/run/clamav/clamd.ctl: "
                "No such file or directory\n",
            ),
            Diagnosis(running=False),
        ),
    ],
)
def test_the_answer_is_read(reply: Reply, found: Diagnosis) -> None:
    assert Scanned("a letter").read(reply) == found


@pytest.mark.parametrize("reply", [Reply(0, ""), Reply(2, "stream: lstat() failed ERROR\n")])
def test_what_cannot_be_read_is_no_answer(reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        Scanned("a letter").read(reply)


def test_the_sample_is_not_in_the_question() -> None:
    assert "a letter" not in Scanned("a letter").command()
    assert Scanned("a letter").stdin() == b"a letter"
