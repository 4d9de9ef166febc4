"""The rules of an assessment, in one place: what holds without a word, the lab's, the class's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from runner import authored, places
from runner.forms import AssessmentForm, Code, Form
from runner.verdict import Grade, Outcome

ROSTER = "roster.yaml"
_WHOLE = 100

Who = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
"""An apprentice, as `--as` names them."""


class PersonForm(Form):
    """What is granted to one person. `time` is how many times the lab's minutes they get."""

    time: Annotated[float, Field(ge=1, le=10)] = 1.0


class RosterForm(Form):
    """`roster.yaml` in the data folder: the rules of a class.

    `practice_counts` is whether a grading in practice marks a competency demonstrated.
    `assessment` holds for every lab, `labs` for single ones; both come before what a lab says
    itself. `people` is what is granted to whom.
    """

    practice_counts: bool = True
    assessment: AssessmentForm = AssessmentForm()
    labs: dict[Code, AssessmentForm] = Field(default={})
    people: dict[Who, PersonForm] = Field(default={})


@dataclass(frozen=True, slots=True)
class Rules:
    """What holds of one lab for one person; `wait` in minutes, `pass_mark` in percent."""

    attempts: int = 3
    wait: int = 0
    pass_mark: int = _WHOLE
    feedback: Literal["standards", "nothing"] = "standards"
    time: float = 1.0
    keep_world: Literal["not_yet", "always", "never"] = "not_yet"

    def limit(self, minutes: int) -> timedelta:
        """How long this person may take for a lab of so many minutes; a begun minute is given."""
        # In thousandths, since 30 times 1.1 is a little more than 33.
        return timedelta(minutes=math.ceil(round(minutes * self.time * 1000) / 1000))

    def passed(self, grade: Grade) -> bool:
        """Whether a grading demonstrates the competency."""
        if self.pass_mark == _WHOLE or not grade.gradable:
            return grade.demonstrated
        kept = all(v.outcome is Outcome.PASSED for v in grade.verdicts if v.guard)
        enough = grade.points * _WHOLE >= self.pass_mark * grade.possible
        return kept and enough and grade.points > 0

    def keeps(self, *, demonstrated: bool) -> bool:
        """Whether the world is frozen before it is removed: who passed has nothing to dispute."""
        return self.keep_world == "always" or (self.keep_world == "not_yet" and not demonstrated)


def roster() -> RosterForm:
    """The rules of the class; those that hold without a word where there is no roster."""
    path = roster_file()
    return authored.read(path, RosterForm) if path.is_file() else RosterForm()


def roster_file() -> Path:
    """Where the roster stands, if there is one."""
    return places.data() / ROSTER


def rules_of(lab: AssessmentForm, code: str, who: str, of: RosterForm) -> Rules:
    """What holds: the class's word on this lab, else its word on all, else the lab's own."""
    said: dict[str, object] = {}
    for form in (lab, of.assessment, of.labs.get(code, AssessmentForm())):
        said |= form.model_dump(exclude_none=True)
    return Rules(**said, time=of.people.get(who, PersonForm()).time)  # type: ignore[arg-type]


def terms(rules: Rules) -> Mapping[str, object]:
    """The rules as plain data without fractions: what the ledger says of an attempt's terms."""
    return {
        "attempts": rules.attempts,
        "wait": rules.wait,
        "pass_mark": rules.pass_mark,
        "feedback": rules.feedback,
        "keep_world": rules.keep_world,
        "time_percent": round(rules.time * _WHOLE),
    }


def of_terms(said: Mapping[str, object]) -> Rules:
    """The rules again: what was agreed when somebody began holds to the end."""
    found = AssessmentForm.model_validate(
        {name: said.get(name) for name in AssessmentForm.model_fields}
    )
    percent = said.get("time_percent")
    time = percent / _WHOLE if isinstance(percent, int) else 1.0
    return Rules(**found.model_dump(exclude_none=True), time=time)
