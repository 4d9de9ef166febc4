"""Worlds that are frozen, on a real engine: what is in the file, what goes on, what is refused."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from runner import exhibit, freezing, keeping, session
from runner.cli import main
from runner.engine import Engine
from runner.errors import Exit
from runner.freezing import freeze
from runner.layers import TooLarge
from runner.practical import Practical
from runner.record import open_record
from tests.trial import HOUSES, inside, silent, world

pytestmark = pytest.mark.engine

Said = pytest.CaptureFixture[str]

WORK = r"""
echo work > /root/work; ln /etc/passwd /root/linked; rm /etc/issue; mkdir -p /opt/a/b
touch "$(printf '/opt/a/b/\377\376')" "/opt/a/$(printf 'x%.0s' $(seq 200))"; mkfifo /opt/fifo
echo '192.0.2.7 ours' >> /etc/hosts; echo gone > /run/gone; echo gone > /dev/shm/gone
"""


@pytest.fixture(scope="module")
def joe(there: Engine) -> Iterator[Practical]:
    """A world in which something was done."""
    with world(there, "9a", "frost") as work:
        inside(there, work, "web", WORK)
        yield work


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_DATA", str(tmp_path))
    monkeypatch.setenv("LAB_PATH", str(HOUSES["9a"]))
    monkeypatch.delenv("LAB_DATABASE_URL", raising=False)


def states(there: Engine, work: Practical) -> dict[str, str]:
    """Each host's state."""
    tag = work.session.tag
    return {one.host: one.state for one in session.find(there, tag.apprentice, "9a").containers}


def layer(path: Path, host: str) -> tarfile.TarFile:
    """What was changed in a host."""
    with tarfile.open(path) as outer:
        inner = outer.extractfile(f"{host}.tar")
        assert inner is not None
        return tarfile.open(fileobj=io.BytesIO(inner.read()))


def content(tar: tarfile.TarFile, name: str) -> bytes:
    """What is in a file."""
    found = tar.extractfile(name)
    assert found is not None
    return found.read()


def test_the_work_is_in_it_and_the_world_goes_on(
    there: Engine, joe: Practical, tmp_path: Path
) -> None:
    done = freeze(there, joe.session, say=silent, keep=timedelta(days=7))
    assert done.path.parent == tmp_path / "worlds"
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    assert set(states(there, joe).values()) == {"running"}
    with done.path.open("rb") as file:
        assert exhibit.verify(file) == done.manifest
    tag = joe.session.tag
    assert (done.manifest.session, done.manifest.seed) == (tag.session, "5")
    assert done.manifest.expires_at - done.manifest.frozen_at == timedelta(days=7)
    assert done.bytes < 16 << 20  # no image is in it

    with layer(done.path, "web") as web:
        names = web.getnames()
        assert content(web, "root/work") == b"work\n"
        assert content(web, "etc/hosts").endswith(b"192.0.2.7 ours\n")
        assert web.getmember("root/linked").linkname == "etc/passwd"
        assert "etc/.wh.issue" in names
        assert any(name.startswith("opt/a/xxx") for name in names)
        assert sum(name.startswith("opt/a/b/") for name in names) == 1
        assert not any("gone" in name for name in names)
        assert "usr/bin/env" not in names
    hosts = {one.host: one for one in done.manifest.hosts}
    assert hosts["web"].removed == 1
    assert "/run" in hosts["web"].left_out
    assert hosts["web"].image_id.startswith("sha256:")


def test_what_stands_still_or_is_off_stays_so(there: Engine, joe: Practical) -> None:
    web = joe.session.container("web").id
    session.pause(there, joe.session)
    there.api.unpause(web)
    there.api.stop(web, timeout=5)
    before = states(there, joe)
    assert before["web"] == "exited"
    assert set(before.values()) == {"exited", "paused"}
    done = freeze(there, joe.session, say=silent)
    assert states(there, joe) == before
    with layer(done.path, "web") as found:
        assert content(found, "root/work") == b"work\n"
    session.revive(there, session.find(there, joe.session.tag.apprentice, "9a"))


