"""Nothing that a host prints reaches a terminal as anything but visible, bounded text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.printable import on_page, one_line, printable

# Mostly what attacks are made of: introducers, terminators, overrides, with text between them.
_SEQUENCES = [
    "\x1b",
    "\x1b[",
    "\x1b]0;",
    "\x1b]8;;",
    "\x1bP",
    "\x1b\\",
    "31m",
    "2J",
    "H",
    "?25l",
    "title",
    "\r\n",
]
_CHARACTERS = (
    "\x9b\x9c\x9d\x07\b\r\n\t\x00\x7f\u202e\u2066\u200b\u2028\ufeff\ud800\U000e0041\u05d0日"
)
_PARTS = st.sampled_from([*_SEQUENCES, *_CHARACTERS])
_HOSTILE = st.lists(st.one_of(_PARTS, st.text(max_size=5)), max_size=60).map("".join)
_BIDI_CONTROLS = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@given(text=_HOSTILE, limit=st.integers(min_value=0, max_value=200))
def test_no_control_reaches_the_terminal(text: str, limit: int) -> None:
    shown = printable(text, limit)
    for character in shown:
        assert character in "\n\t" or unicodedata.category(character)[0] != "C"
        assert unicodedata.bidirectional(character) not in _BIDI_CONTROLS
        assert character not in "\u2028\u2029"
    shown.encode("utf-8")


@given(text=_HOSTILE, limit=st.integers(min_value=0, max_value=200))
def test_it_is_bounded(text: str, limit: int) -> None:
    note = f" [... {len(text)} characters in all]"
    assert len(printable(text, limit)) <= limit + len(note)


@given(text=_HOSTILE)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = printable(text, 10_000)
    assert printable(once, 10_000) == once


@given(text=_HOSTILE)
def test_one_line_is_one_line(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;another title\x07ok", "ok"),
        ("\x1b]8;;http://a.test\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;cm0gLXJm\x9cok", "ok"),
        ("\x1bPq#0;2;0;0;0\x1b\\ok", "ok"),
        ("\x1bcok", "ok"),
        ("\x9b2Jok", "ok"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("bell\x07 nul\x00 del\x7f", "bell\\x07 nul\\x00 del\\x7f"),
        ("a\u202eb", "a\\u202eb"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("cut \x1b[38;5", "cut "),
        ("\x1b", ""),
        ("Łódź 日本 שלום", "Łódź 日本 שלום"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_what_is_cut_is_said() -> None:
    assert printable("x" * 50, 10) == "xxxxxxxxxx [... 50 characters in all]"
    assert printable("x" * 10, 10) == "x" * 10


def test_escapes_that_fill_the_text_are_cut_as_well() -> None:
    assert printable("\x1b[0m" * 1000 + "end", 10) == " [... 4003 characters in all]"


def test_one_line_joins_and_cuts() -> None:
    assert one_line("a\n  b\t\tc\r\n") == "a b c"
    assert one_line("word " * 100, 9) == "word word [... 499 characters in all]"


def test_on_a_page_a_name_keeps_what_joins_its_letters() -> None:
    assert on_page("מי\u200cכהם  ශ්\u200dරී\n") == "מי\u200cכהם ශ්\u200dරී"
    assert on_page("a\u202eb\x1b[31mc\x00") == "a\\u202ebc\\x00"
    assert on_page("x" * 50, 10) == "xxxxxxxxxx [... 50 characters in all]"
    assert "\\u200c" in printable("מי\u200cכהם")
