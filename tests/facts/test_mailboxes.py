"""Recorded answers of mail programs, read; and what they look for, told them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graders.facts.mailboxes import Look, Looks, Room, Rooms, Seen
from graders.facts.post import Login, Said
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

ADA, BO = Login("adahl", "Secret-1"), Login("bokafor", "Secret-2")
LOOKS = Looks("mail", (Look(ADA, "grading-1", patience=3), Look(BO, "grading-1", remove=True)))
ROOMS = Rooms("mail", (ADA, BO))
NOTHING: dict[str, object] = {"said": "yes", "mails": {}, "unreadable": []}
SHUT: dict[str, object] = {"said": "no login", "mails": {}, "unreadable": []}
SHARED: dict[str, object] = {
    "said": "yes",
    "mails": {"INBOX": ["ab12"], "Team.orders": ["cd34", "ef56"]},
    "unreadable": ["Archive"],
}
CUT_OFF: dict[str, object] = {
    "said": "silent",
    "problem": "timed out",
    "mails": {},
    "unreadable": [],
}


def test_each_look_has_its_answer() -> None:
    first, second = LOOKS.read(Reply(0, json.dumps({"looks": [SHARED, NOTHING]})))
    assert first == Seen(
        Said.YES, (("INBOX", ("ab12",)), ("Team.orders", ("cd34", "ef56"))), ("Archive",)
    )
    assert first.texts == ("ab12", "cd34", "ef56")
    assert second == Seen(Said.YES)
    assert not second.texts


def test_who_does_not_get_in_sees_nothing() -> None:
    found = LOOKS.read(Reply(0, json.dumps({"looks": [SHUT, CUT_OFF]})))
    assert [one.said for one in found] == [Said.NO_LOGIN, Said.SILENT]


def test_looks_are_told_in_order() -> None:
    told = json.loads(LOOKS.stdin())
    assert told["server"] == "mail"
    assert [(one["login"]["name"], one["patience"], one["remove"]) for one in told["looks"]] == [
        ("adahl", 3, False),
        ("bokafor", 0, True),
    ]


def test_rooms_are_read_by_name() -> None:
    answer = {"said": "yes", "rooms": {"adahl": [12, 10240]}}
    assert ROOMS.read(Reply(0, json.dumps(answer))) == {"adahl": Room(12, 10240), "bokafor": None}
    shut = {"said": "silent", "rooms": {}}
    assert ROOMS.read(Reply(0, json.dumps(shut))) == {"adahl": None, "bokafor": None}


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (LOOKS, Reply(1, "", "ModuleNotFoundError: No module named 'imaplib'")),
        (LOOKS, Reply(0, json.dumps({"looks": [NOTHING]}))),
        (LOOKS, Reply(0, json.dumps({"looks": [NOTHING, {**NOTHING, "said": "problem"}]}))),
        (ROOMS, Reply(0, '{"said": "problem", "problem": "BAD Error in IMAP command"}')),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)
