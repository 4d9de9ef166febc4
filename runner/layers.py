"""What was changed in the hosts of a world, as the engine gives it, into an archive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from tarfile import PAX_FORMAT, TarInfo
from typing import Any

from runner.engine import Engine, NotFound, translating
from runner.errors import StageError, UsageError
from runner.frozen import Archive, Full, Layer, Sink, removed
from runner.practical import Say
from runner.session import LABEL, Container, Session
from runner.tape import BLOCK, END, Member, Tape, Unreadable

_REMOVED = 2
"""What the engine calls the kind of change that leaves nothing."""
_PATHS = 200_000
"""Changed paths of a host: they are held in memory, contents never are."""
_LISTED = 8
_FOLDERS = 64
# The engine puts these over those of the layer, where each is empty.
_MOUNTED = {f"etc/{name}" for name in ("hosts", "hostname", "resolv.conf")}


class TooLarge(UsageError):
    """More was changed in the hosts than is to be kept."""


def take(
    engine: Engine, world: Session, archive: Archive, limit: int, say: Say
) -> tuple[Layer, ...]:
    """Put the layer of each host into the archive; TooLarge where they are too large for it."""
    code, sizes = world.tag.code, _sizes(engine, world)
    if sum(sizes.values()) > limit:
        raise _too_large(code, sizes, limit)
    try:
        return tuple(_layer(engine, one, archive, say) for one in world.containers)
    except Full as error:
        raise _too_large(code, archive.sizes, limit) from error


def mebibytes(size: int) -> str:
    """A size as a person reads it."""
    return f"{size / (1 << 20):.1f} MiB"


def _sizes(engine: Engine, world: Session) -> dict[str, int]:
    """Of each host, how much was changed in it, as the engine has it."""
    label = f"{LABEL}={world.tag.session}"
    with translating("say how much was changed in each host"):
        found = engine.api.containers(all=True, size=True, filters={"label": [label]})
    sizes = {one["Id"]: int(one.get("SizeRw") or 0) for one in found}
    return {one.host: sizes.get(one.id, 0) for one in world.containers}


def _too_large(code: str, sizes: Mapping[str, int], limit: int) -> TooLarge:
    ordered = sorted(sizes.items(), key=lambda one: (-one[1], one[0]))
    told = ", ".join(
        f"{name.removesuffix('.tar')} {mebibytes(size)}" for name, size in ordered[:_LISTED]
    )
    return TooLarge(
        f"More than {mebibytes(limit)} was changed in the hosts of {code}: {told}.",
        remedy="--limit 2GiB takes more; what is large and proves nothing can be removed before.",
    )


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
