"""The page about the protocol says what the programs do."""

from __future__ import annotations

import re
from pathlib import Path

from infra.images.licences.seatkeeper import cli, protocol, server, service
from infra.images.licences.seatkeeper.seats import Refusal
from infra.images.licences.seatkeeper.service import Places, Service
from tests.seatkeeper import vendor

PAGE = (Path(__file__).parents[2] / "docs" / "licence-protocol.md").read_text(encoding="utf-8")


def test_every_code_is_explained() -> None:
    for refusal in Refusal:
        assert f"`{refusal}`" in PAGE
    for other in ("NO-SUCH-SEAT", "UNREADABLE"):
        assert f"`{other}`" in PAGE


def test_every_request_is_explained_and_no_other(tmp_path: Path) -> None:
    shelf, vendors = vendor.shelf(tmp_path)
    places = Places(tmp_path / "id", shelf, tmp_path / "options", vendors, tmp_path / "state")
    known = Service(places, lambda _: None).requests | {"BYE"}
    requests = PAGE.partition("| request |")[2].partition("| code |")[0]
    assert set(re.findall(r"^\| `([A-Z]+)[ `]", requests, re.MULTILINE)) == known


def test_the_numbers_are_those_of_the_program() -> None:
    for number, words in (
        (protocol.PORT, "port {}"),
        (protocol.LONGEST - 1, "at most {} bytes"),
        (int(protocol.SILENCE), "says nothing for {} seconds"),
        (server.CONNECTIONS, "{} clients"),
        (service.EACH, "({}) on one connection"),
    ):
        assert words.format(number) in PAGE


def test_the_places_are_those_of_the_program() -> None:
    for place in (cli.SETTINGS, cli.VENDORS, cli.STATE, cli.LOG, cli.CONTROL):
        assert str(place) in PAGE


def test_every_line_of_the_log_is_explained() -> None:
    source = Path(service.__file__).read_text(encoding="utf-8")
    words = set(re.findall(r'_note\("([A-Z]+)"', source)) | {"DENIED", "REREAD"}
    assert all(f"`{word}`" in PAGE for word in words)
