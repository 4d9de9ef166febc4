"""The options file: what the administrator settles, within what the licences allow.

    GROUP design ann bob            names for what follows
    INCLUDE drafter GROUP design    only these may use the feature
    EXCLUDE drafter USER zoe        these may not, whatever else is said
    RESERVE 1 render USER carl      seats that are kept for these
    MAX 2 render GROUP trainees     how many seats these have at most, together
    LINGER drafter 3600             seconds after which the seat of a client that is gone is free

A requester is USER name, HOST name or GROUP name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

SIZE, RULES = 65536, 512
"""How many bytes the file may have, and how many rules."""
LONGEST = 400 * 24 * 3600
"""Seconds that a seat may linger at most, where it does not for good."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_KINDS = ("USER", "HOST", "GROUP")


class Unreadable(Exception):
    """An options file that cannot be read; the text says which line is wrong, and how."""


class Asker(Protocol):
    """Who asks for a seat, or has one."""

    @property
    def user(self) -> str:
        """Their login."""

    @property
    def host(self) -> str:
        """The machine at which they sit."""


@dataclass(frozen=True, slots=True)
class Who:
    """Those whom a rule is about: a kind and a name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Share:
    """A number of seats of a feature, for some."""

    feature: str
    number: int
    who: Who


@dataclass(frozen=True)
class Options:
    """The rules of an options file."""

    groups: Mapping[str, frozenset[str]] = field(default_factory=dict)
    included: Mapping[str, tuple[Who, ...]] = field(default_factory=dict)
    excluded: Mapping[str, tuple[Who, ...]] = field(default_factory=dict)
    reserved: tuple[Share, ...] = ()
    limits: tuple[Share, ...] = ()
    lingers: Mapping[str, int] = field(default_factory=dict)

    def means(self, who: Who, asker: Asker) -> bool:
        """Whether a rule about `who` is about this asker."""
        match who.kind:
            case "USER":
                return who.name == asker.user
            case "HOST":
                return who.name == asker.host
            case _:
                return asker.user in self.groups.get(who.name, frozenset())

    def allows(self, feature: str, asker: Asker) -> bool:
        """Whether the asker may have the feature at all."""
        if any(self.means(who, asker) for who in self.excluded.get(feature, ())):
            return False
        included = self.included.get(feature)
        return included is None or any(self.means(who, asker) for who in included)

    def within_limits(self, feature: str, asker: Asker, holders: Iterable[Asker]) -> bool:
        """Whether one more seat of the feature stays within every limit on this asker."""
        seated = tuple(holders)
        return all(
            sum(self.means(limit.who, one) for one in seated) < limit.number
            for limit in self.limits
            if limit.feature == feature and self.means(limit.who, asker)
        )

    def kept_from(self, feature: str, asker: Asker, holders: Iterable[Asker]) -> int:
        """How many seats are kept for others, beside those that these have already."""
        seated = tuple(holders)
        return sum(
            max(0, share.number - sum(self.means(share.who, one) for one in seated))
            for share in self.reserved
            if share.feature == feature and not self.means(share.who, asker)
        )


def read(file: Path) -> Options:
    """The options in a file, none if it does not exist; raises Unreadable."""
    try:
        with file.open("rb") as opened:
            content = opened.read(SIZE + 1)
    except FileNotFoundError:
        return Options()
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror}") from None
    if len(content) > SIZE:
        raise Unreadable(f"{file}: larger than {SIZE} bytes")
    try:
        return parsed(content.decode())
    except UnicodeDecodeError:
        raise Unreadable(f"{file}: it is no text") from None
    except Unreadable as error:
        raise Unreadable(f"{file}: {error}") from None


def parsed(text: str) -> Options:
    """The options that `text` says; raises Unreadable."""
    draft = _Draft()
    rules = 0
    for number, raw in enumerate(text.splitlines(), start=1):
        words = raw.split("#", 1)[0].split()
        rules += bool(words)
        if rules > RULES:
            raise Unreadable(f"line {number}: more than {RULES} rules")
        if wrong := [word for word in words if not _NAME.fullmatch(word)]:
            raise Unreadable(f"line {number}: {wrong[0][:40]!r} is neither a name nor a number")
        if words and not draft.take(words, number):
            raise Unreadable(f"line {number}: {' '.join(words)[:60]!r} is no rule")
    return draft.done()


@dataclass
class _Draft:
    """Options of which not all lines are read yet."""

    groups: dict[str, set[str]] = field(default_factory=dict)
    about: dict[str, dict[str, list[Who]]] = field(default_factory=dict)
    shares: dict[str, list[Share]] = field(default_factory=dict)
    lingers: dict[str, int] = field(default_factory=dict)
    mentioned: list[tuple[int, str]] = field(default_factory=list)

    def take(self, words: list[str], number: int) -> bool:
        """Read one line; False if it is no rule."""
        match words:
            case ["GROUP", name, *members] if members:
                self.groups.setdefault(name, set()).update(members)
            case ["INCLUDE" | "EXCLUDE" as verb, feature, kind, name] if kind in _KINDS:
                self.about.setdefault(verb, {}).setdefault(feature, []).append(Who(kind, name))
            case ["RESERVE" | "MAX" as verb, count, feature, kind, name] if (
                kind in _KINDS and _number(count)
            ):
                share = Share(feature, int(count), Who(kind, name))
                self.shares.setdefault(verb, []).append(share)
            case ["LINGER", feature, seconds] if _number(seconds):
                self.lingers[feature] = min(int(seconds), LONGEST)
            case _:
                return False
        if words[-2] == "GROUP" and words[0] != "GROUP":
            self.mentioned.append((number, words[-1]))
        return True

    def done(self) -> Options:
        """The options; raises Unreadable where a group does not exist."""
        for number, name in self.mentioned:
            if name not in self.groups:
                raise Unreadable(f"line {number}: there is no group {name!r}")
        about = {
            verb: {feature: tuple(whom) for feature, whom in rules.items()}
            for verb, rules in self.about.items()
        }
        return Options(
            groups={name: frozenset(members) for name, members in self.groups.items()},
            included=about.get("INCLUDE", {}),
            excluded=about.get("EXCLUDE", {}),
            reserved=tuple(self.shares.get("RESERVE", ())),
            limits=tuple(self.shares.get("MAX", ())),
            lingers=self.lingers,
        )


def _number(text: str) -> bool:
    return re.fullmatch(r"[0-9]{1,9}", text) is not None
