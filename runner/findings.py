"""What validation finds: the trials of a lab, what each brought, and the problems it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from secrets import token_hex

from runner.verdict import Outcome

UNTOUCHED = "untouched"

Played = tuple[str, str | None]
"""An attempt, and the step of it that is left out if any."""


class Proof(StrEnum):
    """What a lab is held to; a problem names the proof that it breaks."""

    PAPER = "fit on paper"
    WORLD = "the world comes up"
    UNTOUCHED = "untouched fails"
    SOLUTION = "every right way passes"
    WRONG = "every wrong way fails"
    STEP = "every step matters"
    CHECK = "every check can fail"
    SEED = "any seed"
    LOOKING = "looking changes nothing"
    ANSWER = "no answers in the box"
    RESTART = "survives a restart"
    ISOLATION = "isolation"
    FAULT = "faults are told apart"
    BUDGET = "time and size"
    LEFT = "nothing is left"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a lab, and which proof it breaks."""

    proof: Proof
    text: str

    def __str__(self) -> str:
        return f"{self.proof}: {self.text}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One attempt to be played into a world and judged.

    `without` names the step of a solution that is left out. `untouched` worlds are judged before
    anything is played; `thorough` ones are also searched, fingerprinted and cut off. In `brief`
    ones a right way is graded once, since it was more often with another seed.
    """

    code: str
    seed: int
    attempt: str
    without: str | None = None
    untouched: bool = False
    thorough: bool = False
    brief: bool = False
    mark: str = field(default_factory=lambda: token_hex(2), compare=False)

    @property
    def apprentice(self) -> str:
        """The name under which the world runs; two validations at once do not share worlds."""
        played = f"{self.attempt}-{self.without}" if self.without else self.attempt
        return f"trial-{self.mark}-{played}".replace("_", "-")[:32].rstrip("-")

    @property
    def key(self) -> Played:
        """What is played."""
        return self.attempt, self.without

    @property
    def played(self) -> str:
        """What is played, in words."""
        return f"{self.attempt} without {self.without}" if self.without else self.attempt

    @property
    def short(self) -> str:
        """What is played, as --only names it."""
        return f"{self.attempt}/{self.without}" if self.without else self.attempt

    def __str__(self) -> str:
        first = f"{UNTOUCHED}, then " if self.untouched else ""
        return f"{self.code} seed {self.seed}: {first}{self.played}"


World = tuple[Trial, ...]
"""The trials that share a world."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a trial brought: no `problems` means that the lab stood it.

    `outcomes` are those of the checks after the attempt was played, empty where a step of it,
    `stopped_at`, did not run through without the one that was left out; `restarted` says that they
    were decided after a restart of the hosts. `beside` names the other mistakes that were made in
    the same world: the outcomes are then those which these have no part in. Times in seconds, 0
    where nothing was timed; `memory` in bytes.
    """

    trial: Trial
    problems: tuple[Problem, ...] = ()
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    stopped_at: str | None = None
    restarted: bool = False
    beside: tuple[str, ...] = ()
    start: float = 0.0
    grade: float = 0.0
    reset: float = 0.0
    stop: float = 0.0
    seconds: float = 0.0
    memory: int = 0

    def with_problems(self, more: Iterable[Problem]) -> Found:
        """The same, and these problems on top."""
        return replace(self, problems=(*self.problems, *more))
