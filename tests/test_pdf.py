"""The form as a PDF: every name comes out in its own letters, or the PDF is not written."""

from __future__ import annotations

import logging
import re
import zlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from runner.errors import StageError
from runner.fonts import Font
from runner.pdf import PAPERS, schedule_pdf
from runner.schedule import Schedule, schedule
from runner.verbs_pages import PAPERS as OFFERED
from tests.taken import HOSTILE, NOON, framework, hostile, of_ada
from tests.type_case import font

NAME = "محمد Łukasz 李"


@pytest.fixture
def case(tmp_path: Path) -> list[Font]:
    """The fonts of a machine; a test may add to them and take from them."""
    return [
        font(tmp_path, "Naskh", "محمد "),
        font(tmp_path, "Sans", "Łukasz "),
        font(tmp_path, "Song", "李 "),
    ]


def made_of(what: Schedule, there: Iterable[Font] = (), *, paper: str = "a4") -> bytes:
    """The PDF that a machine with these fonts makes."""
    return schedule_pdf(what, version="0.1.0", paper=paper, offer=lambda _: there)


def form(name: str = "Ada Lovelace") -> Schedule:
    """The filled form of somebody."""
    return schedule(of_ada(), [framework()], name=name, at=NOON)


def streams(made: bytes) -> list[bytes]:
    """What is packed in a PDF."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", made, re.DOTALL)
    unpacked = []
    for one in found:
        try:
            unpacked.append(zlib.decompress(one))
        except zlib.error:
            unpacked.append(one)
    return unpacked


def mapped(made: bytes) -> set[str]:
    """The letters that a reader can copy out of a PDF, as it maps its glyphs back to them."""
    letters: set[str] = set()
    for one in streams(made):
        if b"beginbfchar" in one:
            for code in re.findall(rb"<[0-9A-Fa-f]+> <([0-9A-Fa-f]+)>", one):
                letters |= set(bytes.fromhex(code.decode()).decode("utf-16-be"))
    return letters


def test_what_latin_can_say_needs_no_font_of_the_machine() -> None:
    made = made_of(form("Zoë Müller"))
    assert made.startswith(b"%PDF-")
    assert made.rstrip().endswith(b"%%EOF")
    assert b"/BaseFont /Helvetica" in made
    assert b"FontFile" not in made
    assert "Zoë Müller".encode("latin-1") in b"".join(streams(made))


def test_a_name_in_several_scripts_brings_its_letters_along(case: list[Font]) -> None:
    assert set(NAME) - {" "} <= mapped(made_of(form(NAME), case))


def test_a_letter_that_no_font_has_keeps_the_pdf_from_being_written(case: list[Font]) -> None:
    case.pop()
    with pytest.raises(StageError, match=r"character 李 \(U\+674E"):
        made_of(form(NAME), case)


def test_the_same_record_makes_the_same_pdf() -> None:
    assert made_of(form()) == made_of(form())


@pytest.mark.parametrize(
    ("paper", "size"), [("a4", b"595.28 841.89"), ("letter", b"612.00 792.00")]
)
def test_it_fits_the_paper(paper: str, size: bytes) -> None:
    made = made_of(form(), paper=paper)
    assert re.search(rb"/MediaBox \[0 0 " + size.replace(b".", rb"\."), made)


def test_the_papers_offered_are_those_there_are() -> None:
    assert OFFERED == PAPERS


def test_hostile_text_is_text() -> None:
    evil = schedule(hostile(), [framework(HOSTILE)], name="{nb} " + HOSTILE, at=NOON)
    made = made_of(evil)
    said = b"".join(streams(made))
    assert b"{nb}" in said
    assert b"<script" in said
    assert b"\x1b]0;" not in said
    assert b"/JavaScript" not in made
    assert b"/URI" not in made


def test_any_length_of_a_name_finds_room(case: list[Font]) -> None:
    long = replace(form("李" * 3000))
    section = long.sections[0]
    line = replace(section.lines[0], title="w" * 3000, signed_by="李" * 3000, signed_at=NOON)
    long = replace(long, sections=(replace(section, title="李" * 900, lines=(line,)),))
    case.append(font(case[0].file.parent, "More", "[.characters in al]0123456789-, "))
    assert made_of(long, case).startswith(b"%PDF-")


def test_a_font_that_is_odd_is_nothing_to_tell_the_reader(
    case: list[Font], capfd: pytest.CaptureFixture[str]
) -> None:
    made_of(form(NAME), case)
    for library in ("fontTools", "fpdf"):
        assert any(
            isinstance(one, logging.NullHandler) for one in logging.getLogger(library).handlers
        )
    assert capfd.readouterr().err == ""
