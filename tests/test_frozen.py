"""Frozen worlds as they are written: what stands where, and never more than is allowed."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from runner import canonical
from runner.frozen import Archive, Full, removed
from tests.documented import described, fields_of
from tests.icebox import FILES, archive


def test_any_program_for_tar_reads_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive())) as tar:
        assert tar.getnames() == ["web.tar", "ws.tar", "manifest.json"]
        for host, files in FILES.items():
            inner = tar.extractfile(f"{host}.tar")
            assert inner is not None
            with tarfile.open(fileobj=io.BytesIO(inner.read())) as its:
                assert its.getnames() == list(files)
        said = tar.extractfile("manifest.json")
        assert said is not None
        data = said.read()
    assert canonical.dumps(json.loads(data)) == data
    assert fields_of(json.loads(data)) == described("records.md", "Frozen worlds")
    assert json.loads(data)["frozen_at"] == "2026-03-02T12:00:00.000005Z"


def test_more_than_is_allowed_is_not_written() -> None:
    file = io.BytesIO()
    made = Archive(file, 5000)
    with made.member("web.tar") as sink:
        sink.put(bytes(2000))
    with pytest.raises(Full), made.member("ws.tar") as sink:
        sink.put(bytes(2000))
    assert made.sizes == {"web.tar": 2000, "ws.tar": 2000}
    assert len(file.getvalue()) <= 5000


def test_what_was_removed_stands_beside_where_it_was() -> None:
    for path, name in (("etc/motd", "etc/.wh.motd"), ("motd", ".wh.motd"), ("a" * 200, "")):
        data = removed(path)
        assert len(data) % 512 == 0
        with tarfile.open(fileobj=io.BytesIO(data + bytes(1024))) as tar:
            assert tar.getnames() == [name or f".wh.{path}"]
