"""The images that hosts are made of: built when they are needed, never twice, removed when old."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Semaphore, Thread

from runner import imagespec
from runner.engine import Conflict, Engine, NotFound, translating
from runner.imagebuild import Progress, Step, build, lowest_tag, present
from runner.imagespec import OUTSIDE, ImageSpec

# More builds than this at once only wait for each other's disk and mirror.
ABREAST = 2


@dataclass(frozen=True)
class ImageState:
    """An image of today's recipe, built or not, or one of an older recipe that still lies about."""

    name: str
    tag: str
    current: bool
    size: int | None
    """In bytes, with all that it shares; None if it is not built."""
    source: str
    """Where its lowest layer came from: `import` or `registry`; empty if it is not built."""


def silent(step: Step) -> None:
    """For those who do not want to hear of progress."""
    del step


def ensure(
    engine: Engine,
    wanted: Iterable[str],
    progress: Progress = silent,
    folder: Path | None = None,
) -> dict[str, str]:
    """Build what is missing of the images, and say each one's tag.

    Images that stand on nothing missing are built side by side, and two programs that want the
    same image build it once. `progress` is called from several threads. Raises `ImageMissing`,
    whose message has the end of the build's log.
    """
    asked = tuple(wanted)
    specs = imagespec.needed(asked, folder)
    tags = imagespec.tags(specs)
    missing = _missing(engine, asked, specs, tags)
    while missing:
        ready = [spec for name, spec in missing.items() if spec.base not in missing]
        _build_abreast(engine, ready, tags, progress)
        for spec in ready:
            del missing[spec.name]
    return {name: tags[name] for name in asked}


def list_images(engine: Engine, folder: Path | None = None) -> tuple[ImageState, ...]:
    """All images of the house, built or not, and what is left of older recipes."""
    specs = imagespec.needed(imagespec.names(folder), folder)
    current = imagespec.tags(specs)
    # What the lowest ones stand on saves half a minute when their recipe changes.
    kept = {lowest_tag(spec) for spec in specs.values() if spec.base == OUTSIDE}
    with translating("list its images"):
        found = engine.api.images(filters={"label": "lab.recipe"})
    built = [
        ImageState(
            name=image["Labels"]["lab.image"],
            tag=tag,
            current=tag in kept or tag in current.values(),
            size=int(image["Size"]),
            source=image["Labels"].get("lab.source", ""),
        )
        for image in found
        for tag in image.get("RepoTags") or ()
        # Images that others build on ours have our labels as well.
        if tag == f"lab-{image['Labels']['lab.image']}:{image['Labels']['lab.recipe']}"
    ]
    there = {state.tag for state in built}
    absent = [
        ImageState(name=name, tag=tag, current=True, size=None, source="")
        for name, tag in current.items()
        if tag not in there
    ]
    return tuple(sorted([*built, *absent], key=lambda state: (state.name, state.tag)))


def remove_old(engine: Engine, folder: Path | None = None) -> tuple[str, ...]:
    """Remove the images of older recipes and say which went; those in use stay.

    Not to be called while images are built: unfinished ones go as well.
    """
    old = [state.tag for state in list_images(engine, folder) if not state.current]
    gone = [tag for tag in old if _removed(engine, tag)]
    with translating("list unfinished images"):
        unfinished = engine.api.images(filters={"label": "lab.image", "dangling": True})
    return (*gone, *(one["Id"] for one in unfinished if _removed(engine, one["Id"])))


def _missing(
    engine: Engine, asked: Iterable[str], specs: dict[str, ImageSpec], tags: dict[str, str]
) -> dict[str, ImageSpec]:
    """What has to be built, the lowest first; what lies below a built image is not looked at."""
    missing: set[str] = set()

    def look(name: str) -> None:
        if name != OUTSIDE and name not in missing and not present(engine, tags[name]):
            missing.add(name)
            look(specs[name].base)

    for name in asked:
        look(name)
    return {name: spec for name, spec in specs.items() if name in missing}


def _build_abreast(
    engine: Engine, specs: Sequence[ImageSpec], tags: dict[str, str], progress: Progress
) -> None:
    stop = Event()
    free = Semaphore(ABREAST)
    failures: list[BaseException] = []

    def run(spec: ImageSpec) -> None:
        with free:
            if stop.is_set():
                return
            try:
                build(engine, spec, tags[spec.name], tags.get(spec.base, spec.base), progress, stop)
            except BaseException as error:  # noqa: BLE001 - carried to the caller's thread
                failures.append(error)
                stop.set()

    # Daemons: whoever interrupts the program need not wait for the engine's next word; the engine
    # ends a build whose reader is gone.
    threads = [Thread(target=run, args=(spec,), daemon=True) for spec in specs]
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            thread.join()
    finally:
        stop.set()
    if failures:
        raise failures[0]


def _removed(engine: Engine, image: str) -> bool:
    try:
        with translating(f"remove the image {image}"):
            engine.api.remove_image(image)
    except (NotFound, Conflict):
        return False
    return True
