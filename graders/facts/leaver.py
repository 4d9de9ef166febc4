"""The small office on the day on which somebody leaves it, as the values have it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graders.facts.fileserver import members
from graders.facts.ldif import Entry
from graders.facts.office import Account, Machine, accounts, groups, machines, unlike
from runner.values import Person, Values


@dataclass(frozen=True, slots=True)
class Cast:
    """Who is who for the one who leaves; `place` is theirs among the staff, counted from 0."""

    leaver: Person
    place: int
    manager: Person
    colleague: Person
    namesake: Person
    """Somebody of the same name in another department."""
    others: tuple[Person, ...]
    """All who stay: the rest of the staff, and the namesake."""


def cast(values: Values) -> Cast:
    """The people of the day. The leaver's department is the first, its head the manager."""
    staff, login = values.people("staff"), values.text("leaver")
    place = next(number for number, one in enumerate(staff) if one.login == login)
    leaver, department = staff[place], members(values, values.texts("departments")[0])
    namesake = Person(
        leaver.given, leaver.family, values.text("namesake"), values.text("namesake_password")
    )
    return Cast(
        leaver=leaver,
        place=place,
        manager=department[0],
        colleague=department[-1],
        namesake=namesake,
        others=(*(one for one in staff if one is not leaver), namesake),
    )


def pcs(values: Values) -> tuple[Machine, ...]:
    """Everybody's PC, the namesake's last."""
    login, department, asset, name, mac, room, number = values.text("namesake_machine").split(";")
    return (*machines(values), Machine(login, department, asset, name, mac, room, int(number)))


def changed_for_others(found: Iterable[Entry], values: Values) -> frozenset[str]:
    """Which accounts and groups of the directory are not as they were, the leaver aside.

    Whether the leaver is still in the department makes no difference, nor do accounts that nobody
    had there.
    """
    entries, login = tuple(found), values.text("leaver")
    own, theirs = values.texts("departments")[:2]
    known = dict(accounts(values))
    known[values.text("namesake")] = Account(values.number("first_uid") + _NAMESAKE)
    before = dict(groups(values))
    before[theirs] |= {values.text("namesake")}
    after = {**before, own: before[own] - {login}}
    changed = {*unlike(entries, known, before)} & {*unlike(entries, known, after)}
    added = {one.name for one in entries if one.one("uidNumber") and one.name not in known}
    return frozenset(changed - added - {login})


_NAMESAKE = 20
"""How far above the first number of the staff the namesake's is."""


def documents(values: Values) -> Mapping[str, str]:
    """What the leaver keeps at home: for each path the SHA-256."""
    titles = values.texts("papers")
    wanted = {f"Documents/{one}.csv": f"own {one}" for one in titles}
    wanted[f"Documents/to be filed/{titles[0]}.csv"] = f"filed {titles[0]}"
    wanted[".local/share/contacts/suppliers.csv"] = "contacts"
    return {path: _sha256(_line(values, title)) for path, title in wanted.items()}


def drafts(values: Values) -> Mapping[str, str]:
    """What the leaver has in work in the department's folder: for each path there the SHA-256."""
    folder = values.text("desk_folder")
    return {
        f"{folder}/{title}.csv": _sha256(_line(values, f"draft {title}"))
        for title in values.texts("papers")[1:]
    }


def letters(values: Values) -> Mapping[str, str]:
    """The mails in the leaver's mailbox: for each subject the SHA-256 of the file."""
    found = {}
    for paper in values.texts("papers")[:3]:
        title = f"letter {paper}"
        lines = (
            f"From: orders@{values.text('provider')}.test",
            f"To: {values.text('leaver')}@{values.company().domain}",
            f"Subject: {title}",
            "Date: Mon, 02 Nov 2026 09:00:00 +0000",
            "",
            _line(values, title),
        )
        found[title] = _sha256("\n".join(lines))
    return found


def _line(values: Values, title: str) -> str:
    return f"{values.company().name};{values.seed};{values.text('leaver')};{title}"


def _sha256(text: str) -> str:
    return hashlib.sha256(f"{text}\n".encode()).hexdigest()
