"""LDIF, in which directories are asked and answer: text to entries, entries to text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field

from runner.errors import UnreadableOutput


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a directory. Attribute names are case-insensitive, as in LDAP."""

    dn: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The first part of the dn, without its kind: the common name of a person or group."""
        return common_name(self.dn)

    def below(self, dn: str) -> bool:
        """The entry stands somewhere below `dn`."""
        return self.dn.lower().endswith(f",{dn.lower()}")

    def all(self, attribute: str) -> tuple[str, ...]:
        """Every value of the attribute; empty if the entry has none."""
        return self.attributes.get(attribute.lower(), ())

    def one(self, attribute: str) -> str:
        """The first value of the attribute; empty if the entry has none."""
        return next(iter(self.all(attribute)), "")

    def number(self, attribute: str, default: int = 0) -> int:
        """The attribute as a whole number."""
        text = self.one(attribute)
        try:
            return int(text) if text else default
        except ValueError:
            raise UnreadableOutput(
                f"{attribute} of {self.dn} is {text!r}; a whole number was expected"
            ) from None


def entries(text: str) -> tuple[Entry, ...]:
    """The entries in an answer of ldapsearch or ldbsearch; referrals and comments are left out."""
    found = []
    for block in text.replace("\r", "").replace("\n ", "").split("\n\n"):
        lines = [line for line in block.splitlines() if line and not line.startswith("#")]
        pairs = [_pair(line) for line in lines if not line.startswith("ref:")]
        if not pairs:
            continue
        if pairs[0][0] != "dn":
            raise UnreadableOutput(f"an entry begins with {lines[0]!r}; its dn was expected")
        attributes: dict[str, tuple[str, ...]] = {}
        for name, value in pairs[1:]:
            attributes[name] = (*attributes.get(name, ()), value)
        found.append(Entry(pairs[0][1], attributes))
    return tuple(found)


def common_name(dn: str) -> str:
    """The first part of a dn, without its kind."""
    return dn.split(",", maxsplit=1)[0].partition("=")[2]


def quoted_password(password: str) -> str:
    """A password as the attribute unicodePwd takes it: in quotes, UTF-16, base64 for LDIF."""
    return base64.b64encode(f'"{password}"'.encode("utf-16-le")).decode()


def modification(dn: str, **values: str | int) -> str:
    """A change that replaces attributes of one entry; a name ending in `__` is given in base64."""
    parts = [f"dn: {dn}", "changetype: modify"]
    for name, value in values.items():
        bare = name.removesuffix("__")
        parts += [f"replace: {bare}", f"{bare}{'::' if bare != name else ':'} {value}", "-"]
    return "\n".join(parts) + "\n\n"


def _pair(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon:
        raise UnreadableOutput(f"{line!r} is no line of LDIF; 'attribute: value' was expected")
    if not value.startswith(":"):
        return name.lower(), value.strip()
    try:
        return name.lower(), base64.b64decode(value[1:].strip()).decode(errors="replace")
    except binascii.Error:
        raise UnreadableOutput(f"{line!r} is not base64, as its '::' says") from None
