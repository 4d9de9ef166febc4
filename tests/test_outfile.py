"""A file that was asked for: whole or not at all, and every reason why not is one line."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from runner.errors import UsageError
from runner.outfile import write, writing


def test_what_was_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    write(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_behind_a_link_the_file_is_written(tmp_path: Path) -> None:
    file, link = tmp_path / "page.html", tmp_path / "link.html"
    link.symlink_to(file)
    write(link, b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no folder .*nowhere") as caught:
        write(tmp_path / "nowhere" / "page.html", b"new")
    assert caught.value.remedy == "Make it first."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        write(tmp_path, b"new")


def test_a_pipe_is_left_alone(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(UsageError, match="is a device or a pipe"):
        write(pipe, b"new")
    assert pipe.is_fifo()


def test_what_cannot_be_written_leaves_what_was_there(tmp_path: Path) -> None:
    # Root may write anywhere, so the refusal is the file system's own.
    with pytest.raises(UsageError, match="cannot be written") as caught:
        write(tmp_path / ("x" * 300), b"new")
    assert caught.value.remedy.startswith("Name a file in a folder")
    assert not list(tmp_path.iterdir())


def test_links_in_a_circle_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(UsageError, match="cannot be written"):
        write(tmp_path / "a", b"new")


def test_a_disk_that_refuses_half_way_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "page.html"
    file.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_private_can_be_read_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "world.tar"
    file.write_bytes(b"old")
    file.chmod(0o644)
    with writing(file, private=True) as opened:
        opened.write(b"new")
        assert file.read_bytes() == b"old"
        (aside,) = set(tmp_path.iterdir()) - {file}
        assert stat.S_IMODE(aside.stat().st_mode) == 0o600
        opened.seek(0)
        assert opened.read() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    def half() -> None:
        with writing(tmp_path / "world.tar") as opened:
            opened.write(b"half")
            raise KeyError

    with pytest.raises(KeyError):
        half()
    assert not list(tmp_path.iterdir())
