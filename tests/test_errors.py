"""The tree of errors is as its picture says, and each error carries its exit code and remedy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runner import errors
from runner.errors import (
    AuthoringError,
    CommandTimedOut,
    EngineUnavailable,
    Exit,
    HostNotReady,
    HostUnreachable,
    ImageMissing,
    LabError,
    LookError,
    NoSession,
    StageError,
    UnknownCode,
    UnreadableOutput,
    UsageError,
)
from runner.verdict import Failure


def test_the_picture_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^ {4}( *)([A-Z]\w+) {2,}", errors.__doc__ or "", flags=re.MULTILINE)
    assert [(len(indent) // 2, name) for indent, name in drawn] == _tree(LabError)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError, 2),
        (UnknownCode, 2),
        (NoSession, 2),
        (StageError, 3),
        (EngineUnavailable, 3),
        (ImageMissing, 3),
        (HostNotReady, 3),
        (LookError, 3),
        (HostUnreachable, 3),
        (CommandTimedOut, 3),
        (UnreadableOutput, 3),
    ],
)
def test_every_error_has_its_exit_code(error: type[LabError], code: int) -> None:
    raised = error("found this", remedy="do that")
    assert (str(raised), raised.remedy) == ("found this", "do that")
    assert raised.exit_code == code


def test_exit_codes_are_those_that_are_documented() -> None:
    assert {one.name: int(one) for one in Exit} == {
        "DEMONSTRATED": 0,
        "NOT_YET": 1,
        "WRONG_USE": 2,
        "NOT_GRADED": 3,
        "INTERRUPTED": 130,
    }


def test_an_authoring_error_begins_with_a_place_that_editors_jump_to() -> None:
    error = AuthoringError("key 'x' is missing", file=Path("labs/lab.yaml"), line=7, remedy="add")
    assert str(error) == "labs/lab.yaml:7: key 'x' is missing"
    assert (error.where, error.remedy, error.exit_code) == ("labs/lab.yaml:7", "add", 2)


def test_an_authoring_error_without_a_line_names_the_file() -> None:
    error = AuthoringError("cannot be read", file="labs/lab.yaml")
    assert (str(error), error.remedy) == ("labs/lab.yaml: cannot be read", "")


def test_a_remedy_is_optional() -> None:
    assert LabError("broken").remedy == ""


def test_a_learners_failure_is_no_error() -> None:
    assert not issubclass(Failure, LabError)


def _tree(error: type[LabError], depth: int = 0) -> list[tuple[int, str]]:
    # Rooms above have errors of their own; the picture is of those that all share.
    children = [one for one in error.__subclasses__() if one.__module__ == LabError.__module__]
    below = [line for child in children for line in _tree(child, depth + 1)]
    return [(depth, error.__name__), *below]
