"""A folder set aside while jobs are started and put back, asked of a real shell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from graders.facts.rehearsal import PutBack, SetAside, rehearsal
from runner.errors import UnreadableOutput
from runner.host import Connection, Fact, Host, Reply
from tests.real_shell import asked

OLD, TODAY, LATER = (f"mail-2026-02-0{day}.tar.gz" for day in (2, 3, 4))


class Noting(Connection):
    """A host that does nothing and notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def run(
        self, command: str, *, stdin: bytes = b"", timeout: float = 10.0, user: str | None = None
    ) -> Reply:
        """Nothing comes back."""
        del stdin, timeout, user
        self.asked.append(command)
        return Reply(0, "")

    def close(self) -> None:
        """Nothing is open."""


def test_a_job_finds_the_folder_as_on_the_evening_before(folder: Path) -> None:
    asked(SetAside(str(folder), "mail", "2026-02-03"))
    assert _names(folder) == {OLD, "mail-yearly-2026.tar.gz"}
    assert (folder / OLD).stat().st_mtime == 1_000_000_000


def test_all_is_put_back_as_it_was(folder: Path) -> None:
    before = _looks(folder)
    asked(SetAside(str(folder), "mail", "2026-02-03"))
    (folder / OLD).write_text("overwritten", encoding="utf-8")
    (folder / "mail-yearly-2026.tar.gz").unlink()
    (folder / TODAY).write_text("made anew", encoding="utf-8")
    (folder / LATER).touch()
    folder.chmod(0o777)
    asked(PutBack(str(folder)))
    assert _looks(folder) == before
    assert [one.name for one in folder.parent.iterdir()] == ["backup"]


def test_what_is_not_set_aside_stays_as_it_is(folder: Path) -> None:
    before = _looks(folder)
    asked(PutBack(str(folder)))
    asked(PutBack(str(folder), keeps_new=True))
    assert _looks(folder) == before


def test_where_there_is_no_folder_nothing_is_done(tmp_path: Path) -> None:
    none = tmp_path / "none"
    asked(SetAside(str(none), "mail", "2026-02-03"))
    none.mkdir()
    (none / "made").touch()
    asked(PutBack(str(none)))
    assert _names(none) == {"made"}


def test_another_grading_puts_back_what_an_interrupted_one_left(folder: Path) -> None:
    before = _looks(folder)
    asked(SetAside(str(folder), "mail", "2026-02-03"))
    (folder / OLD).unlink()
    (folder / TODAY).write_text("made by the job", encoding="utf-8")
    (folder / "of somebody's").touch()
    asked(SetAside(str(folder), "mail", "2026-02-04"))
    assert _names(folder) == {OLD, TODAY, "mail-yearly-2026.tar.gz", "of somebody's"}
    asked(PutBack(str(folder)))
    (folder / "of somebody's").unlink()
    assert _looks(folder).items() >= {k: v for k, v in before.items() if k != "."}.items()


@pytest.mark.parametrize("there", ["", "a part of the copy"])
def test_a_grading_may_be_interrupted_at_any_moment(folder: Path, there: str) -> None:
    before = _looks(folder)
    aside = folder.rename(folder.with_name("backup.set-aside-by-a-grading"))
    if there:
        folder.mkdir()
    asked(PutBack(str(folder), keeps_new=True))
    assert _looks(folder) == before
    assert not aside.exists()


def test_a_folder_may_be_elsewhere(folder: Path) -> None:
    before = _looks(folder)
    link = folder.with_name("link")
    link.symlink_to(folder)
    asked(SetAside(str(link), "mail", "2026-02-03"))
    assert _names(folder) == _names(link) == {OLD, "mail-yearly-2026.tar.gz"}
    asked(PutBack(str(link)))
    assert _looks(folder) == before
    assert link.is_symlink()


def test_it_is_put_back_whatever_becomes_of_the_block() -> None:
    line = Noting()
    host = Host("mail", lambda: line)
    with pytest.raises(KeyboardInterrupt), rehearsal(host, "/backup", "mail", "2026-02-03"):
        raise KeyboardInterrupt
    assert line.asked[-1] == PutBack("/backup").command()


@pytest.mark.parametrize("fact", [SetAside("/backup", "mail", "2026-02-03"), PutBack("/backup")])
def test_what_cannot_be_moved_is_said(fact: Fact[Any]) -> None:
    with pytest.raises(UnreadableOutput, match="/backup cannot be"):
        fact.read(Reply(1, "", "mv: no space left"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "backup"
    made.mkdir(mode=0o750)
    for number, name in enumerate((OLD, TODAY, LATER, "mail-yearly-2026.tar.gz")):
        (made / name).write_text(name, encoding="utf-8")
        (made / name).chmod(0o600 + number)
        os.utime(made / name, (1_000_000_000, 1_000_000_000 + number))
    os.utime(made, (900_000_000, 900_000_000))
    return made


def _names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


def _looks(folder: Path) -> dict[str, tuple[object, ...]]:
    """Owner, mode, time, number and content of a folder and all that is in it."""
    found: dict[str, tuple[object, ...]] = {}
    for one in (folder, *folder.iterdir()):
        stat = one.stat()
        content = one.read_text(encoding="utf-8") if one.is_file() else ""
        name = str(one.relative_to(folder))
        found[name] = (stat.st_uid, stat.st_mode, stat.st_mtime, stat.st_ino, content)
    return found
