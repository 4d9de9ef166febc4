"""Pages: well-formed, complete in themselves, readable by anybody, and deaf to what is in them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from runner.handouts import record_csv, record_page, schedule_page, standards_page
from runner.page import page
from runner.schedule import schedule
from runner.standards import Section, Standards, all_standards
from runner.transcript import TITLES
from tests import small_lab
from tests.taken import HOSTILE, NOON, OCCUPATION, framework, hostile, of_ada
from tests.test_spreadsheet import read

CSS = Path(__file__).parents[1] / "runner" / "pages" / "page.css"
EVIL_OCCUPATION = replace(OCCUPATION, title=HOSTILE, rapids=HOSTILE, approach=HOSTILE, term=HOSTILE)


def of_record(*, evil: bool = False) -> bytes:
    """An apprentice's page."""
    return record_page(
        hostile() if evil else of_ada(),
        EVIL_OCCUPATION if evil else OCCUPATION,
        full_name=HOSTILE if evil else "Ada Lovelace",
        at=NOON,
        version=HOSTILE if evil else "0.1.0",
    )


def of_schedule(*, evil: bool = False) -> bytes:
    """The filled form."""
    known = replace(framework(), occupation=EVIL_OCCUPATION if evil else OCCUPATION)
    form = schedule(hostile() if evil else of_ada(), [known], name=HOSTILE if evil else "", at=NOON)
    return schedule_page(form, version=HOSTILE if evil else "0.1.0")


def of_standards(*, evil: bool = False) -> bytes:
    """The standards of competencies without a lab."""
    known = framework().competencies
    if evil:
        known = tuple(replace(one, title=HOSTILE, standing=HOSTILE, level=HOSTILE) for one in known)
    standards = tuple(Standards(one.code, one, None, ()) for one in known)
    sections = [Section(1, HOSTILE if evil else "Sets up workstations", standards)]
    version = HOSTILE if evil else "0.1.0"
    occupation = EVIL_OCCUPATION if evil else OCCUPATION
    return standards_page(sections, occupation, at=NOON, version=version)


PAGES = (of_record, of_schedule, of_standards)
Page = Callable[..., bytes]


def tree(page: bytes) -> ET.Element:
    """The page as a tree; an error where it is not well-formed."""
    text = page.decode()
    assert text.startswith("<!DOCTYPE html>\n")
    return ET.fromstring(text.partition("\n")[2])  # noqa: S314 - our own page


def words(element: ET.Element) -> str:
    """The text of an element, on one line."""
    return " ".join("".join(element.itertext()).split())


