"""Everything that can go wrong apart from the learner's work.

    LabError                        one line: what was found, what was expected, what to do next
      UsageError                    exit 2: asked for something that does not exist or does not fit
        UnknownCode                 no such competency, or one without a lab
        NoSession                   no such lab runs
        AlreadyRunning              it runs already and the request contradicts it
      AuthoringError                exit 2: a lab, scenario or grader is wrongly written (where)
      StageError                    exit 3: the stage on which a lab runs is not fit
        EngineUnavailable           no container engine answers, or not to us
        ImageMissing                an image is neither here nor can it be built
        HostNotReady                a host did not come up in time
        NoRoom                      as many labs run as may
        WorldChanged                the running world was built from an older lab
        RecordUnavailable           the database of records cannot be read or written
        KeyUnavailable              the key that signs the ledger cannot be used
      LookError                     a check could not look: the check is BROKEN, never FAILED
        HostUnreachable             no shell on the host
        CommandTimedOut             the host did not answer in time
        UnreadableOutput            the answer is not what the fact can read

A learner's failure is no error: `runner.verdict.Failure` is raised by a check and never leaves
grading.
"""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """What the program's exit code says."""

    DEMONSTRATED = 0
    NOT_YET = 1
    WRONG_USE = 2
    NOT_GRADED = 3
    INTERRUPTED = 130


class LabError(Exception):
    """Anything the program reports in one line; `remedy` is what the reader can do about it."""

    exit_code = Exit.NOT_GRADED

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.remedy = remedy


class UsageError(LabError):
    """Asked for something that does not exist or does not fit."""

    exit_code = Exit.WRONG_USE


class UnknownCode(UsageError):
    """No such competency, or one that has no lab yet."""


class NoSession(UsageError):
    """The lab that was asked about does not run."""


class AlreadyRunning(UsageError):
    """The lab runs already, in a way that contradicts what was asked."""


class AuthoringError(LabError):
    """A lab, scenario or grader is wrongly written.

    `where` is printed as `file:line` so that an editor can jump there.
    """

    exit_code = Exit.WRONG_USE

    def __init__(
        self, message: str, *, file: Path | str, line: int | None = None, remedy: str = ""
    ) -> None:
        self.where = f"{file}:{line}" if line else str(file)
        super().__init__(f"{self.where}: {message}", remedy=remedy)


class StageError(LabError):
    """The stage on which a lab runs is not fit; nobody's work is judged by it."""


class EngineUnavailable(StageError):
    """No container engine answers, or it does not let us in."""


class ImageMissing(StageError):
    """An image is neither present nor can it be built."""


class HostNotReady(StageError):
    """A host of the world did not come up in time."""


class NoRoom(StageError):
    """As many labs run on the engine as may."""


class WorldChanged(StageError):
    """The running world was built from an older version of the lab."""


class RecordUnavailable(StageError):
    """The database of records cannot be read or written."""


class KeyUnavailable(StageError):
    """The key that signs the ledger cannot be read, made or trusted to be ours alone."""


class LookError(LabError):
    """A check could not look. It makes the check BROKEN and never counts against a person."""


class HostUnreachable(LookError):
    """There is no shell to be had on the host."""


class CommandTimedOut(LookError):
    """The host did not answer within the time that was given."""


class UnreadableOutput(LookError):
    """The host answered something that the fact cannot read."""
