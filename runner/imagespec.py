"""What images are made of, and the names that follow from it.

`infra/images/<name>/` is a Dockerfile with its files. The image's tag holds a hash of all of it and
of the image below, so a changed recipe is another image and an unchanged one is never built again:

    lab-net:3f0c2a91d7be          infra/images/net, on lab-base:8c1b..., as both are now
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from runner import places
from runner.errors import AuthoringError, UsageError

OUTSIDE = "debian:trixie-slim"
"""What the lowest image stands on; made from packages where no registry has it."""

_BASE = re.compile(r"^ARG BASE=(?:lab-)?(\S+)$", re.MULTILINE)
_LEFT_BEHIND = ("~", ".swp", ".orig", ".pyc")


@dataclass(frozen=True)
class ImageFile:
    """One file of what a build is given; `path` is relative to the image's folder."""

    path: str
    mode: int
    content: bytes


@dataclass(frozen=True)
class ImageSpec:
    """An image as its folder describes it; `base` is the image below, or `OUTSIDE`."""

    name: str
    base: str
    files: tuple[ImageFile, ...]


def shelf() -> Path:
    """The folder that holds the images' folders."""
    return places.house() / "infra" / "images"


def names(folder: Path | None = None) -> tuple[str, ...]:
    """The images that can be built."""
    return tuple(sorted(path.parent.name for path in (folder or shelf()).glob("*/Dockerfile")))


def read(name: str, folder: Path | None = None) -> ImageSpec:
    """The description of one image.

    Raises `UsageError` when there is no such image, `AuthoringError` when the Dockerfile does not
    say in one line `ARG BASE=lab-<image>` what it stands on.
    """
    images = folder or shelf()
    dockerfile = images / name / "Dockerfile"
    known = names(images)
    if name not in known:
        raise UsageError(f"There is no image {name!r}.", remedy=f"There are: {', '.join(known)}.")
    stated = _BASE.findall(dockerfile.read_text(encoding="utf-8"))
    if len(stated) != 1 or stated[0] not in (*known, OUTSIDE):
        allowed = ", ".join([*(f"lab-{one}" for one in known), OUTSIDE])
        raise AuthoringError(
            f"expected one line `ARG BASE=<image below>`, found {' and '.join(stated) or 'none'}",
            file=dockerfile,
            remedy=f"The image below is one of: {allowed}.",
        )
    return ImageSpec(name=name, base=stated[0], files=tuple(_files(dockerfile.parent)))


def needed(wanted: Iterable[str], folder: Path | None = None) -> dict[str, ImageSpec]:
    """The images and all that they stand on, the lowest first."""
    specs: dict[str, ImageSpec] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            circle = " -> ".join((*above, name))
            place = (folder or shelf()) / name / "Dockerfile"
            raise AuthoringError(f"the image stands on itself: {circle}", file=place)
        if name in specs or name == OUTSIDE:
            return
        spec = read(name, folder)
        add(spec.base, (*above, name))
        specs[name] = spec

    for name in wanted:
        add(name, ())
    return specs


def tags(specs: dict[str, ImageSpec]) -> dict[str, str]:
    """The tag of each image; `specs` has what each stands on before it, as `needed` gives it."""
    found: dict[str, str] = {OUTSIDE: OUTSIDE}
    for name, spec in specs.items():
        found[name] = f"lab-{name}:{digest(found[spec.base], spec.files)}"
    del found[OUTSIDE]
    return found


def tag_of(name: str, folder: Path | None = None) -> str:
    """The tag that the image has when it is built from its present recipe."""
    return tags(needed([name], folder))[name]


def digest(below: str, files: Iterable[ImageFile]) -> str:
    """Twelve hexadecimal digits that change when anything does that the image is made of."""
    made_of = hashlib.sha256(below.encode())
    for file in files:
        # Lengths keep one file's end from reading as the next one's beginning.
        made_of.update(f"\0{file.path}\0{file.mode:o}\0{len(file.content)}\0".encode())
        made_of.update(file.content)
    return made_of.hexdigest()[:12]


def _files(folder: Path) -> Iterator[ImageFile]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith(_LEFT_BEHIND):
            content = path.read_bytes()
            # Wheels and archives lose the executable bit; what begins with #! is meant to run.
            runs = content.startswith(b"#!") or path.stat().st_mode & 0o100
            name = path.relative_to(folder).as_posix()
            yield ImageFile(path=name, mode=0o755 if runs else 0o644, content=content)
