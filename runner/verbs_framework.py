"""The verbs that look things up: list, standards, record."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.errors import AuthoringError, Exit, UnknownCode
from runner.voice import Style, Voice
from runner.words import (
    apprentice,
    as_option,
    as_text,
    code_argument,
    csv_option,
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
    from runner.listing import Listed, Listing
    from runner.standards import Standards

_LEVEL = len("Intermediate")


@verb("list", "./lab list\n./lab list --quality")
@click.option("--labs", "only_labs", is_flag=True, help="Only the competencies that have a lab.")
@click.option(
    "--quality", is_flag=True, help="What `lab validate` found of each lab, and of which state."
)
@json_option
@plain_option
def list_labs(voice: Voice, *, only_labs: bool, quality: bool, as_json: bool, plain: bool) -> int:
    """List every competency, and the lab for it where there is one."""
    from runner import places
    from runner.listing import listing

    if quality:
        return _list_quality(voice, as_json=as_json, plain=plain)
    found = listing(places.roots())
    for problem in found.problems:
        voice.note(f"This lab cannot be read: {problem}")
    rows = [one for one in found.competencies if one.lab is not None or not only_labs]
    if as_json:
        voice.answer(as_text(listed_data(rows)))
    else:
        voice.answer(_listed_text(found, rows, voice.plainly(plain).style))
    return Exit.DEMONSTRATED


@verb(
    "standards",
    "./lab standards 4c\n./lab standards --html standards.html\n"
    "./lab standards --case framework.json",
)
@code_argument
@json_option
@plain_option
@html_option
@click.option(
    "--case",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the framework as a package of CASE 1.0, for other systems.",
)
def standards(
    voice: Voice,
    code: str | None,
    *,
    as_json: bool,
    plain: bool,
    html: Path | None,
    case: Path | None,
) -> int:
    """Print the performance standards of a competency.

    The framework leaves them blank; these are what `lab grade` checks. Without CODE, those of
    every competency that has a lab; the page has the whole framework.
    """
    from runner import places
    from runner.listing import listing
    from runner.standards import read, standards_data, standards_text
    from runner.verbs_exports import framework_as_case

    one_form(html=html, case=case, as_json=as_json)
    if case is not None and code:
        raise click.UsageError("A package has every competency: leave out CODE.")
    if case is not None:
        return written(voice, case, framework_as_case())
    if html is not None:
        return _standards_page(voice, code, html)
    roots = places.roots()
    if code is None:
        found = [read(lab_of(one), roots) for one in listing(roots).with_lab]
    else:
        found = [_standards_of(code)]
    style = voice.plainly(plain).style
    if as_json:
        voice.answer(as_text(standards_data(found)))
    else:
        voice.answer("\n\n".join(standards_text(one, style) for one in found) or "No lab yet.")
    return Exit.DEMONSTRATED


@verb(
    "record",
    "./lab record\n./lab record --as ada --html ada.html\n./lab record --all --csv class.csv\n"
    "./lab record --all --xapi class.json --home-page https://lab.example/\n"
    "./lab record --all --xapi-endpoint https://lrs.example/xapi/ --home-page https://lab.example/",
)
@click.argument("code", required=False)
@as_option
@click.option("--all", "everybody", is_flag=True, help="The record of every apprentice.")
@json_option
@plain_option
@click.option("--evidence", is_flag=True, help="With --json: also what was asked and answered.")
@html_option
@csv_option
@click.option(
    "--xapi",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write each grading as a statement of xAPI 1.0.3 instead.",
)
@click.option(
    "--xapi-endpoint",
    metavar="URL",
    help="Send the statements to this learning record store; LAB_XAPI_USER and"
    " LAB_XAPI_PASSWORD say who sends.",
)
@click.option("--xapi-insecure", is_flag=True, help="Send over http as well, for all to read.")
@click.option(
    "--home-page",
    metavar="URL",
    help="Of statements: the address of what gives apprentices their names.",
)
@full_name_option
def record(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    name: str | None,
    *,
    everybody: bool,
    as_json: bool,
    plain: bool,
    evidence: bool,
    html: Path | None,
    csv: Path | None,
    xapi: Path | None,
    xapi_endpoint: str | None,
    xapi_insecure: bool,
    home_page: str | None,
    full_name: str | None,
) -> int:
    """Show what you have demonstrated, and every attempt that counted.

    What was entered about an attempt since (overridden, revoked, ...) is said beside it, and it
    decides what counts as demonstrated.
    """
    from runner.ledger import in_force
    from runner.record import open_record
    from runner.report import recorded_data, recorded_text
    from runner.rules import roster
    from runner.transcript import transcript_data, transcript_text
    from runner.verbs_exports import receiver_stated, record_as_statements, record_sent
    from runner.verbs_pages import record_as_page, record_as_table, transcripts_of

    one_form(html=html, csv=csv, xapi=xapi, xapi_endpoint=xapi_endpoint, as_json=as_json)
    address, store = receiver_stated(xapi, xapi_endpoint, home_page, insecure=xapi_insecure)
    if full_name is not None and html is None:
        raise click.UsageError("--full-name stands on a page: --html says where to write it.")
    if code and (html or csv):
        raise click.UsageError("A page or table has every competency: leave out CODE.")
    if html and everybody:
        raise click.UsageError("A page is one apprentice's: --as says whose. --csv takes --all.")
    who = None if everybody else apprentice(name)
    at_code = code.strip().lower() if code else None
    if html is not None:
        return written(voice, html, record_as_page(who or "", full_name, named=name is not None))
    if csv is not None:
        return written(voice, csv, record_as_table(who, named=name is not None))
    with open_record() as kept:
        attempts = kept.attempts(who, at_code)
        force = in_force(kept.about(who, at_code), practice_counts=roster().practice_counts)
    if store is not None and attempts:
        return record_sent(voice, attempts, force, address, store)
    if xapi is not None and attempts:
        return written(voice, xapi, record_as_statements(attempts, force, address))
    found = transcripts_of(attempts, force, who, code)
    if as_json:
        data = recorded_data(attempts, force, evidence=evidence)
        data["apprentices"] = [transcript_data(one) for one in found]
        voice.answer(as_text(data))
    elif attempts or (force.observed and not address):
        style = voice.plainly(plain).style
        parts = [transcript_text(one, style) for one in found if who and not code]
        told = recorded_text(attempts, style, force, everybody=everybody)
        voice.answer("\n\n".join((*parts, told)))
    else:
        of = f" of {who}" if who else ""
        at = f" at {code}" if code else ""
        voice.answer(f"No attempt{of}{at} is recorded: ./lab grade keeps one.")
    return Exit.DEMONSTRATED


def _standards_page(voice: Voice, code: str | None, file: Path) -> int:
    from runner import places
    from runner.handouts import standards_page
    from runner.standards import all_standards
    from runner.verbs_pages import occupation

    roots = places.roots()
    only = _standards_of(code).code if code else None
    sections = all_standards(roots, only)
    now, version = datetime.now(UTC), places.version()
    return written(voice, file, standards_page(sections, occupation(), at=now, version=version))


def listed_data(rows: list[Listed]) -> dict[str, Any]:
    """The list as plain data."""
    return {
        "competencies": [
            {
                "code": one.code,
                "function": one.function,
                "function_title": one.function_title,
                "title": one.title,
                "standing": one.standing,
                "level": one.level,
                "lab": None if one.lab is None else {"title": one.lab, "minutes": one.minutes},
            }
            for one in rows
        ]
    }


def _list_quality(voice: Voice, *, as_json: bool, plain: bool) -> int:
    """The quality sheets of all labs; a lab that cannot be read hides no other."""
    from runner import catalogue, places, sheet

    found: dict[str, sheet.Standing] = {}
    for lab in (lab for root in places.roots() for lab in catalogue.labs(root)):
        try:
            found.setdefault(lab.code, sheet.standing(lab))
        except AuthoringError as error:
            voice.note(f"This lab cannot be read: {error}")
    labs = list(found.values())
    if as_json:
        voice.answer(as_text(sheet.standings_data(labs)))
    else:
        voice.answer(sheet.standings_text(labs, voice.plainly(plain).style))
    return Exit.DEMONSTRATED


def _listed_text(found: Listing, rows: list[Listed], style: Style) -> str:
    from runner.tables import Cell, table, wrapped
    from runner.tables import columns as columned

    parts = []
    widest = max((len(_lab_text(one)) for one in rows), default=0)
    for (number, title), group in groupby(rows, lambda one: (one.function, one.function_title)):
        lines = [
            (
                "  " + one.code,
                Cell(_lab_text(one).ljust(widest), "green" if one.lab else "dim"),
                (one.level or "-").ljust(_LEVEL),
                one.title,
            )
            for one in group
        ]
        head = wrapped(f"{number}  {title}".rstrip(), style)
        parts.append(f"{head}\n{columned(table(('', '', '', ''), lines), style)}")
    labs = len(found.with_lab)
    parts.append(
        f"{labs} of {len(found.competencies)} competencies have a lab. ./lab start CODE starts it."
    )
    return "\n\n".join(parts)


def _lab_text(one: Listed) -> str:
    return f"lab, {one.minutes} min" if one.lab else "no lab yet"


def _standards_of(code: str) -> Standards:
    from runner import places
    from runner.standards import read, without_lab

    try:
        return read(lab_of(code), places.roots())
    except UnknownCode:
        return without_lab(code, places.roots())
