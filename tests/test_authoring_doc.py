"""docs/authoring.md, done: each command as it stands there, and what it says."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.trial import apprentice, clear, connect

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "authoring.md"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"\s+# exit code (\d)$")


@dataclass(frozen=True)
class Command:
    """A line after `$`: `says` are the lines below it, `code` what it ends with."""

    words: str
    code: int
    says: tuple[str, ...]


def commands() -> Iterator[Command]:
    for block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *says = part.splitlines()
            code = CODE.search(line)
            yield Command(CODE.sub("", line), int(code[1]) if code else 0, tuple(says))


def test_each_verb_of_an_author_stands_on_the_page() -> None:
    words = " ".join(one.words for one in commands())
    for verb in ("new", "start", "grade", "attempt", "try", "standards", "validate", "stop"):
        assert f"./lab {verb} " in words
    for option in ("--only", "--keep-evidence"):
        assert option in words


@pytest.mark.engine
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    who = apprentice("reader")
    home = tmp_path / "home"
    home.mkdir()
    env = {
        **os.environ,
        "HOME": str(home),
        "LOGNAME": who,
        "LAB_DATA": str(tmp_path / "data"),
        "LAB_STATE": str(tmp_path / "state"),
        "COLUMNS": "200",
    }
    env.pop("LAB_PATH", None)
    try:
        for one in commands():
            if one.words.startswith("export "):
                name, _, value = one.words.removeprefix("export ").partition("=")
                env[name] = value.replace("~", str(home))
                continue
            done = subprocess.run(
                ["sh", "-c", one.words],  # as its reader's shell would take it
                cwd=ROOT,
                env=env,
                capture_output=True,
                text=True,
                timeout=240,
                check=False,
            )
            told = f"$ {one.words}\n{done.stdout}{done.stderr}"
            assert done.returncode == one.code, told
            assert [line for line in one.says if line.strip() not in told] == [], told
    finally:
        there = connect()
        clear(there, who)
        there.close()
