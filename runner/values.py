"""What the seed draws: every name, number, password and fault that makes a world its own."""

from __future__ import annotations

import hashlib
import itertools
import random
import string
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

K = TypeVar("K")

MASK = "***"
SEED_LIMIT = 2**31

# Without the characters that are mistaken for each other when read from a screen.
_LETTERS = "".join(c for c in string.ascii_letters if c not in "lIOo")
_DIGITS = "23456789"
_MARKS = "-+_.="
_TRIES = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the company. `login` is unique within one world; `password` fits any policy."""

    given: str
    family: str
    login: str
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True)
class Company:
    """The company of the world: `domain` ends in the reserved .test."""

    name: str
    short: str
    domain: str


@dataclass(frozen=True)
class Names:
    """The stock of names to draw from."""

    given: tuple[str, ...]
    family: tuple[str, ...]
    companies: tuple[str, ...]


Kind = Literal[
    "fixed",
    "choice",
    "sample",
    "number",
    "password",
    "token",
    "person",
    "people",
    "company",
    "text",
]


@dataclass(frozen=True, slots=True)
class Declaration:
    """How one value comes to be, as an author declares it in `lab.yaml`.

    kind and what `argument` means: fixed (the value), choice (options), sample (options, `count`
    of them in random order), number ((low, high), both included), password (length), token (number
    of hex digits), person (None), people (how many), company (None), text (a template over the
    values above it). `secret` values may stand nowhere in a host that the apprentice reaches;
    `found_in` names the places where the task is to find it.
    """

    kind: Kind
    argument: Any
    count: int = 1
    secret: bool = False
    found_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Values(Mapping[str, Any]):
    """The drawn values, by name. The typed readers say what a grader expects to get."""

    seed: int
    drawn: Mapping[str, Any] = field(repr=False)
    secrets: frozenset[str] = field(default_factory=frozenset, repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.drawn[name]

    def __iter__(self) -> Any:
        return iter(self.drawn)

    def __len__(self) -> int:
        return len(self.drawn)

    def text(self, name: str) -> str:
        """A value that is text."""
        return _typed(self, name, str)

    def number(self, name: str) -> int:
        """A value that is a whole number."""
        return _typed(self, name, int)

    def texts(self, name: str) -> tuple[str, ...]:
        """A value that is a list of texts."""
        return tuple(str(item) for item in _typed(self, name, tuple))

    def person(self, name: str) -> Person:
        """A value that is a person."""
        return _typed(self, name, Person)

    def people(self, name: str) -> tuple[Person, ...]:
        """A value that is a list of people."""
        return _typed(self, name, tuple)

    def company(self, name: str = "company") -> Company:
        """A value that is a company."""
        return _typed(self, name, Company)

    def mask(self, text: str) -> str:
        """`text` with every drawn password blanked out."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        return text


def new_seed() -> int:
    """A fresh seed: short enough to read out over the phone."""
    return random.SystemRandom().randrange(1, 1_000_000)


def draw(
    declarations: Mapping[str, Declaration],
    seed: int,
    names: Names,
    render: Callable[[str, Mapping[str, Any]], str],
) -> Values:
    """Draw every value. Each has its own stream of chance, so a new one shifts no other.

    The one exception: logins are unique, so a person whose login a new one above has taken is
    drawn anew.
    `render(template, values)` fills a `text` template with the values above it.
    """
    drawn: dict[str, Any] = {}
    logins: set[str] = set()
    secrets: set[str] = set()
    for name, declared in declarations.items():
        chance = random.Random(hashlib.sha256(f"{seed}:{name}".encode()).digest())  # noqa: S311
        drawn[name] = _drawn(declared, chance, names, logins, lambda t: render(t, drawn))
        secrets |= _passwords(declared, drawn[name])
    return Values(seed=seed, drawn=drawn, secrets=frozenset(secrets))


def _drawn(  # noqa: C901, PLR0911 - one line for each kind
    declared: Declaration,
    chance: random.Random,
    names: Names,
    logins: set[str],
    render: Callable[[str], str],
) -> Any:
    match declared.kind:
        case "fixed":
            return _frozen(declared.argument)
        case "choice":
            return _frozen(chance.choice(list(declared.argument)))
        case "sample":
            return _frozen(chance.sample(list(declared.argument), declared.count))
        case "number":
            low, high = declared.argument
            return chance.randint(low, high)
        case "password":
            return _password(chance, declared.argument)
        case "token":
            return "".join(chance.choices("0123456789abcdef", k=declared.argument))
        case "person":
            return _person(chance, names, logins)
        case "people":
            return tuple(_person(chance, names, logins) for _ in range(declared.argument))
        case "company":
            return _company(chance, names)
        case "text":
            return render(declared.argument)


def _frozen(value: Any) -> Any:
    """Lists, as YAML has them, as tuples: that is what `Values.texts` hands out."""
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _password(chance: random.Random, length: int) -> str:
    """At least one of each class, a letter first: fits every policy and every shell."""
    rest = [chance.choice(_DIGITS), chance.choice(_MARKS)]
    rest += [chance.choice(string.ascii_uppercase[:8]), chance.choice("abcdefgh")]
    rest += chance.choices(_LETTERS + _DIGITS, k=max(length - 5, 0))
    chance.shuffle(rest)
    return chance.choice(_LETTERS) + "".join(rest)


def _person(chance: random.Random, names: Names, logins: set[str]) -> Person:
    given = family = login = ""
    for _ in range(_TRIES):
        given, family = chance.choice(names.given), chance.choice(names.family)
        login = _ascii(f"{given[0]}{family}")
        if login not in logins:
            break
    else:
        # The stock of names is as good as used up: number the namesakes, as companies do.
        numbered = (f"{login}{number}" for number in itertools.count(2))
        login = next(one for one in numbered if one not in logins)
    logins.add(login)
    return Person(given, family, login, _password(chance, 14))


def _company(chance: random.Random, names: Names) -> Company:
    name = chance.choice(names.companies)
    short = _ascii(name.split()[0])[:12]
    return Company(name, short, f"{short}.test")


def _ascii(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in plain.lower() if c.isalnum())


def _passwords(declared: Declaration, value: Any) -> set[str]:
    match declared.kind:
        case "password":
            return {value}
        case "person":
            return {value.password}
        case "people":
            return {person.password for person in value}
        case _:
            return set()


def _typed(values: Values, name: str, kind: type[K]) -> K:
    value = values.drawn[name]
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        found = type(value).__name__
        raise TypeError(f"value {name!r} is a {found}; the grader asked for {kind.__name__}")
    return value
