"""Recorded answers of a Samba directory, read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graders.facts.directory import (
    Accounts,
    Altered,
    Asked,
    LogIn,
    LogIns,
    Permission,
    Writable,
    filetime,
    moment,
    named,
)
from graders.facts.ldif import Entry
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

REFUSED = (
    "{} ldap_bind: Invalid credentials (49) additional info: 80090308: LdapErr: DSID-0C0903A9, "
    "comment: AcceptSecurityContext error, data {}, v1db1 \n"
)
ONE = LogIns((("afischer", "secret word"),))
TWO = LogIns((("afischer", "x"), ("ejansen", "y")))
CHANGE = Asked("adahl", "secret", ("dn: CN=a b\n",))
COMPLAINT = (
    'ERR: ({}) "{}" on DN CN=grading-x,OU=Staff,DC=office,DC=test at block before line 5\n'
    "Modify failed after processing 0 records\n"
)


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (TWO, Reply(0, f"1 u:OFFICE\\ejansen \n{REFUSED.format(0, '52e')}"), ("WRONG", "ACCEPTED")),
        (ONE, Reply(0, REFUSED.format(0, "773")), ("MUST_CHANGE",)),
        (ONE, Reply(0, REFUSED.format(0, "775")), ("LOCKED",)),
        (ONE, Reply(0, REFUSED.format(0, "533")), ("DISABLED",)),
        (ONE, Reply(0, REFUSED.format(0, "701")), ("EXPIRED",)),
        (ONE, Reply(0, REFUSED.format(0, "532")), ("OUTDATED",)),
        (
            ONE,
            Reply(0, "0 ldap_sasl_bind(SIMPLE): Can't contact LDAP server (-1) \n"),
            ("UNANSWERED",),
        ),
    ],
)
def test_a_login_is_read(fact: LogIns, reply: Reply, found: tuple[str, ...]) -> None:
    assert fact.read(reply) == tuple(LogIn[name] for name in found)


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (CHANGE, Reply(0, "0 0\n"), (Permission.DONE,)),
        (CHANGE, Reply(0, "0 50\n"), (Permission.DENIED,)),
        (CHANGE, Reply(0, "0 53\n"), (Permission.UNFIT,)),
        (CHANGE, Reply(0, "0 19\n"), (Permission.AGAINST_RULES,)),
        (Altered("dn: x\n"), Reply(0, "Modified 1 records successfully\n"), ""),
        (
            Altered("dn: x\n"),
            Reply(
                32,
                "",
                COMPLAINT.format("No such object", "LDAP error 32 LDAP_NO_SUCH_OBJECT -  <...> <>"),
            ),
            "No such object: LDAP error 32 LDAP_NO_SUCH_OBJECT -  <...> <>",
        ),
        (
            Accounts("(cn=*)", ("cn",)),
            Reply(0, "# record 1\ndn: CN=a,DC=office,DC=test\ncn: a\n\n# returned 1 records\n"),
            (Entry("CN=a,DC=office,DC=test", {"cn": ("a",)}),),
        ),
        (
            Writable("adahl", "secret", "(cn=*)"),
            Reply(0, "dn: CN=a,DC=office,DC=test\n\n"),
            (Entry("CN=a,DC=office,DC=test"),),
        ),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (ONE, Reply(0, "")),
        (ONE, Reply(0, "read: bad option\n")),
        (ONE, Reply(0, REFUSED.format(0, "999"))),
        (ONE, Reply(0, "0 ldap_bind: Strong(er) authentication required (8) \n")),
        (TWO, Reply(0, "0 u:OFFICE\\afischer \n")),
        (CHANGE, Reply(0, "0 255\n")),
        (CHANGE, Reply(0, "0 49\n")),
        (CHANGE, Reply(0, "")),
        (Altered("dn: x\n"), Reply(1, "", "Failed to connect to ldapi:///x\n")),
        (Accounts("(cn=*)", ("cn",)), Reply(1, "", "search failed - connection dropped?\n")),
        (Writable("adahl", "secret", "(cn=*)"), Reply(49, "", "ldap_bind: Invalid\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize("fact", [ONE, CHANGE, Writable("adahl", "secret", "(cn=*)")])
def test_passwords_are_not_in_the_question(fact: Fact[Any]) -> None:
    assert "secret" not in fact.command()
    assert "secret" not in repr(fact)
    assert b"secret" in fact.stdin()


def test_changes_and_filters_are_quoted() -> None:
    assert "printf %s 'dn: CN=a b\n'" in CHANGE.command()
    assert "'(cn=$(id))'" in Accounts("(cn=$(id))", ("cn",)).command()


def test_moments_come_back() -> None:
    then = datetime(2031, 3, 31, 18, tzinfo=UTC)
    assert moment(filetime(then)) == then
    assert filetime(datetime(1970, 1, 1, tzinfo=UTC)) == 116444736000000000


def test_a_filter_names_every_account() -> None:
    assert named("a", "b") == "(|(sAMAccountName=a)(sAMAccountName=b))"
