"""Somebody who sits an assessment of the trial house, on a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import engine, session
from runner.cli import main
from runner.record import open_record
from runner.session import Session

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "tests" / "house"
WHO = f"assess-{os.getpid()}"

Said = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The trial house, a record of its own, and no world left behind."""
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    monkeypatch.setenv("LAB_PATH", str(HOUSE))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)
    yield
    there = engine.connect()
    for one in session.find_all(there):
        if one.tag.apprentice == WHO:
            session.remove(there, one)
    there.close()


def call(capsys: Said, *words: str, code: int = 0) -> tuple[str, str]:
    """What the program answers and notes; its exit code is as expected."""
    found = main([*words, "--as", WHO])
    out, err = capsys.readouterr()
    assert found == code, out + err
    return out, err


def shell(host: str, script: str) -> subprocess.CompletedProcess[str]:
    """A script in `lab shell`, as the learner works."""
    return subprocess.run(
        [sys.executable, "-m", "runner", "shell", "9a", host, "--as", WHO],
        input=script, capture_output=True, text=True, cwd=ROOT, timeout=120, check=False,
    )  # fmt: skip


def the_world() -> Session:
    """The world that runs."""
    there = engine.connect()
    try:
        return session.find(there, WHO, "9a")
    finally:
        there.close()


def kinds() -> list[str]:
    """What the ledger has of it."""
    with open_record() as record:
        return [one.kind for one in record.about(WHO)]
