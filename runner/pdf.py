"""The work process schedule as a PDF: the only door to fpdf2.

What Latin-1 can say stands in Helvetica, which every reader of PDF has. Anything else is set in
fonts of this machine that have its letters, joined and ordered as its script wants.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from runner.direction import ordered
from runner.fonts import Font, Offer, characters, fonts_for, installed, is_makeshift
from runner.printable import on_page
from runner.schedule import LEGEND, Line, Schedule, Section, heading

if TYPE_CHECKING:
    from fpdf import FPDF
    from fpdf.table import Table

    Emphasis = Literal["", "B"]

PAPERS = ("a4", "letter")
_PLAIN = "Helvetica"
_MARGIN = 13
_FOOT = 16
_WIDTHS = (12, 66, 18, 16, 16, 25, 31)
"""Columns of the form, as shares of the paper's width."""
_TITLES = ("Code", "Competency", "Core or optional", "OJT", "RI", "Demonstrated", "Signed by, on")
_SIGNERS = ("Apprentice", "Mentor", "Sponsor")
_SIGNED = 9.0
"""Millimetres that a line takes at the least: somebody signs on it by hand."""
_BEGUN = 45.0
"""Millimetres that a job function needs, or it begins on the next page: heading and a line."""
_GREY = 238
_CUT = 500
"""The most characters of one text: what is longer may not fit on any page."""
_FOOT_CUT = 40