@pytest.mark.parametrize("evil", [False, True])
@pytest.mark.parametrize("of", PAGES)
def test_a_page_is_well_formed_and_takes_nothing_from_elsewhere(of: Page, *, evil: bool) -> None:
    root = tree(of(evil=evil))
    names = {element.tag for element in root.iter()}
    assert not names & {"script", "link", "img", "iframe", "object", "embed", "a", "base", "form"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not attributes & {"src", "href", "style", "srcset", "action", "data"}
    assert not [name for name in attributes if name.startswith("on")]
    style = root.find("head/style")
    assert style is not None
    assert not re.search(r"url\(|@import|expression", style.text or "")


@pytest.mark.parametrize("of", PAGES)
def test_hostile_text_is_shown_as_the_text_it_is(of: Page) -> None:
    made = of(evil=True).decode()
    assert not {"\x1b", "\x07", "\x9b", "\u202e", "\x00", "\ud800"} & set(made)
    assert "{{ 7*7 }}" in made
    assert "&lt;script src=&#39;http://evil.test/x.js&#39;&gt;alert(1)&lt;/script&gt;" in made


@pytest.mark.parametrize("of", PAGES)
def test_a_page_tells_its_language_and_its_tables_their_headers(of: Page) -> None:
    root = tree(of())
    assert root.get("lang") == "en"
    assert len(root.findall(".//h1")) == 1
    assert root.find("head/title") is not None
    levels = [int(one.tag[1]) for one in root.iter() if re.fullmatch(r"h[1-6]", one.tag)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    ids = {one.get("id") for one in root.iter() if one.get("id")}
    for table in root.iter("table"):
        assert table.get("aria-labelledby") in ids
        assert all(one.get("scope") == "col" for one in table.findall("thead/tr/th"))
        assert all(one.get("scope") == "row" for one in table.findall("tbody/tr/th"))
        columns = len(table.findall("thead/tr/th"))
        assert {len(row) for row in table.findall("tbody/tr")} == {columns}


def test_the_record_says_each_state_in_words() -> None:
    root = tree(of_record())
    assert words(root.findall(".//h1")[0]) == "Record of Ada Lovelace"
    rows = [[words(cell) for cell in row] for row in root.iter("tr") if row.find("td") is not None]
    assert [row[0] for row in rows] == ["1a", "1b", "3a"]
    assert [row[2:] for row in rows] == [
        ["Core", "demonstrated", "2026-03-02", "6/6", "2"],
        ["Core", "not yetno lab yet", "", "", ""],
        ["Optional", "in progress", "2026-03-02", "3/6", "3"],
    ]
    assert rows[0][1].endswith("attempt 00000000-0000-0000-0000-000000000002")


def test_the_schedule_has_marks_dates_and_a_place_to_sign() -> None:
    root = tree(of_schedule())
    (first, *_), *_, signatures = (list(one.iter("tr"))[1:] for one in root.iter("table"))
    assert [words(cell) for cell in first] == [
        "1a", "Sets up devices", "Core", "X", "none", "2026-03-02practice", "not signed",
    ]  # fmt: skip
    assert [words(row[0]) for row in signatures] == ["Apprentice", "Mentor", "Sponsor"]
    assert "illegible" in words(root)
    assert "RAPIDS 1059" in words(root)


def test_a_signature_stands_where_the_line_was() -> None:
    form = schedule(of_ada(), [framework()], name="", at=NOON)
    section = form.sections[0]
    signed = replace(section.lines[0], signed_by="Grace Hopper", signed_at=NOON)
    signed_form = replace(form, sections=(replace(section, lines=(signed,)),))
    root = tree(schedule_page(signed_form, version="0.1.0"))
    assert "Grace Hopper, 2026-03-02" in words(root)


@pytest.mark.parametrize("name", ["עדה לאבלייס", "محمد (Mo)", "می‌خواهم", "王小明", "ශ්‍රී"])
def test_a_name_in_any_script_keeps_its_letters_and_its_direction(name: str) -> None:
    root = tree(record_page(of_ada(), None, full_name=name, at=NOON, version="0.1.0"))
    (shown,) = (one for one in root.iter("bdi"))
    assert shown.text == name


def test_standards_are_the_checks_of_the_lab(tmp_path: Path) -> None:
    lab = small_lab.write(tmp_path)
    sections = all_standards([tmp_path / "house"])
    root = tree(standards_page(sections, None, at=NOON, version="0.1.0"))
    said = words(root)
    assert "3 performance standards for 1 of 1 competency." in said
    assert [words(row[0]) for row in root.iter("tr")] == [
        "Performance standard",
        "The page is served.",
        "The page stays. (also after a restart)",
        "Strangers are refused.",
    ]
    assert [words(one) for one in root.iter("li")] == ["The boss keeps the account."]
    assert lab.grader_revision in said
    assert "stands in no framework" in said


def test_a_hostile_lab_writes_no_page_of_its_own(tmp_path: Path) -> None:
    lab = small_lab.write(tmp_path)
    evil = "<script>alert(1)</script>"
    for file, old in (
        (lab.grader_file, "The page is served."),
        (lab.folder / "lab.yaml", lab.title),
    ):
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace(old, f"{evil}."), encoding="utf-8")
    made = standards_page(all_standards([tmp_path / "house"]), None, at=NOON, version="0.1.0")
    assert tree(made).find(".//script") is None
    assert made.count(b"&lt;script&gt;alert(1)&lt;/script&gt;.") == 3  # the title stands twice


def test_a_competency_without_lab_says_so() -> None:
    assert words(tree(of_standards())).count("No lab yet: the performance standards are blank") == 3


def test_the_table_has_the_columns_that_are_described() -> None:
    rows = read(record_csv([of_ada(), hostile()]))
    assert rows[0] == list(TITLES)
    assert {len(row) for row in rows} == {len(TITLES)}
    described = (Path(__file__).parents[1] / "docs" / "records.md").read_text(encoding="utf-8")
    section = described.partition("## Table for the sponsor")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(TITLES)


def test_a_template_that_lacks_a_value_is_an_error_and_no_gap() -> None:
    from jinja2 import UndefinedError

    with pytest.raises(UndefinedError):
        page("record", of=of_ada())


# --- contrast -----------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 has it."""
    digits = colour.removeprefix("#")
    digits = "".join(2 * one for one in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_colour_of_text_can_be_read_on_every_ground() -> None:
    css = CSS.read_text(encoding="utf-8")
    inks = set(re.findall(r"(?<![-\w])color: (#\w+)", css))
    grounds = set(re.findall(r"background: (#\w+)", css))
    assert inks
    assert grounds
    for ink in inks:
        for ground in grounds:
            light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 7, f"{ink} on {ground}"
