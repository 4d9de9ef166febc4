"""Licence files: which count, and what is said of those that do not."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.images.licences.seatkeeper import licence
from infra.images.licences.seatkeeper.licence import Fault, Malformed
from tests.seatkeeper import vendor
from tests.seatkeeper.vendor import HOST_ID, TODAY


def read(folder: Path, **files: str) -> licence.Shelf:
    licences, vendors = vendor.shelf(folder, **files)
    return licence.read(licences, HOST_ID, vendors, TODAY)


def test_what_a_vendor_signed_counts(tmp_path: Path) -> None:
    shelf = read(tmp_path, a=vendor.text(vendor.licence(seats=7)))
    assert shelf.best["drafter"].seats == 7
    assert shelf.faults == {}
    assert shelf.remarks == ("a.lic: drafter 7 seats until 2026-12-31: ok",)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            vendor.text(vendor.licence()).replace("SEATS=3", "SEATS=30"),
            Fault.SIGNATURE,
        ),
        (
            vendor.text(vendor.licence(expires=date(2026, 2, 28))).replace("02-28", "12-28"),
            Fault.SIGNATURE,
        ),
        (
            vendor.text(vendor.licence(host_id="9-00000000")),
            Fault.HOST,
        ),
        (
            vendor.text(vendor.licence(host_id="9-00000000")).replace("9-00000000", HOST_ID),
            Fault.SIGNATURE,
        ),
        (vendor.text(vendor.licence(vendor="nobody")), Fault.SIGNATURE),
        (vendor.text(vendor.licence(expires=date(2026, 2, 28))), Fault.EXPIRED),
        (vendor.text(vendor.licence(start=date(2026, 3, 2))), Fault.EARLY),
    ],
)
def test_what_does_not_count_says_why(tmp_path: Path, text: str, fault: Fault) -> None:
    shelf = read(tmp_path, a=text)
    assert shelf.best == {}
    assert shelf.faults == {"drafter": fault}
    assert shelf.remarks[0].endswith(f": the licence {fault.value}")


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2026, 3, 2)])
def test_the_first_and_the_last_day_are_included(tmp_path: Path, day: date) -> None:
    text = vendor.text(vendor.licence(start=date(2026, 3, 1), expires=date(2026, 3, 2)))
    licences, vendors = vendor.shelf(tmp_path, a=text)
    assert "drafter" in licence.read(licences, HOST_ID, vendors, day).best


def test_of_several_the_one_that_expires_last_counts(tmp_path: Path) -> None:
    old = vendor.text(vendor.licence(seats=5, expires=date(2026, 3, 31)))
    new = vendor.text(vendor.licence(seats=2, expires=date(2027, 3, 31)))
    gone = vendor.text(vendor.licence(seats=9, expires=date(2026, 1, 31)))
    for files in ({"a": old, "b": new, "c": gone}, {"a": new, "b": gone, "c": old}):
        assert read(tmp_path, **files).best["drafter"].seats == 2
    assert read(tmp_path, **files).faults == {}


def test_a_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    licences, vendors = vendor.shelf(tmp_path, a="nonsense\n", b=vendor.text(vendor.licence()))
    (licences / "c.lic").mkdir()
    (licences / "d.lic").write_bytes(b"\xff\xfe")
    (licences / "e.lic").write_text("#" * (licence.SIZE + 1))
    (licences / "f.txt").write_text(vendor.text(vendor.licence("other")))
    shelf = licence.read(licences, HOST_ID, vendors, TODAY)
    assert set(shelf.best) == {"drafter"}
    assert [one.partition(":")[0] for one in shelf.remarks] == [
        "a.lic", "b.lic", "c.lic", "d.lic", "e.lic",
    ]  # fmt: skip
    assert shelf.remarks[0] == (
        "a.lic: cannot be read: line 1: expected was SERVER, VENDOR or FEATURE"
    )


def test_an_empty_folder_says_so(tmp_path: Path) -> None:
    shelf = read(tmp_path)
    assert shelf.best == {}
    assert "no licence file" in shelf.remarks[0]
    assert licence.read(tmp_path / "none", HOST_ID, tmp_path, TODAY).best == {}


def test_one_file_can_be_looked_at_beforehand(tmp_path: Path) -> None:
    file = tmp_path / "new"
    file.write_text(vendor.text(vendor.licence(host_id="9-1")))
    _, vendors = vendor.shelf(tmp_path)
    said = licence.remarks(file, HOST_ID, vendors, TODAY)
    assert said == ("new: drafter 3 seats until 2026-12-31: the licence is for another host id",)
    assert "No such file" in licence.remarks(tmp_path / "none", HOST_ID, vendors, TODAY)[0]


def test_a_licence_lapses_by_itself(tmp_path: Path) -> None:
    shelf = read(tmp_path, a=vendor.text(vendor.licence(), vendor.licence("render")))
    assert licence.on(shelf, date(2026, 12, 31)) is shelf
    later = licence.on(shelf, date(2027, 1, 1))
    assert later.best == {}
    assert later.faults == {"drafter": Fault.EXPIRED, "render": Fault.EXPIRED}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("SERVER licences", "SERVER", "line 1: expected was SERVER, VENDOR or FEATURE"),
        ("HOSTID=9-4F3A21C7", "HOSTID=a/b", "line 1: 'a/b' is no name"),
        ("VENDOR tessella", "VENDOR a b", "line 2: expected was SERVER, VENDOR or FEATURE"),
        ("VENDOR tessella\n", "", "line 2: FEATURE stands before SERVER and VENDOR"),
        ("VERSION=4", "VERSION=4 COLOUR=red", "line 3: 'COLOUR=red' is none of VERSION, SEATS"),
        ("VERSION=4", "VERSION=4 SEATS=4", "line 3: 'SEATS=3' is none of VERSION, SEATS"),
        ("VERSION=4", "", "line 3: VERSION= is missing"),
        ("SEATS=3", "SEATS=0", "line 3: SEATS=0 is no number from 1 to 9999"),
        ("SEATS=3", "SEATS=10000", "line 3: SEATS=10000 is no number"),
        ("2026-12-31", "2026-12-32", "line 3: 2026-12-32 is no day of the calendar"),
        ("2026-12-31", "20261231", "line 3: '20261231' is no day like 2026-01-31"),
        ("SIGN=", "SIGN=@", "line 3: SIGN is no signature"),
        ("SERIAL=T-1", "SERIAL=", "line 3: '' is no name"),
    ],
)
def test_a_malformed_line_is_named(old: str, new: str, problem: str) -> None:
    text = vendor.text(vendor.licence())
    assert old in text
    with pytest.raises(Malformed) as raised:
        licence.parsed(text.replace(old, new))
    assert str(raised.value).startswith(problem)


def test_comments_and_empty_lines_do_not_matter() -> None:
    lines = vendor.text(vendor.licence()).splitlines()
    text = "# issued in spring\n\n" + "\n".join(f"  {line}   # so" for line in lines)
    assert licence.parsed(text) == licence.parsed(vendor.text(vendor.licence()))


@given(st.text())
def test_any_text_is_licences_or_malformed(text: str) -> None:
    with contextlib.suppress(Malformed):
        assert licence.parsed(text)
