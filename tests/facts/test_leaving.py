"""Recorded answers about somebody who has left, read; some asked of a real shell."""

from __future__ import annotations

import hashlib
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from graders.facts.leaving import (
    Authenticates,
    Kept,
    KeptIn,
    NumberOf,
    OwnersBelow,
    RunningAs,
    WaitingFor,
)
from graders.facts.ssh import Login
from runner.errors import UnreadableOutput
from runner.host import Fact, Reply
from tests.real_shell import ran

DOOR = Authenticates("10.96.32.60", "adahl", key="/root/leaver/id_ed25519")
SPOKE = "Warning: Permanently added '10.96.32.60' (ED25519) to the list of known hosts.\n"
HASH = hashlib.sha256(b"contacts\n").hexdigest()


@pytest.mark.parametrize(
    ("fact", "reply", "found"),
    [
        (
            DOOR,
            Reply(
                1,
                "This account is currently not available.\n",
                SPOKE + 'Authenticated to 10.96.32.60 ([10.96.32.60]:22) using "publickey".\n',
            ),
            Login.ADMITTED,
        ),
        (
            DOOR,
            Reply(255, "", SPOKE + "adahl@10.96.32.60: Permission denied (publickey,password).\n"),
            Login.REFUSED,
        ),
        (
            DOOR,
            Reply(255, "", SPOKE + "Connection closed by 10.96.32.60 port 22\n"),
            Login.REFUSED,
        ),
        (DOOR, Reply(255, "", "ssh: connect to host: Connection refused\n"), Login.UNREACHABLE),
        (DOOR, Reply(124, "", SPOKE), Login.UNREACHABLE),
        (NumberOf("adahl"), Reply(0, "adahl:x:1003:1007:A Dahl:/home/adahl:/bin/bash\n"), 1003),
        (NumberOf("adahl"), Reply(2, ""), None),
        (
            RunningAs(1003),
            Reply(
                0,
                "    0     0 ps -eo\n 1003  1003 sh -c sleep 5\n 1003     0 sudo -s\n"
                " 1003  1003 /usr/lib/systemd/systemd --user\n 1003  1003 (sd-pam)\n",
            ),
            ("sh -c sleep 5", "sudo -s"),
        ),
        (WaitingFor("adahl"), Reply(0, "/etc/cron.d/stamp\nend\n"), ("/etc/cron.d/stamp",)),
        (WaitingFor("adahl"), Reply(0, "end\n"), ()),
        (KeptIn("/srv/archive/adahl"), Reply(0, "not there\n"), Kept(there=False)),
        (
            KeptIn("/a"),
            Reply(0, f"file {HASH} /a/home.tar.gz!home/adahl/to be filed/x.csv\nthere\n"),
            Kept(there=True, files={"/a/home.tar.gz!home/adahl/to be filed/x.csv": HASH}),
        ),
        (
            KeptIn("/a"),
            Reply(0, "find: '/a': Permission denied\nthere\n"),
            Kept(there=True, problem="find: '/a': Permission denied"),
        ),
        (OwnersBelow("/a"), Reply(0, "adahl\nbwolf\n"), frozenset({"adahl", "bwolf"})),
    ],
)
def test_the_answer_is_read(fact: Fact[Any], reply: Reply, found: object) -> None:
    assert fact.read(reply) == found


@pytest.mark.parametrize(
    ("fact", "reply"),
    [
        (DOOR, Reply(127, "", "sh: ssh: not found")),
        (DOOR, Reply(255, "", "Load key: invalid format")),
        (NumberOf("adahl"), Reply(1, "", "getent: broken")),
        (RunningAs(1003), Reply(0, "")),
        (RunningAs(1003), Reply(0, "1003 x\n")),
        (WaitingFor("adahl"), Reply(0, "")),
        (KeptIn("/a"), Reply(1, "", "bash: broken")),
        (OwnersBelow("/a"), Reply(0, "", "find: no such file")),
    ],
)
def test_what_is_no_answer_is_said_to_be_none(fact: Fact[Any], reply: Reply) -> None:
    with pytest.raises(UnreadableOutput):
        fact.read(reply)


def test_a_password_is_in_no_command() -> None:
    door = Authenticates("10.96.32.60", "adahl", password="Secret-1")
    assert "Secret-1" not in door.command()
    assert "Secret-1" not in repr(door)
    assert door.stdin() == b"Secret-1\n"
    assert DOOR.stdin() == b""


def test_files_and_what_is_packed_are_read(tmp_path: Path) -> None:
    home, kept = tmp_path / "home of", tmp_path / "kept"
    (home / ".local").mkdir(parents=True)
    kept.mkdir()
    (home / ".local/contacts in a file").write_text("contacts\n", encoding="utf-8")
    with tarfile.open(kept / "12:30 home.tar.gz", "w:gz") as packed:
        packed.add(home, "home")
    (kept / "plain").write_text("contacts\n", encoding="utf-8")
    (kept / "empty").touch()
    (kept / "link").symlink_to(kept / "plain")
    found = KeptIn(str(kept)).read(ran(KeptIn(str(kept))))
    inside = f"{kept}/12:30 home.tar.gz!home/.local/contacts in a file"
    assert found.there
    assert not found.problem
    assert {path for path, one in found.files.items() if one == HASH} == {
        f"{kept}/plain",
        inside,
    }
    assert len(found.files) == 4, "these two, the archive itself, the empty file"
    nothing = KeptIn(str(tmp_path / "nothing"))
    assert nothing.read(ran(nothing)) == Kept(there=False)


def test_own_processes_and_owners_are_found(tmp_path: Path) -> None:
    own = RunningAs(os.getuid())
    assert any("ps -eo" in line for line in own.read(ran(own)))
    owners = OwnersBelow(str(tmp_path))
    assert len(owners.read(ran(owners))) == 1
