"""A recorded case as a file: one grading with every question and its whole answer.

`docs/json.md` describes it field by field; `runner.recorded` makes one, and grades it again.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from runner.errors import AuthoringError, UsageError
from runner.forms import Form
from runner.printable import one_line
from runner.verdict import Grade, Outcome, Verdict

MADE_UP = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{12,}(?![0-9A-Za-z])")
"""A word that a grader may make up anew each time."""

_PACKED = ".gz"


class Address(Form):
    """Where a host stood in one network."""

    network: str
    address: str


class Standing(Form):
    """A host of the world."""

    name: str
    addresses: tuple[Address, ...]


class Exchange(Form):
    """One question and what came of it: a reply, or the `error` that there was none."""

    host: str
    user: str = "root"
    dialect: str = ""
    question: str
    stdin: str = ""
    after_restart: bool = False
    status: int | None = 0
    stdout: str = ""
    stderr: str = ""
    truncated: bool = False
    error: Literal["", "LookError", "HostUnreachable", "CommandTimedOut", "UnreadableOutput"] = ""
    message: str = ""

    @property
    def asked(self) -> tuple[str, ...]:
        """All that makes it this question and no other."""
        return self.host, self.user, self.dialect, self.question, self.stdin


class Judged(Form):
    """What was decided of a check, and the questions that decided it, in order."""

    check: str
    outcome: Outcome
    reason: str = ""
    after_restart: bool = False
    exchanges: tuple[Exchange, ...] = ()


class Case(Form):
    """One recorded grading. The seed draws the values again; no engine is needed for the rest."""

    format: Literal[1]
    code: str
    seed: int
    revision: str
    grader_revision: str
    hosts: tuple[Standing, ...]
    checks: tuple[Judged, ...]


def write(case: Case, path: Path) -> None:
    """Keep a case, packed where the name ends in .gz; UsageError where that cannot be done."""
    told = case.model_dump(mode="json", exclude_defaults=True)
    text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    # Half a character that an author's error came with is no reason to lose the rest.
    data = text.encode(errors="replace")
    try:
        # Without the time of packing: the same case is the same file.
        path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == _PACKED else data)
    except OSError as error:
        raise UsageError(
            f"The case cannot be kept in {path}: {error.strerror}.",
            remedy="Name a file in a folder that is there and that you may write to.",
        ) from error


def read(path: Path) -> Case:
    """A case that was kept; AuthoringError where the file is none."""
    try:
        data = path.read_bytes()
        return Case.model_validate_json(gzip.decompress(data) if path.suffix == _PACKED else data)
    except (OSError, EOFError, zlib.error) as error:
        raise _no_case(path, str(error)) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise _no_case(path, f"{where}: {first['msg']}" if where else first["msg"]) from error


def differences(case: Case, grade: Grade) -> tuple[str, ...]:
    """What another grading says otherwise than the recorded one, a line for each check."""
    now = {one.check: one for one in grade.verdicts}
    then = {one.check: one for one in case.checks}
    gone = [f"{name}: recorded, but no longer in the grader" for name in then if name not in now]
    new = [f"{name}: not recorded" for name in now if name not in then]
    changed = [
        f"{name}: recorded {_said(then[name])}, now {_said(now[name])}"
        for name in then
        if name in now and shape(_said(then[name])) != shape(_said(now[name]))
    ]
    return (*gone, *new, *changed)


def shape(*parts: str) -> tuple[str, ...]:
    """Texts without what a grader makes up: alike where two gradings mean the same."""
    return tuple(MADE_UP.sub("…", part) for part in parts)


def _said(one: Judged | Verdict) -> str:
    again = " after a restart" if one.after_restart else ""
    return f"{one.outcome}{again}" + (f" ({one.reason})" if one.reason else "")


def _no_case(path: Path, why: str) -> AuthoringError:
    return AuthoringError(
        f"this is no recorded case: {one_line(why, 200)}",
        file=path,
        remedy="./lab grade --keep-evidence FILE records one",
    )
