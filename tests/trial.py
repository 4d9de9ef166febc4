"""A world of a trial house, driven in this process and from other programs, and what is left of it.

Nobody but the tests of one run uses the apprentices' names, so worlds of other people on the same
engine are never touched.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from runner import catalogue, engine, images, life, session
from runner.engine import Engine
from runner.practical import Practical
from runner.session import Session

TESTS = Path(__file__).parent
HOUSES = {"9a": TESTS / "house", "9b": TESTS / "hostile"}
RUN = secrets.token_hex(3)

_PROGRAM = """
import sys
from runner import catalogue, engine, life, practical, session
from pathlib import Path
from time import sleep
verb, code, root, apprentice = sys.argv[1:]
there, lab = engine.connect(), catalogue.find(code, Path(root))
print("ready", flush=True)
if verb == "start":
    started = life.start(there, lab, apprentice, say=lambda what: print(what, flush=True))
    work = started.practical
    print("started", work.session.tag.session, started.resumed, flush=True)
elif verb == "grade":
    grade = practical.judge(there, practical.running(there, Path(root), apprentice, code))
    print("graded", *(verdict.outcome for verdict in grade.verdicts), flush=True)
elif verb == "stop":
    life.stop(there, session.find(there, apprentice, code), print)
    print("stopped", flush=True)
"""


def tag(image: str) -> str:
    """The image of that name, built if need be."""
    there = connect()
    try:
        return images.ensure(there, [image])[image]
    finally:
        there.close()


def lab(code: str) -> catalogue.Lab:
    """The lab of a trial house."""
    return catalogue.find(code, HOUSES[code])


def apprentice(name: str) -> str:
    """A name that only this run of the tests has."""
    return f"trial-{RUN}-{name.replace('_', '-')}"[:32].rstrip("-")


@contextmanager
def world(there: Engine, code: str, name: str, seed: int | None = 5) -> Iterator[Practical]:
    """A running world; nothing of it is left."""
    who = apprentice(name)
    try:
        yield life.start(there, lab(code), who, seed=seed, say=silent).practical
    finally:
        clear(there, who)


def program(verb: str, code: str, name: str) -> subprocess.Popen[str]:
    """Another program that does one verb; its first line says that it is about to."""
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, verb, code, str(HOUSES[code]), apprentice(name)],
        cwd=TESTS.parent,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def mine(there: Engine, who: str) -> list[Session]:
    """The worlds of one apprentice, finished or not."""
    return [one for one in session.find_all(there) if one.tag.apprentice == who]


def clear(there: Engine, who: str) -> None:
    """Remove all worlds of one apprentice."""
    for one in mine(there, who):
        session.remove(there, one)


def left(there: Engine, who: str) -> list[str]:
    """Names of containers and networks that carry the apprentice's label."""
    label = {"label": [f"lab.apprentice={who}"]}
    containers = there.api.containers(all=True, filters=label)
    networks = there.api.networks(filters=label)
    return [one["Names"][0] for one in containers] + [one["Name"] for one in networks]


def inside(there: Engine, work: Practical, host: str, script: str, *, wait: bool = True) -> str:
    """Do something in a host as a root who does not go through the grader's line."""
    made = there.api.exec_create(work.session.container(host).id, ["/bin/sh", "-c", script])
    if wait:
        said: bytes = there.api.exec_start(made["Id"])
        return said.decode("utf-8", "replace")
    there.api.exec_start(made["Id"], detach=True)
    return ""


def running_in(there: Engine, work: Practical) -> dict[str, list[str]]:
    """The programs that run in each host; those that end by themselves get a moment."""
    sleep(0.3)
    found = {}
    for one in work.session.containers:
        titles = there.api.top(one.id, ps_args="-eo pid,args")["Processes"]
        names = (args.split()[0] for _, args in titles)
        found[one.host] = sorted(name for name in names if name != "nc")
    return found


def silent(_: object) -> None:
    """Nobody listens."""


def connect() -> Engine:
    """The engine."""
    return engine.connect()
