"""Frozen worlds from anybody: what holds is told, else the first thing that is wrong."""

from __future__ import annotations

import io
import json
import os
import tarfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner import canonical, exhibit
from runner.cli import main
from runner.errors import Exit
from runner.exhibit import NoArchive, verify
from runner.frozen import MANIFEST, header
from runner.tape import BLOCK, END, padded
from tests.icebox import WHEN, archive, put

WHOLE = archive()
AT = WHOLE.index(b"manifest.json")
Said = pytest.CaptureFixture[str]


def changed(**fields: object) -> bytes:
    """The archive with something else in its manifest, which is written as it should be."""
    said = json.loads(manifest_in(WHOLE)) | fields
    return with_manifest(WHOLE[:AT], canonical.dumps(said))


def manifest_in(data: bytes) -> bytes:
    """The manifest of an archive."""
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        found = tar.extractfile(MANIFEST)
        assert found is not None
        return found.read()


def with_manifest(layers: bytes, manifest: bytes) -> bytes:
    """Layers, a manifest and the end."""
    return layers + header(MANIFEST, len(manifest)) + manifest + padded(len(manifest)) + END


def wrong(data: bytes) -> str:
    """The first thing that is wrong."""
    with pytest.raises(NoArchive) as caught:
        verify(io.BytesIO(data))
    return str(caught.value)


def test_one_that_holds() -> None:
    found = verify(io.BytesIO(WHOLE))
    assert (found.code, found.apprentice, found.seed, found.frozen_at) == ("9a", "ada", "5", WHEN)
    assert [(one.host, one.changed, one.removed) for one in found.hosts] == [
        ("web", 1, 1), ("ws", 1, 0),
    ]  # fmt: skip
    assert exhibit.manifest(io.BytesIO(WHOLE)) == found
    assert not found.expired(WHEN)
    assert found.expired(WHEN + timedelta(days=90))


@given(st.data())
def test_no_byte_of_a_layer_can_be_changed(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, AT - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != WHOLE[at]))
    wrong(WHOLE[:at] + bytes([other]) + WHOLE[at + 1 :])


@given(st.integers(0, len(WHOLE) - 1))
def test_nothing_can_be_cut_off(length: int) -> None:
    wrong(WHOLE[:length])


@given(st.binary(max_size=3000))
def test_anything_else_is_no_archive(data: bytes) -> None:
    wrong(data)
    wrong(WHOLE + (data or b"x"))


def test_what_is_wrong_is_named() -> None:
    assert wrong(b"") == "it was cut off, or something stands behind its end"
    assert wrong(b"x" * 600) == "it is no tar archive at byte 0"
    assert wrong(END) == "it has no manifest.json, or one of 0 bytes"
    assert wrong(changed(hosts=[])) == "web.tar is in it, and the manifest does not name it"
    host = json.loads(manifest_in(WHOLE))["hosts"][1]
    assert wrong(changed(hosts=[host, host])) == "manifest.json: a host is there twice"
    assert wrong(changed(more=1)) == "manifest.json: there is a field too many: 'more'"
    assert "the field seed is missing" in wrong(changed(seed=5))
    assert "the field format is missing" in wrong(changed(format=2))
    assert "the field expires_at" in wrong(changed(expires_at="2026-02-31T12:00:00.000000Z"))
    only = WHOLE[: WHOLE.index(b"ws.tar")]
    assert wrong(with_manifest(only, manifest_in(WHOLE))) == "ws.tar is missing"
    assert wrong(with_manifest(WHOLE[:AT], b"{}x")).startswith("manifest.json: no JSON")
    web = json.loads(manifest_in(WHOLE))["hosts"][0]
    ws = json.loads(manifest_in(WHOLE))["hosts"][1]
    assert wrong(changed(hosts=[web | {"bytes": 7}, ws])).startswith("web.tar: it has 2560 bytes")
    assert wrong(changed(hosts=[web | {"sha256": "0" * 64}, ws])).startswith("web.tar: its digest")
    assert wrong(changed(hosts=[web | {"changed": 7}, ws])) == (
        "web.tar: it has 1 changed and 1 removed, stated are 7 and 1"
    )
    assert wrong(changed(hosts=[web | {"host": "../web"}, ws])).endswith("or not as it should be")


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "a/../../\x1b[31mx"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    said = wrong(archive({"web": {name: b"x"}}))
    assert said.endswith("would land outside when it is unpacked")
    assert "\x1b" not in said


def test_members_of_another_kind_or_name() -> None:
    link = tarfile.TarInfo("web.tar")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    assert "is not as this program writes it" in wrong(link.tobuf() + WHOLE)
    name = tarfile.TarInfo("\x1b]0;x\x07" * 9)
    said = wrong(name.tobuf() + WHOLE)
    assert "\x1b" not in said
    assert "is not as this program writes it" in wrong(WHOLE[:AT] + WHOLE)


def test_a_gigabyte_is_not_read_where_nothing_of_it_is_known(tmp_path: Path) -> None:
    file = put(tmp_path / "large.tar", header(MANIFEST, 1 << 30))
    os.truncate(file, 1 << 30)
    began = time.process_time()
    with file.open("rb") as opened, pytest.raises(NoArchive, match="bytes in all"):
        verify(opened)
    file.write_bytes(header("web.tar", 1 << 30) + bytes(BLOCK))
    os.truncate(file, (1 << 30) + BLOCK + len(END))
    with file.open("rb") as opened, pytest.raises(NoArchive, match=r"it has no manifest\.json"):
        verify(opened)
    assert time.process_time() - began < 1


# --- as people call it ----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where frozen worlds lie, apart from those of this machine; no engine."""
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "data" / "worlds"


def test_inspected(tmp_path: Path, capsys: Said) -> None:
    put(tmp_path / "w.tar", WHOLE)
    assert main(["export-world", "--inspect", "w.tar", "--plain"]) == 0
    said = capsys.readouterr().out
    assert "9a of ada (practice, seed 5, session 1a2b3c4d), frozen 2026-03-02 12:00" in said
    assert "web   0.0 MiB        1        1  lab-base:1      /run, /tmp" in said
    put(tmp_path / "w.tar", WHOLE.replace(b"hello", b"he\x1bll"))
    assert main(["export-world", "--inspect", "w.tar"]) == Exit.NOT_YET
    said = capsys.readouterr().err
    assert said.startswith("w.tar is no frozen world, or was changed: web.tar: its digest is ")
    assert main(["export-world", "--inspect", "w\x1b.tar"]) == Exit.WRONG_USE
    assert capsys.readouterr().err.startswith("There is no file w")


def test_only_what_is_over_is_pruned(data: Path, capsys: Said) -> None:
    assert main(["export-world", "--prune"]) == 0
    assert capsys.readouterr().out == "There is nothing to remove.\n"
    assert not data.exists()
    old, new = put(data / "old.tar", WHOLE), put(data / "new.tar", archive(keep=timedelta(9999)))
    other, stray = put(data / "other.tar", b"mine"), put(data / f".{'0' * 32}.new", b"half")
    young = put(data / f".{'1' * 32}.new", b"being written")
    os.utime(stray, (0, 0))
    assert main(["export-world", "--prune"]) == 0
    assert capsys.readouterr().out == f"Removed {old}.\nRemoved {stray}.\n"
    assert sorted(data.iterdir()) == sorted([new, other, young])
