"""Recorded answers of an OpenLDAP directory, read; and somebody who is in it for a moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from graders.facts.people import Changed, Entries, Known, Knows, newcomer
from runner.errors import UnreadableOutput
from runner.host import Connection, Fact, Host, Reply

BASE = "dc=office,dc=test"
KNOWS = Knows("ldaps://10.96.32.10", ((f"uid=adahl,{BASE}", "Secret-1"), ("uid=x", "Secret-2")))
ENTRIES = Entries("ldaps://10.96.32.10", BASE, "(uid=*)", ("uid", "memberUid"))


@dataclass
class Directory(Connection):
    """Takes changes until it is to refuse some; remembers all."""

    refusing: str = "nothing"
    complaint: str = "ldap_modify: No such attribute (16)\n"
    changes: list[str] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Whatever is changed, done or refused."""
        del command, timeout, user
        change = stdin.decode()
        self.changes.append(change)
        return Reply(16, "", self.complaint) if self.refusing in change else Reply(0, "")

    def close(self) -> None:
        """Nothing is open."""


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (KNOWS, Reply(0, "0\n49\n", "ldap_bind: Invalid\n"), (Known.YES, Known.NO)),
        (KNOWS, Reply(0, "13\n255\n"), (Known.TOO_OPEN, Known.SILENT)),
        (ENTRIES, Reply(255, "", "ldap_sasl_bind: Can't contact LDAP server (-1)\n"), ()),
        (Changed("dn: x\n"), Reply(0, ""), ""),
        (
            Changed("dn: x\n"),
            Reply(32, "", "ldap_delete: No such object (32)\n\tmatched DN: dc=x\n"),
            "ldap_delete: No such object (32)",
        ),
        (Changed("dn: x\n"), Reply(1, ""), "ldapmodify ended with 1"),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


def test_entries_are_read() -> None:
    said = f"dn: uid=adahl,ou=people,{BASE}\nuid: adahl\n\ndn: cn=it,{BASE}\nmemberUid: a\n\n"
    adahl, group = ENTRIES.read(Reply(0, said))
    assert (adahl.name, adahl.one("uid"), group.all("memberUid")) == ("adahl", "adahl", ("a",))


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (KNOWS, Reply(0, "0\n")),
        (KNOWS, Reply(0, "0\n127\n", "sh: 1: ldapwhoami: not found\n")),
        (ENTRIES, Reply(32, "", "No such object (32)\n")),
        (ENTRIES, Reply(0, "Segmentation fault\n\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_passwords_are_only_on_stdin() -> None:
    assert "Secret" not in KNOWS.command()
    assert "Secret" not in repr(KNOWS)
    assert KNOWS.stdin() == f"uid=adahl,{BASE}\nSecret-1\nuid=x\nSecret-2\n".encode()


def test_a_search_is_quoted() -> None:
    assert "'(uid=*)'" in ENTRIES.command()


def test_a_newcomer_joins_and_leaves() -> None:
    directory = Directory()
    with newcomer(Host("hub", lambda: directory), BASE, 2, "it") as person:
        assert (person.login, person.home) == ("grading-2", "/home/grading-2")
        joined = directory.changes[-1]
        assert f"userPassword: {person.password}" in joined
        assert f"dn: cn=it,ou=groups,{BASE}\nchangetype: modify\nadd: memberUid" in joined
        seen = len(directory.changes)
    left = directory.changes[seen:]
    assert f"dn: uid=grading-2,ou=people,{BASE}\nchangetype: delete\n" in left
    assert any("delete: memberUid" in change for change in left)


def test_a_newcomer_can_stand_elsewhere_and_be_over() -> None:
    directory = Directory()
    with newcomer(Host("hub", lambda: directory), BASE, 3, unit="services", ends=20100):
        joined = directory.changes[-1]
    assert f"dn: uid=grading-3,ou=services,{BASE}\n" in joined
    assert "\nshadowExpire: 20100\n" in joined


def test_who_was_left_behind_is_taken_out_first() -> None:
    directory = Directory()
    with newcomer(Host("hub", lambda: directory), BASE, 1):
        pass
    kinds = [change.split("changetype: ")[1].split()[0] for change in directory.changes]
    assert kinds == ["delete", "add", "delete"]


def test_what_is_not_there_need_not_be_taken_out() -> None:
    directory = Directory(refusing="delete")
    with newcomer(Host("hub", lambda: directory), BASE, 2, "it"):
        pass


def test_a_directory_that_takes_nobody_is_broken() -> None:
    directory = Directory("changetype: add", "ldap_add: Insufficient access (50)\n")
    with (
        pytest.raises(UnreadableOutput, match="grading-1 cannot be put into the directory"),
        newcomer(Host("hub", lambda: directory), BASE, 1),
    ):
        pytest.fail("nobody should have been there")


def test_a_directory_that_keeps_somebody_is_broken() -> None:
    directory = Directory("changetype: delete", "ldap_delete: Insufficient access (50)\n")
    with (
        pytest.raises(UnreadableOutput, match="cannot be taken out of it"),
        newcomer(Host("hub", lambda: directory), BASE, 1),
    ):
        pytest.fail("nobody should have been there")
