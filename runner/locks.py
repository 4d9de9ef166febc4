"""One at a time: a lock that ends with the process that holds it, however that ends."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper

from runner import places


@contextmanager
def alone(name: str, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock `name` of this account; `waiting` is called once if somebody else has it."""
    with _file(name) as file:
        if not _taken(file):
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def if_free(name: str) -> Iterator[bool]:
    """Hold the lock `name`, or say that somebody else has it."""
    with _file(name) as file:
        yield _taken(file)


def _file(name: str) -> TextIOWrapper:
    folder = places.state() / "locks"
    folder.mkdir(mode=0o700, exist_ok=True)
    return (folder / re.sub(r"[^A-Za-z0-9._-]", "_", name)).open("w")


def _taken(file: TextIOWrapper) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
