"""Bytes as text in base58-btc."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.multibase import decode, encode


@given(data=st.binary(max_size=80))
def test_what_is_written_is_read_again(data: bytes) -> None:
    text = encode(data)
    assert decode(text) == data
    assert text.startswith("z")
    assert not set(text) & set("0OIl")


@given(text=st.text(max_size=40))
def test_any_other_text_is_refused_and_nothing_breaks(text: str) -> None:
    try:
        data = decode(text)
    except ValueError:
        return
    assert encode(data) == text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "z"),
        (b"\0", "z1"),
        (b"\0\0\x01", "z112"),
        (b"\x39", "zz"),
        (b"\x3a", "z21"),
        (b"Hello World!", "z2NEpo7TZRRrLZSi2U"),
    ],
)
def test_it_is_written_as_elsewhere(data: bytes, text: str) -> None:
    assert encode(data) == text


@pytest.mark.parametrize("text", ["", "1", "Z2", "z0", "zO", "z" + "2" * 256, "z2 "])
def test_what_is_no_such_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base58|substring"):
        decode(text)
