"""Accounts tried and made by the grader leave nothing behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from graders.facts.accounts import log_in, may_reset
from graders.facts.directory import LogIn
from graders.facts.ldif import Entry
from graders.facts.stand_in import stand_in
from runner.errors import UnreadableOutput
from runner.host import Host, Reply
from runner.values import Person
from runner.verdict import Failure

MADE = Reply(0, "Modified 1 records successfully\n")
WRONG = "{} ldap_bind: ... AcceptSecurityContext error, data 52e, v1db1 \n"
ADAHL = Person("Ada", "Dahl", "adahl", "secret")


def refusal(kind: str) -> Reply:
    return Reply(1, "", f'ERR: ({kind}) "..." on DN CN=x at block before line 1\n')


@dataclass
class Told:
    """A connection that gives prepared replies and keeps what it was told."""

    replies: Iterator[Reply]
    heard: list[str] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """The next reply, whatever is asked."""
        assert timeout >= 10.0
        assert user is None
        self.heard.append(f"{command}\n{stdin.decode()}")
        return next(self.replies)

    def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def host() -> Callable[..., tuple[Host, list[str]]]:
    def made(*replies: Reply) -> tuple[Host, list[str]]:
        told = Told(iter(replies))
        return Host("dc", lambda: told), told.heard

    return made


Hosts = Callable[..., tuple[Host, list[str]]]


def test_wrong_logins_are_taken_back(host: Hosts) -> None:
    client, _ = host(Reply(0, WRONG.format(0) + WRONG.format(1) + "2 u:OFFICE\\c\n"))
    counted = "dn: CN=A,DC=x\nbadPwdCount: 1\n\ndn: CN=B,DC=x\nbadPwdCount: 0\n\n"
    controller, heard = host(Reply(0, counted), MADE)
    found = log_in(client, controller, {"a": "1", "b": "2", "c": "3"})
    assert found == {"a": LogIn.WRONG, "b": LogIn.WRONG, "c": LogIn.ACCEPTED}
    assert "dn: CN=A,DC=x" in heard[1]
    assert "CN=B" not in heard[1]


def test_right_logins_ask_the_controller_nothing(host: Hosts) -> None:
    client, _ = host(Reply(0, "0 u:OFFICE\\a\n"))
    controller, heard = host()
    assert log_in(client, controller, {"a": "1"}) == {"a": LogIn.ACCEPTED}
    assert heard == []


def test_who_may_reset_is_found_out_without_a_reset(host: Hosts) -> None:
    client, heard = host(Reply(0, "0 53\n1 50\n"))
    entries = (Entry("CN=A,OU=Staff,DC=x"), Entry("CN=B,OU=IT,DC=x"))
    assert may_reset(client, ADAHL, entries) == {"A": True, "B": False}
    assert heard[0].count("unicodePwd:: eA==") == 2


def test_a_stand_in_goes_when_the_check_fails(host: Hosts) -> None:
    controller, heard = host(MADE, MADE)

    def failing() -> None:
        with stand_in(controller, "x", earlier=2, must_change=True) as account:
            raise Failure(f"{len(account.passwords)} passwords")

    with pytest.raises(Failure, match="3 passwords"):
        failing()
    assert heard[0].count("unicodePwd::") == 3
    assert "pwdLastSet: 0" in heard[0]
    assert "changetype: delete" in heard[1]


def test_a_stand_in_left_behind_is_replaced(host: Hosts) -> None:
    controller, heard = host(refusal("Entry already exists"), MADE, MADE, MADE)
    with stand_in(controller, "x"):
        pass
    assert "changetype: delete" in heard[1]
    assert heard[2] == heard[0]


def test_without_its_place_a_stand_in_cannot_be(host: Hosts) -> None:
    controller, _ = host(refusal("No such object"))
    with pytest.raises(Failure, match="OU=Staff"), stand_in(controller, "x"):
        pass


def test_another_refusal_is_no_verdict(host: Hosts) -> None:
    controller, _ = host(refusal("Busy"))
    with pytest.raises(UnreadableOutput), stand_in(controller, "x"):
        pass
