"""Recorded answers about new passwords and the rules for them, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.passwords import Change, OwnPassword, Rules, RulesFor, varied
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

OWN = OwnPassword("afischer", "secret", "secret too")
PROMPTS = "Password for afischer@OFFICE.TEST: \nEnter new password: \nEnter it again: \n"
DOMAIN = """\
# record 2
dn: DC=office,DC=test
objectClass: domainDNS
lockoutThreshold: 6
pwdProperties: 1
minPwdLength: 9
pwdHistoryLength: 5

# Referral
ref: ldap://office.test/CN=Configuration,DC=office,DC=test

"""
POLICY = """\
# record 3
dn: CN=admins,CN=Password Settings Container,CN=System,DC=office,DC=test
objectClass: msDS-PasswordSettings
msDS-PasswordSettingsPrecedence: 10
msDS-PasswordComplexityEnabled: FALSE
msDS-PasswordHistoryLength: 0
msDS-MinimumPasswordLength: 16
msDS-LockoutThreshold: 0

"""
ACCOUNT = """\
# record 1
dn: CN=Administrator,CN=Users,DC=office,DC=test
sAMAccountName: Administrator
"""
APPLIES = (
    "msDS-ResultantPSO: CN=admins,CN=Password Settings Container,CN=System,DC=office,DC=tes\n t\n"
)
RULES = RulesFor("Administrator")


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (OWN, Reply(0, f"{PROMPTS}Password changed.\n"), Change.MADE),
        (
            OWN,
            Reply(
                2,
                f"{PROMPTS}Password change rejected: Password too short, password must be at "
                "least 5 characters long.\n",
            ),
            Change.AGAINST_RULES,
        ),
        (
            RULES,
            Reply(0, f"{ACCOUNT}\n{DOMAIN}{POLICY}"),
            Rules(length=9, varied=True, history=5, guesses=6),
        ),
        (
            RULES,
            Reply(0, f"{ACCOUNT}{APPLIES}\n{DOMAIN}{POLICY}"),
            Rules(length=16, varied=False, history=0, guesses=0),
        ),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (OWN, Reply(1, "", "kpasswd: Preauthentication failed getting initial ticket\n")),
        (OWN, Reply(1, "")),
        (RULES, Reply(0, f"{ACCOUNT}\n")),
        (RULES, Reply(0, DOMAIN)),
        (RULES, Reply(1, "", "search failed - connection to remote LDAP server dropped?\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_passwords_are_not_in_the_question() -> None:
    assert "secret" not in OWN.command() + repr(OWN)
    assert OWN.stdin() == b"secret\nsecret too\nsecret too\n"


@pytest.mark.parametrize("length", [4, 8, 15, 40])
def test_a_varied_password_has_every_kind_of_character(length: int) -> None:
    word = varied(length)
    assert len(word) == length
    assert all(
        (
            any(c.islower() for c in word),
            any(c.isupper() for c in word),
            any(c.isdigit() for c in word),
            any(not c.isalnum() for c in word),
        )
    )


def test_rules_are_told_in_words() -> None:
    assert str(Rules(16, varied=False, history=5, guesses=0)) == (
        "16 characters, of any kind, not the last 5, never locked"
    )
