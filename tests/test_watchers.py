"""The limit that keeps a class from booting: raised where it is low, left alone elsewhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from runner import watchers
from tests.test_doctor import Shelf, engine_with

ELSEWHERE = engine_with(Shelf())
HERE = replace(ELSEWHERE, local=True)


@pytest.mark.parametrize(
    ("before", "after"), [(128, 8192), (8191, 8192), (8192, 8192), (9000, 9000)]
)
def test_a_low_limit_is_raised(tmp_path: Path, before: int, after: int) -> None:
    limit = tmp_path / "limit"
    limit.write_text(f"{before}\n", encoding="ascii")
    assert watchers.ensure(HERE, limit) == after
    assert limit.read_text(encoding="ascii") == f"{after}\n"


def test_another_machines_limit_is_not_looked_at(tmp_path: Path) -> None:
    limit = tmp_path / "limit"
    limit.write_text("128\n", encoding="ascii")
    assert watchers.ensure(ELSEWHERE, limit) is None
    assert limit.read_text(encoding="ascii") == "128\n"


@pytest.mark.parametrize("text", ["", "many\n"])
def test_a_machine_that_does_not_say(tmp_path: Path, text: str) -> None:
    limit = tmp_path / "limit"
    assert watchers.ensure(HERE, limit) is None
    limit.write_text(text, encoding="ascii")
    assert watchers.ensure(HERE, limit) is None


def test_who_may_not_raise_it_is_told_what_it_is(tmp_path: Path) -> None:
    class Guarded(type(tmp_path)):  # type: ignore[misc]
        def write_text(self, *_: object, **__: object) -> int:
            raise PermissionError(13, "Permission denied")

    limit = Guarded(tmp_path / "limit")
    Path(limit).write_text("128\n", encoding="ascii")
    assert watchers.ensure(HERE, limit) == 128
