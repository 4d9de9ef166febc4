"""The small office's books, and what of a directory is not like them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from graders.facts.ldif import Entry
from graders.facts.office import Account, Machine, accounts, base, groups, machines, unlike
from runner.values import Company, Person, Values

DRAWN: Mapping[str, Any] = {
    "company": Company("Oakhurst Insurance", "oakhurst", "oakhurst.test"),
    "staff": (Person("Ada", "Dahl", "adahl", "p1"), Person("Mei", "Park", "mpark", "p2")),
    "former": (Person("Noor", "Weiss", "nweiss", "p3"),),
    "departments": ("sal", "log"),
    "machines": "adahl;it;4711;lis-it-4711;5c:60:ba:00:00:01;1.04;200\n"
    "mpark;sal;4718;lis-sal-4718;5c:60:ba:00:00:02;2.05;201\n",
    "first_uid": 20000,
    "left_on": 20100,
    "contract_ends": 23456,
    "service": "copier",
}
OFFICE = Values(1, DRAWN)
PEOPLE = {"adahl": Account(20000), "nweiss": Account(20050, "20100")}
GROUPS = {"staff": frozenset[str](), "it": frozenset({"adahl"})}


def entry(name: str, **attributes: str) -> Entry:
    values = {key.lower(): tuple(value.split()) for key, value in attributes.items()}
    return Entry(f"cn={name},dc=oakhurst,dc=test", values)


STANDING = (
    entry("adahl", uidNumber="20000"),
    entry("nweiss", uidNumber="20050", shadowExpire="20100"),
    entry("staff"),
    entry("it", memberUid="adahl"),
)


def test_the_books_are_read() -> None:
    first, second = machines(OFFICE)
    assert first == Machine("adahl", "it", "4711", "lis-it-4711", "5c:60:ba:00:00:01", "1.04", 200)
    assert second.number == 201
    assert base(OFFICE) == "dc=oakhurst,dc=test"
    assert accounts(OFFICE) == {
        "adahl": Account(20000),
        "mpark": Account(20001, "23456"),
        "nweiss": Account(20050, "20100"),
        "copier": Account(19990),
    }
    assert groups(OFFICE) == {
        "staff": frozenset(),
        "it": frozenset({"adahl"}),
        "sal": frozenset({"mpark", "nweiss"}),
        "log": frozenset(),
    }


def test_a_directory_as_it_was() -> None:
    beside = (entry("grading-1", uidNumber="59001"), entry("it", memberUid="adahl grading-2"))
    assert unlike(STANDING, PEOPLE, GROUPS) == ()
    assert unlike((*STANDING[:-1], *beside), PEOPLE, GROUPS) == ()


@pytest.mark.parametrize(
    ("found", "wrong"),
    [
        ((), ("adahl", "it", "nweiss", "staff")),
        (STANDING[1:], ("adahl",)),
        ((*STANDING[:1], *STANDING[2:]), ("nweiss",)),
        ((*STANDING, entry("thief", uidNumber="0")), ("thief",)),
        ((*STANDING[:-1], entry("it", memberUid="adahl mpark")), ("it",)),
        ((*STANDING[2:], STANDING[0], entry("nweiss", uidNumber="20050")), ("nweiss",)),
        ((*STANDING[1:], entry("adahl", uidNumber="0")), ("adahl",)),
        ((*STANDING, entry("wheel", memberUid="adahl")), ("wheel",)),
    ],
)
def test_what_has_changed_is_named(found: tuple[Entry, ...], wrong: tuple[str, ...]) -> None:
    assert unlike(found, PEOPLE, GROUPS) == wrong
