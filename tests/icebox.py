"""Frozen worlds on paper: archives as `lab export-world` writes them, without a world."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from runner.frozen import Archive, Layer, Manifest
from runner.tape import END

WHEN = datetime(2026, 3, 2, 12, 0, 0, 5, tzinfo=UTC)
FILES = {"web": {"etc/motd": b"hello", "etc/.wh.issue": b""}, "ws": {"root/x" * 30: b"y" * 5000}}


def layer(files: Mapping[str, bytes]) -> bytes:
    """The layer of a host."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
        there = tar.offset
    return out.getvalue()[:there] + END


def archive(
    files: Mapping[str, Mapping[str, bytes]] = FILES,
    *,
    session: str = "1a2b3c4d",
    limit: int = 1 << 20,
    keep: timedelta = timedelta(days=90),
) -> bytes:
    """A frozen world whose hosts have these files changed."""
    out = io.BytesIO()
    made = Archive(out, limit)
    hosts = []
    for host, its in files.items():
        with made.member(f"{host}.tar") as sink:
            sink.put(layer(its))
        gone = sum(".wh." in name for name in its)
        hosts.append(
            Layer(host, "lab-base:1", "sha256:0", administered=True, bytes=sink.bytes,
                  sha256=sink.sha256, changed=len(its) - gone, removed=gone,
                  left_out=("/run", "/tmp"))  # noqa: S108 - a folder of the host
        )  # fmt: skip
    manifest = Manifest(
        "9a", "ada", session, "5", "practice", WHEN, WHEN, WHEN + keep, "rev", "0.1.0",
        "docker 20.10", {"sequence": 3, "id": "i", "digest": "d"}, tuple(hosts),
    )  # fmt: skip
    made.finish(manifest)
    return out.getvalue()


def put(file: Path, data: bytes) -> Path:
    """The archive in a file, with its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file
