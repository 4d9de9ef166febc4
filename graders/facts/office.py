"""The small office as its books have it: who has which PC, and whom the directory knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graders.facts.ldif import Entry
from graders.facts.people import PREFIX
from runner.values import Values

IT = "it"
"""The department that is there whatever was drawn."""


@dataclass(frozen=True, slots=True)
class Machine:
    """A PC and who has it; `number` is that of its address in the office's network."""

    login: str
    department: str
    asset: str
    name: str
    mac: str
    room: str
    number: int


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody in the directory; `ends` is the day, counted from 1970, on which that is over."""

    number: int
    ends: str = ""


def machines(values: Values) -> tuple[Machine, ...]:
    """The PCs of the staff, in the order of the staff."""
    found = []
    for line in filter(None, values.text("machines").splitlines()):
        login, department, asset, name, mac, room, number = line.split(";")
        found.append(Machine(login, department, asset, name, mac, room, int(number)))
    return tuple(found)


def base(values: Values) -> str:
    """The distinguished name of the directory."""
    return "dc=" + values.company().domain.replace(".", ",dc=")


def accounts(values: Values) -> Mapping[str, Account]:
    """Whom the directory knows on a normal day, by login: staff, who has left, the device."""
    first, staff = values.number("first_uid"), values.people("staff")
    found = {person.login: Account(first + place) for place, person in enumerate(staff)}
    last = staff[-1].login
    found[last] = Account(found[last].number, str(values.number("contract_ends")))
    for place, person in enumerate(values.people("former")):
        ended = values.number("left_on") + 30 * place
        found[person.login] = Account(first + 50 + place, str(ended))
    return found | {values.text("service"): Account(first - 10)}


def groups(values: Values) -> Mapping[str, frozenset[str]]:
    """The groups' members on a normal day; those who have left are still in their department.

    Nobody is listed for `staff`: it is everybody's first group.
    """
    departments = values.texts("departments")
    found: dict[str, set[str]] = {name: set() for name in ("staff", IT, *departments)}
    for machine in machines(values):
        found[machine.department].add(machine.login)
    for department, person in zip(departments, values.people("former"), strict=False):
        found[department].add(person.login)
    return {name: frozenset(members) for name, members in found.items()}


def unlike(
    found: Iterable[Entry],
    known: Mapping[str, Account],
    members: Mapping[str, frozenset[str]],
) -> tuple[str, ...]:
    """Which entries of the directory are not these accounts and groups, are missing or too many.

    Of accounts that the grader has there for a moment nothing is said.
    """
    wrong = known.keys() | members.keys()
    for one in found:
        if one.name.startswith(PREFIX):
            continue
        if one.one("uidNumber"):
            there = Account(one.number("uidNumber"), one.one("shadowExpire"))
            same = there == known.get(one.name)
        else:
            inside = (name for name in one.all("memberUid") if not name.startswith(PREFIX))
            same = frozenset(inside) == members.get(one.name)
        wrong = wrong - {one.name} if same else wrong | {one.name}
    return tuple(sorted(wrong))
