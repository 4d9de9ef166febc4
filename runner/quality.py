"""The quality sheet of a lab: what its last validation proved, and of which state of the lab.

One file a lab in the data place, with the last runs beside the sheet: what comes out now one way
and now another, with nothing changed, is a flake.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import TypeAdapter

from runner import budgets, falsified, imagespec, places
from runner.budgets import Spent
from runner.catalogue import Lab
from runner.errors import StageError
from runner.findings import Found, Problem, Trial

REMEMBERED = 20
"""How many runs are kept."""


@dataclass(frozen=True, slots=True)
class Revisions:
    """Fingerprints of what a validation is about: a change of any calls for a new one."""

    lab: str
    grader: str
    attempts: str
    images: str

    def changed(self, now: Revisions) -> tuple[str, ...]:
        """Which of them are not what they are now."""
        names = [one.name for one in fields(self)]
        return tuple(name for name in names if getattr(self, name) != getattr(now, name))


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of a solution, and the scored checks that did not pass without it."""

    solution: str
    step: str
    flips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A scored check, and the wrong attempts and left-out steps that made it fail."""

    check: str
    standard: str
    killers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrialLine:
    """A trial, and whether the lab stood it."""

    trial: str
    stood: bool


@dataclass(frozen=True, slots=True)
class ImageLine:
    """An image, and its size in bytes with all that it shares."""

    image: str
    size: int


@dataclass(frozen=True, slots=True)
class Run:
    """One validation of the lab in one state."""

    at: datetime
    revisions: Revisions
    trials: tuple[TrialLine, ...]


@dataclass(frozen=True, slots=True)
class Flakes:
    """Of the trials `repeated` in so many `runs` of the lab in one state, those that disagree."""

    runs: int
    repeated: int
    flaky: tuple[str, ...]

    @property
    def rate(self) -> float | None:
        """The share of repeated trials that came out both ways; None where none was repeated."""
        return len(self.flaky) / self.repeated if self.repeated else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a validation found of a lab. Its steps and checks are all that have to be killed."""

    code: str
    title: str
    at: datetime
    revisions: Revisions
    seeds: tuple[int, ...]
    solutions: tuple[str, ...]
    wrong: tuple[str, ...]
    steps: tuple[StepLine, ...]
    checks: tuple[CheckLine, ...]
    trials: tuple[TrialLine, ...]
    flakes: Flakes
    spent: Spent
    images: tuple[ImageLine, ...]
    problems: tuple[Problem, ...]

    @property
    def steps_killed(self) -> int:
        """How many steps were seen to matter."""
        return sum(bool(one.flips) for one in self.steps)

    @property
    def checks_killed(self) -> int:
        """How many checks something made fail."""
        return sum(bool(one.killers) for one in self.checks)


@dataclass(frozen=True, slots=True)
class _Kept:
    sheet: Sheet
    runs: tuple[Run, ...]


def sheet_of(
    lab: Lab,
    found: Sequence[Found],
    problems: Iterable[Problem],
    sizes: Mapping[str, int],
    earlier: Iterable[Run],
    *,
    at: datetime,
) -> Sheet:
    """The sheet of a whole validation.

    `problems` are those of the lab as a whole, beside the trials' own; `sizes` are bytes by image;
    `earlier` are the runs before, the latest first.
    """
    flips = falsified.steps(lab, found)
    killed = falsified.killers(lab, found)
    standards = {check.name: check.standard for check in lab.checks}
    now = Run(at, revisions_of(lab), tuple(_trial_line(one) for one in found))
    of_trials = (
        Problem(problem.proof, f"{_named(one.trial)}: {problem.text}")
        for one in found
        for problem in one.problems
    )
    return Sheet(
        code=lab.code,
        title=lab.title,
        at=at,
        revisions=now.revisions,
        seeds=tuple(dict.fromkeys(one.trial.seed for one in found)),
        solutions=tuple(one.name for one in lab.attempts if one.solution),
        wrong=tuple(one.name for one in lab.attempts if not one.solution),
        steps=tuple(
            StepLine(*step, tuple(sorted(flips.get(step, ()))))
            for step in falsified.every_step(lab)
        ),
        checks=tuple(CheckLine(name, standards[name], by) for name, by in killed.items()),
        trials=now.trials,
        flakes=flakes((now, *earlier)),
        spent=budgets.spent(found),
        images=tuple(ImageLine(name, size) for name, size in sorted(sizes.items())),
        problems=(*problems, *of_trials),
    )


