"""LDIF as ldapsearch and ldbsearch write it, read; and changes, written."""

from __future__ import annotations

import base64

import pytest

from graders.facts.ldif import Entry, entries, modification, quoted_password
from runner.errors import UnreadableOutput

LDBSEARCH = """\
# record 1
dn: CN=Ana Fischer,OU=Staff,DC=office,DC=test
memberOf: CN=Accounts,OU=Groups,DC=office,DC=test
memberOf: CN=Very Long Name Of A Department,OU=Groups,DC=off
 ice,DC=test
pwdLastSet: 134399290317214446
description:: w5xiZXI=

# Referral
ref: ldap://office.test/CN=Configuration,DC=office,DC=test

# returned 2 records
# 1 entries
# 1 referrals
"""
LDAPSEARCH = """\
dn: OU=Staff,DC=office,DC=test

dn: CN=Ana Fischer,OU=Staff,DC=office,DC=test
allowedAttributesEffective: lockoutTime
allowedAttributesEffective: pwdLastSet

# refldaps://office.test/CN=Configuration,DC=office,DC=test

"""
ANA = "CN=Ana Fischer,OU=Staff,DC=office,DC=test"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            LDBSEARCH,
            (
                Entry(
                    ANA,
                    {
                        "memberof": (
                            "CN=Accounts,OU=Groups,DC=office,DC=test",
                            "CN=Very Long Name Of A Department,OU=Groups,DC=office,DC=test",
                        ),
                        "pwdlastset": ("134399290317214446",),
                        "description": ("Über",),
                    },
                ),
            ),
        ),
        (
            LDAPSEARCH,
            (
                Entry("OU=Staff,DC=office,DC=test"),
                Entry(ANA, {"allowedattributeseffective": ("lockoutTime", "pwdLastSet")}),
            ),
        ),
        ("", ()),
    ],
)
def test_the_answer_is_read(text: str, found: tuple[Entry, ...]) -> None:
    assert entries(text) == found


@pytest.mark.parametrize(
    "text", ["cn: Ana\n", "dn: CN=Ana\nno colon here\n", "dn: CN=Ana\njpegPhoto:: a\n"]
)
def test_what_cannot_be_read_is_no_answer(text: str) -> None:
    with pytest.raises(UnreadableOutput):
        entries(text)


def test_an_entry_knows_its_place_and_its_numbers() -> None:
    entry = Entry(ANA, {"badpwdcount": ("3",), "cn": ("Ana Fischer",)})
    assert entry.name == "Ana Fischer"
    assert entry.below("ou=staff,DC=office,DC=test")
    assert not entry.below("OU=IT,DC=office,DC=test")
    assert entry.number("badPwdCount") == 3
    assert entry.number("lockoutTime") == 0
    with pytest.raises(UnreadableOutput):
        entry.number("cn")


def test_a_modification_replaces_each_attribute() -> None:
    assert modification("CN=a", unicodePwd__="eA==", pwdLastSet=0) == (
        "dn: CN=a\nchangetype: modify\nreplace: unicodePwd\nunicodePwd:: eA==\n-\n"
        "replace: pwdLastSet\npwdLastSet: 0\n-\n\n"
    )


def test_a_password_is_quoted_and_wide() -> None:
    assert base64.b64decode(quoted_password("aB3")).decode("utf-16-le") == '"aB3"'
