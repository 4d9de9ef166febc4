"""Thirty checks over three hosts: a file is there and says something, ten times on each host.

They are made in loops, which no other grader does: what they judge is of no interest, only that
there are as many as the floor and the peers are asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runner.check import Check, check, require
from runner.host import Fact, Host, Reply

EACH = 10
"""Checks for each host."""


@dataclass(frozen=True)
class Said(Fact[bool]):
    """Whether a fact's file is there and holds it."""

    number: int

    def command(self) -> str:
        """Ask."""
        file = f"/srv/facts/{self.number}"
        return f"test -f {file} && grep -q 'fact {self.number}' {file}"

    def read(self, reply: Reply) -> bool:
        """Whether it was found."""
        return reply.ok


def _on_one(number: int) -> Callable[..., None]:
    def holds(one: Host) -> None:
        require(one.ask(Said(number)), f"fact {number} is missing on one")

    return holds


def _on_two(number: int) -> Callable[..., None]:
    def holds(two: Host) -> None:
        require(two.ask(Said(number)), f"fact {number} is missing on two")

    return holds


def _on_three(number: int) -> Callable[..., None]:
    def holds(three: Host) -> None:
        require(three.ask(Said(number)), f"fact {number} is missing on three")

    return holds


def _made(function: Callable[..., None], host: str, number: int) -> Check:
    function.__name__ = f"fact_{number}_on_{host}"
    function.__doc__ = f"Fact {number} stands on host {host}."
    return check()(function)


for _host, _maker in (("one", _on_one), ("two", _on_two), ("three", _on_three)):
    for _number in range(EACH):
        _one = _made(_maker(_number), _host, _number)
        globals()[_one.name] = _one
del _one
