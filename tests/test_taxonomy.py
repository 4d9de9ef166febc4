"""The framework as a package of CASE: as CASE asks, whole, and the same on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from runner.check import Check
from runner.framework import Occupation
from runner.standards import Section, Standards
from runner.taxonomy import case_package, competency_id, framework_name, item_id
from tests.documented import described, fields_of
from tests.published import CASE, faults
from tests.taken import HOSTILE, NOON, OCCUPATION, framework
from tests.test_badges import texts


def check(name: str, standard: str, *, guard: bool = False) -> Check:
    """A check, as far as it is read here."""
    found = SimpleNamespace(name=name, standard=standard, guard=guard, survives_restart=not guard)
    return cast("Check", found)


CHECKS = (check("a", "It answers."), check("b", "It stays up.", guard=True))


def sections(*, text: str = "") -> list[Section]:
    """Two job functions; the first competency has checks. With a text, everything is called so."""
    found = []
    for one in framework().functions:
        standards = []
        for number, own in enumerate(one.competencies):
            there = CHECKS if (one.number, number) == (1, 0) else ()
            checks = tuple(check(c.name, text or c.standard, guard=c.guard) for c in there)
            named = replace(own, title=text or own.title)
            standards.append(Standards(own.code, named, None, checks))
        found.append(Section(one.number, text or one.title, tuple(standards)))
    return found


def package(
    of: Sequence[Section] | None = None,
    occupation: Occupation | None = OCCUPATION,
    *,
    at: datetime = NOON,
    version: str = "0.1.0",
) -> dict[str, Any]:
    """The package of these sections."""
    return case_package(of or sections(), occupation, at=at, version=version)


def test_the_package_is_as_the_specification_and_our_page_have_it() -> None:
    assert faults(package(), CASE) == []
    assert fields_of(package()) == described("records.md", "The framework for other systems")


def test_everything_stands_below_something_up_to_the_framework() -> None:
    found = package()
    ids = [one["identifier"] for one in found["CFItems"]]
    assert len(set(ids)) == len(ids) == 2 + 3 + 2
    links = {
        one["originNodeURI"]["identifier"]: one["destinationNodeURI"]["identifier"]
        for one in found["CFAssociations"]
    }
    assert list(links) == ids
    root = found["CFDocument"]["identifier"]
    depths = []
    for id in ids:
        depth, at = 0, id
        while at != root:
            depth, at = depth + 1, links[at]
        depths.append(depth)
    assert depths == [1, 2, 3, 3, 2, 1, 2]
    kinds = {1: "Job function", 2: "Competency", 3: "Performance standard"}
    assert [one["CFItemType"] for one in found["CFItems"]] == [kinds[one] for one in depths]
    assert [one["sequenceNumber"] for one in found["CFAssociations"]] == [1, 1, 1, 2, 2, 2, 1]


def test_what_the_items_say() -> None:
    _, first, standard, guard, *_ = package()["CFItems"]
    assert (first["humanCodingScheme"], first["fullStatement"]) == ("1a", "Sets up devices")
    assert first["identifier"] == str(
        competency_id("IT Generalist (RAPIDS 1059)", "1a", "Sets up devices")
    )
    assert standard["fullStatement"] == "It answers. (also after a restart)"
    assert guard["notes"] == "It holds from the start and has to stay true."


def test_another_day_and_another_version_have_the_same_ids() -> None:
    here, there = package(), package(at=NOON + timedelta(days=9), version="7")
    assert [one["identifier"] for one in here["CFItems"]] == [
        one["identifier"] for one in there["CFItems"]
    ]
    assert here["CFDocument"]["lastChangeDateTime"] != there["CFDocument"]["lastChangeDateTime"]


def test_ids_are_what_they_were_when_they_were_first_given_out() -> None:
    # Badges out there name them: whoever changes how they are made takes them back.
    assert item_id("F") == UUID("9f9cb692-4ced-52e1-8eb8-92d2053b9b07")
    assert competency_id("F", "4c", "T") == UUID("b5dea8ba-f2b2-57e4-895e-89f0c5e0a37d")


@given(words=st.lists(st.text(max_size=4), max_size=3), other=st.lists(st.text(max_size=4)))
def test_other_words_have_another_id(words: list[str], other: list[str]) -> None:
    assert (item_id("f", *words) == item_id("f", *other)) == (words == other)


def test_the_framework_is_named_with_its_code() -> None:
    assert framework_name(OCCUPATION) == "IT Generalist (RAPIDS 1059)"
    assert framework_name(replace(OCCUPATION, rapids=None)) == "IT Generalist"
    assert framework_name(None) == "Occupational framework"


def test_hostile_text_is_shown_for_what_it_is() -> None:
    evil = replace(OCCUPATION, title=HOSTILE, rapids=HOSTILE)
    found = package(sections(text=HOSTILE), evil, version=HOSTILE)
    assert faults(found, CASE) == []
    assert all(text.isprintable() for text in texts(found))


def test_a_lab_of_an_employer_without_framework_is_below_its_number() -> None:
    alone = [Section(9, "", (Standards("9a", None, None, ()),))]
    function, competency = package(alone, None)["CFItems"]
    assert (function["fullStatement"], competency["fullStatement"]) == ("Job function 9", "9a")
