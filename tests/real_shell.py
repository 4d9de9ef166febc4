"""Facts asked of a real shell on this machine."""

from __future__ import annotations

import os
import subprocess
from typing import Any

from runner.host import Fact, Reply


def ran(fact: Fact[Any], path: str = "") -> Reply:
    """What comes back; with `path`, programs are looked for in these folders."""
    done = subprocess.run(
        ["/bin/sh", "-c", fact.command()],
        env={**os.environ, "PATH": path} if path else None,
        input=fact.stdin().decode(),
        capture_output=True,
        text=True,
        check=False,
    )
    return Reply(done.returncode, done.stdout, done.stderr)


def asked(fact: Fact[Any]) -> Any:  # noqa: ANN401 - whatever the fact answers
    """The answer of the programs that every system has."""
    return fact.read(ran(fact, os.defpath))
