"""The occupational framework: what there is to be learnt, and where each word of it comes from."""

from __future__ import annotations

import difflib
import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from runner import authored
from runner.errors import UnknownCode
from runner.forms import Form
from runner.printable import one_line

ABSENT = ("illegible", "ambiguous", "blank")
"""What a source may say in place of a value; the first that applies is a missing value's origin."""

# Which source is displayed where several have a value, most trusted first. The schedule is the
# list of what an apprentice must be able to do, so it has the word on titles and on Core/Optional;
# the detail pages are the only place with levels and with the Required/Optional columns.
_RULES: Mapping[str, tuple[str, ...]] = {
    "code": ("detail", "order"),
    "title": ("schedule", "detail", "overview"),
    "standing": ("schedule", "detail", "overview"),
    "level": ("detail", "overview"),
    "requirement": ("detail",),
    "ojt": ("schedule", "detail"),
    "ri": ("schedule", "detail"),
    "rapids": ("overview",),
    "onet": ("overview", "schedule"),
    "approach": ("schedule",),
    "term": ("schedule",),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What one source prints for one field, or one of `ABSENT`."""

    source: str
    printed: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the value of one field comes from.

    `origin` is the source whose value is displayed: overview, schedule, detail, order (a code
    counted in the order of the schedule) or function (taken from the job function that the
    competency belongs to). For a field without a value it is the reason: illegible, ambiguous or
    blank. `readings` has every source, also those that say something else.
    """

    field: str
    origin: str
    readings: tuple[Reading, ...]

    @property
    def disputed(self) -> bool:
        """The sources print different values."""
        return len({r.printed for r in self.readings if r.printed not in ABSENT}) > 1


@dataclass(frozen=True, slots=True)
class Competency:
    """Something an apprentice must be able to do.

    `code` is the job function's number and a letter, `function` that number, `title` the official
    wording. `standing` is Core or Optional; `level` Basic or Intermediate; `requirement` the
    column of the detail page, Required or Optional, that is marked; `ojt` and `ri` the marks for
    on-the-job training and related instruction. None where the source has nothing that can be
    read: `provenance_of` says why. `note` is a remark on the source.
    """

    code: str
    function: int
    title: str
    standing: str
    level: str | None
    requirement: str | None
    ojt: str | None
    ri: str | None
    note: str
    provenance: tuple[Provenance, ...]

    def provenance_of(self, field: str) -> Provenance:
        """Where the value of `field` comes from; KeyError for a field that has none."""
        return _provenance_of(self.provenance, field)


@dataclass(frozen=True, slots=True)
class JobFunction:
    """A group of competencies. The fields mean what they mean in `Competency`."""

    number: int
    title: str
    standing: str
    level: str | None
    requirement: str | None
    ojt: str | None
    ri: str | None
    note: str
    provenance: tuple[Provenance, ...]
    competencies: tuple[Competency, ...]

    def provenance_of(self, field: str) -> Provenance:
        """Where the value of `field` comes from; KeyError for a field that has none."""
        return _provenance_of(self.provenance, field)


@dataclass(frozen=True, slots=True)
class Occupation:
    """What all of it makes somebody, as a work process schedule is headed.

    `rapids` and `onet` are its codes, `approach` is the apprenticeship type, `term` what is said
    of its length. None where the source has nothing that can be read.
    """

    title: str
    rapids: str | None
    onet: str | None
    approach: str | None
    term: str | None
    provenance: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True)
