"""The file server and the devices of the small office, from values as a lab draws them."""

from __future__ import annotations

import hashlib

from graders.facts import fileserver
from graders.facts.netmap import Device
from runner.values import Company, Person, Values

STAFF = tuple(Person("A", "B", f"person{number}", "secret") for number in range(7))
VALUES = Values(
    7,
    {
        "company": Company("Acme Tools", "acme", "acme.test"),
        "departments": ("sales", "design", "service"),
        "staff": STAFF,
        "papers": ("plan", "budget"),
        "policies": ("travel",),
        "private_folder": "salaries",
        "devices": "ACM-1|5|02:50:a1:b2:c3:d4|4F2A1|Lumen L4|printer|80=web,9100=pjl,ping\n"
        "|17|02:50:a1:b2:c3:d5|4F2A2|Torrus One|media box|36100=web\n"
        "ACM-2|-|02:50:a1:b2:c3:d6|4F2A3|Lumen L4|printer|80=web,ping\n",
    },
)


def test_the_staff_goes_round_the_departments() -> None:
    assert fileserver.heads(VALUES) == STAFF[:3]
    assert fileserver.workers(VALUES) == STAFF[3:]
    assert fileserver.members(VALUES, "sales") == (STAFF[0], STAFF[3], STAFF[6])
    assert fileserver.members(VALUES, "service") == (STAFF[2], STAFF[5])
    assert fileserver.department_of(VALUES, STAFF[4]) == "design"


def test_documents_are_known_by_their_place() -> None:
    assert fileserver.papers(VALUES) == ("plan.csv", "budget.csv")
    assert fileserver.papers(VALUES, "/srv/policies") == ("travel.csv",)
    assert fileserver.folders(VALUES)[2:] == (
        "/srv/departments/service",
        "/srv/departments/sales/salaries",
        "/srv/policies",
    )
    expected = hashlib.sha256(b"Acme Tools;7;salaries;plan\n").hexdigest()
    assert fileserver.digest(VALUES, "/srv/departments/sales/salaries", "plan.csv") == expected


def test_only_what_is_plugged_in_is_in_the_network() -> None:
    assert fileserver.equipment(VALUES, "10.1.2") == {
        "10.1.2.5": Device("10.1.2.5", "0250a1b2c3d4", "ACM-1", "Lumen L4", frozenset({80, 9100})),
        "10.1.2.17": Device("10.1.2.17", "0250a1b2c3d5", "", "Torrus One", frozenset({36100})),
    }
