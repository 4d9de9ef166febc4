"""A recorded case: one grading with every question and its whole answer, to be graded again.

What a check decides comes from its last look at the world, before and again after a restart: those
looks are kept, so a replay waits for nothing.

A drawn password stands nowhere in a case. In questions and answers alike its place is taken by its
name between angle quotes (`«boss.password»`), so a question of today finds its recorded answer
once it is masked the same way, and the seed gives the passwords that answers are filled with again.
A word that a grader makes up anew each time (the name of a print job, the time as a number) is
known by its form, twelve hexadecimal digits or more: a question that differs in nothing else is
answered, and in this and later answers of the look the recorded word becomes today's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from runner import errors
from runner.case import MADE_UP, Address, Case, Exchange, Judged, Standing, shape
from runner.catalogue import Lab
from runner.check import Check
from runner.errors import LookError, UsageError
from runner.grading import Limits, Stage, grade
from runner.host import Connection, Host, Reply
from runner.printable import one_line
from runner.values import Person, Values
from runner.verdict import Grade, Verdict

ANSWER_LIMIT = 1 << 18
"""Characters kept of one output of a command."""

_NAMED = re.compile(r"«([a-z0-9_.]+)»")


def record(
    lab: Lab, stage: Stage, told: Callable[[Verdict], None] = lambda _: None
) -> tuple[Grade, Case]:
    """Grade the world on `stage` and keep what was asked and answered."""
    masked = _Masked(stage.values)
    looks: dict[tuple[str, bool], list[Exchange]] = {}
    restarts: list[bool] = []

    def begun(check: str) -> _Through:
        again = bool(restarts)
        tape = looks[check, again] = []
        return lambda host, dialect, line: _Listening(host, dialect, line, masked, tape, again)

    def restart() -> None:
        restarts.append(True)
        stage.restart()

    found = grade(lab.code, _led(lab.checks, begun), replace(stage, restart=restart), told)
    return found, Case(
        format=1,
        code=lab.code,
        seed=stage.values.seed,
        revision=lab.revision,
        grader_revision=lab.grader_revision,
        hosts=tuple(_standing(host) for host in stage.hosts.values()),
        checks=tuple(
            Judged(
                check=verdict.check,
                outcome=verdict.outcome,
                reason=verdict.reason,
                after_restart=verdict.after_restart,
                # Those of a check that was given up may still be growing.
                exchanges=tuple(
                    exchange
                    for again in (False, True)
                    for exchange in tuple(looks.get((verdict.check, again), ()))
                ),
            )
            for verdict in found.verdicts
        ),
    )


def replay(case: Case, lab: Lab) -> Grade:
    """What the lab's checks of today say of the recorded world, without an engine or any waiting.

    A question that was not recorded makes its check BROKEN; the reason names it.
    """
    if lab.code != case.code:
        raise UsageError(f"The case was recorded in {case.code}; it says nothing about {lab.code}.")
    values = lab.values(case.seed)
    masked = _Masked(values)
    recorded = {one.check: one.exchanges for one in case.checks}
    restarts: list[bool] = []

    def begun(check: str) -> _Through:
        known = [one for one in recorded.get(check, ()) if one.after_restart == bool(restarts)]
        look = _Look(known, masked)
        return lambda host, dialect, _: _Replaying(host, dialect, look)

    checks = tuple(replace(one, within=0.0) for one in lab.checks)
    hosts = {
        one.name: Host(
            name=one.name,
            connection=_nowhere,
            prompt=lambda _: _nowhere(),
            address={place.network: place.address for place in one.addresses},
        )
        for one in case.hosts
    }
    stage = Stage(hosts, values, lambda: restarts.append(True), Limits(comeback=0.0))
    return grade(case.code, _led(checks, begun), stage)


_Line = Callable[[], Connection]
_Through = Callable[[str, str, _Line], Connection]
"""Makes the connection that a check gets, from host, dialect and the real one."""


def _led(checks: tuple[Check, ...], begun: Callable[[str], _Through]) -> tuple[Check, ...]:
    """The same checks with their questions led another way, which `begun` says at each look."""
    led: dict[str, Check] = {}
    for one in checks:
        # What comes after another is defined below it, so that one is there already.
        after = tuple(led[other.name] for other in one.after)
        led[one.name] = replace(one, function=_leading(one, begun), after=after)
    return tuple(led.values())


def _leading(check: Check, begun: Callable[[str], _Through]) -> Callable[..., None]:
    def look(**arguments: object) -> None:
        through = begun(check.name)
        check.function(
            **{
                name: _host_led(one, through) if isinstance(one, Host) else one
                for name, one in arguments.items()
            }
        )

    return look


def _host_led(host: Host, through: _Through) -> Host:
    """The same host, which keeps its evidence in the same list."""
    prompt = host.prompt
    return replace(
        host,
        connection=lambda: through(host.name, "", host.connection),
        prompt=prompt and (lambda dialect: through(host.name, dialect, lambda: prompt(dialect))),
    )


@dataclass(frozen=True)
class _Listening:
    """A connection that keeps what went over it. Opened when asked, so that a refusal is kept."""

    host: str
    dialect: str
    line: _Line
    masked: _Masked
    tape: list[Exchange]
    after_restart: bool

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        asked = {
            "host": self.host,
            "user": user or "root",
            "dialect": self.dialect,
            "question": self.masked(command),
            "stdin": self.masked(_text(stdin)),
            "after_restart": self.after_restart,
        }
        try:
            reply = self.line().run(command, stdin=stdin, timeout=timeout, user=user)
        except LookError as error:
            self._keep(asked, None, Reply(0, ""), error)
            raise
        self._keep(asked, reply.status, reply, None)
        return reply

    def _keep(
        self, asked: Mapping[str, Any], status: int | None, reply: Reply, error: LookError | None
    ) -> None:
        self.tape.append(
            Exchange(
                **asked,
                status=status,
                stdout=self.masked(reply.stdout)[:ANSWER_LIMIT],
                stderr=self.masked(reply.stderr)[:ANSWER_LIMIT],
                truncated=reply.truncated,
                error=_kind(error),
                message=self.masked(str(error)) if error else "",
            )
        )

    def close(self) -> None:
        """The real connection is not ours to close."""


@dataclass(frozen=True)
class _Replaying:
    """A connection that answers from one recorded look."""

    host: str
    dialect: str
    look: _Look

    def run(
        self,
        command: str,
        *,
        stdin: bytes = b"",
        timeout: float = 10.0,  # noqa: ARG002 - nothing here takes time
        user: str | None = None,
    ) -> Reply:
        return self.look.answer((self.host, user or "root", self.dialect, command, _text(stdin)))

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class _Look:
    """What was recorded of one look. `names` maps what was made up then to what is now."""

    known: list[Exchange]
    masked: _Masked
    given: list[Exchange] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @cached_property
    def _shapes(self) -> list[tuple[str, ...]]:
        return [shape(*one.asked) for one in self.known]

    def answer(self, question: tuple[str, ...]) -> Reply:
        """The recorded answers in their order, the last one for ever."""
        asked = tuple(self.masked(part) for part in question)
        form = shape(*asked)
        alike = [one for one, its in zip(self.known, self._shapes, strict=True) if its == form]
        if not alike:
            host, user, dialect, command, _ = asked
            at = f"{user}@{host}" + (f" in {dialect}" if dialect else "")
            raise LookError(
                f"nobody recorded the answer of {at} to: {one_line(command, 200)}",
                remedy="record the case anew, or ask what was recorded",
            )
        same = [one for one in alike if tuple(map(self._renamed, one.asked)) == asked]
        fresh = [one for one in same or alike if not any(one is other for other in self.given)]
        found = fresh[0] if fresh else (same or alike)[-1]
        self.given.append(found)
        self.names |= dict(zip(_made_up(*found.asked), _made_up(*asked), strict=True))
        if found.error:
            raise getattr(errors, found.error)(self._today(found.message))
        return Reply(
            status=found.status or 0,
            stdout=self._today(found.stdout),
            stderr=self._today(found.stderr),
            truncated=found.truncated,
        )

    def _today(self, text: str) -> str:
        return self.masked.filled(self._renamed(text))

    def _renamed(self, text: str) -> str:
        return MADE_UP.sub(lambda word: self.names.get(word[0], word[0]), text)


class _Masked:
    """Puts the names of drawn passwords in their places, and the passwords in those of names."""

    def __init__(self, values: Values) -> None:
        self._secrets = dict(_passwords(values))
        # The longest first: one password may begin like another.
        longest = sorted(self._secrets.values(), key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        self._names = {secret: name for name, secret in self._secrets.items()}

    def __call__(self, text: str) -> str:
        return self._any.sub(lambda found: f"«{self._names[found[0]]}»", text)

    def filled(self, text: str) -> str:
        return _NAMED.sub(lambda found: self._secrets.get(found[1], found[0]), text)


def _passwords(values: Values) -> Iterator[tuple[str, str]]:
    """Every drawn password and what it is called: by its value's name, number and `password`."""
    for name, value in values.drawn.items():
        people = value if isinstance(value, tuple) else (value,)
        for number, person in enumerate(people):
            if isinstance(person, Person):
                number_of = f".{number}" if isinstance(value, tuple) else ""
                yield f"{name}{number_of}.password", person.password
        if isinstance(value, str) and value in values.secrets:
            yield name, value


def _standing(host: Host) -> Standing:
    places = tuple(Address(network=name, address=at) for name, at in host.address.items())
    return Standing(name=host.name, addresses=places)


def _made_up(*parts: str) -> list[str]:
    return [word for part in parts for word in MADE_UP.findall(part)]


def _kind(error: LookError | None) -> Any:  # noqa: ANN401 - the form checks the word
    if error is None:
        return ""
    name = type(error).__name__
    return name if hasattr(errors, name) else "LookError"


def _text(stdin: bytes) -> str:
    return stdin.decode("utf-8", "backslashreplace")


def _nowhere() -> Connection:
    raise LookError("this host stands in a recording; its checks were not led there")
