"""Canonical JSON: the same bytes everywhere, and nothing else is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.canonical import HIGHEST, NotCanonical, dumps, loads

# What bundles are made of: no fractions, keys in ASCII.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
keys = st.text(st.characters(min_codepoint=0, max_codepoint=127), max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-HIGHEST, HIGHEST) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)


@given(value=plain)
def test_what_is_written_is_read_again(value: object) -> None:
    assert loads(dumps(value)) == value


@given(value=plain)
def test_pythons_own_json_writes_the_same(value: object) -> None:
    # That lets a third party verify without the library.
    own = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert own.encode() == dumps(value)


@given(data=st.binary(max_size=60))
def test_anything_else_is_refused_and_nothing_breaks(data: bytes) -> None:
    try:
        value = loads(data)
    except NotCanonical:
        return
    assert dumps(value) == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no JSON: Expecting value at character 0"),
        (b"{", "no JSON: "),
        (b'{"a":1} ', "byte 7 is not as RFC 8785 writes it"),
        (b'{"a": 1}', "byte 5 is not as RFC 8785 writes it"),
        (b'{"b":1,"a":1}', "byte 2 is not as RFC 8785 writes it"),
        (b'"\\u0041"', "byte 1 is not as RFC 8785 writes it"),
        (b'{"a":1,"a":1}', "the key 'a' is there twice"),
        (b"[1.0]", "the number 1.0 is not a whole one"),
        (b"[1e400]", "the number 1e400 is not a whole one"),
        (b"[NaN]", "the number NaN is not a whole one"),
        (b"[-Infinity]", "the number -Infinity is not a whole one"),
        (b"9007199254740992", "the number 9007199254740992 is too great"),
        (b"9" * 100_000, f"the number {'9' * 20} is too great"),
        (b"-0", "byte 0 is not as RFC 8785 writes it"),
        (b"[" * 200_000, "it is nested too deep"),
        (b'{"a":' * 200_000, "it is nested too deep"),
        (b'"\xff"', "byte 1 is no UTF-8"),
        (b'"\\ud800"', "input contains non-UTF-8 codepoints"),
        (b"\xef\xbb\xbf[]", "no JSON: "),
    ],
)
def test_what_is_not_canonical_is_named(data: bytes, said: str) -> None:
    with pytest.raises(NotCanonical) as caught:
        loads(data)
    assert str(caught.value).startswith(said)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [2**53, "\ud800", {1: 2}, float("inf")])
def test_what_has_no_canonical_form_is_not_written(value: object) -> None:
    with pytest.raises(NotCanonical):
        dumps(value)
