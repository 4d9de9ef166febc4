"""Freezing a world: what was changed in its hosts, into one file, for whoever has to look later."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tarfile import PAX_FORMAT, TarInfo
from typing import Any

from runner import exhibit, life, outfile, places
from runner.engine import Engine, NotFound, connect, translating
from runner.entry import Entry, written
from runner.errors import LabError, StageError, UsageError
from runner.frozen import Archive, Full, Layer, Manifest, Sink, digest, removed
from runner.practical import Say
from runner.printable import one_line
from runner.session import LABEL, Container, Session, Tag, find_all
from runner.tape import BLOCK, END, Member, Tape, Unreadable

KEEP = timedelta(days=90)
"""How long a frozen world is to be kept unless somebody says otherwise."""
LIMIT = 512 << 20
"""How many bytes it may have, likewise."""

_REMOVED = 2
"""What the engine calls the kind of change that leaves nothing."""
_PATHS = 200_000
"""Changed paths of a host: they are held in memory, contents never are."""
_LISTED = 8
_WHY = 300
_FOLDERS = 64
# The engine puts these over those of the layer, where each is empty.
_MOUNTED = {f"etc/{name}" for name in ("hosts", "hostname", "resolv.conf")}


class TooLarge(UsageError):
    """More was changed in the hosts than is to be kept."""


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
            _refuse_too_large(tag.code, _sizes(engine, world), limit)
            try:
                layers = [_layer(engine, one, archive, say) for one in world.containers]
            except Full as error:
                raise _too_large(tag.code, archive.sizes, limit) from error
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
            hosts=tuple(layers),
        )
        archive.finish(manifest)
        return Frozen(path, file.tell(), digest(file), manifest)


def told(done: Frozen) -> str:
    """A world that was frozen, in words."""
    until = done.manifest.expires_at.astimezone().strftime("%Y-%m-%d")
    return (
        f"The world is frozen in {one_line(str(done.path), 1000)}: {mebibytes(done.bytes)},"
        f" SHA-256 {done.sha256}, to be kept until {until}."
    )


def for_dispute(graded: Entry, say: Say) -> tuple[dict[str, Any], Frozen | None]:
    """What a dispute says of the world that was graded: frozen, or why there is only evidence."""
    try:
        engine = connect()
        try:
            found = _still_there(engine, graded)
            done = freeze(engine, found, say=say) if found else _kept_of(graded)
        finally:
            engine.close()
    except LabError as error:
        # Nobody is kept from disputing by what stands in the way of this.
        return {"unseen": one_line(str(error), _WHY)}, None
    if done is None:
        return {"unseen": "the world that was graded is gone"}, None
    said = {
        "file": done.path.name,
        "bytes": done.bytes,
        "sha256": done.sha256,
        "frozen_at": written(done.manifest.frozen_at),
    }
    return said, done


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


def _sizes(engine: Engine, world: Session) -> dict[str, int]:
    """Of each host, how much was changed in it, as the engine has it."""
    label = f"{LABEL}={world.tag.session}"
    with translating("say how much was changed in each host"):
        found = engine.api.containers(all=True, size=True, filters={"label": [label]})
    sizes = {one["Id"]: int(one.get("SizeRw") or 0) for one in found}
    return {one.host: sizes.get(one.id, 0) for one in world.containers}


def _refuse_too_large(code: str, sizes: Mapping[str, int], limit: int) -> None:
    if sum(sizes.values()) > limit:
        raise _too_large(code, sizes, limit)


def _too_large(code: str, sizes: Mapping[str, int], limit: int) -> TooLarge:
    ordered = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(
        f"{name.removesuffix('.tar')} {mebibytes(size)}" for name, size in ordered[:_LISTED]
    )
    return TooLarge(
        f"More than {mebibytes(limit)} was changed in the hosts of {code}: {told}.",
        remedy="--limit 2GiB takes more; what is large and proves nothing can be removed before.",
    )


def mebibytes(size: int) -> str:
    """A size as a person reads it."""
    return f"{size / (1 << 20):.1f} MiB"


def _layer(engine: Engine, one: Container, archive: Archive, say: Say) -> Layer:
    say(f"freezing {one.host}")
    with translating(f"say what was changed in host {one.host}"):
        seen = engine.api.inspect_container(one.id)
        changes: list[dict[str, Any]] = engine.api.diff(one.id) or []
    if len(changes) > _PATHS:
        raise TooLarge(
            f"In host {one.host} more than {_PATHS} files were changed.",
            remedy="Remove those that prove nothing, then try again.",
        )
    there = {_key(change["Path"]) for change in changes if change["Kind"] != _REMOVED}
    gone = [change["Path"].strip("/") for change in changes if change["Kind"] == _REMOVED]
    with archive.member(f"{one.host}.tar") as sink:
        changed = _mounted(engine, one, sink)
        changed += _copied(engine, one, there - _MOUNTED, sink) if there else 0
        for path in gone:
            sink.put(removed(path))
        sink.put(END)
    return Layer(
        host=one.host,
        image=str(seen.get("Config", {}).get("Image", "")),
        image_id=str(seen.get("Image", "")),
        administered=one.administered,
        bytes=sink.bytes,
        sha256=sink.sha256,
        changed=changed,
        removed=len(gone),
        left_out=_left_out(seen),
    )


def _copied(engine: Engine, one: Container, wanted: set[str], sink: Sink) -> int:
    """Copy the wanted members of all that the host has; how many there were.

    The engine gives single files as well, but takes 40 ms for each, and a folder never without
    all that is in it. All of a host takes a second or two, and none of it is held.
    """

    def as_it_is(member: Member) -> bytes:
        return member.head if _key(member.name) in wanted else b""

    with translating(f"give what was changed in host {one.host}"):
        return _taken(engine.api.export(one.id), as_it_is, sink, one.host)


def _mounted(engine: Engine, one: Container, sink: Sink) -> int:
    """Copy the files that the engine mounts into a host; a learner may have changed them."""

    def at(path: str) -> Callable[[Member], bytes]:
        def named(member: Member) -> bytes:
            info = TarInfo.frombuf(member.head[-BLOCK:], "utf-8", "replace")
            info.name = path  # it comes with the last part of it
            return info.tobuf(PAX_FORMAT)

        return named

    count = 0
    for path in sorted(_MOUNTED):
        with suppress(NotFound), translating(f"give /{path} of host {one.host}"):
            stream, _ = engine.api.get_archive(one.id, f"/{path}")
            count += _taken(stream, at(path), sink, one.host)
    return count


def _taken(stream: Iterable[bytes], head: Callable[[Member], bytes], sink: Sink, host: str) -> int:
    """Copy those members of an archive for which there is a header; how many there were."""
    count = 0
    stream = iter(stream)
    tape = Tape(stream)
    try:
        for member in tape:
            if its := head(member):
                sink.put(its)
                tape.copy(sink.put)
                count += 1
    except Unreadable as error:
        raise StageError(
            f"What the container engine gave of host {host} cannot be read: {error}.",
            remedy="Try again; ./lab doctor looks at the machine.",
        ) from error
    for _ in stream:
        pass  # so that the connection can be used again
    return count


def _left_out(seen: Mapping[str, Any]) -> tuple[str, ...]:
    """The folders whose content is in no layer; those of the kernel's own are not named."""
    mounts = [str(one.get("Destination", "")) for one in seen.get("Mounts") or ()]
    memory = list((seen.get("HostConfig") or {}).get("Tmpfs") or ())
    found = {one for one in (*mounts, *memory) if not re.match(r"/(sys|proc|dev)(/|$)", one)}
    return tuple(sorted(found)[:_FOLDERS])


def _key(path: str) -> str:
    """A path as both of the engine's answers have it.

    One replaces each byte that is no UTF-8, the other comes to us as it is.
    """
    return re.sub("\ufffd+", "\ufffd", path.strip("/"))
