"""From a first attempt that fell short to a file that a sponsor can trust, on a real engine."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from runner.cli import main
from runner.errors import Exit
from runner.record import open_record
from tests.sitting import HOUSE, WHO, Said, apart, call, kinds, shell, the_world

__all__ = ["apart"]  # used by every test, unasked

pytestmark = pytest.mark.engine

TUTOR = ("--as", WHO, "--by", "M. Ito")
FLIPS = 25
COLUMNS = ("kind", "apprentice", "code", "body", "previous", "digest", "signature")


def attempt(name: str) -> str:
    """What an attempt types on the web server."""
    folder = HOUSE / "labs" / "jf9_trial" / "a_small" / "attempts" / name
    return (folder / "10-serve.web.sh").read_text(encoding="utf-8")


def tried(capsys: Said, *words: str) -> tuple[int, str]:
    """What came of a command, and all that it said."""
    code = main(list(words))
    return code, "".join(capsys.readouterr())


def test_a_record_that_a_sponsor_can_trust(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    (tmp_path / "roster.yaml").write_text("practice_counts: false\n", encoding="utf-8")
    call(capsys, "start", "9a", "--assess")
    first = the_world().tag.seed
    assert shell("web", attempt("memory")).returncode == 0  # half done: gone after a restart
    out, _ = call(capsys, "submit", "--yes", code=Exit.NOT_YET)
    assert "FAILED" in out

    reason = "it was there before the restart"
    call(capsys, "dispute", "9a", "page_served", "--reason", reason)
    with open_record() as record:
        world = record.about(WHO)[-1].body["world"]  # frozen when it was handed in
    frozen = str(tmp_path / "worlds" / world["file"])
    code, said = tried(capsys, "export-world", "--inspect", frozen)
    assert code == 0, said
    assert world["sha256"] in said
    code, said = tried(
        capsys, "override", "9a", *TUTOR, "--not-demonstrated", "--reason", "a restart is asked for"
    )
    assert code == 0, said
    assert "not yet, disputed, overridden: not yet" in call(capsys, "record")[0]
    later = json.loads(call(capsys, "record", "--json")[0])["attempts"][0]["later"]
    assert [one["reason"] for one in later] == [reason, "a restart is asked for"]

    call(capsys, "start", "9a", "--assess")
    assert the_world().tag.seed != first
    assert shell("web", attempt("service")).returncode == 0
    call(capsys, "submit", "--yes")
    code, said = tried(capsys, "cosign", "9a", "--as", WHO, "--by", "Grace H.")
    assert code == 0, said
    assert kinds() == [
        "begun", "submitted", "disputed", "overridden", "begun", "submitted", "cosigned",
    ]  # fmt: skip

    taken = everything(tmp_path / "taken", capsys)
    bundle, badge = taken["bundle.json"], taken["badge-9a.json"]
    assert tried(capsys, "verify", "--ledger")[0] == 0
    assert tried(capsys, "verify", str(bundle), "--ledger")[0] == 0
    assert tried(capsys, "verify", str(badge))[0] == 0
    assert tried(capsys, "replay", str(bundle))[0] == 0
    page = taken["record.html"].read_text(encoding="utf-8")
    assert "Grace H." in page
    assert "assessment" in page
    assert b"Grace H." in taken["record.csv"].read_bytes()
    told = json.loads(taken["xapi.json"].read_bytes())
    assert [one["verb"]["display"]["en"] for one in told] == ["failed", "failed", "passed"]

    chance = random.Random(first)  # noqa: S311 - which bytes is no secret
    any_byte_is_missed((bundle, badge), chance, capsys)
    file = tmp_path / "records.sqlite"
    for number in range(1, 9):
        copy, column = altered(file, number, chance)
        monkeypatch.setenv("LAB_DATABASE_URL", f"sqlite:///{copy}")
        code, said = tried(capsys, "verify", "--ledger")
        assert code == 1, (number, column, said)
        assert f"entry {number}" in said.lower()


def any_byte_is_missed(files: Iterable[Path], chance: random.Random, capsys: Said) -> None:
    """Files of which a bit was flipped do not verify; as they were, they do."""
    for file in files:
        whole = file.read_bytes()
        for place in chance.sample(range(len(whole)), FLIPS):
            changed = bytearray(whole)
            changed[place] ^= 1 << chance.randrange(8)
            file.write_bytes(changed)
            code, said = tried(capsys, "verify", str(file))
            assert code == 1, (file.name, place, whole[place], changed[place], said)
            assert said.strip()
        file.write_bytes(whole)
        assert tried(capsys, "verify", str(file))[0] == 0


def altered(file: Path, number: int, chance: random.Random) -> tuple[Path, str]:
    """A copy of the record in which one byte of an entry is another, and of which column.

    Done by somebody who may do everything with the file.
    """
    copy = file.with_name(f"altered-{number}.sqlite")
    with closing(sqlite3.connect(file)) as whole, closing(sqlite3.connect(copy)) as other:
        whole.backup(other)
        for (name,) in other.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'entry'"
        ).fetchall():
            other.execute(f"DROP TRIGGER {name}")
        columns = ", ".join(COLUMNS)
        row = other.execute(f"SELECT {columns} FROM entry WHERE sequence = {number}").fetchone()  # noqa: S608
        column, value = chance.choice(
            [(name, one) for name, one in zip(COLUMNS, row, strict=True) if one]
        )
        text = bytearray(value.encode())
        place = chance.randrange(len(text))
        text[place] = ord("x") if text[place] != ord("x") else ord("y")
        said = (text.decode("utf-8", "replace"), number)
        other.execute(f"UPDATE entry SET {column} = ? WHERE sequence = ?", said)  # noqa: S608
        other.commit()
    return copy, column


def everything(folder: Path, capsys: Said) -> dict[str, Path]:
    """Every form in which the record leaves the house, by its name."""
    folder.mkdir()
    for verb, *words in (
        ("record", "--html", "record.html"),
        ("record", "--csv", "record.csv"),
        ("record", "--xapi", "xapi.json", "--home-page", "https://lab.example/"),
        ("schedule", "--html", "schedule.html"),
        ("schedule", "--pdf", "schedule.pdf"),
        ("evidence", "9a", "--output", "bundle.json"),
        ("badges", "--output", "."),
    ):
        placed = [str(folder / word) if "." in word and ":" not in word else word for word in words]
        call(capsys, verb, *placed)
    for option, name in (("--html", "standards.html"), ("--case", "framework.json")):
        code, said = tried(capsys, "standards", option, str(folder / name))
        assert code == 0, said
    (folder / "record.json").write_text(call(capsys, "record", "--json")[0], encoding="utf-8")
    found = {path.name: path for path in folder.iterdir()}
    assert len(found) == 10, sorted(found)
    assert all(path.stat().st_size for path in found.values())
    return found
