"""Notes of a printer, read; and how long they are waited for, with a real shell."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.paper import CopyWith, Paper, PaperOf
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

NOTE = "owner: adahl\nsides: two-sided-long-edge\nformat: application/pdf\n"


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            PaperOf("grading-1"),
            Reply(0, NOTE),
            Paper("adahl", "two-sided-long-edge", "application/pdf"),
        ),
        (
            PaperOf("grading-1"),
            Reply(0, "owner: adahl\nsides: \nformat: image/urf\n"),
            Paper("adahl", "", "image/urf"),
        ),
        (PaperOf("grading-1"), Reply(124, ""), None),
        (CopyWith("grading-1"), Reply(0, "^XA grading-1 ^XZ\n"), True),
        (CopyWith("grading-1"), Reply(124, ""), False),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize("fact", [PaperOf("grading-1"), CopyWith("grading-1")])
@pytest.mark.parametrize(
    "reply",
    [
        Reply(1, "", "cat: /srv/printed/grading-1: Permission denied\n"),
        Reply(124, "", "sh: 1: grep: not found\nsh: 1: grep: not found\n"),
    ],
)
def test_a_tray_that_cannot_be_looked_into_is_not_empty(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize("said", ["format: image/urf\n", "%PDF-1.3\n"])
def test_a_note_without_its_lines_is_no_answer(said: str) -> None:
    with pytest.raises(UnreadableOutput):
        PaperOf("grading-1").read(Reply(0, said))


def test_what_is_asked_is_quoted_twice() -> None:
    """Once for the shell that waits and once for the one that starts it."""
    assert "'\"'\"'" in PaperOf("a b").command()
    assert "'\"'\"'" in CopyWith("a b").command()


def test_the_wait_is_bounded() -> None:
    assert PaperOf("grading-1", wait=3).command().startswith("timeout 3 ")
    assert CopyWith("grading-1", wait=900).command().startswith("timeout 15 ")
