"""Maps of networks as people write them, read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graders.facts.netmap import Device, MapFile, NetworkMap, hardware, map_of
from runner.host import Reply

PRINTER = Device("10.1.2.17", "0250a1b2c3d4", "ACM-1013", "Lumen L420", frozenset({80, 515, 9100}))
HEAD = "# A comment, with commas, and more, of them, and, more\naddress,mac,label,model,ports\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}10.1.2.17,02:50:a1:b2:c3:d4,ACM-1013,Lumen L420,80 515 9100\n",
        "\ufeff10.1.2.17;02-50-A1-B2-C3-D4;ACM-1013;Lumen L420;80, 515, 9100\r\n",
        '10.1.2.17, 0250.a1b2.c3d4 , "ACM-1013","Lumen L420","9100,515,80"',
        "10.1.2.17,02:50:A1:B2:C3:D4,ACM-1013,Lumen L420,80/tcp 515/tcp tcp/9100\n\n,,,,\n",
        "10.1.2.17,02:50:A1:B2:C3:D4,ACM-1013,Lumen L420,80|515+9100,,\n",
    ],
)
def test_a_map_is_read_however_it_was_saved(text: str) -> None:
    assert map_of(text) == NetworkMap({"10.1.2.17": PRINTER})


def test_what_is_not_known_may_be_left_empty() -> None:
    assert map_of("10.1.2.17,,,,\n").devices == {"10.1.2.17": Device("10.1.2.17")}


@pytest.mark.parametrize("text", ["", HEAD, "\n\n", ",,,,\n"])
def test_a_map_may_be_empty(text: str) -> None:
    assert map_of(text) == NetworkMap()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("10.1.2.17,,,80", "5 columns were expected: address,mac,label,model,ports"),
        ("10.1.2.17,,x,y,80,443", "5 columns were expected: address,mac,label,model,ports"),
        ("printer,,x,y,80", "'printer' is no address"),
        ("10.1.2.300,,x,y,80", "'10.1.2.300' is no address"),
        ("10.1.2.17,02:50:a1,x,y,80", "'02:50:a1' is no hardware address"),
        ("10.1.2.17,,x,y,80 http", "'http' is no port"),
        ("10.1.2.17,,x,y,80 65536", "'65536' is no port"),
        ("10.1.2.17,,x,y,0", "'0' is no port"),
    ],
)
def test_a_malformed_line_is_named(line: str, problem: str) -> None:
    assert map_of(f"{HEAD}{line}\n").problem == f"line 3 ({line!r}): {problem}"


def test_a_device_is_on_the_map_once() -> None:
    found = map_of("10.1.2.17,,,,80\n10.1.2.17,,,,443\n")
    assert found.problem == "line 2 ('10.1.2.17,,,,443'): 10.1.2.17 was given before"


@given(st.text())
def test_whatever_stands_in_the_file_is_read(text: str) -> None:
    found = map_of(text)
    assert found.problem or all(one.address == key for key, one in found.devices.items())
    assert len(found.problem) < 400


def test_hardware_addresses_are_compared_by_their_digits() -> None:
    assert hardware("02:50:A1:B2:C3:D4") == hardware("0250.a1b2.c3d4") == "0250a1b2c3d4"
    assert hardware("02:50:a1:b2:c3") == ""


def test_a_map_that_is_not_there_is_none() -> None:
    assert MapFile("/root/map").read(Reply(1, "")) is None
    assert MapFile("/root/map").read(Reply(0, "10.1.2.17,,,,\n")) is not None


def test_the_path_is_quoted() -> None:
    assert "[ -f '/root/my map' ]" in MapFile("/root/my map").command()
