"""Building one image: what the engine is given, what it says meanwhile, what a failure means."""

from __future__ import annotations

import io
import re
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO

from runner import places
from runner.bootstrap import PHASES, bootstrap, proxies
from runner.engine import DISK_FULL, Engine, NotFound, no_space, translating
from runner.errors import ImageMissing
from runner.imagespec import OUTSIDE, ImageSpec, digest
from runner.locks import alone

# An engine to which a registry says nothing for this long is not going to get the image.
REGISTRY_SILENCE = 8.0

_STEP = re.compile(r"^Step (\d+)/(\d+) : (.*)")
_NEAR = re.compile(r"^https?://([^@/]*@)?(127\.|localhost\b|\[::1\])")
_TAIL = 12
_WIDTH = 60
_DATED = 1_735_689_600  # any fixed moment: 1 January 2025
_NO_MIRROR = re.compile(
    r"Temporary failure resolving|Could not resolve|Could not connect|Unable to connect"
    r"|Failed to fetch|Connection timed out|Network is unreachable"
)


@dataclass(frozen=True)
class Step:
    """How far the build of one image is; `total` is 0 while nobody can know."""

    image: str
    doing: str
    number: int
    total: int
    seconds: float

    def __str__(self) -> str:
        """The line that a person reads meanwhile."""
        count = f"step {self.number}/{self.total}: " if self.total else ""
        doing = self.doing if len(self.doing) <= _WIDTH else self.doing[: _WIDTH - 3] + "..."
        return f"image {self.image}: {count}{doing} ({self.seconds:.0f} s)"


Progress = Callable[[Step], None]


@dataclass
class Journal:
    """The log of one build, and who hears of its progress."""

    image: str
    path: Path
    log: IO[str]
    progress: Progress
    stop: Event
    started: float = field(default_factory=time.monotonic)
    last: list[str] = field(default_factory=list)

    def say(self, line: str) -> None:
        """Keep a line; it is the news unless the build counts its steps."""
        self.log.write(f"{line}\n")
        self.log.flush()
        self.last = [*self.last[1 - _TAIL :], line]

    def step(self, doing: str, number: int = 0, total: int = 0) -> None:
        """Tell how far it is."""
        seconds = time.monotonic() - self.started
        self.progress(Step(self.image, doing, number, total, seconds))


def build(
    engine: Engine, spec: ImageSpec, tag: str, below: str, progress: Progress, stop: Event
) -> None:
    """Build the image `tag` on the image `below`, unless somebody else has meanwhile.

    What was done before an interruption is found again by the next call. When `stop` is set, it
    ends at the engine's next word. Raises `ImageMissing`.
    """

    def waiting() -> None:
        progress(Step(spec.name, "waits for another program that builds it", 0, 0, 0.0))

    with alone(f"image-{spec.name}", waiting), journal(spec.name, progress, stop) as said:
        if present(engine, tag):
            return
        labels = {"lab.image": spec.name, "lab.recipe": tag.rpartition(":")[2]}
        if below == OUTSIDE:
            below, labels["lab.source"] = _lowest(engine, spec, said)
        _run(engine, spec, tag, below, labels, said)


def present(engine: Engine, tag: str) -> bool:
    """Whether the engine has the image."""
    try:
        with translating(f"look for the image {tag}"):
            engine.api.inspect_image(tag)  # type: ignore[no-untyped-call]
    except NotFound:
        return False
    return True


def lowest_tag(spec: ImageSpec) -> str:
    """The tag of the image that is made from packages for `spec` to stand on."""
    made_of = [file for file in spec.files if file.path == "packages"]
    return f"lab-bootstrap:{digest(OUTSIDE, made_of)}"


