"""The verbs that make something of the record: schedule and statistics, and the record's pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.errors import Exit, UsageError
from runner.voice import Voice
from runner.words import (
    apprentice,
    as_option,
    as_text,
    code_argument,
    full_name_option,
    html_option,
    json_option,
    lab_of,
    one_form,
    plain_option,
    verb,
    written,
)

if TYPE_CHECKING:
    from runner.framework import Occupation
    from runner.ledger import Force
    from runner.record import Attempt
    from runner.schedule import Schedule
    from runner.transcript import Transcript

PAPERS = ("a4", "letter")
"""Stated here as well as in `runner.pdf`, which takes time to read; a test compares them."""
_NAMED = 12


@verb(
    "schedule",
    "./lab schedule\n./lab schedule --as ada --full-name 'Ada Lovelace' --pdf ada.pdf\n"
    "./lab schedule --blank --html form.html",
)
@as_option
@full_name_option
@click.option("--blank", is_flag=True, help="The form as it is before anything was demonstrated.")
@html_option
@click.option(
    "--pdf",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a PDF instead, to be printed and signed.",
)
@click.option("--paper", type=click.Choice(PAPERS), help="What the PDF is for: a4 unless said.")
@plain_option
def schedule(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    name: str | None,
    full_name: str | None,
    *,
    blank: bool,
    html: Path | None,
    pdf: Path | None,
    paper: str | None,
    plain: bool,
) -> int:
    """Fill in the work process schedule, to be printed and signed.

    Every competency with its marks, when it was demonstrated and who signed; a line to sign on
    where nobody has. The page suits screen readers better than the PDF.
    """
    from runner import places
    from runner.outfile import target

    one_form(html=html, pdf=pdf)
    if paper and pdf is None:
        raise click.UsageError("--paper is what a PDF is for: --pdf says where to write it.")
    for file in (html, pdf):
        if file is not None:
            target(file)  # before a form is drawn that has nowhere to go
    form = _form(name, full_name, blank=blank)
    if html is not None:
        from runner.handouts import schedule_page

        return written(voice, html, schedule_page(form, version=places.version()))
    if pdf is not None:
        from runner.pdf import schedule_pdf

        made = schedule_pdf(form, version=places.version(), paper=paper or PAPERS[0])
        return written(voice, pdf, made)
    from runner.schedule import schedule_text

    voice.answer(schedule_text(form, voice.plainly(plain).style))
    return Exit.DEMONSTRATED


@verb("statistics", "./lab statistics\n./lab statistics 4c --json")
@code_argument
@json_option
@plain_option
def statistics(voice: Voice, code: str | None, *, as_json: bool, plain: bool) -> int:
    """Say from the record how hard each lab and each check is.

    Failed first: of the people who tried the lab, those whose first attempt failed the check.
    Flipped: of the worlds that were graded again with the lab unchanged, those in which the check
    passed and failed later; where that is more than a learner breaking things, it is flaky.
    """
    from runner import places
    from runner.difficulty import figures, figures_data, figures_text
    from runner.listing import listing
    from runner.record import open_record

    wanted = code.strip().lower() if code else None
    with open_record() as kept:
        found = figures(kept.attempts(code=wanted))
    listed = listing(places.roots()).competencies
    if wanted and not found and all(one.code != wanted for one in listed):
        lab_of(wanted)  # says what there is
    if as_json:
        voice.answer(as_text(figures_data(found, {one.code: one.minutes for one in listed})))
    elif found:
        voice.answer(figures_text(found, voice.plainly(plain).style))
    else:
        at = f" at {wanted}" if wanted else ""
        voice.answer(f"No attempt{at} is recorded: there is nothing to count yet.")
    return Exit.DEMONSTRATED


def record_as_page(who: str, full_name: str | None, *, named: bool) -> bytes:
    """An apprentice's own page."""
    from runner import places
    from runner.handouts import record_page

    (found,) = transcripts_of(*_recorded(who, named=named), who)
    return record_page(
        found,
        occupation(),
        full_name=full_name or "",
        at=datetime.now(UTC),
        version=places.version(),
    )


def record_as_table(who: str | None, *, named: bool) -> bytes:
    """The record of an apprentice, or of all, for the sponsor's file."""
    from runner.handouts import record_csv

    return record_csv(transcripts_of(*_recorded(who, named=named), who))


def transcripts_of(
    attempts: Sequence[Attempt], force: Force, who: str | None, code: str | None = None
) -> tuple[Transcript, ...]:
    """The transcript of an apprentice, or of everybody in the record; of one competency or all."""
    from runner import places
    from runner.listing import listing
    from runner.transcript import transcript

    wanted = code.strip().lower() if code else None
    listed = listing(places.roots()).competencies
    competencies = [one for one in listed if wanted in {None, one.code}]
    known = {one.apprentice for one in attempts} | {one.apprentice for one in force.observed}
    names = sorted(known) if who is None else [who]
    return tuple(transcript(one, attempts, competencies, force) for one in names)


def occupation() -> Occupation | None:
    """What the first framework that says so is for."""
    from runner import places
    from runner.listing import frameworks

    found = (one.occupation for _, one in frameworks(places.roots()))
    return next((one for one in found if one), None)


def _form(name: str | None, full_name: str | None, *, blank: bool) -> Schedule:
    from runner import places
    from runner.ledger import Force
    from runner.listing import frameworks
    from runner.schedule import schedule as filled

    who = apprentice(name)
    attempts, force = ([], Force()) if blank else _recorded(who, named=name is not None)
    (found,) = transcripts_of(attempts, force, who)
    known = [framework for _, framework in frameworks(places.roots())]
    return filled(found, known, name=(full_name or "").strip() or who, at=datetime.now(UTC))


def _recorded(who: str | None, *, named: bool) -> tuple[list[Attempt], Force]:
    """The attempts to make something of, and what stands in force of them.

    UsageError where `who` was named and nobody knows them: one's own page may be empty; one of
    somebody else that is looks like a slip of the pen.
    """
    from runner.ledger import in_force
    from runner.record import open_record
    from runner.rules import roster

    with open_record() as kept:
        found = kept.attempts(who)
        force = in_force(kept.about(who), practice_counts=roster().practice_counts)
        if found or force.observed or who is None or not named:
            return found, force
        others = sorted({one.apprentice for one in kept.attempts()})
    if not others:
        known = "The record is empty: ./lab grade keeps an attempt."
    else:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        known = f"The record knows: {', '.join(others[:_NAMED])}{more}."
    raise UsageError(
        f"No attempt of {who} is recorded.",
        remedy=f"{known} ./lab schedule --blank makes an empty form.",
    )
