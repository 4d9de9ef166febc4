"""Faults of the machinery are told from the learner's work."""

from __future__ import annotations

from dataclasses import replace

import pytest

from runner import engine, faults, practical
from runner.attempt import named
from runner.findings import Proof
from runner.verdict import Evidence, Grade, Outcome, Verdict
from tests.trial import connect, silent, world


def asked(check: str, *questions: tuple[str, str]) -> Verdict:
    evidence = tuple(Evidence(host, "root", text, 0, "", 0.1) for host, text in questions)
    return Verdict(check, "It holds.", Outcome.PASSED, points=1, evidence=evidence)


GOOD = Grade(
    "9a",
    (
        asked("page", ("client", "nc -w 2 10.0.0.2 80 </dev/null"), ("web", "true")),
        asked("note", ("client", "cat -- /srv/note")),
        asked("account", ("web", "getent passwd ann")),
    ),
)
BY_HOST = {"page": {"client", "web"}, "note": {"client"}, "account": {"web"}}


def test_a_check_lacks_what_its_own_questions_name() -> None:
    found = faults.lacking(GOOD, {"client": frozenset({"nc", "getent"})})
    assert found == {"page": {"client"}, "note": set(), "account": set()}


def test_a_verdict_on_a_host_that_could_not_be_looked_at_is_unfounded() -> None:
    page, note, account = GOOD.verdicts
    failed = replace(note, outcome=Outcome.FAILED, reason="the note is empty")
    found = list(faults.unfounded((page, failed, account), BY_HOST, {"client"}, "{} is stopped"))
    assert [one.text for one in found] == [
        "client is stopped, and page is PASSED; BROKEN was expected",
        "client is stopped, and note is FAILED; BROKEN was expected: the note is empty",
    ]
    assert {one.proof for one in found} == {Proof.FAULT}


@pytest.mark.parametrize("outcome", [Outcome.BROKEN, Outcome.BLOCKED])
def test_what_is_not_held_against_anybody_is_no_mistake(outcome: Outcome) -> None:
    verdict = replace(GOOD.verdicts[0], outcome=outcome)
    assert not [*faults.unfounded((verdict,), BY_HOST, {"client", "web"}, "{}")]


@pytest.mark.engine
def test_the_trial_lab_tells_faults_apart() -> None:
    there: engine.Engine = connect()
    with world(there, "9a", "faults") as work:
        practical.play(there, work, named(work.lab.attempts, "service"), silent)
        good = practical.judge(there, work)
        assert good.demonstrated
        assert faults.mistaken(there, work, good) == []
    there.close()
