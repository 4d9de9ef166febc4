"""What people take away: pages and tables of the record, the schedule and the standards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from runner.framework import Occupation
from runner.page import page
from runner.schedule import LEGEND, Schedule, heading
from runner.spreadsheet import as_csv
from runner.standards import Section, marks, title_of, with_traits
from runner.transcript import TITLES, Transcript, score, tally, transcript_rows
from runner.voice import counted


def record_page(
    of: Transcript, occupation: Occupation | None, *, full_name: str, at: datetime, version: str
) -> bytes:
    """An apprentice's own page: every competency, and how far they are."""
    return page(
        "record",
        of=of,
        name=full_name or of.apprentice,
        heading=heading(occupation) if occupation else "",
        at=at,
        version=version,
        tally=tally,
        score=score,
    )


def record_csv(of: Iterable[Transcript]) -> bytes:
    """The same as a table for the sponsor's file, of one or of several."""
    return as_csv(TITLES, (row for one in of for row in transcript_rows(one)))


def schedule_page(form: Schedule, *, version: str) -> bytes:
    """The work process schedule as a page to be printed and signed."""
    return page("schedule", form=form, legend=LEGEND, heading=heading, version=version)


def standards_page(
    sections: Sequence[Section], occupation: Occupation | None, *, at: datetime, version: str
) -> bytes:
    """The framework with its performance standards, for an employer to adopt."""
    every = [one for section in sections for one in section.standards]
    scored = sum(not check.guard for one in every for check in one.checks)
    with_lab = sum(one.lab is not None for one in every)
    competencies = counted(len(every), "competency", "competencies")
    return page(
        "standards",
        sections=sections,
        heading=heading(occupation) if occupation else "",
        summary=f"{counted(scored, 'performance standard')} for {with_lab} of {competencies}.",
        at=at,
        version=version,
        title=title_of,
        marks=marks,
        with_traits=with_traits,
    )
