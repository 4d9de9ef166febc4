"""Text that runs both ways: pieces in the order in which they are seen from the left."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.direction import ordered

SHOWN = {
    "Ada Lovelace": "Ada Lovelace",
    "שרה כהן": "<שרה כהן",
    "محمد (Mo)": "<)|>Mo|<محمد (",
    "Ada محمد 123 x": ">Ada |>123|<محمد |> x",
    "123 محمد": "< محمد|>123",
    "Ada מי\u200cכהם": ">Ada |<מי\u200cכהם",
    "עדה ශ්\u200dරී": ">ශ්\u200dරී|<עדה ",
}


def told(text: str) -> str:
    """The marks of direction as < and >, with | between pieces."""
    return text.replace("\u202a", ">").replace("\u202b", "<").replace("\u202c", "|").rstrip("|")


@pytest.mark.parametrize("text", SHOWN)
def test_pieces_come_as_they_are_seen(text: str) -> None:
    assert told(ordered(text)) == SHOWN[text]


@given(st.text(st.sampled_from("ab 1(מحم\u200c\u200d.")))
def test_no_letter_is_lost(text: str) -> None:
    assert sorted(re.sub("[\u202a-\u202c]", "", ordered(text))) == sorted(text)