def context(spec: ImageSpec) -> bytes:
    """What the build is given, as a tar that is the same for the same files."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for file in spec.files:
            member = tarfile.TarInfo(file.path)
            member.size, member.mode = len(file.content), file.mode
            member.mtime = _DATED
            tar.addfile(member, io.BytesIO(file.content))
    return packed.getvalue()


@contextmanager
def journal(image: str, progress: Progress, stop: Event) -> Iterator[Journal]:
    """The log of a build, begun anew."""
    folder = places.state() / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"image-{image}.log"
    with path.open("w", encoding="utf-8") as log:
        yield Journal(image=image, path=path, log=log, progress=progress, stop=stop)


def _lowest(engine: Engine, spec: ImageSpec, said: Journal) -> tuple[str, str]:
    """The image that the lowest of ours stands on, and where it came from."""
    made = lowest_tag(spec)
    if present(engine, OUTSIDE):
        return OUTSIDE, "registry"
    if present(engine, made):
        return made, "import"
    said.step("asks a registry for Debian")
    if _pulled(engine, said):
        return OUTSIDE, "registry"

    def heard(line: str) -> None:
        said.say(line)
        for number, phase in enumerate(PHASES, start=1):
            if line.startswith(f"I: {phase}"):
                said.step(phase, number, len(PHASES))

    packages = next(file.content for file in spec.files if file.path == "packages")
    recipe = made.rpartition(":")[2]
    labels = {"lab.image": "bootstrap", "lab.recipe": recipe, "lab.source": "import"}
    try:
        bootstrap(engine, made, packages.decode().split(), labels, heard)
    except ImageMissing as error:
        raise _failure(spec.name, said, str(error), error.remedy) from error
    return made, "import"


def _pulled(engine: Engine, said: Journal) -> bool:
    """Whether a registry gave the image; one that is silent counts as none."""
    # A client of its own: how long it waits for the next word cannot be said per call.
    impatient = engine.again(REGISTRY_SILENCE)
    repository, _, version = OUTSIDE.partition(":")
    try:
        with translating(f"pull {OUTSIDE}"):
            for event in impatient.pull(repository, tag=version, stream=True, decode=True):
                said.say(f"{event.get('status', '')} {event.get('error', '')}".strip())
    except Exception as error:  # noqa: BLE001 - whatever the registry does, there is another way
        said.say(str(error))
        return False
    finally:
        impatient.close()
    return present(engine, OUTSIDE)


def _run(
    engine: Engine, spec: ImageSpec, tag: str, below: str, labels: dict[str, str], said: Journal
) -> None:
    number = total = 0
    wrong = ""
    passed = proxies()
    # A proxy on this machine's own address is out of reach from a network of containers.
    near = any(_NEAR.match(proxy) for proxy in passed.values())
    # What was made from packages has them all.
    idle = labels.get("lab.source") == "import"
    with translating(f"build the image {spec.name}"):
        events = engine.api.build(
            fileobj=io.BytesIO(context(spec)),
            custom_context=True,
            tag=tag,
            buildargs={"BASE": below, **passed},
            labels=labels,
            rm=True,
            forcerm=True,
            decode=True,
            network_mode="none" if idle else "host" if near else None,
        )
        for event in events:
            if said.stop.is_set():
                raise ImageMissing(f"The build of the image {spec.name} was interrupted.")
            # The last word of a failed build; the stream is read to its end, which closes it.
            wrong = str(event.get("error", wrong))
            for line in str(event.get("stream", "")).splitlines():
                said.say(line)
                if found := _STEP.match(line):
                    number, total = int(found[1]), int(found[2])
                    said.step(found[3], number, total)
    if wrong:
        raise _failure(spec.name, said, wrong)
    if not present(engine, tag):
        raise _failure(spec.name, said, "The engine did not keep it.")


def _failure(name: str, said: Journal, why: str, remedy: str = "") -> ImageMissing:
    said.say(why)
    text = "\n".join(said.last)
    shown = "\n".join(f"    {line}" for line in said.last if line.strip())
    if no_space(text):
        remedy = DISK_FULL
    elif "NO_PUBKEY" in text:
        remedy = "sudo apt-get install --only-upgrade debian-archive-keyring"
    elif _NO_MIRROR.search(text):
        remedy = (
            "The package mirror does not answer: look at the network, the name service and "
            "http_proxy, then give the same command again."
        )
    return ImageMissing(
        f"The image {name} could not be built. Its log ends:\n{shown}",
        remedy=f"{remedy} The whole log is {said.path}.".strip(),
    )
