"""CSV for a sponsor's spreadsheet: read back it is the same, and nothing in it is a formula."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.spreadsheet import as_csv


def read(table: bytes) -> list[list[str]]:
    """The cells, as a spreadsheet takes them in."""
    return list(csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\uff1d1", "\x1b[0m=1"]
)
def test_a_formula_is_a_text(text: str) -> None:
    ((cell,),) = read(as_csv(["a"], [[text]]))[1:]
    assert cell[0] == "'"


def test_numbers_gaps_and_names_stay_what_they_are() -> None:
    rows = read(as_csv(["name", "points"], [['Łódź, "李"', 3], ["עדה", None]]))
    assert rows == [["name", "points"], ['Łódź, "李"', "3"], ["עדה", ""]]


def test_a_spreadsheet_is_told_the_encoding_and_gets_its_line_ends() -> None:
    assert as_csv(["a"], [["b"]]) == b"\xef\xbb\xbfa\r\nb\r\n"


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=3))
def test_any_text_is_one_cell_that_starts_nothing(rows: list[list[str]]) -> None:
    found = read(as_csv(["a", "b"], rows))
    assert [len(row) for row in found] == [2] * (len(rows) + 1)
    assert not [
        cell
        for row in found
        for cell in row
        if cell.startswith(tuple("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"))
    ]
