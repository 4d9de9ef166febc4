"""What a grading says: outcomes, the evidence for them, and the grade they add up to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from runner.errors import Exit


class Outcome(StrEnum):
    """What became of one check. Only FAILED is held against a person."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    BLOCKED = "BLOCKED"
    BROKEN = "BROKEN"


class Failure(Exception):
    """A standard is not met. `reason` says what was observed, `hint` where a learner may look."""

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Evidence:
    """One question to one host and its answer, bounded, masked and printable.

    `answer` is standard output followed by standard error. `status` is the exit status, or None
    where no answer came.
    """

    host: str
    user: str
    question: str
    status: int | None
    answer: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one check, with everything a learner or a sponsor may read of it.

    `points` are those at stake; a guard has none. `after_restart` is True when the outcome was
    decided by the second look, after the hosts had been restarted. `where` is `file:line` in the
    grader for a BROKEN check whose code raised.
    """

    check: str
    standard: str
    outcome: Outcome
    points: int = 0
    guard: bool = False
    reason: str = ""
    hint: str = ""
    where: str = ""
    seconds: float = 0.0
    after_restart: bool = False
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """All verdicts of one grading of one world, in the order of the grader."""

    code: str
    verdicts: tuple[Verdict, ...]
    seconds: float = 0.0

    def named(self, outcome: Outcome) -> tuple[str, ...]:
        """The names of the checks with this outcome."""
        return tuple(v.check for v in self.verdicts if v.outcome is outcome)

    @property
    def points(self) -> int:
        """Points earned."""
        return sum(v.points for v in self.verdicts if v.outcome is Outcome.PASSED)

    @property
    def possible(self) -> int:
        """Points that could be earned."""
        return sum(v.points for v in self.verdicts)

    @property
    def gradable(self) -> bool:
        """Every check could be looked at: only then is the grading an attempt."""
        return not self.named(Outcome.BROKEN)

    @property
    def demonstrated(self) -> bool:
        """Every check, guards included, passed."""
        return bool(self.verdicts) and all(v.outcome is Outcome.PASSED for v in self.verdicts)

    @property
    def exit(self) -> Exit:
        """What the program's exit code says of this grade."""
        if self.demonstrated:
            return Exit.DEMONSTRATED
        return Exit.NOT_YET if self.gradable else Exit.NOT_GRADED
