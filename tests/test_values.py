"""The same seed draws the same world, and one more value changes no other."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from runner.forms import ValueForm
from runner.values import MASK, Company, Declaration, Names, Person, Values, draw, new_seed

NAMES = Names(
    given=("Ada", "Chen", "Noor", "Zoë", "Omar"),
    family=("Becker", "Dahl", "Okafor", "Ruíz", "O'Brien"),
    companies=("Fernside Dairy", "Rowanberry Care"),
)
OPTIONS = ["a", "b", "c", "d"]

_DECLARED = st.one_of(
    st.builds(Declaration, st.just("fixed"), st.integers() | st.text()),
    st.just(Declaration("choice", OPTIONS)),
    st.builds(Declaration, st.just("sample"), st.just(OPTIONS), st.integers(1, 4)),
    st.builds(Declaration, st.just("number"), st.tuples(st.integers(0, 9), st.integers(10, 99))),
    st.builds(Declaration, st.just("password"), st.integers(8, 64)),
    st.builds(Declaration, st.just("token"), st.integers(4, 64)),
    st.just(Declaration("company", None)),
)
_PEOPLE = st.one_of(
    st.just(Declaration("person", None)),
    st.builds(Declaration, st.just("people"), st.integers(1, 6)),
)
_ALL = st.dictionaries(st.text("abc", min_size=1, max_size=3), _DECLARED | _PEOPLE, max_size=8)
_SEEDS = st.integers(1, 2**31 - 1)


@given(declared=_ALL, seed=_SEEDS)
def test_the_same_seed_draws_the_same_values(declared: dict[str, Declaration], seed: int) -> None:
    assert drawn(declared, seed) == drawn(declared, seed)


@given(declared=_ALL, seed=_SEEDS, extra=_DECLARED, place=st.integers(0, 8))
def test_a_new_value_shifts_no_other(
    declared: dict[str, Declaration], seed: int, extra: Declaration, place: int
) -> None:
    items = list(declared.items())
    items.insert(place, ("added_later", extra))
    after = dict(drawn(dict(items), seed))
    del after["added_later"]
    assert after == dict(drawn(declared, seed))


@given(declared=_ALL, seed=_SEEDS, extra=_PEOPLE)
def test_people_added_below_shift_nobody(
    declared: dict[str, Declaration], seed: int, extra: Declaration
) -> None:
    after = dict(drawn({**declared, "added_later": extra}, seed))
    del after["added_later"]
    assert after == dict(drawn(declared, seed))


def test_another_seed_draws_another_world() -> None:
    worlds = {drawn({"key": Declaration("token", 16)}, seed).text("key") for seed in range(50)}
    assert len(worlds) == 50


@given(seed=_SEEDS, length=st.integers(8, 64))
def test_a_password_has_its_length_and_every_class(seed: int, length: int) -> None:
    password = drawn({"key": Declaration("password", length)}, seed).text("key")
    assert len(password) == length
    assert password[0] in string.ascii_letters
    for characters in (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-+_.="):
        assert set(password) & set(characters)
    assert not set(password) & set("lIOo01'\"\\$`!& ")


@given(seed=_SEEDS, count=st.integers(1, 60))
def test_logins_are_unique_and_fit_for_a_system(seed: int, count: int) -> None:
    # More people than the 25 that the stock of names has logins for: it must still end.
    people = drawn({"staff": Declaration("people", count)}, seed).people("staff")
    logins = [person.login for person in people]
    assert len(set(logins)) == count
    assert all(login.isascii() and login.isalnum() and login.islower() for login in logins)


def test_logins_are_unique_across_values() -> None:
    declared = {name: Declaration("person", None) for name in "abcdefghij"}
    assert len({drawn(declared, 7).person(name).login for name in declared}) == 10


@given(seed=_SEEDS, low=st.integers(-99, 99), more=st.integers(0, 99))
def test_a_number_lies_between_its_bounds(seed: int, low: int, more: int) -> None:
    declared = {"port": Declaration("number", (low, low + more))}
    assert low <= drawn(declared, seed).number("port") <= low + more


@given(seed=_SEEDS, count=st.integers(1, 4))
def test_a_sample_repeats_nothing(seed: int, count: int) -> None:
    texts = drawn({"some": Declaration("sample", OPTIONS, count)}, seed).texts("some")
    assert len(set(texts)) == len(texts) == count
    assert set(texts) <= set(OPTIONS)


def test_lists_become_tuples_wherever_they_stand() -> None:
    declared = {
        "all": Declaration("fixed", ["a", ["b"]]),
        "one": Declaration("choice", [["a", "b"]]),
        "two": Declaration("sample", [["a"], ["b"]], 2),
    }
    values = drawn(declared, 1)
    assert values["all"] == ("a", ("b",))
    assert values.texts("one") == ("a", "b")
    assert set(values["two"]) == {("a",), ("b",)}


def test_a_text_is_filled_from_the_values_above_it() -> None:
    declared = {"port": Declaration("fixed", 8080), "url": Declaration("text", "web:{port}")}
    assert drawn(declared, 1).text("url") == "web:8080"


def test_a_company_has_a_reserved_domain() -> None:
    company = drawn({"company": Declaration("company", None)}, 3).company()
    assert company in {
        Company("Fernside Dairy", "fernside", "fernside.test"),
        Company("Rowanberry Care", "rowanberry", "rowanberry.test"),
    }


def test_a_person_has_a_name() -> None:
    assert Person("Ada", "Dahl", "adahl", "").name == "Ada Dahl"


def test_passwords_are_masked_and_nothing_else() -> None:
    declared = {
        "key": Declaration("password", 12),
        "boss": Declaration("person", None),
        "staff": Declaration("people", 2),
        "token": Declaration("token", 8),
    }
    values = drawn(declared, 5)
    passwords = [values.text("key"), values.person("boss").password]
    passwords += [person.password for person in values.people("staff")]
    text = " ".join([*passwords, values.text("token")])
    assert values.mask(text) == f"{MASK} {MASK} {MASK} {MASK} {values.text('token')}"


def test_passwords_show_in_no_traceback() -> None:
    values = drawn({"boss": Declaration("person", None), "key": Declaration("password", 8)}, 5)
    shown = repr(values) + repr(values.person("boss"))
    assert values.text("key") not in shown
    assert values.person("boss").password not in shown


def test_the_longest_secret_is_masked_first() -> None:
    values = Values(1, {}, frozenset({"secret", "secret-and-more"}))
    assert values.mask("secret-and-more") == MASK


def test_a_value_of_another_type_is_refused_with_both_types() -> None:
    values = Values(1, {"port": 80, "name": "web", "flag": True})
    with pytest.raises(TypeError, match="value 'port' is a int; the grader asked for str"):
        values.text("port")
    with pytest.raises(TypeError, match="value 'name' is a str; the grader asked for tuple"):
        values.texts("name")
    with pytest.raises(TypeError, match="value 'flag' is a bool; the grader asked for int"):
        values.number("flag")


def test_values_are_a_mapping() -> None:
    values = Values(1, {"a": 1, "b": 2})
    assert (dict(values), len(values), values["a"]) == ({"a": 1, "b": 2}, 2, 1)
    with pytest.raises(KeyError):
        values["c"]


def test_a_new_seed_can_be_read_out_over_the_phone() -> None:
    assert all(1 <= new_seed() < 1_000_000 for _ in range(100))


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"choice": []}, "at least one option"),
        ({"sample": ["a", "b"], "count": 3}, "3 of 2 options cannot be drawn"),
        ({"number": [9, 1]}, r"\[low, high\] was expected, not \[9, 1\]"),
        ({"person": False}, "'true' was expected"),
        ({"token": 8, "password": 8}, "exactly one of .*found: password, token"),
        ({}, "exactly one of .*found: none"),
    ],
)
def test_what_cannot_be_drawn_cannot_be_declared(written: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ValueForm.model_validate(written)


def drawn(declared: Mapping[str, Declaration], seed: int) -> Values:
    return draw(declared, seed, NAMES, lambda template, values: template.format(**values))
