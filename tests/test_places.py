"""Where things are, and what is said when they cannot be there."""

from __future__ import annotations

from pathlib import Path

import pytest

from runner import places
from runner.errors import StageError


def test_in_a_checkout_the_house_is_its_root() -> None:
    assert places.house() == Path(__file__).resolve().parent.parent
    assert (places.house() / "lab").is_file()


def test_the_version_is_stated_once() -> None:
    assert f'version = "{places.version()}"' in (places.house() / "pyproject.toml").read_text()


@pytest.mark.parametrize(("variable", "room"), [("LAB_STATE", "state"), ("LAB_DATA", "data")])
def test_a_folder_that_is_named_is_made_for_us_alone(
    variable: str, room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "deep" / "er"))
    folder = {"state": places.state, "data": places.data}[room]()
    assert folder == tmp_path / "deep" / "er"
    assert folder.stat().st_mode & 0o777 == 0o700


def test_without_a_name_it_is_where_the_system_keeps_such_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STATE", "")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert places.state() == tmp_path / "itg-labs"


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("LAB_DATA", str(tmp_path / "file" / "data"))
    with pytest.raises(StageError) as raised:
        places.data()
    assert str(raised.value) == f"The folder {tmp_path}/file/data cannot be made: Not a directory."
    assert raised.value.remedy == "Set LAB_DATA to a folder that you may write to."
