"""The small office's file server and devices, as its scenario lays them down from the values."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from graders.facts.netmap import Device, hardware
from runner.values import Person, Values

MANAGEMENT = "management"
"""The group of the heads of the departments."""
DEPARTMENTS, POLICIES = "/srv/departments", "/srv/policies"


def heads(values: Values) -> tuple[Person, ...]:
    """The heads of the departments, in their order."""
    return values.people("staff")[: len(values.texts("departments"))]


def workers(values: Values) -> tuple[Person, ...]:
    """Who is no head: one of each department, then round again."""
    return values.people("staff")[len(values.texts("departments")) :]


def members(values: Values, department: str) -> tuple[Person, ...]:
    """Who is in the department, its head first."""
    departments = values.texts("departments")
    return values.people("staff")[departments.index(department) :: len(departments)]


def department_of(values: Values, person: Person) -> str:
    """Where somebody of the staff works."""
    departments = values.texts("departments")
    return departments[values.people("staff").index(person) % len(departments)]


def folders(values: Values) -> tuple[str, ...]:
    """The folders of the file server in which there are documents."""
    departments = values.texts("departments")
    return (
        *(f"{DEPARTMENTS}/{department}" for department in departments),
        f"{DEPARTMENTS}/{departments[0]}/{values.text('private_folder')}",
        POLICIES,
    )


def papers(values: Values, folder: str = "") -> tuple[str, ...]:
    """The names of the documents in a folder; all departments keep the same ones."""
    kind = "policies" if folder == POLICIES else "papers"
    return tuple(f"{paper}.csv" for paper in values.texts(kind))


def digest(values: Values, folder: str, paper: str) -> str:
    """The SHA-256 of what a document holds."""
    name, title = folder.rpartition("/")[2], paper.removesuffix(".csv")
    line = f"{values.company().name};{values.seed};{name};{title}"
    return hashlib.sha256(f"{line}\n".encode()).hexdigest()


def equipment(values: Values, network: str) -> Mapping[str, Device]:
    """The devices in the network by address; `network` is what their addresses begin with."""
    found = {}
    for line in values.text("devices").splitlines():
        label, number, mac, _, model, _, answers = line.split("|")
        if number != "-":
            ports = (answer.partition("=") for answer in answers.split(","))
            numbers = frozenset(int(port) for port, mark, _ in ports if mark)
            address = f"{network}.{number}"
            found[address] = Device(address, hardware(mac), label, model, numbers)
    return found
