"""Who has which address, and mails that a check writes from outside and looks for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from graders.facts.letters import (
    address_of,
    called,
    contract,
    digest,
    from_outside,
    loser_of,
    mail_of,
    require_arrived,
    require_not_seen,
    require_reads,
    require_sent,
)
from graders.facts.mailboxes import Seen
from graders.facts.post import Said
from runner.host import Connection, Host, Reply
from runner.values import Company, Person, Values
from runner.verdict import Failure

ADA, BO = Person("Ada", "Dahl", "adahl", "Secret-1"), Person("Bo", "Okafor", "bokafor", "Secret-2")
OFFICE = Values(
    7,
    {
        "company": Company("Acme Tools", "acme", "acme.test"),
        "staff": (ADA, BO),
        "loser": "bokafor",
        "contract": 4711,
    },
)
FOUND = Seen(Said.YES, (("INBOX", ("ab12",)),))


@dataclass
class Answering(Connection):
    """A host that says the same to everything, and remembers what it was asked."""

    reply: Reply
    asked: list[str] = field(default_factory=list)

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """The one reply there is."""
        del stdin, timeout, user
        self.asked.append(command)
        return self.reply

    def close(self) -> None:
        """Nothing is open."""


def host(name: str, line: Answering) -> Host:
    return Host(name, lambda: line)


def test_people_have_the_addresses_of_the_company() -> None:
    assert mail_of(OFFICE, ADA) == "adahl@acme.test"
    assert address_of(OFFICE, "orders") == "orders@acme.test"
    assert loser_of(OFFICE) == BO


def test_messages_are_known_by_what_is_in_them() -> None:
    assert (contract(OFFICE), contract(OFFICE, -17)) == ("Contract 4711", "Contract 4694")
    expected = hashlib.sha256(b"Acme Tools;7;Contract 4711;renewed").hexdigest()
    assert digest(OFFICE, contract(OFFICE), "renewed") == expected


@pytest.mark.parametrize("folder", ["Suppliers", "INBOX/Suppliers", '"Old.Suppliers"'])
def test_a_folder_has_its_name_whatever_is_above_it(folder: str) -> None:
    assert called(folder) == "Suppliers"


def test_a_mail_for_each_address_is_sent_and_taken_away_again() -> None:
    desk, mail = Answering(Reply(0, "")), Answering(Reply(0, ""))
    with from_outside(host("desk", desk), host("mail", mail), "a@acme.test", "b@acme.test") as sent:
        first, second = sent
        assert first != second
        assert [f"--mail-rcpt {one}@acme.test" in desk.asked[n] for n, one in enumerate("ab")] == [
            True,
            True,
        ]
    assert "postqueue" in mail.asked[0]
    assert first.rpartition("-")[0] in mail.asked[-1]


def test_a_server_that_takes_no_mail_fails() -> None:
    desk, mail = Answering(Reply(55, "", "curl: (55) RCPT failed: 550")), Answering(Reply(0, ""))
    with (
        pytest.raises(Failure, match=r"a@acme\.test: it knows the login and refuses"),
        from_outside(host("desk", desk), host("mail", mail), "a@acme.test"),
    ):
        pytest.fail("nothing was sent")
    assert mail.asked


@pytest.mark.parametrize(
    ("requirement", "said"),
    [
        (lambda: require_reads(Seen(Said.NO_LOGIN), ADA), "adahl cannot read mail"),
        (lambda: require_arrived(Seen(Said.YES), ADA, "a@acme.test"), "adahl sees nothing"),
        (lambda: require_not_seen(FOUND, BO, "a@acme.test"), "bokafor sees what was sent"),
        (
            lambda: require_sent(
                host("desk", Answering(Reply(67, "", "curl: (67) Login denied"))),
                OFFICE,
                ADA,
                "b@acme.test",
                "grading-1",
            ),
            "adahl cannot send mail: the server refuses the login",
        ),
    ],
)
def test_what_does_not_hold_is_said(requirement: Callable[[], None], said: str) -> None:
    with pytest.raises(Failure, match=said):
        requirement()


def test_what_holds_is_taken() -> None:
    require_arrived(FOUND, ADA, "a@acme.test")
    require_not_seen(Seen(Said.NO_LOGIN), BO, "a@acme.test")
