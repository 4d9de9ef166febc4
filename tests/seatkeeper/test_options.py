"""The options file: who may, who may not, for whom something is kept."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.images.licences.seatkeeper import options
from infra.images.licences.seatkeeper.options import Options, Unreadable

EXAMPLE = """\
GROUP design ann bob   # who draws
GROUP design eve
INCLUDE drafter GROUP design
INCLUDE drafter HOST show-room
EXCLUDE drafter USER bob
RESERVE 1 render USER carl
RESERVE 2 render GROUP design
MAX 1 render GROUP design
LINGER drafter 3600
"""


@dataclass(frozen=True)
class Somebody:
    """Who asks for a seat."""

    user: str
    host: str = "pc1"


ANN, BOB, CARL, EVE, ZOE = (Somebody(name) for name in ("ann", "bob", "carl", "eve", "zoe"))


@pytest.fixture(name="settled")
def _settled() -> Options:
    return options.parsed(EXAMPLE)


def test_who_is_included_may(settled: Options) -> None:
    assert settled.allows("drafter", ANN)
    assert settled.allows("drafter", EVE)
    assert settled.allows("drafter", Somebody("zoe", "show-room"))
    assert not settled.allows("drafter", ZOE)


def test_who_is_excluded_may_not_although_included(settled: Options) -> None:
    assert not settled.allows("drafter", BOB)
    assert not settled.allows("drafter", Somebody("bob", "show-room"))


def test_what_no_rule_is_about_is_open_to_all(settled: Options) -> None:
    assert settled.allows("render", ZOE)
    assert Options().allows("drafter", ZOE)


def test_seats_are_kept_until_those_have_them(settled: Options) -> None:
    assert settled.kept_from("render", ZOE, []) == 3
    assert settled.kept_from("render", CARL, []) == 2
    assert settled.kept_from("render", ANN, []) == 1
    assert settled.kept_from("render", ZOE, [CARL, CARL]) == 2
    assert settled.kept_from("render", ZOE, [CARL, ANN, EVE]) == 0
    assert settled.kept_from("drafter", ZOE, []) == 0


def test_a_limit_is_for_those_together(settled: Options) -> None:
    assert settled.within_limits("render", ANN, [ZOE, CARL])
    assert not settled.within_limits("render", ANN, [EVE])
    assert settled.within_limits("render", ZOE, [EVE, ANN])
    assert settled.within_limits("drafter", ANN, [EVE])


def test_lingering_is_settled_by_feature(settled: Options) -> None:
    assert settled.lingers == {"drafter": 3600}
    assert options.parsed("LINGER a 999999999").lingers == {"a": options.LONGEST}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("INCLUDE drafter GROUP design", "line 1: there is no group 'design'"),
        ("GROUP design", "line 1: 'GROUP design' is no rule"),
        ("\n# so\nALLOW drafter USER ann", "line 3: 'ALLOW drafter USER ann' is no rule"),
        ("INCLUDE drafter PEOPLE ann", "line 1: 'INCLUDE drafter PEOPLE ann' is no rule"),
        ("INCLUDE drafter USER", "line 1: 'INCLUDE drafter USER' is no rule"),
        ("RESERVE one drafter USER ann", "line 1: 'RESERVE one drafter USER ann' is no rule"),
        ("RESERVE 1000000000 a USER ann", "line 1: 'RESERVE 1000000000 a USER ann' is no rule"),
        ("LINGER drafter -5", "line 1: '-5' is neither a name nor a number"),
        ("INCLUDE drafter USER a;b", "line 1: 'a;b' is neither a name nor a number"),
        ("LINGER a 1\n" * 600, "line 513: more than 512 rules"),
    ],
)
def test_a_line_that_is_no_rule_is_named(text: str, problem: str) -> None:
    with pytest.raises(Unreadable) as raised:
        options.parsed(text)
    assert str(raised.value) == problem


def test_a_file_that_is_not_there_settles_nothing(tmp_path: Path) -> None:
    assert options.read(tmp_path / "none") == Options()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "options"
    for content in (b"\xff", b"#" * (options.SIZE + 1), b"NONSENSE\n"):
        file.write_bytes(content)
        with pytest.raises(Unreadable, match=str(file)):
            options.read(file)
    with pytest.raises(Unreadable, match="Is a directory"):
        options.read(tmp_path)


@given(st.text())
def test_any_text_is_options_or_unreadable(text: str) -> None:
    with contextlib.suppress(Unreadable):
        assert isinstance(options.parsed(text), Options)
