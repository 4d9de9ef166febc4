"""Figures: what is measured, what it is held to, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """At most `limit`, times the median of line `against` and `times` where one is named.

    Nothing is said where either was not measured.
    """

    limit: float
    against: str = ""
    times: int = 1
    name: str = ""
    """What the other is called in the table."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: what is measured of whom.

    `base` is the line whose median is the 1 of the ratio. A run in which a `needed` line has no
    figures is incomplete; others, such as those of peers, may be missing with a reason.
    """

    key: str
    what: str
    who: str
    unit: str = "s"
    base: str = ""
    goals: tuple[Goal, ...] = ()
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a section measured, by line; `notes` say why there is less than there should be.

    `profile` says where the time went: words and seconds, by title. `versions` are those of the
    peers that took part.
    """

    samples: Mapping[str, Sequence[float]]
    notes: Mapping[str, str] = field(default_factory=dict)
    profile: Mapping[str, Sequence[tuple[str, float]]] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """A goal in words, what was found in the same unit, and whether it is met."""

    goal: str
    found: float
    met: bool
    shown: str
    """What was found, as the table shows it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its figures."""

    section: str
    line: Line
    samples: tuple[float, ...]
    ratio: float | None
    judged: tuple[Judged, ...]
    note: str

    @property
    def median(self) -> float | None:
        """The middle one; None where nothing was measured."""
        return median(self.samples) if self.samples else None

    @property
    def p95(self) -> float | None:
        """See `percentile`."""
        return percentile(self.samples, 95) if self.samples else None

    @property
    def missing(self) -> bool:
        """It should have figures and has none."""
        return self.line.needed and not self.samples


def percentile(samples: Sequence[float], part: float) -> float:
    """The smallest of the samples that so many per cent of them do not exceed (nearest rank).

    With fewer than twenty samples the 95th is the largest.
    """
    ranked = sorted(samples)
    return ranked[max(math.ceil(part / 100 * len(ranked)), 1) - 1]


def rows(section: str, lines: Sequence[Line], found: Found) -> tuple[Row, ...]:
    """The lines of a section with what was found."""
    medians = {key: median(samples) for key, samples in found.samples.items() if samples}
    made = []
    for line in lines:
        own, base = medians.get(line.key), medians.get(line.base)
        made.append(
            Row(
                section=section,
                line=line,
                samples=tuple(found.samples.get(line.key, ())),
                ratio=own / base if own is not None and base else None,
                judged=() if own is None else _judged(own, line, medians),
                note=found.notes.get(line.key, ""),
            )
        )
    return tuple(made)


def written(value: float | None, unit: str) -> str:
    """A figure as the table shows it, with its unit; three digits that mean something."""
    if value is None:
        return "-"
    if unit == "s" and value < 1:
        return f"{value * 1000:.0f} ms" if value >= 0.01 else f"{value * 1000:.1f} ms"  # noqa: PLR2004
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2  # noqa: PLR2004
    return f"{value:.{digits}f} {unit}".rstrip()


def _judged(own: float, line: Line, medians: Mapping[str, float]) -> tuple[Judged, ...]:
    judged = []
    for goal in line.goals:
        if not goal.against:
            words = f"<= {written(goal.limit, line.unit)}"
            judged.append(Judged(words, own, own <= goal.limit, written(own, line.unit)))
        elif base := medians.get(goal.against, 0.0) * goal.times:
            times = f"{goal.times} x " if goal.times > 1 else ""
            words = f"<= {goal.limit:g} x {times}{goal.name or goal.against}"
            ratio = own / base
            judged.append(Judged(words, ratio, ratio <= goal.limit, f"{ratio:.2f}"))
    return tuple(judged)
