"""What a world takes: pure readings as a table, and a small world that is measured."""

from __future__ import annotations

from typing import Any

import pytest

from runner import images, usage
from runner.errors import StageError
from tests.trial import connect, tag, world

MIB = 1 << 20

FIRST_KIND = {
    "usage": 50 * MIB,
    "stats": {
        "cache": 30 * MIB,
        "inactive_file": 1 * MIB,
        "active_file": 1 * MIB,
        "total_inactive_file": 20 * MIB,
        "total_active_file": 5 * MIB,
    },
}
SECOND_KIND = {
    "usage": 50 * MIB,
    "stats": {"anon": 18 * MIB, "file": 30 * MIB, "inactive_file": 20 * MIB, "active_file": MIB},
}
OVERTAKEN = {"usage": 5, "stats": {"inactive_file": 20, "active_file": 0}}


@pytest.mark.parametrize(
    ("stats", "expected"),
    [
        pytest.param(FIRST_KIND, 25 * MIB, id="groups below count in the first kind"),
        pytest.param(SECOND_KIND, 29 * MIB, id="second kind"),
        pytest.param(OVERTAKEN, 0, id="figures of two moments"),
    ],
)
def test_what_can_be_given_back_does_not_count(stats: dict[str, Any], expected: int) -> None:
    assert usage.held(stats, "web") == expected


@pytest.mark.parametrize(
    "stats", [{}, {"usage": 5}, {"usage": 5, "stats": {}}, {"stats": SECOND_KIND["stats"]}]
)
def test_an_engine_that_does_not_say_is_named(stats: dict[str, Any]) -> None:
    with pytest.raises(StageError, match="does not say how much memory host web uses"):
        usage.held(stats, "web")


@pytest.mark.engine
def test_a_world_and_its_image_are_measured() -> None:
    there = connect()
    try:
        with world(there, "9a", "usage") as work:
            assert 5 * MIB < usage.memory(there, work.session) < 150 * MIB
        sizes = {one.tag: one.size for one in images.list_images(there)}
        assert 50 * MIB < (sizes[tag("base")] or 0) < 1000 * MIB
    finally:
        there.close()
