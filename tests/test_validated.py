"""The outcome of a validation, as it is told."""

from __future__ import annotations

from dataclasses import replace

from runner.findings import Found, Problem, Proof, Trial
from runner.tables import columns
from runner.validated import (
    Validated,
    data,
    flaws,
    result_table,
    strayed_text,
    trial_text,
    validated,
)
from runner.verdict import Outcome
from runner.voice import Style
from tests.documented import fields_of, paths_in
from tests.trial import lab

BAD = Problem(Proof.WRONG, "page_served is PASSED, but must come out FAILED")
GOOD = Found(
    Trial("9a", 1, "service", untouched=True),
    outcomes={"page_served": Outcome.PASSED},
    start=2.0,
    seconds=9.4,
    memory=90 << 20,
)
WRONG = Found(
    Trial("9a", 1, "memory"), (BAD,), outcomes={"page_served": Outcome.FAILED}, seconds=5.0
)
LEFT = Found(Trial("9a", 1, "service", "serve"), outcomes={"page_served": Outcome.FAILED})


def result(*found: Found, whole: bool = True) -> Validated:
    return Validated(lab("9a"), (1,), found, (Problem(Proof.PAPER, "1 guards"),), whole)


def test_fields() -> None:
    left = replace(LEFT, problems=(BAD,))
    assert fields_of(data([result(WRONG, left)])) == paths_in("validate")


def test_a_trial_is_a_line_and_its_problems_are_more() -> None:
    assert trial_text(GOOD) == "ok       9a seed 1: untouched, then service (9 s)"
    assert trial_text(WRONG) == (
        "PROBLEM  9a seed 1: memory (5 s)\n"
        "         every wrong way fails: page_served is PASSED, but must come out FAILED"
    )
    assert "service without serve" in trial_text(LEFT)


def test_mistakes_that_did_not_share_a_world_are_named_as_they_are_asked_for() -> None:
    assert strayed_text((WRONG.trial, LEFT.trial)) == (
        "9a: together these came out otherwise than named, and were made one by one: memory, "
        "service/serve. Name what gets into an attempt's way under `apart` in its attempt.yaml."
    )


def test_each_proof_says_what_it_rests_on() -> None:
    drawn = columns(result_table(result(GOOD, WRONG, LEFT)), Style()).splitlines()
    rows = {line[:24].strip(): " ".join(line[24:].split()) for line in drawn[1:]}
    assert rows["fit on paper"] == "1 problem"
    assert rows["the world comes up"] == "holds 3 trials"
    assert rows["every wrong way fails"] == "1 problem 1 trial"
    assert rows["every step matters"] == "holds 1 of 1 step"
    assert rows["every check can fail"] == "holds 1 of 1 check"
    assert rows["time and size"] == "holds start 2.0 s, 90 MiB"
    assert rows["isolation"] == "not asked"


def test_what_was_not_tried_does_not_hold() -> None:
    drawn = columns(result_table(result(WRONG, whole=False)), Style())
    asked = [line for line in drawn.splitlines() if "not asked" not in line]
    assert [line[:24].strip() for line in asked[1:]] == [
        "fit on paper",
        "the world comes up",
        "every wrong way fails",
        "any seed",
        "survives a restart",
        "nothing is left",
    ]


def test_flaws_are_counted_by_place() -> None:
    assert flaws([result(GOOD, WRONG, LEFT)]) == 2


def test_a_lab_that_was_only_read_has_the_problems_of_the_page() -> None:
    only = validated(lab("9a"), (1, 2), [BAD], (), whole=True)
    assert only.every == (BAD,)
