"""Where things are: the house with its labs, what the runner remembers, what was demonstrated."""

from __future__ import annotations

import os
import tomllib
from importlib import metadata
from pathlib import Path

from runner.errors import StageError

NAME = "itg-labs"


def house() -> Path:
    """The folder that holds `labs/`, `scenarios/` and `infra/`.

    In a checkout that is its root; in an installed wheel the same folders lie inside `runner`.
    """
    runner = Path(__file__).resolve().parent
    checkout = runner.parent
    return checkout if (checkout / "pyproject.toml").is_file() else runner / "house"


def roots() -> tuple[Path, ...]:
    """Every folder with labs: the house first, then those of the employer that LAB_PATH names.

    Each has the shape of the house (`labs/`, `scenarios/`, `graders/`); `:` stands between them.
    """
    named = os.environ.get("LAB_PATH", "").split(os.pathsep)
    return (house(), *(Path(one).expanduser().absolute() for one in named if one))


def state() -> Path:
    """The folder for logs, locks and caches: losing it costs time, never work."""
    return _made("LAB_STATE") or _platform("state")


def data() -> Path:
    """The folder for the database of records: what is in it should be backed up."""
    return _made("LAB_DATA") or _platform("data")


def version() -> str:
    """The program's version, as its `pyproject.toml` states it."""
    stated = house() / "pyproject.toml"
    if stated.is_file():
        return str(tomllib.loads(stated.read_text(encoding="utf-8"))["project"]["version"])
    return metadata.version(NAME)


def _made(variable: str) -> Path | None:
    """The folder that an environment variable names, made if need be; None if it is not set."""
    named = os.environ.get(variable)
    if not named:
        return None
    folder = Path(named).expanduser().absolute()
    return _make(folder, remedy=f"Set {variable} to a folder that you may write to.")


def _platform(kind: str) -> Path:
    """The folder that this system keeps for a program's state or data, made if need be."""
    # Imported here because most calls of a test or a classroom name the folder themselves.
    from platformdirs import PlatformDirs

    folders = PlatformDirs(NAME, appauthor=False)
    folder = folders.user_state_path if kind == "state" else folders.user_data_path
    return _make(folder, remedy=f"Set LAB_{kind.upper()} to a folder that you may write to.")


def _make(folder: Path, *, remedy: str) -> Path:
    try:
        # Evidence and generated keys may lie below: nobody else on the machine reads them.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        message = f"The folder {folder} cannot be made: {error.strerror}."
        raise StageError(message, remedy=remedy) from error
    return folder
