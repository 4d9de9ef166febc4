"""Tables that people keep, read as they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.facts.table import TableFile, table_of
from runner.host import Reply

COLUMNS = ("asset", "name", "user")


@pytest.mark.parametrize(
    "text",
    [
        "asset,name,user\n4711,lis-it-4711,adahl\n",
        "asset, name, user\r\n# the new ones\r\n\r\n 4711 , lis-it-4711,adahl \r\n",
        '\ufeffAsset,Name,User\n"4711","lis-it-4711","adahl"',
        "user,asset,name\nadahl,4711,lis-it-4711\n",
    ],
)
def test_rows_are_read_whatever_their_dress(text: str) -> None:
    table = table_of(text, COLUMNS)
    (row,) = table.rows
    assert row.cells == {"asset": "4711", "name": "lis-it-4711", "user": "adahl"}
    assert table.problem == ""


def test_rows_know_their_line() -> None:
    table = table_of("# of ours\nasset,name,user\n\n1,a,x\n2,b,y\n", COLUMNS)
    assert [(row.line, row.cells["asset"]) for row in table.rows] == [(4, "1"), (5, "2")]


def test_rows_are_found_whatever_the_case() -> None:
    table = table_of("asset,name,user\n1,LIS-1,x\n2,lis-1,y\n3,z,z\n", COLUMNS)
    assert [row.line for row in table.where("name", "lis-1")] == [2, 3]


def test_a_comma_in_quotes_parts_nothing() -> None:
    (row,) = table_of('asset,name,user\n1,"a, b",x\n', COLUMNS).rows
    assert row.cells["name"] == "a, b"


def test_a_quote_that_does_not_end_is_a_character() -> None:
    (row,) = table_of('asset,name,user\n1,"a,x\n', COLUMNS).rows
    assert row.cells["name"] == '"a'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it does not name asset,name,user"),
        ("# nothing\n", "it does not name asset,name,user"),
        ("asset;name;user\n", "line 1 ('asset;name;user') does not name the columns asset,name,us"),
        ("4711,lis-it-4711,adahl\n", "line 1 ('4711,lis-it-4711,adahl') does not name the columns"),
        (
            "asset,name,user\n1,a,x\n2,b\n3\n",
            "line 3 ('2,b') has 2 fields; 3 were expected: asset,name,user",
        ),
        ("asset,name,user\n\n4711\n", "line 3 ('4711') has 1 field; 3 were expected"),
        ("asset,name,user\n1,a,x,\n", "line 2 ('1,a,x,') has 4 fields; 3 were expected"),
    ],
)
def test_a_malformed_line_is_named(text: str, problem: str) -> None:
    assert table_of(text, COLUMNS).problem.startswith(problem)


def test_rows_beside_a_malformed_line_are_kept() -> None:
    assert len(table_of("asset,name,user\n1,a\n2,b,y\n", COLUMNS).rows) == 1


@given(st.text())
def test_whatever_stands_there_is_a_table_or_says_why_not(text: str) -> None:
    table = table_of(text, COLUMNS)
    assert all(set(row.cells) == set(COLUMNS) for row in table.rows)
    assert table.rows or table.problem or table_of(text, COLUMNS) == table


def test_a_table_that_is_not_there_is_none() -> None:
    assert TableFile("/srv/a", COLUMNS).read(Reply(1, "")) is None


def test_the_path_is_quoted() -> None:
    assert "[ -f '/srv/my table' ]" in TableFile("/srv/my table", COLUMNS).command()
