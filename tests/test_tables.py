"""Tables and briefs: they fit, they line up, and nothing in them steers a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import places
from runner.briefing import briefing
from runner.listing import frameworks, lab_for
from runner.standards import read, standards_data, without_lab
from runner.tables import Cell, columns, drawn, table, width_of, wrapped
from runner.voice import Style
from tests.documented import fields_of, paths_in

TERMINAL = Style(colour=True, boxes=True, width=60)
ROWS = [("web", "1", "the server, which is described at some length here, and then some more"),
        ("客户", "23", "first\nsecond")]  # fmt: skip

BRIEF = """\
# Ticket

| host | what it is |
|---|:-:|
| `ws` | yours |
| `gateway` | not \\| yours |

```sh
a | b
--|--
```
"""


def test_columns_line_up_whatever_the_script() -> None:
    assert drawn(table(("Host", ">No", "What"), ROWS), Style()) == (
        "Host  No  What\n"
        "web    1  the server, which is described at some length here, and then some more\n"
        "客户  23  first\n"
        "          second"
    )


def test_the_last_column_wraps_at_a_terminal() -> None:
    said = columns(table(("Host", ">No", "What"), ROWS), Style(width=40))
    assert max(map(width_of, said.splitlines())) <= 40
    assert "\n          at some length" in said


def test_a_box_fits_the_terminal() -> None:
    said = drawn(table(("Host", ">No", "What"), ROWS), Style(boxes=True, width=60))
    assert said.startswith("╭")
    assert max(map(width_of, said.splitlines())) <= 60
    assert "\x1b[3" not in said


def test_a_tone_is_shown_only_where_there_is_colour() -> None:
    cells = table(("", ""), [(Cell("up", "green"), "web")])
    assert columns(cells, Style(colour=True)) == "\x1b[32mup\x1b[0m  web"
    assert columns(cells, Style()) == "up  web"


def test_markup_in_a_cell_is_text() -> None:
    assert "[red]x[/red]" in drawn(table(("A",), [("[red]x[/red]",)]), TERMINAL)


def test_text_wraps_behind_its_indent() -> None:
    assert wrapped("one two three four five six seven", Style(width=28), "  ") == (
        "  one two three four five\n  six seven"
    )
    assert wrapped("one\n\ntwo", Style(), "  ") == "  one\n\n  two"


def test_a_brief_without_terminal_is_its_markdown_with_tables_aligned() -> None:
    assert briefing(BRIEF, Style()) == (
        "# Ticket\n"
        "\n"
        "| host      | what it is   |\n"
        "| --------- | :----------: |\n"
        "| `ws`      | yours        |\n"
        "| `gateway` | not \\| yours |\n"
        "\n"
        "```sh\n"
        "a | b\n"
        "--|--\n"
        "```"
    )


def test_a_brief_at_a_terminal_keeps_tables_and_code() -> None:
    said = briefing(BRIEF, Style(boxes=True, width=60))
    assert "**" not in said
    assert "|---" not in said
    assert [line.split() for line in said.splitlines() if "ws" in line] == [["ws", "yours"]]
    assert "    a | b\n    --|--" in said


@pytest.mark.parametrize("style", [Style(), Style(boxes=True, width=60)])
def test_a_brief_cannot_steer_the_terminal(style: Style) -> None:
    said = briefing("\x1b]0;x\x07\x9b2J[link](http://a.test) `\x08`", style)
    assert not {"\x07", "\x9b", "\x08"} & set(said)
    assert "\x1b]" not in said


# --- the framework ------------------------------------------------------------------------------


def test_standards_fields() -> None:
    roots = (places.house(), Path(__file__).parent / "house")
    found = standards_data([read(lab_for("4c", roots), roots), without_lab("4a", roots)])
    plain = found["competencies"]
    assert plain[1]["lab"] is None
    # Checks without prerequisites have an empty list there; one that has some shows the field.
    plain[0]["standards"] = [
        {**one, "after": one["after"] or ["x"]} for one in plain[0]["standards"]
    ]
    plain.pop()
    assert fields_of(found) == paths_in("standards")


def test_an_employers_folder_brings_its_own_labs() -> None:
    roots = (places.house(), Path(__file__).parent / "house")
    assert lab_for(" 9A ", roots).root == roots[1]
    assert [root for root, _ in frameworks(roots)] == [places.house()]
