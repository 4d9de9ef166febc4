"""What became of mails to mailboxes that were filled, read from recorded answers."""

from __future__ import annotations

import json

import pytest

from graders.facts.filling import End, Filled, Filling, Fills
from graders.facts.post import Login
from runner.errors import UnreadableOutput
from runner.host import Reply

ADA, BO = Login("adahl", "Secret-1"), Login("bokafor", "Secret-2")
FILLS = Fills(
    "mail",
    BO,
    "bokafor@office.test",
    "grading-2",
    (Filling(ADA, "adahl@office.test", 5_000_000, (2_000_000, 2_000_000)),),
    watch=4,
)


def test_the_ends_are_read() -> None:
    results = [
        {"laid": True, "ends": ["arrived", "returned"], "told": True},
        {"laid": False, "ends": [], "told": False},
    ]
    assert FILLS.read(Reply(0, json.dumps({"said": "yes", "results": results}))) == (
        Filled(laid=True, ends=(End.ARRIVED, End.RETURNED), told=True),
        Filled(laid=False, ends=(), told=False),
    )


def test_who_does_not_get_in_fills_nothing() -> None:
    assert FILLS.read(Reply(0, '{"said": "no login", "results": []}')) == ()


def test_the_program_is_told_how_much() -> None:
    told = json.loads(FILLS.stdin())
    assert [(one["recipient"], one["laid"], one["mails"]) for one in told["fillings"]] == [
        ("adahl@office.test", 5_000_000, [2_000_000, 2_000_000])
    ]
    assert (told["watch"], told["trace"]) == (4, "grading-")


@pytest.mark.parametrize(
    "text",
    [
        '{"said": "yes", "results": [{"laid": true, "ends": ["lost"], "told": false}]}',
        '{"said": "yes", "results": [{"ends": []}]}',
        '{"said": "problem", "results": []}',
    ],
)
def test_what_is_no_answer_is_said_to_be_none(text: str) -> None:
    with pytest.raises(UnreadableOutput):
        FILLS.read(Reply(0, text))


def test_the_writer_is_told_when_a_mail_is_not_taken() -> None:
    assert {end for end in End if end.told} == {End.RETURNED, End.REFUSED}