def revisions_of(lab: Lab) -> Revisions:
    """The lab as it is now."""
    pages = [lab.folder / "brief.md", lab.folder / "hints.md"]
    tried = sorted((lab.folder / "attempts").rglob("*"))
    tags = imagespec.tags(imagespec.needed(lab.images))
    return Revisions(
        lab=lab.revision,
        grader=lab.grader_revision,
        attempts=_digest(
            part
            for path in (*pages, *tried)
            if path.is_file()
            for part in (str(path.relative_to(lab.folder)).encode(), path.read_bytes())
        ),
        images=_digest(tag.encode() for tag in sorted(tags.values())),
    )


def flakes(runs: Sequence[Run]) -> Flakes:
    """Trials that came out both ways while nothing had changed; the run in question comes first."""
    alike = [one for one in runs if one.revisions == runs[0].revisions]
    outcomes: dict[str, list[bool]] = defaultdict(list)
    for run in alike:
        for trial, stood in {(line.trial, line.stood) for line in run.trials}:
            outcomes[trial].append(stood)
    repeated = {trial: stood for trial, stood in outcomes.items() if len(stood) > 1}
    flaky = sorted(trial for trial, stood in repeated.items() if len(set(stood)) > 1)
    return Flakes(len(alike), len(repeated), tuple(flaky))


def latest(code: str) -> Sheet | None:
    """The lab's sheet; None where it was never validated."""
    kept = _kept(code)
    return kept.sheet if kept else None


def runs(code: str) -> tuple[Run, ...]:
    """The runs that are remembered of a lab, the latest first."""
    kept = _kept(code)
    return kept.runs if kept else ()


def keep(sheet: Sheet, earlier: Sequence[Run], page: str) -> Path:
    """Keep the sheet and its run before `earlier`, and its page to be read; where the page is."""
    run = Run(sheet.at, sheet.revisions, sheet.trials)
    kept = _Kept(sheet, (run, *earlier)[:REMEMBERED])
    _write(_file(sheet.code), TypeAdapter(_Kept).dump_json(kept, indent=2) + b"\n")
    _write(page_of(sheet.code), page.encode())
    return page_of(sheet.code)


def page_of(code: str) -> Path:
    """Where the lab's sheet is to be read, if it was ever validated."""
    return _folder() / f"{code}.md"


def _kept(code: str) -> _Kept | None:
    try:
        text = _file(code).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StageError(f"The file {_file(code)} cannot be read: {error.strerror}.") from None
    try:
        return TypeAdapter(_Kept).validate_json(text)
    except ValueError:
        # Written by another version, or damaged: the next validation writes it anew.
        return None


def _write(file: Path, content: bytes) -> None:
    """Written aside first: another program may be reading, or writing the same."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as aside:
            aside.write(content)
        Path(aside.name).replace(file)
    except OSError as error:
        raise StageError(
            f"The file {file} cannot be written: {error.strerror}.",
            remedy="Set LAB_DATA to a folder that you may write to.",
        ) from None


def _folder() -> Path:
    return places.data() / "quality"


def _file(code: str) -> Path:
    return _folder() / f"{code}.json"


def _trial_line(found: Found) -> TrialLine:
    return TrialLine(_named(found.trial), not found.problems)


def _named(trial: Trial) -> str:
    return f"seed {trial.seed}: {trial.played}"


def _digest(parts: Iterable[bytes]) -> str:
    made_of = hashlib.sha256()
    for part in parts:
        # Lengths keep one part's end from reading as the next one's beginning.
        made_of.update(f"{len(part)}\0".encode() + part)
    return made_of.hexdigest()[:16]
