"""What pages are tried on: attempts as the record keeps them, competencies, and hostile text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from runner.framework import Competency, Framework, JobFunction, Occupation, Provenance, Reading
from runner.listing import Listed
from runner.record import Attempt
from runner.transcript import Transcript, transcript
from runner.verdict import Outcome, Verdict

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOSTILE = (
    "</title></style><script src='http://evil.test/x.js'>alert(1)</script>"
    "<img src=x onerror=\"alert('2')\">&amp;{{ 7*7 }}"
    "\x1b]0;owned\x07\x1b[31m\x9b2J\u202egnp.\x00\ud800"
)
"""Markup, a template, escapes for a terminal, an override of direction and half a character."""
LISTED = (
    Listed("1a", 1, "Sets up workstations", "Sets up devices", "Core", "Basic", "A PC", 60),
    Listed("1b", 1, "Sets up workstations", "Installs software", "Core", "Basic", None, None),
    Listed("3a", 3, "Supports meetings", "Links projectors", "Optional", None, None, None),
)
OCCUPATION = Occupation("IT Generalist", "1059", "15-1151.00", "Competency Based", "18 months", ())


def attempt(
    number: int,
    code: str = "1a",
    *outcomes: Outcome,
    demonstrated: bool = False,
    apprentice: str = "ada",
    session: str = "world",
    minutes: int = 0,
) -> Attempt:
    """An attempt, by default `number` hours after noon; the outcomes are of checks c0, c1, ..."""
    return Attempt(
        id=UUID(int=number),
        apprentice=apprentice,
        code=code,
        title=f"Title of {code}",
        seed=7,
        session=session,
        started_at=NOON,
        graded_at=NOON + timedelta(minutes=minutes or number * 60),
        demonstrated=demonstrated,
        points=6 if demonstrated else 3,
        possible=6,
        hints_used=number,
        program_version="0.1.0",
        lab_revision="a",
        grader_revision="b",
        engine="docker 20.10",
        verdicts=tuple(
            Verdict(f"c{at}", f"Standard {at} holds.", one, points=1)
            for at, one in enumerate(outcomes)
        ),
    )


def of_ada() -> Transcript:
    """A transcript with a competency in each state."""
    tried = [attempt(1), attempt(2, demonstrated=True), attempt(3, "3a")]
    return transcript("ada", tried, LISTED)


def hostile() -> Transcript:
    """A transcript in which every text is hostile."""
    listed = [
        replace(one, function_title=HOSTILE, title=HOSTILE, standing=HOSTILE, level=HOSTILE)
        for one in LISTED
    ]
    done = replace(attempt(1, demonstrated=True), apprentice=HOSTILE, title=HOSTILE)
    found = transcript(HOSTILE, [done, replace(done, code=HOSTILE)], listed)
    signed = [replace(one, signed_by=HOSTILE, signed_at=NOON) for one in found.results]
    return replace(found, results=tuple(signed))


def framework(title: str = "") -> Framework:
    """The framework of `LISTED`; with a title, everything is called that."""
    functions = []
    for number in (1, 3):
        own = [one for one in LISTED if one.function == number]
        functions.append(
            JobFunction(
                number, title or own[0].function_title, own[0].standing or "", None, None,
                *_marks(number), "", _origins(number), tuple(map(_competency, own)),
            )
        )  # fmt: skip
    occupation = Occupation(title, title, title, title, title, ()) if title else OCCUPATION
    return Framework(tuple(functions), occupation)


def _competency(one: Listed) -> Competency:
    return Competency(
        one.code, one.function, one.title, one.standing or "", one.level, None,
        *_marks(one.function), "", _origins(one.function),
    )  # fmt: skip


def _marks(function: int) -> tuple[str | None, str | None]:
    return ("X", None) if function == 1 else (None, None)


def _origins(function: int) -> tuple[Provenance, ...]:
    ojt = "X" if function == 1 else "illegible"
    origin = "schedule" if function == 1 else "illegible"
    return (
        Provenance("ojt", origin, (Reading("schedule", ojt),)),
        Provenance("ri", "blank", (Reading("schedule", "blank"),)),
    )
