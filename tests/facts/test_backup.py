"""Recorded answers about backups in Borg repositories, read."""

from __future__ import annotations

from typing import Any

import pytest

from graders.facts.backup import (
    Archives,
    ArchivesOf,
    FilesBelow,
    NewestRestored,
    Noted,
    NotedFiles,
    Restored,
)
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

LIST = ArchivesOf(("/srv/vault/accounts", "/srv/vault/legal"), "not said")
RESTORE = NewestRestored("/srv/vault/personnel", "/srv/departments/personnel", "not said")
ROSTERS = "da4f85da76639f731b9ff9adb75b04def50477e3184e12f8e4fe58ee2a5221df"
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
INCORRECT = (
    "passphrase supplied in BORG_PASSPHRASE, by BORG_PASSCOMMAND or via BORG_PASSPHRASE_FD is "
    "incorrect."
)
ROTTEN = "Data integrity error: Segment entry checksum mismatch [segment 2, offset 52939]"


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            LIST,
            Reply(
                0,
                "repository /srv/vault/accounts\narchive accounts-2026-10-31T02:00:00\n"
                "archive accounts-2026-11-01T02:00:00\nrepository /srv/vault/legal\n"
                f"problem {INCORRECT}\n",
            ),
            {
                "/srv/vault/accounts": Archives(
                    ("accounts-2026-10-31T02:00:00", "accounts-2026-11-01T02:00:00")
                ),
                "/srv/vault/legal": Archives(problem=INCORRECT),
            },
        ),
        (
            RESTORE,
            Reply(
                0,
                "repository /srv/vault/personnel\narchive personnel-2026-11-22T02:00:00\n"
                f"archive personnel-2026-11-23T02:00:00\n{ROSTERS}  2023/rosters.csv\n",
            ),
            Restored("personnel-2026-11-23T02:00:00", {"2023/rosters.csv": ROSTERS}),
        ),
        (
            RESTORE,
            Reply(
                0,
                "repository /srv/vault/personnel\narchive personnel-2026-11-23T02:00:00\n"
                f"{ROSTERS}  2023/rosters.csv\n{EMPTY}  2022/budget.csv\nproblem {ROTTEN}\n",
            ),
            Restored(
                "personnel-2026-11-23T02:00:00",
                {"2023/rosters.csv": ROSTERS, "2022/budget.csv": EMPTY},
                ROTTEN,
            ),
        ),
        (RESTORE, Reply(0, "repository /srv/vault/personnel\n"), Restored()),
        (
            RESTORE,
            Reply(0, f"repository /srv/vault/personnel\nproblem {INCORRECT}\n"),
            Restored(problem=INCORRECT),
        ),
        (FilesBelow("/srv/departments/it"), Reply(0, ""), {}),
        (
            FilesBelow("/srv/departments/personnel"),
            Reply(0, f"{ROSTERS}  ./2023/name with spaces.csv\n"),
            {"2023/name with spaces.csv": ROSTERS},
        ),
        (NotedFiles("/root/ledger/x"), Reply(0, f"{ROSTERS}  ./a.csv\n"), {"a.csv": ROSTERS}),
        (Noted("/root/ledger/last-good-backup"), Reply(0, "2026-11-04\n"), ("2026-11-04",)),
    ],
)
def test_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (LIST, Reply(0, "")),
        (LIST, Reply(0, "repository /srv/vault/accounts\n")),
        (RESTORE, Reply(1, "", "ModuleNotFoundError: No module named 'borg'")),
        (RESTORE, Reply(0, "repository /srv/vault/personnel\nno hash at all\n")),
        (FilesBelow("/srv"), Reply(1, "", "sha256sum: ./a: Permission denied")),
        (NotedFiles("/root/ledger/x"), Reply(1, "", "cat: /root/ledger/x: No such file")),
        (Noted("/root/ledger/x"), Reply(1, "", "cat: /root/ledger/x: No such file")),
    ],
)
def test_other_answer_is_nobodys_fault(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


@pytest.mark.parametrize("fact", [LIST, RESTORE])
def test_passphrase_stands_in_no_command(fact: Fact[Any]) -> None:
    assert "not said" not in fact.command()
    assert fact.stdin() == b"not said\n"
