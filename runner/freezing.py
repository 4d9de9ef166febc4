"""Freezing a world: what was changed in its hosts, into one file, for whoever has to look later."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from runner import exhibit, layers, life, outfile, places
from runner.engine import Engine, connect
from runner.entry import Entry, written
from runner.errors import LabError, UsageError
from runner.frozen import Archive, Manifest, digest
from runner.practical import Say
from runner.printable import one_line
from runner.session import Session, Tag, find_all

KEEP = timedelta(days=90)
"""How long a frozen world is to be kept unless somebody says otherwise."""
LIMIT = 512 << 20
"""How many bytes it may have, likewise."""

_WHY = 300


@dataclass(frozen=True, slots=True)
class Frozen:
    """A file that was written, and what it says of itself."""

    path: Path
    bytes: int
    sha256: str
    manifest: Manifest


def place(tag: Tag, to: Path | None, now: datetime) -> Path:
    """The file that is meant by a file, a folder or nothing; UsageError."""
    if to is not None and not to.is_dir():
        return outfile.target(to)
    where = to or exhibit.folder()
    try:
        where.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder {one_line(str(where))} cannot be made: {error.strerror}.",
            remedy="--to names another file or folder.",
        ) from error
    # Two of one second are of one state, and the later one takes the place of the other.
    name = f"world-{tag.code}-{tag.apprentice}-{tag.session}-{now:%Y%m%dT%H%M%SZ}.tar"
    return outfile.target(where / name)


def freeze(
    engine: Engine,
    found: Session,
    to: Path | None = None,
    *,
    limit: int = LIMIT,
    keep: timedelta = KEEP,
    say: Say,
) -> Frozen:
    """Write what was changed in the hosts, which stand still meanwhile, into one file.

    TooLarge where it is more than `limit`; then, and whatever else stops it, there is no file.
    """
    tag = found.tag
    path = place(tag, to, datetime.now(UTC))
    with outfile.writing(path, private=True) as file:
        archive = Archive(file, limit)
        with life.still(engine, found, say) as world:
            stood = datetime.now(UTC)
            taken = layers.take(engine, world, archive, limit, say)
        manifest = Manifest(
            code=tag.code,
            apprentice=tag.apprentice,
            session=tag.session,
            seed=str(tag.seed),
            mode=str(tag.mode),
            started_at=tag.started,
            frozen_at=stood,
            expires_at=stood + keep,
            lab_revision=tag.revision,
            program_version=places.version(),
            engine=f"docker {engine.version}",
            entry=_last_entry(tag),
            hosts=taken,
        )
        archive.finish(manifest)
        return Frozen(path, file.tell(), digest(file), manifest)


def told(done: Frozen) -> str:
    """A world that was frozen, in words."""
    stood = done.manifest.frozen_at.astimezone().strftime("%Y-%m-%d %H:%M")
    until = done.manifest.expires_at.astimezone().strftime("%Y-%m-%d")
    return (
        f"The world is frozen in {one_line(str(done.path), 1000)} as it stood on {stood}:"
        f" {layers.mebibytes(done.bytes)}, SHA-256 {done.sha256}, to be kept until {until}."
    )


def for_dispute(graded: Entry, say: Say) -> tuple[dict[str, Any], Frozen | None]:
    """What a dispute says of the world that was graded: frozen, now or before, or why it is not."""
    why, done = "", None
    # Nobody is kept from disputing by what stands in the way of this.
    try:
        done = _frozen_now(graded, say)
    except LabError as error:
        why = one_line(str(error), _WHY)
    done = done or _kept_of(graded)
    if done is None:
        return {"unseen": why or "the world that was graded is gone"}, None
    said: dict[str, Any] = {
        "file": one_line(done.path.name, 200),
        "bytes": done.bytes,
        "sha256": done.sha256,
        "frozen_at": written(done.manifest.frozen_at),
    }
    return said | ({"unseen": why} if why else {}), done


def _frozen_now(graded: Entry, say: Say) -> Frozen | None:
    engine = connect()
    try:
        found = _still_there(engine, graded)
        return freeze(engine, found, say=say) if found else None
    finally:
        engine.close()


def _still_there(engine: Engine, graded: Entry) -> Session | None:
    session = graded.body.get("session")
    return next(
        (
            one
            for one in find_all(engine)
            if one.complete
            and (one.tag.session, one.tag.apprentice, one.tag.code)
            == (session, graded.apprentice, graded.code)
        ),
        None,
    )


def _kept_of(graded: Entry) -> Frozen | None:
    """The last that was frozen of a world before it was removed, if it holds."""
    meant = (graded.body.get("session"), graded.apprentice, graded.code)
    there = (
        (one.frozen_at, path)
        for path, one in exhibit.kept()
        if (one.session, one.apprentice, one.code) == meant
    )
    for _, path in sorted(there, reverse=True):
        with suppress(OSError, exhibit.NoArchive), path.open("rb") as file:
            found = exhibit.verify(file)
            return Frozen(path, file.seek(0, 2), digest(file), found)
    return None


def _last_entry(tag: Tag) -> Mapping[str, Any] | None:
    """Where the ledger stood; None where it has nothing about this, or cannot be read."""
    from runner.record import open_record

    try:
        with open_record() as record:
            there = record.about(tag.apprentice, tag.code)
    except LabError:
        return None
    if not there:
        return None
    return {"sequence": there[-1].sequence, "id": str(there[-1].id), "digest": there[-1].digest}
