"""Who leaves the small office and what they leave behind, from values as a lab draws them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import pytest

from graders.facts.ldif import Entry
from graders.facts.leaver import cast, changed_for_others, documents, drafts, letters, pcs
from graders.facts.office import Machine
from runner.values import Company, Person, Values

STAFF = tuple(Person("Ada", "Dahl", f"person{number}", f"p{number}") for number in range(7))
DRAWN: Mapping[str, Any] = {
    "company": Company("Acme Tools", "acme", "acme.test"),
    "departments": ("acc", "des", "log"),
    "staff": STAFF,
    "former": (),
    "leaver": "person3",
    "namesake": "person32",
    "namesake_password": "p32",
    "namesake_machine": "person32;des;4733;lis-des-4733;5c:60:ba:00:00:09;2.19;219",
    "machines": "person3;acc;4732;lis-acc-4732;5c:60:ba:00:00:03;1.07;203\n",
    "first_uid": 20000,
    "contract_ends": 23456,
    "service": "copier",
    "papers": ("plan", "budget", "claims", "offers"),
    "desk_folder": "wip",
    "provider": "postbox24",
}
OFFICE = Values(7, DRAWN)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def entry(name: str, **attributes: str) -> Entry:
    values = {key.lower(): tuple(value.split()) for key, value in attributes.items()}
    return Entry(f"cn={name},dc=acme,dc=test", values)


def directory(**other: str) -> list[Entry]:
    """As it is before anybody has done anything; `other` are members of groups that changed."""
    people = {f"person{number}": str(20000 + number) for number in range(7)}
    people |= {"person32": "20020", "copier": "19990"}
    ends = {"person6": {"shadowExpire": "23456"}}
    members = {"staff": "", "it": "", "acc": "person3", "des": "person32", "log": ""} | other
    return [
        *(entry(name, uidNumber=number, **ends.get(name, {})) for name, number in people.items()),
        *(entry(name, memberUid=inside) for name, inside in members.items()),
    ]


def test_everybody_has_a_part() -> None:
    who = cast(OFFICE)
    assert (who.leaver, who.place) == (STAFF[3], 3)
    assert (who.manager, who.colleague) == (STAFF[0], STAFF[6])
    assert who.namesake == Person("Ada", "Dahl", "person32", "p32")
    assert who.others == (*STAFF[:3], *STAFF[4:], who.namesake)


def test_the_namesake_has_a_pc_like_all() -> None:
    mine, theirs = pcs(OFFICE)
    assert mine.login == "person3"
    assert theirs == Machine(
        "person32", "des", "4733", "lis-des-4733", "5c:60:ba:00:00:09", "2.19", 219
    )


@pytest.mark.parametrize(
    ("found", "changed"),
    [
        (directory(), set()),
        (directory(acc=""), set()),
        ([one for one in directory() if one.name != "person3"], set()),
        ([*directory(), entry("somebody", uidNumber="31000")], set()),
        (directory(des=""), {"des"}),
        (directory(log="person3"), {"log"}),
        ([one for one in directory() if one.name != "person32"], {"person32"}),
        ([*directory()[1:], entry("person0", uidNumber="9")], {"person0"}),
    ],
)
def test_what_changed_for_others_is_told(found: list[Entry], changed: set[str]) -> None:
    assert changed_for_others(found, OFFICE) == changed


def test_what_was_written_is_known_by_its_hash() -> None:
    kept = documents(OFFICE)
    assert len(kept) == 6
    assert kept["Documents/plan.csv"] == sha256("Acme Tools;7;person3;own plan\n")
    assert kept["Documents/to be filed/plan.csv"] == sha256("Acme Tools;7;person3;filed plan\n")
    assert kept[".local/share/contacts/suppliers.csv"] == sha256("Acme Tools;7;person3;contacts\n")
    assert list(drafts(OFFICE)) == ["wip/budget.csv", "wip/claims.csv", "wip/offers.csv"]
    assert drafts(OFFICE)["wip/offers.csv"] == sha256("Acme Tools;7;person3;draft offers\n")


def test_a_mail_is_known_as_the_file_that_it_is() -> None:
    assert list(letters(OFFICE)) == ["letter plan", "letter budget", "letter claims"]
    assert letters(OFFICE)["letter plan"] == sha256(
        "From: orders@postbox24.test\nTo: person3@acme.test\nSubject: letter plan\n"
        "Date: Mon, 02 Nov 2026 09:00:00 +0000\n\nAcme Tools;7;person3;letter plan\n"
    )