def test_over_the_limit_there_is_nothing(there: Engine, joe: Practical, tmp_path: Path) -> None:
    inside(there, joe, "web", "truncate -s 9M /root/large")
    with pytest.raises(TooLarge, match=r"More than 5\.0 MiB .* of 9a: web \d+\.\d MiB, client"):
        freeze(there, joe.session, tmp_path, limit=5 << 20, say=silent)
    inside(there, joe, "web", "rm /root/large; for n in $(seq 3000); do : > /opt/a/$n; done")
    # Some 2 MiB are there from the boot; empty files weigh nothing for the engine, but each has a
    # header.
    with pytest.raises(TooLarge, match=r"More than 3\.0 MiB .* of 9a: web 3\.0 MiB"):
        freeze(there, joe.session, tmp_path, limit=3 << 20, say=silent)
    inside(there, joe, "web", "rm -r /opt/a")
    assert not list(tmp_path.rglob("*.tar"))
    assert not list(tmp_path.rglob("*.new"))
    assert set(states(there, joe).values()) == {"running"}


def test_a_dispute_freezes_first(
    there: Engine, joe: Practical, tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    who = joe.session.tag.apprentice
    graded, _ = keeping.graded(there, joe, "t", lambda _: None, lambda _: None)
    check = graded.grade.verdicts[0].check
    words = ["dispute", "9a", check, "--as", who, "--reason", "it holds"]
    assert main(words) == 0
    assert "The world is frozen in " in capsys.readouterr().out
    (file,) = (tmp_path / "worlds").iterdir()
    with open_record() as record:
        entry = record.about(who, "9a")[-1]
    assert entry.body["world"]["file"] == file.name
    assert entry.body["world"]["bytes"] == file.stat().st_size
    with file.open("rb") as opened:
        found = exhibit.manifest(opened)
    assert found.entry is not None
    assert found.entry["sequence"] == graded.entry

    # Too large: it is disputed all the same.
    monkeypatch.setattr(freezing.freeze, "__kwdefaults__", {"limit": 1024, "keep": timedelta(1)})
    assert main(words) == 0
    assert "the world of now is not: More than 0.0 MiB was changed" in capsys.readouterr().err
    with open_record() as record:
        entry = record.about(who, "9a")[-1]
    assert entry.body["world"]["unseen"].startswith("More than 0.0 MiB")
    assert entry.body["world"]["file"] == file.name  # what was frozen before is better than nothing
    file.unlink()
    assert main(words) == 0
    with open_record() as record:
        entry = record.about(who, "9a")[-1]
    assert list(entry.body["world"]) == ["unseen"]

    assert main(["export-world", "9a", "--as", who, "--to", str(tmp_path / "w.tar")]) == 0
    assert main(["export-world", "--inspect", str(tmp_path / "w.tar")]) == 0
    said = capsys.readouterr().out
    assert f"9a of {who} (practice, seed 5, session {joe.session.tag.session})" in said
    assert main(["verify", "--ledger"]) == 0
    assert json.loads(json.dumps(found.entry)) == found.entry


def test_an_assessment_is_frozen_when_it_is_handed_in(there: Engine, capsys: Said) -> None:
    with world(there, "9a", "sits") as work:
        who = work.session.tag.apprentice
        session.remove(there, work.session)
        assert main(["start", "9a", "--assess", "--as", who]) == 0
        assert main(["export-world", "9a", "--as", who]) == Exit.WRONG_USE
        assert "its world is not exported before it is handed in" in capsys.readouterr().err
        assert main(["submit", "9a", "--as", who]) == Exit.NOT_YET
        assert "The world is frozen in " in capsys.readouterr().err
        (file,) = exhibit.folder().iterdir()
        # The world is gone, the file is there: a dispute names it.
        words = ["dispute", "9a", "page_served", "--as", who, "--reason", "it is"]
        assert main(words) == 0
        with open_record() as record:
            entry = record.about(who, "9a")[-1]
        assert entry.body["world"]["file"] == file.name
        file.write_bytes(file.read_bytes()[:-1])
        assert main(words) == 0
        assert "is not: the world that was graded is gone" in capsys.readouterr().err
