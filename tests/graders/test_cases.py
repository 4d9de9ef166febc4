"""Each grader says of each recorded world what it said when the world was there."""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path
from time import monotonic

import pytest

from runner import catalogue, places, recorded
from runner.case import differences, read
from runner.verdict import Outcome

CASES = Path(__file__).parent / "cases"
FILES = sorted(CASES.glob("*/*.json*"))


def name_of(file: Path) -> str:
    """The attempt that was played, or `untouched`."""
    return file.name.partition(".")[0]


@cache
def lab(code: str) -> catalogue.Lab:
    """The lab, its grader read once for all of its cases."""
    found = catalogue.find(code, places.house())
    assert found.checks
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{name_of(file)}")
def test_a_grader_decides_as_it_did(file: Path) -> None:
    code, name = file.parent.name, name_of(file)
    case = read(file)
    found = differences(case, recorded.replay(case, lab(code)))
    assert not found, (
        "\n".join((f"{code} {name}:", *found))
        + "\n\nIf the grader, its facts or the lab were changed on purpose, record the case anew"
        f" and read what differs:\n  .venv/bin/python -m tests.graders.record {code} {name}"
    )


@pytest.mark.parametrize("code", [one.code for one in catalogue.labs(places.house())])
def test_every_check_is_seen_to_pass_and_to_fail(code: str) -> None:
    decided = {
        (judged.check, judged.outcome)
        for file in FILES
        if file.parent.name == code
        for judged in read(file).checks
    }
    lacking = {
        f"{one.name} {outcome}"
        for one in lab(code).checks
        for outcome in (Outcome.PASSED, Outcome.FAILED)
        if not (one.guard and outcome is Outcome.FAILED) and (one.name, outcome) not in decided
    }
    assert not lacking, (
        f"no recorded case of {code} has: {', '.join(sorted(lacking))}. Record an attempt that"
        f" does:\n  .venv/bin/python -m tests.graders.record {code} <attempt>"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}-{name_of(file)}")
def test_no_case_holds_a_password(file: Path) -> None:
    case = read(file)
    written = case.model_dump_json()
    for secret in lab(case.code).values(case.seed).secrets:
        assert secret not in written
        for form in (secret.encode(), f'"{secret}"'.encode("utf-16-le")):
            assert base64.b64encode(form).decode().rstrip("=") not in written


def test_replays_are_quick() -> None:
    cases = [read(file) for file in FILES[::5]]
    began = monotonic()
    for case in cases:
        recorded.replay(case, lab(case.code))
    assert monotonic() - began < 0.3 * len(cases)
