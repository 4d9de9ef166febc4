"""The framework is carried word for word, and says of each field where it comes from."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner.errors import AuthoringError, UnknownCode
from runner.framework import ABSENT, Competency, Framework, JobFunction, read_framework
from runner.places import house

# Typed off the source on its own, so that a slip in the file is not also a slip in its test.
FUNCTIONS = {
    1: "Sets up and removes employee or client workstations or devices, including setting up "
    "access controls",
    2: "Installs, provides user support for, or troubleshoots hardware and commercial software",
    3: "Supports internal or external clients in the use of audio/visual technology and conference "
    "technology",
    4: "Installs, maintains and troubleshoots networks",
    5: "Makes minor software modifications to improve performance or customize to user needs",
    6: "Assists in maintaining or updating web content and manages user access profiles and "
    "authorities",
    7: "Monitors and helps maintain network security by adhering to security policies",
}
TITLES = {
    "1a": "Sets up desktop, laptop and other devices for employees",
    "1b": "Installs software on network or individual users' computers, laptops or devices and "
    "sets appropriate access controls or authorities",
    "1c": "Sets up user identifications and passwords and implements policies regarding passwords "
    "and user/administrator permissions",
    "1d": "Establishes secure external connections to network or desktops using secure remote "
    "access technology",
    "1e": "Installs printers on networks or individual devices",
    "1f": "Sets up network map, employee folders and centralized data repositories",
    "1g": "Sets up email account for users and establishes storage limits and backup parameters",
    "1h": "Maintains and manages software licenses",
    "1i": "Removes users from network, archives data and files, removes workstations and disables "
    "devices for users exiting the organization or prohibited from using IT resources",
    "2a": "Uses FAQ's or other job aids to troubleshoot hardware or software faults",
    "2b": "Uses logic to discover source of faults and recommends appropriate solutions",
    "2c": "Demonstrates ability to use basic software, including set-up of preferred default "
    "settings, instructs other users on the basic features of standard software packages, and "
    "identifies and remedies typical faults in relevant software packages",
    "2d": "Identifies situations in which the fault must be escalated to a higher-level technology "
    "support individual, including an outside vendor",
    "2e": "Contacts outside vendors or vendor-supported help desk to solve difficult problems or "
    "procure software patches",
    "2f": 'Prioritizes "tickets" or requests for help based on business need, staff hierarchy or '
    "urgency of problems",
    "3a": "Sets up and links audiovisual equipment, including projectors, screens, laptops, "
    "cameras and related devices",
    "3b": "Installs, launches, operates and troubleshoots software designed to facilitate "
    "presentations, web-based conferencing and audioconferencing",
    "3c": "Tests equipment and software prior to use to ensure sound and video quality is "
    "acceptable",
    "3d": "Sets up, schedules and manages web-based or video conferences",
    "3e": "Provides support to users during meetings, conferences or webinars",
    "3f": "Sets up user accounts on voice technologies or systems, including voicemail",
    "4a": "Installs and maintains wired and wireless networks",
    "4b": "Connects devices to networks physically and using remote access technologies",
    "4c": "Installs network security software and devices and monitors system for signs of "
    "hacking, intrusion or viruses",
    "4d": "Tests resiliency of security devices or software and monitors bandwidth utilization",
    "4e": "Establishes and sets access levels and permissions based on employees' job roles and "
    "company policies",
    "4f": "Assists in setting up, configuring and managing servers including data storage",
    "4g": "Sets up user identification parameters on servers",
    "4h": "Assists in monitoring server use, efficacy of data back-up and storage systems and "
    "integrity of redundant systems or technologies",
    "5a": "Surveys user needs to understand what modifications are needed",
    "5b": "Modifies a program within a software package, including securing permission from "
    "vendors to do so",
    "5c": "Inserts or loads organizational templates or standards into software, such as "
    "presentation templates in PowerPoint or equivalent software",
    "5d": "Monitors computer performance and recommends/makes upgrades or modifications as "
    "necessary to improve speed or other performance parameters",
    "5e": "Uses software to set up needed business functions, such as workflows, tracking, "
    "archiving or other functions",
    "6a": "Sets user/author access permissions based on organization's policies",
    "6b": "Uploads new content to organization's website or removes old content as instructed",
    "6c": "Tests functionality of links embedded in the website",
    "6d": "Notifies appropriate person if incorrect, outdated or otherwise problematic content is "
    "identified",
    "6e": "Notifies appropriate person if website is not functioning properly",
    "7a": "Monitors adherence to password policies, including enforcement of password update "
    "intervals",
    "7b": "Sets user access levels and permissions based on organizational policies",
    "7c": "Monitors antiviral software to understand potential threats and updates as needed",
    "7d": "Reads, attends conferences or interacts with other IT professionals to know and "
    "understand current threat levels and mechanisms",
}
INTERMEDIATE = {"2b", "4a", "4c", "4d", "4f", "4g", "4h", "5a", "5b", "5d", "5e", "6b", "7d"}
NO_DETAIL_PAGE = {"1e", "1f", "1g", "1h", "1i", "2e", "2f"}
NO_LEVEL_PRINTED = {"3a", "3b", "3c", "3d", "3e", "3f"}

FILE = """\
functions:
  - number: 8
    title: {detail: Cooks}
    standing: {detail: Core}
    level: {detail: blank}
    requirement: {detail: blank}
    ojt: {detail: blank}
    ri: {detail: blank}
    competencies:
      - code: {detail: 8a}
        title: {detail: Boils water}
        standing: {detail: blank}
        level: {detail: Basic}
        requirement: {detail: Required}
        ojt: {detail: X}
        ri: {detail: blank}
