"""The programs that speak IMAP: they are Python, and passwords come to them by stdin alone."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest

from graders.facts.filling import Filling, Fills
from graders.facts.mailboxes import Look, Looks, Rooms
from graders.facts.mailprogram import answered, asked, said
from graders.facts.post import Login, Said
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

ADA = Login("adahl", "Secret-1")
FACTS: tuple[Fact[Any], ...] = (
    Looks("mail", (Look(ADA, "grading-1"),)),
    Rooms("mail", (ADA,)),
    Fills("mail", ADA, "adahl@office.test", "grading-1", (Filling(ADA, "adahl", 1, (1,)),)),
)


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: type(fact).__name__)
def test_a_program_is_python_and_holds_no_password(fact: Fact[Any]) -> None:
    python, option, text = shlex.split(fact.command())
    assert (python, option) == ("python3", "-c")
    compile(text, "program", "exec")
    assert "Secret" not in text
    assert b"Secret" in fact.stdin()


def test_a_program_is_told_the_server_and_what_to_do() -> None:
    assert json.loads(asked("mail", number=3)) == {"server": "mail", "number": 3}


def test_how_the_server_took_it_is_read() -> None:
    answer = answered(Reply(0, '{"said": "closed", "problem": "INBOX"}'))
    assert said(answer) is Said.REFUSED


@pytest.mark.parametrize("text", ["", "[]", "Traceback (most recent call last):"])
def test_what_no_program_says_is_no_answer(text: str) -> None:
    with pytest.raises(UnreadableOutput):
        answered(Reply(1, text))


def test_a_program_that_did_not_understand_the_server_says_nothing_of_it() -> None:
    with pytest.raises(UnreadableOutput, match="BAD"):
        said({"said": "problem", "problem": "BAD Error in IMAP command"})