def schedule_pdf(
    form: Schedule, *, version: str, paper: str = PAPERS[0], offer: Offer = installed
) -> bytes:
    """The form on `paper`; StageError where no font that is on offer has a letter of a name."""
    sheet = _begun(form, paper, offer)
    _head(sheet, form)
    for section in form.sections:
        _section(sheet, section)
    _signatures(sheet, form)
    _feet(sheet, form.name, f"lab {version}")
    return bytes(sheet.pdf.output())


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A PDF that is being written, and what its fonts have, by family."""

    pdf: FPDF
    fonts: Mapping[str, frozenset[str]]

    def family(self, text: str) -> str:
        """The font that has most of a text; whatever it lacks comes from the others."""
        if _is_latin(text):
            return _PLAIN
        return max(self.fonts, key=lambda name: sum(c in self.fonts[name] for c in text))

    def write(self, text: str, size: float, emphasis: Emphasis = "") -> None:
        """A paragraph."""
        text = _fit(text)
        family = self.family(text)
        self.pdf.set_font(family, emphasis if family == _PLAIN else "", size)
        self.pdf.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")

    def row(self, table: Table, texts: Iterable[str], least: float, bold: int = 0) -> None:
        """A row of a table; the first `bold` cells are."""
        from fpdf.fonts import FontFace

        row = table.row(min_height=least)
        for number, text in enumerate(map(_fit, texts)):
            family = self.family(text)
            strong = family == _PLAIN and number < bold
            row.cell(text, style=FontFace(family, "B" if strong else ""))


def _begun(form: Schedule, paper: str, offer: Offer) -> _Sheet:
    """The first page, with every font that is needed."""
    from fpdf import FPDF

    for library in ("fontTools", "fpdf"):  # oddities of a font are nothing to a reader
        logging.getLogger(library).addHandler(logging.NullHandler())
    texts = [_fit(form.name, _FOOT_CUT), *map(_fit, _texts(form))]
    fonts = fonts_for((text for text in texts if not _is_latin(text)), offer)
    pdf = FPDF(format=paper)
    pdf.set_margin(_MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_FOOT)
    pdf.str_alias_nb_pages = ""  # a name is free to be what fpdf2 would put a number in place of
    pdf.set_lang("en")
    pdf.set_title(f"Work process schedule of {on_page(form.name, _CUT)}")
    pdf.set_creation_date(form.at)
    has: dict[str, frozenset[str]] = {}
    for number, font in enumerate(fonts):
        # A makeshift is for what the others lack.
        others = has.values() if is_makeshift(font) else ()
        has[f"font{number}"] = characters(font).difference(*others)
    _add(pdf, has, fonts)
    pdf.add_page()
    return _Sheet(pdf, has)


def _add(pdf: FPDF, names: Iterable[str], fonts: Sequence[Font]) -> None:
    for name, font in zip(names, fonts, strict=True):
        pdf.add_font(name, fname=font.file, collection_font_number=font.number)
    if fonts:
        pdf.set_fallback_fonts(list(names), exact_match=False)
        # The pieces of a text come in the order of `ordered`.
        pdf.set_text_shaping(use_shaping_engine=True, direction="ltr")


def _head(sheet: _Sheet, form: Schedule) -> None:
    sheet.write("Work process schedule", 16, "B")
    facts = [("Apprentice", form.name)]
    if form.occupation:
        facts += [
            ("Occupation", heading(form.occupation)),
            ("Apprenticeship type", form.occupation.approach or ""),
            ("Minimum time requirements", form.occupation.term or ""),
        ]
    facts += [("Job title", ""), ("Sponsor", "")]
    facts += [("As of", f"{form.at.astimezone():%Y-%m-%d %H:%M %Z}"), ("In all", form.tally)]
    sheet.pdf.ln(1)
    sheet.pdf.set_font(_PLAIN, "", 9)
    with sheet.pdf.table(
        col_widths=(45, 139),
        first_row_as_headings=False,
        line_height=4.2,
        padding=(0.8, 1.2),
        text_align="L",
    ) as table:
        for fact in facts:
            sheet.row(table, fact, 0, bold=1)
    sheet.pdf.ln(2)
    sheet.write(LEGEND, 7.5)


def _section(sheet: _Sheet, section: Section) -> None:
    if sheet.pdf.will_page_break(_BEGUN):
        sheet.pdf.add_page()
    sheet.pdf.ln(3)
    sheet.write(f"{section.number}. {section.title}", 10.5, "B")
    standing = section.standing or "not stated"
    sheet.write(f"Job function: {standing}; OJT: {section.ojt}; RI: {section.ri}.", 8)
    sheet.pdf.ln(1)
    _table(sheet, _TITLES, _WIDTHS, [_cells(one) for one in section.lines], _SIGNED)


def _cells(line: Line) -> tuple[str, ...]:
    signed = ", ".join(part for part in (line.signed_by, _day(line.signed_at)) if part)
    standing = line.standing or "not stated"
    done = f"{_day(line.demonstrated_at)} {line.how}".strip()
    return (line.code, line.title, standing, line.ojt, line.ri, done, signed)


def _signatures(sheet: _Sheet, form: Schedule) -> None:
    if sheet.pdf.will_page_break(_BEGUN + 10):
        sheet.pdf.add_page()
    sheet.pdf.ln(4)
    sheet.write("Signatures", 10.5, "B")
    sheet.pdf.ln(1)
    rows = [(who, form.name if who == _SIGNERS[0] else "", "", "") for who in _SIGNERS]
    _table(sheet, ("Who", "Name", "Signature", "Date"), (30, 60, 62, 32), rows, 11.0)


def _table(
    sheet: _Sheet,
    titles: Sequence[str],
    widths: tuple[int, ...],
    rows: Iterable[Sequence[str]],
    least: float,
) -> None:
    from fpdf.fonts import FontFace

    sheet.pdf.set_font(_PLAIN, "", 8.5)
    with sheet.pdf.table(
        col_widths=widths,
        headings_style=FontFace(_PLAIN, "B", fill_color=_GREY),
        line_height=4,
        padding=(0.8, 1.2),
        text_align="L",
    ) as table:
        table.row(titles)
        for row in rows:
            sheet.row(table, row, least)


def _feet(sheet: _Sheet, name: str, program: str) -> None:
    """The foot of every page, now that it is known how many there are."""
    pdf, name = sheet.pdf, _fit(name, _FOOT_CUT)
    pdf.set_auto_page_break(auto=False)
    last = pdf.page
    for number in range(1, last + 1):
        pdf.page = number
        pdf.set_y(-12)
        # Words of ours apart from the name, whose font may not have them. A name is written as a
        # paragraph, for `cell` breaks what a joiner joins.
        pdf.set_font(_PLAIN, "", 7.5)
        pdf.cell(None, 4, "Work process schedule of ", new_x="END")
        pdf.set_font(sheet.family(name), "", 7.5)
        pdf.multi_cell(pdf.epw - 95, 4, name, align="L", new_y="TOP")
        pdf.set_font(_PLAIN, "", 7.5)
        pdf.set_x(-60)
        pdf.cell(0, 4, f"{program}, page {number} of {last}", align="R")


def _texts(form: Schedule) -> Iterable[str]:
    """Everything on the form that others wrote."""
    yield form.name
    if form.occupation:
        yield from (heading(form.occupation), form.occupation.approach or "")
        yield form.occupation.term or ""
    for section in form.sections:
        yield section.title
        for line in section.lines:
            yield from (line.code, line.title, line.signed_by)


def _fit(text: str, limit: int = _CUT) -> str:
    # Composed, a letter with its accent is one that more fonts have.
    return ordered(unicodedata.normalize("NFC", on_page(text, limit)))


def _is_latin(text: str) -> bool:
    return text.isascii() or all(ord(c) <= 0xFF for c in text)  # noqa: PLR2004 - Latin-1


def _day(when: datetime | None) -> str:
    return f"{when.astimezone():%Y-%m-%d}" if when else ""