class Framework:
    """All job functions, in the order of their numbers.

    `occupation` is None in an employer's own part, which belongs to an occupation told elsewhere.
    """

    functions: tuple[JobFunction, ...]
    occupation: Occupation | None = None

    @property
    def competencies(self) -> tuple[Competency, ...]:
        """All competencies, in the order of their codes."""
        return tuple(one for function in self.functions for one in function.competencies)

    def find(self, code: str) -> Competency:
        """The competency with this code, in either case; UnknownCode names the nearest."""
        wanted = code.strip().lower()
        for competency in self.competencies:
            if competency.code == wanted:
                return competency
        raise UnknownCode(
            f"There is no competency {one_line(code, 40)!r}.", remedy=self._remedy(wanted)
        )

    def _remedy(self, wanted: str) -> str:
        near = _nearest(wanted[:100], self.competencies)
        if near:
            return f"The nearest: {'; '.join(f'{one.code} {one.title}' for one in near)}."
        spans = (f"{f.competencies[0].code}-{f.competencies[-1].code}" for f in self.functions)
        return f"A code is a number and a letter: {', '.join(spans)}."


def read_framework(path: Path) -> Framework:
    """The framework as `path` transcribes it; AuthoringError where the file is wrongly written."""
    form = authored.read(path, FrameworkForm)
    functions = tuple(_function(one) for one in form.functions)
    return Framework(functions, _occupation(form.occupation) if form.occupation else None)


_Source = Literal["overview", "schedule", "detail"]
_Gap = Literal["blank", "illegible", "ambiguous"]
_Standing = Literal["Core", "Optional"]
_Level = Literal["Basic", "Intermediate"]
_Column = Literal["Required", "Optional"]
_Text = Annotated[str, Field(min_length=1)]
_AtLeastOne = Field(min_length=1)


class _EntryForm(Form):
    """What job functions and competencies have in common: each field, source by source."""

    title: Annotated[dict[_Source, _Text], _AtLeastOne]
    standing: Annotated[dict[_Source, _Standing | _Gap], _AtLeastOne]
    level: Annotated[dict[_Source, _Level | _Gap], _AtLeastOne]
    requirement: Annotated[dict[_Source, _Column | _Gap], _AtLeastOne]
    ojt: Annotated[dict[_Source, Literal["X"] | _Gap], _AtLeastOne]
    ri: Annotated[dict[_Source, Literal["X"] | _Gap], _AtLeastOne]
    note: str = ""

    @model_validator(mode="after")
    def _titled(self) -> _EntryForm:
        if _resolve("title", self.title)[0] is None:
            raise ValueError("no source has a legible title: give one")
        return self


class CompetencyForm(_EntryForm):
    """One competency. `order` gives the code where the source's own cannot be read."""

    code: Annotated[dict[Literal["detail", "order"], _Text], _AtLeastOne]


class FunctionForm(_EntryForm):
    """One job function with its competencies, in the order of the schedule."""

    number: Annotated[int, Field(ge=1, le=99)]
    competencies: Annotated[list[CompetencyForm], Field(min_length=1, max_length=26)]

    @model_validator(mode="after")
    def _standing_is_known(self) -> FunctionForm:
        # Competencies whose own cells are empty take theirs from here.
        if _resolve("standing", self.standing)[0] is None:
            raise ValueError("no source says Core or Optional: give 'standing'")
        return self

    @model_validator(mode="after")
    def _codes_follow_the_order(self) -> FunctionForm:
        for letter, one in zip(string.ascii_lowercase, self.competencies, strict=False):
            expected = f"{self.number}{letter}"
            found, _ = _resolve("code", one.code)
            if found != expected:
                raise ValueError(f"code {expected} was expected in this place, not {found}")
        return self


class OccupationForm(Form):
    """The occupation, source by source.

    `approach` is the apprenticeship type, `term` the minimum time requirements; `rapids` and `onet`
    are codes.
    """

    title: Annotated[dict[_Source, _Text], _AtLeastOne]
    rapids: Annotated[dict[_Source, _Text], _AtLeastOne]
    onet: Annotated[dict[_Source, _Text], _AtLeastOne]
    approach: Annotated[dict[_Source, _Text], _AtLeastOne]
    term: Annotated[dict[_Source, _Text], _AtLeastOne]


