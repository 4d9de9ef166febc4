"""Recorded answers of a machine at which people work, read; some asked of a real shell."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from graders.facts.workplace import (
    Begun,
    Door,
    FolderOf,
    HomeCleared,
    Identity,
    Outlived,
    Rights,
    RightsBySudo,
    SwitchedTo,
    Whoami,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.real_shell import ran

MARK = "000123456789"


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            Whoami(),
            Reply(0, "adahl\n20020\n/home/adahl\n/home/adahl\n20020 700\nstaff sal\n"),
            Identity("adahl", 20020, ("staff", "sal"), "/home/adahl", "/home/adahl", 20020, 0o700),
        ),
        (FolderOf("/home/adahl"), Reply(0, "open\n"), Door.OPEN),
        (FolderOf("/home/adahl"), Reply(0, "nowhere\n"), Door.NOWHERE),
        (RightsBySudo("p"), Reply(0, "root 0\nanything 0\n", ""), Rights(root=True, anything=True)),
        (
            RightsBySudo("p"),
            Reply(0, "root\nanything 1\n", "adahl is not in the sudoers file.\nSorry, may not.\n"),
            Rights(root=False, anything=False, said="Sorry, may not."),
        ),
        (RightsBySudo("p"), Reply(0, "root\nanything 0\n", ""), Rights(root=False, anything=True)),
        (SwitchedTo("bench", "p"), Reply(0, "became bench\n"), True),
        (SwitchedTo("bench", "p"), Reply(0, "became\n"), False),
        (SwitchedTo("bench", "p"), Reply(0, "hello\nbecame adahl\n"), False),
        (Begun(MARK), Reply(0, "begun\n", "Staff only.\n"), None),
        (Outlived(MARK), Reply(0, "0\n"), False),
        (Outlived(MARK), Reply(0, "1\n"), True),
        (HomeCleared("grading-1"), Reply(0, ""), None),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (Whoami(), Reply(0, "adahl\n20020\n")),
        (Whoami(), Reply(0, "adahl\nnobody\n/home\n/home\n0 700\nstaff\n")),
        (FolderOf("/home/adahl"), Reply(0, "")),
        (RightsBySudo("p"), Reply(0, "root 0\n")),
        (RightsBySudo("p"), Reply(1, "", "Segmentation fault\n")),
        (SwitchedTo("bench", "p"), Reply(1, "")),
        (Begun(MARK), Reply(126, "", "nohup: Permission denied\n")),
        (Outlived(MARK), Reply(2, "", "pgrep: cannot open /proc\n")),
        (HomeCleared("grading-1"), Reply(1, "", "rm: cannot remove '/home/grading-1'\n")),
    ],
)
def test_what_cannot_be_read_is_no_answer(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_the_shell_says_who_asks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", "/somewhere/else")
    who = Whoami().read(ran(Whoami()))
    assert (who.number, who.owner) == (os.getuid(), os.getuid())
    assert (who.home, who.folder) == ("/somewhere/else", str(tmp_path))


def test_folders_are_tried(tmp_path: Path) -> None:
    (tmp_path / "my own").mkdir()
    assert FolderOf(f"{tmp_path}/my own").read(ran(FolderOf(f"{tmp_path}/my own"))) is Door.OPEN
    assert FolderOf(f"{tmp_path}/no").read(ran(FolderOf(f"{tmp_path}/no"))) is Door.NOWHERE


def test_what_was_begun_outlives_its_shell_until_it_is_ended() -> None:
    Begun(MARK).read(ran(Begun(MARK)))
    assert Outlived(MARK, wait=0).read(ran(Outlived(MARK, wait=0)))
    assert not Outlived(MARK).read(ran(Outlived(MARK)))


@pytest.mark.parametrize("fact", [RightsBySudo("Secret-1"), SwitchedTo("bench", "Secret-1")])
def test_passwords_are_only_on_stdin(fact: Fact[Any]) -> None:
    assert "Secret-1" not in fact.command()
    assert "Secret-1" not in repr(fact)
    assert fact.stdin() == b"Secret-1\n"


def test_names_are_quoted() -> None:
    assert "su 'a b' -c" in SwitchedTo("a b", "p").command()
    assert "'/home/a b'" in HomeCleared("a b").command()
