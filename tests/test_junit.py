"""Findings as JUnit XML: what a CI reads of them."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from runner.findings import Found, Problem, Proof, Trial
from runner.junit import LAB_PROOFS, junit

LABS = {"4c": "A perimeter & more", "9a": "Serve <the> page"}
WRONG = Problem(Proof.WRONG, "page_served is PASSED")
FOUND = (
    Found(Trial("4c", 1, "nftables", untouched=True), seconds=12.5),
    Found(Trial("4c", 2, "nftables", "key"), (WRONG, Problem(Proof.LEFT, "a volume")), seconds=1),
    Found(Trial("9a", 1, "service"), seconds=0.25),
)


def read(text: bytes) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written a line above


def names(suite: ET.Element) -> list[str]:
    return [case.attrib["name"] for case in suite.iter("testcase")]


def test_each_lab_is_a_suite_and_each_trial_and_proof_a_case() -> None:
    root = read(junit(LABS, FOUND, {}))
    first, second = root
    assert [one.attrib["name"] for one in root] == ["4c A perimeter & more", "9a Serve <the> page"]
    proofs = [str(proof) for proof in LAB_PROOFS]
    assert names(first) == [
        *proofs,
        "seed 1: untouched, then nftables",
        "seed 2: nftables without key",
    ]
    assert names(second) == [*proofs, "seed 1: service"]
    assert {case.attrib["classname"] for case in first} == {"4c"}


def test_problems_are_one_failure_with_all_their_texts() -> None:
    root = read(junit(LABS, FOUND, {"9a": [Problem(Proof.BUDGET, "start p95 7.1 s")]}))
    trial, proof = root.findall(".//failure")
    assert trial.attrib == {
        "type": "every wrong way fails, nothing is left",
        "message": "every wrong way fails: page_served is PASSED",
    }
    assert trial.text == ("every wrong way fails: page_served is PASSED\nnothing is left: a volume")
    assert proof.text == "time and size: start p95 7.1 s"


def test_cases_and_times_are_summed_up() -> None:
    root = read(junit(LABS, FOUND, {}, proofs=()))
    first, second = root
    assert (root.attrib["tests"], root.attrib["failures"], root.attrib["time"]) == (
        "3",
        "1",
        "13.750",
    )
    assert (first.attrib["tests"], first.attrib["failures"]) == ("2", "1")
    assert (second.attrib["failures"], second.attrib["time"]) == ("0", "0.250")
    assert [case.attrib["time"] for case in first] == ["12.500", "1.000"]


def test_only_what_was_held_against_the_lab_is_shown_and_what_has_problems() -> None:
    problems = {"9a": [Problem(Proof.ANSWER, "in /etc"), Problem(Proof.ANSWER, "in /usr")]}
    [suite] = read(junit({"9a": "t"}, (), problems, proofs=[Proof.PAPER]))
    assert names(suite) == ["fit on paper", "no answers in the box"]


def test_a_lab_that_could_not_be_tried_is_there_all_the_same() -> None:
    [suite] = read(junit({"9a": "t"}, (), {"9a": [Problem(Proof.PAPER, "no brief")]}))
    assert (suite.attrib["tests"], suite.attrib["failures"]) == (str(len(LAB_PROOFS)), "1")


TEXTS = st.text(st.characters(exclude_categories=()), max_size=80)


@given(TEXTS, st.lists(TEXTS, max_size=3))
def test_any_text_comes_out_as_xml(title: str, texts: Sequence[str]) -> None:
    problems = tuple(Problem(Proof.SOLUTION, text) for text in texts)
    found = [Found(Trial("9a", 1, title), problems)]
    root = read(junit({"9a": title}, found, {"9a": problems}))
    assert len(root.findall(".//failure")) == (2 if texts else 0)
    for failure in root.iter("failure"):
        assert "\x1b" not in (failure.text or "")