class FrameworkForm(Form):
    """`framework.yaml`: the occupational framework, or an employer's own part of it.

    `occupation` heads the work process schedule.
    """

    occupation: OccupationForm | None = None
    functions: Annotated[list[FunctionForm], Field(min_length=1)]

    @model_validator(mode="after")
    def _numbers_rise(self) -> FrameworkForm:
        numbers = [one.number for one in self.functions]
        if numbers != sorted(set(numbers)):
            listed = ", ".join(map(str, numbers))
            raise ValueError(f"job functions come in rising order, each once (found: {listed})")
        return self


def _occupation(form: OccupationForm) -> Occupation:
    values, provenance = _resolved(form)
    return Occupation(
        title=values["title"] or "",
        rapids=values["rapids"],
        onet=values["onet"],
        approach=values["approach"],
        term=values["term"],
        provenance=provenance,
    )


def _function(form: FunctionForm) -> JobFunction:
    values, provenance = _resolved(form)
    standing = values["standing"] or ""
    return JobFunction(
        number=form.number,
        title=values["title"] or "",
        standing=standing,
        level=values["level"],
        requirement=values["requirement"],
        ojt=values["ojt"],
        ri=values["ri"],
        note=form.note,
        provenance=provenance,
        competencies=tuple(_competency(c, form.number, standing) for c in form.competencies),
    )


def _competency(form: CompetencyForm, function: int, standing: str) -> Competency:
    values, provenance = _resolved(form)
    if values["standing"] is None:
        provenance = tuple(
            Provenance(p.field, "function", p.readings) if p.field == "standing" else p
            for p in provenance
        )
    return Competency(
        code=values["code"] or "",
        function=function,
        title=values["title"] or "",
        standing=values["standing"] or standing,
        level=values["level"],
        requirement=values["requirement"],
        ojt=values["ojt"],
        ri=values["ri"],
        note=form.note,
        provenance=provenance,
    )


def _resolved(
    form: _EntryForm | OccupationForm,
) -> tuple[dict[str, str | None], tuple[Provenance, ...]]:
    """The displayed value of every field that the form has, and where each comes from."""
    values: dict[str, str | None] = {}
    provenance = []
    for field in _RULES:
        printed: Mapping[Any, str] | None = getattr(form, field, None)
        if printed is not None:
            values[field], origin = _resolve(field, printed)
            readings = tuple(Reading(source, said) for source, said in printed.items())
            provenance.append(Provenance(field, origin, readings))
    return values, tuple(provenance)


def _resolve(field: str, printed: Mapping[Any, str]) -> tuple[str | None, str]:
    """The value of the most trusted source that has one, and that source; or None and why."""
    for source in _RULES[field]:
        if source in printed and printed[source] not in ABSENT:
            return printed[source], source
    return None, next((gap for gap in ABSENT if gap in printed.values()), "blank")


def _provenance_of(provenance: tuple[Provenance, ...], field: str) -> Provenance:
    for one in provenance:
        if one.field == field:
            return one
    raise KeyError(field)


def _nearest(wanted: str, competencies: tuple[Competency, ...]) -> list[Competency]:
    """At most three: by code if it looks like one, else by the words of the title."""
    if re.fullmatch(r"[0-9]+ ?[a-z]?", wanted):
        scored = {one.code: _likeness(wanted, one.code) for one in competencies}
    else:
        vocabulary = {word for one in competencies for word in _words(one.title)}
        near = {
            match
            for word in _words(wanted)
            for match in difflib.get_close_matches(word, vocabulary, n=5, cutoff=0.8)
        }
        scored = {one.code: float(len(near & set(_words(one.title)))) for one in competencies}
    best = sorted(competencies, key=lambda one: -scored[one.code])[:3]
    return [one for one in best if scored[one.code] >= _LIKE_ENOUGH]


_LIKE_ENOUGH = 0.5


def _likeness(wanted: str, code: str) -> float:
    return difflib.SequenceMatcher(None, wanted, code).ratio()


def _words(text: str) -> Iterator[str]:
    # Short words (of, and, the) are in every title and tell none from another.
    return iter(re.findall(r"[a-z]{4,}", text.lower()))
