"""Recorded answers about reports, read."""

from __future__ import annotations

import pytest

from graders.facts.report import ReportFile, report_of
from runner.host import Reply


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", {}),
        ("# a comment: not an entry\n\nAccount:\n", {}),
        ("Account: bpetrov\n", {"account": "bpetrov"}),
        ("  ACCOUNT :  bpetrov  \r\n", {"account": "bpetrov"}),
        ("Planted file: `/etc/cron.d/a:b`\n", {"planted file": "/etc/cron.d/a:b"}),
        ('\ufeffVirus: "A.B.C"', {"virus": "A.B.C"}),
    ],
)
def test_entries_are_read(text: str, entries: dict[str, str]) -> None:
    report = report_of(text)
    assert report.entries == entries
    assert report.problem == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "Account: a\nbpetrov\n",
            "line 2 ('bpetrov') is no entry like 'Key: value'",
        ),
        (": bpetrov\n", "line 1 (': bpetrov') is no entry like 'Key: value'"),
        ("Account: a\naccount: b\n", "line 2: 'account' was given before"),
    ],
)
def test_a_malformed_line_is_named(text: str, problem: str) -> None:
    assert report_of(text).problem == problem


def test_a_value_is_found_whatever_the_case_of_its_key() -> None:
    assert report_of("Account: bpetrov").value("ACCOUNT") == "bpetrov"
    assert report_of("Account: bpetrov").value("Virus") == ""


def test_a_report_that_is_not_there_is_none() -> None:
    assert ReportFile("/root/report").read(Reply(1, "")) is None


def test_the_path_is_quoted() -> None:
    assert "[ -f '/root/my report' ]" in ReportFile("/root/my report").command()
