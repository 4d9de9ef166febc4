"""The verb that freezes a world, and looks at one that was frozen: export-world."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from runner.errors import Exit, UsageError
from runner.printable import one_line
from runner.voice import Style, Voice
from runner.words import as_option, code_argument, connected, plain_option, verb, world_of

if TYPE_CHECKING:
    from runner.frozen import Manifest

T = TypeVar("T")
_UNITS = {"KiB": 10, "MiB": 20, "GiB": 30}
_FILE = click.Path(path_type=Path)
_STRAY = re.compile(r"\.[0-9a-f]{32}\.new")
_STALE = timedelta(days=1)


class Quantity(click.ParamType[T]):
    """A number with its unit, such as 512MiB or 90d."""

    def __init__(
        self, name: str, form: str, wanted: str, read: Callable[[re.Match[str]], T]
    ) -> None:
        self.name = name
        self._form = form
        self._wanted = wanted
        self._read = read

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> T:
        """What was written, in the program's own unit."""
        found = re.fullmatch(self._form, str(value).strip(), re.ASCII)
        if not found:
            self.fail(f"{self._wanted}.", param, ctx)
        return self._read(found)


SIZE = Quantity(
    "size",
    r"([1-9][0-9]{0,3})(KiB|MiB|GiB)",
    "a size was expected, such as 512MiB or 2GiB",
    lambda found: int(found[1]) << _UNITS[found[2]],
)
DAYS = Quantity(
    "days",
    r"([1-9][0-9]{0,3})d",
    "days were expected, such as 90d",
    lambda found: timedelta(days=int(found[1])),
)


@verb(
    "export-world",
    "./lab export-world 4c --as ada --to /srv/disputes\n"
    "./lab export-world --inspect world-4c-ada.tar\n./lab export-world --prune",
)
@code_argument
@as_option
@click.option("--to", metavar="FOLDER|FILE", type=_FILE, help="Where; `worlds` in the data folder.")
@click.option("--limit", type=SIZE, help="What it may have at most; 512MiB unless said.")
@click.option("--keep", type=DAYS, help="How long it is to be kept; 90d unless said.")
@click.option("--inspect", metavar="FILE", type=_FILE, help="Look at one that was frozen.")
@click.option("--prune", is_flag=True, help="Remove those that were to be kept until now.")
@plain_option
def export_world(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    name: str | None,
    *,
    to: Path | None,
    limit: int | None,
    keep: timedelta | None,
    inspect: Path | None,
    prune: bool,
    plain: bool,
) -> int:
    """Freeze a world for a dispute: what was changed in its hosts, in one file.

    The hosts stand still meanwhile, a second or two for each. Their images are named in the file,
    not contained; what is in memory only (/run, /tmp) is not in it.

    Exit code 1: what was to be inspected does not hold; the first thing that is wrong is said.
    """
    voice = voice.plainly(plain)
    freezes = any(one is not None for one in (code, name, to, limit, keep))
    if (inspect is not None) + prune + freezes > 1:
        raise click.UsageError("--inspect FILE and --prune stand alone.")
    if prune:
        return _prune(voice)
    if inspect is not None:
        return _inspect(voice, inspect)
    return _freeze(voice, code, name, to, limit, keep)


def _freeze(
    voice: Voice,
    code: str | None,
    name: str | None,
    to: Path | None,
    limit: int | None,
    keep: timedelta | None,
) -> int:
    from runner import freezing
    from runner.progress import progress
    from runner.verbs_assess import refuse_in_assessment

    engine = connected()
    found = world_of(engine, name, code)
    # What lies over the images tells apart what was planted there from what was always there, and
    # the world would stand while the clock runs.
    refuse_in_assessment(found, "its world is not exported before it is handed in")
    with progress(voice) as telling:
        done = freezing.freeze(
            engine,
            found,
            to,
            limit=freezing.LIMIT if limit is None else limit,
            keep=freezing.KEEP if keep is None else keep,
            say=telling.say,
        )
    voice.answer(freezing.told(done))
    return Exit.DEMONSTRATED


def _inspect(voice: Voice, file: Path) -> int:
    from runner import exhibit
    from runner.chain import Refused
    from runner.frozen import digest

    shown = one_line(str(file), 1000)
    try:
        if not file.is_file():
            raise UsageError(
                f"There is no file {shown}.", remedy="Name what ./lab export-world wrote."
            )
        with file.open("rb") as opened:
            found = exhibit.verify(opened)
            sha256 = digest(opened)
    except OSError as error:
        raise UsageError(
            f"{shown} cannot be read: {error.strerror}.",
            remedy="Name what ./lab export-world wrote.",
        ) from error
    except exhibit.NoArchive as error:
        raise Refused(
            f"{shown} is no frozen world, or was changed: {error}.",
            remedy="The entry of the dispute has the SHA-256 of the file that was meant.",
        ) from error
    voice.answer(_shown(found, sha256, voice.style))
    return Exit.DEMONSTRATED


def _shown(found: Manifest, sha256: str, style: Style) -> str:
    from runner.layers import mebibytes
    from runner.report import moment
    from runner.tables import drawn, table, wrapped

    now = datetime.now(UTC)
    over = ", which is over" if found.expired(now) else ""
    what = (
        f"It holds: {found.code} of {found.apprentice} ({found.mode}, seed {found.seed}, session"
        f" {found.session}), frozen {moment(found.frozen_at)}, to be kept until"
        f" {moment(found.expires_at)}{over}."
    )
    which = f"SHA-256 {sha256}: so the entry of a dispute has it, if it means this file."
    rows = [
        (
            one.host,
            mebibytes(one.bytes),
            str(one.changed),
            str(one.removed),
            one_line(one.image, 60),
            one_line(", ".join(one.left_out), 60),
        )
        for one in found.hosts
    ]
    titles = ("Host", ">Layer", ">Changed", ">Removed", "Over the image", "Not in it")
    told = "\n".join(wrapped(one_line(line, 1000), style) for line in (what, which))
    return f"{told}\n{drawn(table(titles, rows), style)}".rstrip()


def _prune(voice: Voice) -> int:
    from runner import exhibit

    now = datetime.now(UTC)
    gone = [*exhibit.expired(now), *_strays(exhibit.folder(), now)]
    for path in gone:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                f"{one_line(str(path))} cannot be removed: {error.strerror}.",
                remedy="Remove it as whoever owns it.",
            ) from error
        voice.answer(f"Removed {one_line(str(path), 1000)}.")
    if not gone:
        voice.answer("There is nothing to remove.")
    return Exit.DEMONSTRATED


def _strays(folder: Path, now: datetime) -> list[Path]:
    """What was left by a program that was killed while it wrote."""
    old = (now - _STALE).timestamp()
    try:
        there = sorted(folder.glob(".*.new"))
        return [one for one in there if _STRAY.fullmatch(one.name) and one.stat().st_mtime < old]
    except OSError:
        return []
