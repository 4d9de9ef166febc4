"""Images are built when they are needed, once, and removed when they are old.

All on an engine of our own: here images can be removed that belong to nobody else.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner import images, imagespec
from runner.engine import Engine
from runner.errors import ImageMissing
from runner.imagebuild import Step, context
from runner.imagespec import OUTSIDE
from runner.waiting import tries
from tests.private_engine import private_engine


def test_a_step_reads_as_a_line() -> None:
    assert str(Step("net", "RUN apt-get update", 3, 9, 12.4)) == (
        "image net: step 3/9: RUN apt-get update (12 s)"
    )
    assert str(Step("base", "asks a registry", 0, 0, 0.2)) == "image base: asks a registry (0 s)"
    assert len(str(Step("net", "RUN " + "x" * 500, 3, 9, 12.4))) < 100


def test_the_same_files_give_the_same_context(shelf: Path) -> None:
    first = context(imagespec.read("net", shelf))
    os.utime(shelf / "net" / "data")
    assert context(imagespec.read("net", shelf)) == first
    with tarfile.open(fileobj=io.BytesIO(first)) as tar:
        assert tar.getnames() == ["Dockerfile", "data"]


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A base and two images on it, of nothing but a file each."""
    monkeypatch.setenv("LAB_STATE", str(tmp_path / "state"))
    for name, base in (("base", OUTSIDE), ("net", "lab-base"), ("mail", "lab-base")):
        write(tmp_path / "shelf", name, f"ARG BASE={base}\nFROM ${{BASE}}\nCOPY data /{name}\n")
    return tmp_path / "shelf"


def write(shelf: Path, name: str, dockerfile: str) -> None:
    folder = shelf / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "Dockerfile").write_text(dockerfile)
    # Another content in each test, for the engine remembers what it built before.
    (folder / "data").write_text(f"{name} of {shelf}\n")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """An engine of our own that has a registry's image: this machine's shell and what it needs."""
    with private_engine() as private:
        needed = subprocess.run(["ldd", "/bin/sh"], capture_output=True, text=True, check=True)
        libraries = [word for word in needed.stdout.split() if word.startswith("/")]
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", dereference=True) as tar:
            for path in ("/bin/sh", *libraries):
                tar.add(path)
        repository, _, tag = OUTSIDE.partition(":")
        private.api.import_image_from_data(packed.getvalue(), repository=repository, tag=tag)
        yield private


def heard(engine: Engine, shelf: Path, *wanted: str) -> list[Step]:
    steps: list[Step] = []
    images.ensure(engine, wanted, steps.append, shelf)
    return steps


@pytest.mark.engine
def test_what_is_missing_is_built_from_below_and_never_again(engine: Engine, shelf: Path) -> None:
    steps: list[Step] = []
    tags = images.ensure(engine, ["net", "mail"], steps.append, shelf)
    assert tags == {name: imagespec.tag_of(name, shelf) for name in ("net", "mail")}
    assert [step.image for step in steps].index("base") == 0
    assert {step.image for step in steps} == {"base", "net", "mail"}
    last = [step for step in steps if step.image == "net"][-1]
    assert last.number == last.total
    found = engine.api.inspect_image(tags["net"])  # type: ignore[no-untyped-call]
    assert found["Config"]["Labels"] == {
        "lab.image": "net",
        "lab.recipe": tags["net"].partition(":")[2],
        "lab.source": "registry",
    }
    assert heard(engine, shelf, "net", "mail", "base") == []


