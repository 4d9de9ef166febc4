"""The form of a check: a decorated function whose docstring is a performance standard."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from runner.errors import AuthoringError
from runner.verdict import Failure

VALUES = "values"
"""The one parameter name that is not a host."""
LEAVINGS = ("file", "account", "process", "socket", "firewall", "address", "route", "tunnel")
"""Kinds of what a check can leave in a host."""


@dataclass(frozen=True, eq=False)
class Check:
    """One performance standard, executable.

    `hosts` are the parameter names: hosts of the scenario. `within` is a deadline in seconds until
    which a failing check is asked again. `disruptive` checks change the world for a moment (an
    attack, a service that is broken): they run after all others, one at a time. `leaves` is what
    has changed in the hosts afterwards and cannot be taken back.
    """

    name: str
    standard: str
    function: Callable[..., None]
    hosts: tuple[str, ...]
    wants_values: bool
    points: int
    after: tuple[Check, ...]
    within: float
    guard: bool
    survives_restart: bool
    disruptive: bool
    leaves: tuple[str, ...]
    file: str
    line: int


def check(  # noqa: PLR0913 - one parameter for each word of a grader
    *,
    points: int = 1,
    after: Check | tuple[Check, ...] = (),
    within: float = 0.0,
    guard: bool = False,
    survives_restart: bool = False,
    disruptive: bool = False,
    leaves: tuple[str, ...] = (),
) -> Callable[[Callable[..., None]], Check]:
    """Make a function a check.

    The function's parameters name hosts of the scenario (`values` is reserved for the drawn
    values). It passes by returning and fails a person only by `require` or `Failure`; whatever
    else it raises makes it BROKEN.

    A check leaves the hosts as they were. What it cannot but leave is declared in `leaves`, in the
    words in which validation names it, as a glob pattern: "HOST: KIND WHAT", the kind being one of
    `LEAVINGS`, such as "server: file /var/spool/cups/*" or "db*: process postgres postgres: *".
    A `*` matches any characters, `/` among them.

    Example:
        @check(points=3, after=name_server_runs, within=10)
        def www_resolves(client: Host, values: Values) -> None:
            \"\"\"Office workstations resolve the intranet name to the web server.\"\"\"
            found = client.ask(Addresses("www.office.test"))
            require(found == [values.text("web")], f"www.office.test resolves to {found}")
    """

    def decorate(function: Callable[..., None]) -> Check:
        code = function.__code__
        standard = inspect.getdoc(function) or ""
        if not standard:
            raise AuthoringError(
                f"check {function.__name__} has no docstring: it is the standard a learner reads",
                file=code.co_filename,
                line=code.co_firstlineno,
            )
        if guard and points not in (0, 1):
            raise AuthoringError(
                f"check {function.__name__} is a guard: guards carry no points",
                file=code.co_filename,
                line=code.co_firstlineno,
            )
        for pattern in leaves:
            if not _LEAVING.match(pattern):
                raise AuthoringError(
                    f"check {function.__name__} leaves {pattern!r}; expected was "
                    f"'HOST: KIND WHAT', with one of the kinds {', '.join(LEAVINGS)}",
                    file=code.co_filename,
                    line=code.co_firstlineno,
                )
        parameters = tuple(inspect.signature(function).parameters)
        return Check(
            name=function.__name__,
            standard=" ".join(standard.split()),
            function=function,
            hosts=tuple(p for p in parameters if p != VALUES),
            wants_values=VALUES in parameters,
            points=0 if guard else points,
            after=after if isinstance(after, tuple) else (after,),
            within=within,
            guard=guard,
            survives_restart=survives_restart,
            disruptive=disruptive,
            leaves=leaves,
            file=code.co_filename,
            line=code.co_firstlineno,
        )

    return decorate


def require(condition: object, reason: str, *, hint: str = "") -> None:
    """Raise `Failure(reason)` unless `condition` holds."""
    if not condition:
        raise Failure(reason, hint=hint)


def checks_of(module: ModuleType) -> tuple[Check, ...]:
    """The checks that a grader defines, in the order of the file."""
    found = [value for value in vars(module).values() if isinstance(value, Check)]
    return tuple(sorted(found, key=lambda one: one.line))


_LEAVING = re.compile(rf"^[^\s:]+: ({'|'.join(LEAVINGS)}) \S")