"""


@pytest.fixture(scope="module")
def framework() -> Framework:
    return read_framework(house() / "labs" / "framework.yaml")


def test_it_has_all_functions_and_competencies(framework: Framework) -> None:
    assert [len(one.competencies) for one in framework.functions] == [9, 6, 6, 8, 5, 5, 4]
    assert len(framework.competencies) == 43


def test_the_occupation_is_headed_as_in_the_source(framework: Framework) -> None:
    found = framework.occupation
    assert found is not None
    assert (found.title, found.rapids) == ("Information Technology Generalist", "1059")
    assert (found.onet, found.approach) == ("15-1151.00", "Competency Based")
    assert found.term == (
        "This framework is designed to support an apprenticeship that lasts from 12 to 24 months,"
        " with the expectation that most apprentices will require 18 months to complete the"
        " program."
    )
    onet = next(one for one in found.provenance if one.field == "onet")
    assert onet.origin == "overview"
    assert onet.disputed  # the schedule leaves out what stands after the dot


def test_functions_are_worded_as_in_the_source(framework: Framework) -> None:
    assert {one.number: one.title for one in framework.functions} == FUNCTIONS


def test_competencies_are_worded_as_in_the_source(framework: Framework) -> None:
    assert {one.code: one.title for one in framework.competencies} == TITLES


def test_every_field_has_a_provenance(framework: Framework) -> None:
    of_function = ("title", "standing", "level", "requirement", "ojt", "ri")
    for entry in _entries(framework):
        for field in of_function:
            assert entry.provenance_of(field).readings, (entry.title, field)
    for competency in framework.competencies:
        assert competency.provenance_of("code").readings


def test_a_value_is_what_its_origin_prints_and_none_has_a_reason(framework: Framework) -> None:
    for entry in _entries(framework):
        for one in entry.provenance:
            value = getattr(entry, one.field)
            printed = {reading.source: reading.printed for reading in one.readings}
            if value is None:
                assert one.origin in ABSENT
                assert set(printed.values()) <= set(ABSENT)
            elif one.origin != "function":
                assert printed[one.origin] == value


def test_levels_are_those_of_the_detail_pages_and_none_is_invented(framework: Framework) -> None:
    for one in framework.competencies:
        origin = one.provenance_of("level").origin
        if one.code in NO_DETAIL_PAGE:
            assert (one.level, one.requirement, origin) == (None, None, "illegible")
        elif one.code in NO_LEVEL_PRINTED:
            assert (one.level, origin) == (None, "blank")
        else:
            expected = "Intermediate" if one.code in INTERMEDIATE else "Basic"
            assert (one.level, origin) == (expected, "detail")


def test_function_levels_are_those_of_the_overview(framework: Framework) -> None:
    levels = [one.level for one in framework.functions]
    assert levels == ["Basic", "Basic", None, "Basic", "Intermediate", None, None]


def test_codes_that_cannot_be_read_come_from_the_order(framework: Framework) -> None:
    counted = {c.code for c in framework.competencies if c.provenance_of("code").origin == "order"}
    assert counted == NO_DETAIL_PAGE


def test_standing_is_the_schedules(framework: Framework) -> None:
    core = {one.code for one in framework.competencies if one.standing == "Core"}
    assert core == {code for code in TITLES if code[0] in "1247"}
    assert all(one.standing in {"Core", "Optional"} for one in framework.competencies)


@pytest.mark.parametrize("code", ["4f", "4g", "4h"])
def test_a_detail_page_that_contradicts_the_schedule_is_kept(
    framework: Framework, code: str
) -> None:
    standing = framework.find(code).provenance_of("standing")
    printed = {reading.source: reading.printed for reading in standing.readings}
    assert standing.disputed
    assert standing.origin == "schedule"
    assert printed == {"schedule": "Core", "detail": "Optional"}


def test_the_disputes_are_these_and_no_others(framework: Framework) -> None:
    disputed = {
        (c.code, p.field) for c in framework.competencies for p in c.provenance if p.disputed
    }
    assert disputed == {("4f", "standing"), ("4g", "standing"), ("4h", "standing"), ("5b", "title")}


def test_required_and_optional_marks(framework: Framework) -> None:
    marks = {one.code: one.requirement for one in framework.competencies}
    optional = {code for code, mark in marks.items() if mark == "Optional"}
    assert optional == {*NO_LEVEL_PRINTED, "5a", "5b", "5d", "5e", "6a", "6b", "6c", "6d"}
    # Its function is optional, the mark says otherwise; both are kept.
    assert (marks["5c"], framework.find("5c").standing) == ("Required", "Optional")
    assert framework.find("6e").provenance_of("requirement").origin == "ambiguous"
    assert "one cell fewer" in framework.find("6e").note


def test_no_mark_for_training_is_printed_anywhere(framework: Framework) -> None:
    for one in framework.competencies:
        expected = "illegible" if one.function == 7 else "blank"
        assert (one.ojt, one.ri) == (None, None)
        assert one.provenance_of("ojt").origin == expected
        assert one.provenance_of("ri").origin == expected


@pytest.mark.parametrize("code", ["4c", "4C", " 4c\n"])
def test_find(framework: Framework, code: str) -> None:
    assert framework.find(code).title == TITLES["4c"]
    assert framework.find(code).function == 4


@pytest.mark.parametrize(
    ("wanted", "nearest"),
    [("4z", "4a"), ("44c", "4c"), ("printers", "1e"), ("voicemial", "3f"), ("4 c", "4c")],
)
def test_an_unknown_code_names_the_nearest(framework: Framework, wanted: str, nearest: str) -> None:
    with pytest.raises(UnknownCode) as caught:
        framework.find(wanted)
    assert str(caught.value) == f"There is no competency '{wanted}'."
    assert caught.value.remedy.startswith(f"The nearest: {nearest} {TITLES[nearest]}")


def test_a_code_like_no_other_is_told_which_there_are(framework: Framework) -> None:
    with pytest.raises(UnknownCode) as caught:
        framework.find("\x1b[31mqqqqqqqq" * 1000)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 150
    assert caught.value.remedy == (
        "A code is a number and a letter: 1a-1i, 2a-2f, 3a-3f, 4a-4h, 5a-5e, 6a-6e, 7a-7d."
    )


def test_a_field_without_provenance_is_a_key_error(framework: Framework) -> None:
    with pytest.raises(KeyError):
        framework.find("4c").provenance_of("colour")


def test_an_employers_own_function_is_read_the_same_way(tmp_path: Path) -> None:
    own = read_framework(_written(tmp_path, FILE)).find("8a")
    assert (own.title, own.level, own.ojt, own.ri) == ("Boils water", "Basic", "X", None)
    assert (own.standing, own.provenance_of("standing").origin) == ("Core", "function")


@pytest.mark.parametrize(
    ("right", "wrong", "line", "said"),
    [
        ("{detail: 8a}", "{detail: 8b}", 2, "code 8a was expected in this place, not 8b"),
        ("{detail: Basic}", "{detail: Easy}", 13, "'Basic'"),
        ("{detail: Basic}", "{}", 13, "at least 1 was expected"),
        ("{detail: Boils water}", "{detail: illegible}", 10, "no source has a legible title"),
        ("standing: {detail: Core}", "standing: {detail: blank}", 2, "no source says Core"),
        ("ri: {detail: blank}\n    comp", "rj: {detail: blank}\n    comp", 8, "unknown key"),
        ("{detail: Cooks}", "{detial: Cooks}", 3, "'overview', 'schedule' or 'detail'"),
    ],
)
def test_a_wrongly_written_file_is_told_where(
    tmp_path: Path, right: str, wrong: str, line: int, said: str
) -> None:
    path = _written(tmp_path, FILE.replace(right, wrong))
    with pytest.raises(AuthoringError) as caught:
        read_framework(path)
    assert said in str(caught.value)
    assert caught.value.where == f"{path}:{line}"


def test_functions_come_in_order(tmp_path: Path) -> None:
    twice = FILE + FILE.removeprefix("functions:\n")
    with pytest.raises(AuthoringError, match=r"rising order, each once \(found: 8, 8\)"):
        read_framework(_written(tmp_path, twice))


def _entries(framework: Framework) -> list[JobFunction | Competency]:
    return [*framework.functions, *framework.competencies]


def _written(folder: Path, text: str) -> Path:
    path = folder / "framework.yaml"
    path.write_text(text, encoding="utf-8")
    return path