@pytest.mark.engine
def test_the_images_are_listed_and_old_ones_removed(engine: Engine, shelf: Path) -> None:
    images.remove_old(engine, shelf)
    before = images.ensure(engine, ["net"], folder=shelf)["net"]
    engine.api.tag(before, "lab-somebody", "elses")
    (shelf / "net" / "data").write_text("changed\n")
    state = {one.tag: one for one in images.list_images(engine, shelf)}
    assert [one.name for one in state.values()] == ["base", "mail", "net", "net"]
    assert not state[before].current
    now = state[imagespec.tag_of("net", shelf)]
    assert (now.current, now.size, now.source) == (True, None, "")
    after = images.ensure(engine, ["net"], folder=shelf)["net"]
    assert before in images.remove_old(engine, shelf)
    left = {one.tag for one in images.list_images(engine, shelf) if one.size is not None}
    assert left == {imagespec.tag_of("base", shelf), after}
    assert engine.api.images("lab-somebody"), "built on ours, but not by us"


@pytest.mark.engine
def test_an_image_in_use_stays(engine: Engine, shelf: Path) -> None:
    tag = images.ensure(engine, ["net"], folder=shelf)["net"]
    container = engine.api.create_container(tag, command=["/bin/sh"])["Id"]
    (shelf / "net" / "data").write_text("changed\n")
    assert tag not in images.remove_old(engine, shelf)
    engine.api.remove_container(container)
    assert tag in images.remove_old(engine, shelf)


@pytest.mark.engine
def test_a_failed_build_shows_the_end_of_its_log(engine: Engine, shelf: Path) -> None:
    good = (shelf / "net" / "Dockerfile").read_text()
    write(shelf, "net", good + "RUN echo it is about to fail; exit 3\n")
    with pytest.raises(ImageMissing) as caught:
        heard(engine, shelf, "net")
    assert str(caught.value).startswith("The image net could not be built. Its log ends:\n")
    assert "    it is about to fail\n" in str(caught.value)
    log = shelf.parent / "state" / "logs" / "image-net.log"
    assert str(log) in caught.value.remedy
    assert "returned a non-zero code: 3" in log.read_text()
    write(shelf, "net", good)
    assert heard(engine, shelf, "net")


@pytest.mark.engine
@pytest.mark.parametrize(
    ("printed", "advice"),
    [
        ("E: Failed to fetch http://mirror.test", "package mirror does not answer"),
        ("write error: No space left on device", "df -h"),
    ],
)
def test_a_failure_that_is_known_comes_with_its_remedy(
    engine: Engine, shelf: Path, printed: str, advice: str
) -> None:
    with (shelf / "net" / "Dockerfile").open("a") as dockerfile:
        dockerfile.write(f"RUN echo '{printed}'; exit 1\n")
    with pytest.raises(ImageMissing) as caught:
        heard(engine, shelf, "net")
    assert advice in caught.value.remedy


@pytest.mark.engine
def test_two_at_once_build_an_image_once(engine: Engine, shelf: Path) -> None:
    both: list[list[Step]] = []
    threads = [
        threading.Thread(target=lambda: both.append(heard(engine, shelf, "net"))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    built = [step for steps in both for step in steps if step.image == "net" and step.number == 1]
    assert len(built) == 1


FOREVER = "RUN while :; do :; done\n"
KILLED = """
import sys
from pathlib import Path
from runner import engine, images
images.ensure(engine.connect(sys.argv[1]), ["net"], lambda s: print(s.doing, flush=True),
              Path(sys.argv[2]))
"""


@pytest.mark.engine
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_a_build_that_is_killed_half_way_is_made_up_for(
    engine: Engine, shelf: Path, how: signal.Signals
) -> None:
    good = (shelf / "net" / "Dockerfile").read_text()
    write(shelf, "net", good + FOREVER)
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, engine.url, str(shelf)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent,
    ) as program:
        assert program.stdout is not None
        for line in program.stdout:
            if line.startswith("RUN while"):
                break
        # Killed between the announcement and the beginning of a step, the engine may not notice:
        # runner.leftovers knows of that.
        assert any(engine.api.containers() for _ in tries(30))
        program.send_signal(how)
        assert program.wait(10) != 0
    gone = any(not engine.api.containers(all=True) for _ in tries(60))
    assert gone, "the engine ends a build that nobody waits for"
    write(shelf, "net", good)
    assert heard(engine, shelf, "net")
