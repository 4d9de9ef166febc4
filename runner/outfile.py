"""A file that a person asked for by name: written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from runner.errors import UsageError
from runner.printable import one_line

_REMEDY = "Name a file in a folder that is there and that you may write to."


def write(path: Path, content: bytes) -> None:
    """Write a file, over what is there; UsageError where that cannot be done."""
    with writing(path) as file:
        file.write(content)


@contextmanager
def writing(path: Path, *, private: bool = False) -> Iterator[BinaryIO]:
    """A file to be filled piece by piece, which may be read back before it is in its place.

    It is written aside first: nobody ever sees half of it, and what was there stays until then.
    Only its owner can read a `private` one. UsageError where it cannot be written.
    """
    meant = target(path)
    aside = meant.with_name(f".{uuid4().hex}.new")
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(aside, flags, 0o600 if private else 0o666), "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if meant.exists() and not private:
            shutil.copymode(meant, aside)
        aside.replace(meant)
    except OSError as error:
        raise _refused(path, error) from error
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def target(path: Path) -> Path:
    """The file that is meant, which may be there or not; UsageError where it cannot be written."""
    try:
        if path.is_dir():
            raise UsageError(f"{_shown(path)} is a folder.", remedy=_REMEDY)
        if path.exists() and not path.is_file():
            raise UsageError(f"{_shown(path)} is a device or a pipe, no file.", remedy=_REMEDY)
        if not path.absolute().parent.is_dir():
            raise UsageError(f"There is no folder {_shown(path.parent)}.", remedy="Make it first.")
        return path.resolve()  # behind a link, the file itself is replaced and not the link
    except (OSError, RuntimeError) as error:  # the latter where links lead round in a circle
        raise _refused(path, error) from error


def _refused(path: Path, error: OSError | RuntimeError) -> UsageError:
    reason = (error.strerror if isinstance(error, OSError) else "") or "it leads nowhere"
    return UsageError(f"{_shown(path)} cannot be written: {reason}.", remedy=_REMEDY)


def _shown(path: Path) -> str:
    return one_line(str(path))
