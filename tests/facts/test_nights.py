"""What is asked of nightly backups, asked of a real shell in a folder of its own."""

from __future__ import annotations

import subprocess
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graders.facts.nights import Dates, FilesIn, Laid, MadeSince, Night, Readable
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.real_shell import asked

LONG_AGO = "1000000000.5"


def test_dates_are_told() -> None:
    days = asked(Dates((0, 40)))
    first, last = (datetime.fromisoformat(day) for day in days)
    assert first - last == timedelta(days=40)


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / ".hidden").touch()
    assert asked(FilesIn(str(tmp_path))) == {".hidden"}
    assert asked(FilesIn(str(tmp_path / "none"))) == frozenset()


def test_a_backup_is_found_by_its_date_and_searched(tmp_path: Path) -> None:
    (today,) = asked(Dates((0,)))
    name = f"mail-{today}.tar.gz"
    _packed(tmp_path, name, "Subject: one", "Subject: two")
    (tmp_path / "mail-yearly-2022.tar.gz").touch()
    wanted = ("Subject: one", "Subject: three")
    assert asked(MadeSince(str(tmp_path), "mail", LONG_AGO, wanted)) == Night(
        name, frozenset({"Subject: one"})
    )


def test_what_was_there_before_was_not_made(tmp_path: Path) -> None:
    (today,) = asked(Dates((0,)))
    _packed(tmp_path, f"mail-{today}.tar.gz", "one")
    assert asked(MadeSince(str(tmp_path), "mail", "9999999999.5", ("one",))) is None
    assert asked(MadeSince(str(tmp_path / "none"), "mail", LONG_AGO, ("one",))) is None


def test_a_backup_that_cannot_be_unpacked_has_a_problem(tmp_path: Path) -> None:
    (today,) = asked(Dates((0,)))
    (tmp_path / f"mail-{today}.tar.gz").write_text("nothing of the kind", encoding="utf-8")
    made = asked(MadeSince(str(tmp_path), "mail", LONG_AGO, ("one",)))
    assert made.problem
    assert not made.texts


def test_a_backup_of_another_date_has_a_problem(tmp_path: Path) -> None:
    _packed(tmp_path, "mail-2020-02-02.tar.gz", "one")
    made = asked(MadeSince(str(tmp_path), "mail", LONG_AGO, ("one",)))
    assert made.name == "mail-2020-02-02.tar.gz"
    assert "it was made on" in made.problem


def test_a_backup_may_be_looked_for_without_any_text(tmp_path: Path) -> None:
    (today,) = asked(Dates((0,)))
    name = f"mail-{today}.tar.gz"
    _packed(tmp_path, name, "Subject: one")
    assert asked(MadeSince(str(tmp_path), "mail", LONG_AGO)) == Night(name)


def test_files_are_laid_down_as_old(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("something", encoding="utf-8")
    files = (("kept", "2020-02-02"), ("mail-2020-02-02.tar.gz", "2020-02-02"))
    asked(Laid(str(tmp_path), files))
    made = datetime.fromtimestamp((tmp_path / files[1][0]).stat().st_mtime).astimezone()
    assert made.strftime("%F %H:%M") == "2020-02-02 02:00"
    assert (tmp_path / "kept").read_text(encoding="utf-8") == "something"


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (FilesIn("/backup"), Reply(2, "", "ls: cannot open directory")),
        (Dates((1, 2)), Reply(0, "2026-11-25\n")),
        (MadeSince("/backup", "mail", LONG_AGO, ("one",)), Reply(1, "", "find: failed")),
        (MadeSince("/backup", "mail", LONG_AGO, ("one",)), Reply(0, "what is this\n")),
        (Readable("nobody", ("/srv",)), Reply(1, "", "id: 'nobody': no such user")),
        (Laid("/backup", (("a", "2020-02-02"),)), Reply(1, "", "cd: no such folder")),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_the_first_readable_file_is_named() -> None:
    assert not Readable("nobody", ("/srv",)).read(Reply(0, "\n"))
    assert Readable("nobody", ("/srv",)).read(Reply(0, "/srv/mail/a\n")) == "/srv/mail/a"


def _packed(folder: Path, name: str, *texts: str) -> None:
    files = [f"file-{number}" for number, _ in enumerate(texts)]
    for file, text in zip(files, texts, strict=True):
        (folder / file).write_text(f"{text}\n", encoding="utf-8")
    subprocess.run(["tar", "-czf", name, *files], cwd=folder, check=True)
