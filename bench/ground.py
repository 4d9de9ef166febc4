"""What a run stands on: the engine, a folder and a name of its own, and nothing left behind."""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from runner import addresses, catalogue, engine, fence, images, places, probe, session
from runner.catalogue import Lab
from runner.connection import Identity, new_identity
from runner.engine import Engine
from runner.errors import LabError
from runner.locks import alone
from runner.scenario import HostSpec

HOUSE = Path(__file__).parent / "house"
"""The worlds that are only measured."""
PLAIN, BOOTED, REAL = "9a", "9b", "4c"
"""Three plain hosts; three that boot systemd; a world that apprentices get."""
MARK = "bench.run"
"""The label on everything that is not the program's."""
IMAGE = "lab-bench-host"
"""The image of the peers' hosts: ours, with a command that lets us in."""

_SEED = 7
_counter = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured.

    `fetch`: peers that are missing may be installed. `sizes`: those of a class. `labs`: those that
    are validated.
    """

    quick: bool
    fetch: bool
    rounds: int
    sizes: tuple[int, ...]
    labs: tuple[str, ...]


@dataclass(frozen=True)
class Bench:
    """What every section is handed."""

    engine: Engine
    plan: Plan
    token: str
    folder: Path
    key: Identity = field(repr=False)
    images: Mapping[str, str]
    say: Callable[[str], None]

    @property
    def label(self) -> dict[str, str]:
        """What marks the things of this run."""
        return {MARK: self.token}

    @property
    def host_image(self) -> str:
        """The image of the peers' hosts."""
        return f"{IMAGE}:{self.token}"

    @property
    def key_file(self) -> Path:
        """The private key with which all hosts but the program's let us in."""
        return self.folder / "key"

    def apprentice(self) -> str:
        """A name that nobody else has."""
        return f"bench-{self.token}-{next(_counter)}"


def lab(code: str) -> Lab:
    """A lab of the house, or one that is only measured."""
    return catalogue.find(code, HOUSE if code in {PLAIN, BOOTED} else places.house())


def hosts(code: str) -> Sequence[HostSpec]:
    """The hosts of a lab's world, as any seed draws them."""
    what = lab(code)
    return what.world(what.values(_SEED), addresses.subnets(0, what.networks)).hosts


@contextmanager
def opened(plan: Plan, say: Callable[[str], None]) -> Iterator[Bench]:
    """All that is needed, made ready before anything is timed; removed whatever happens."""
    there = engine.connect()
    folder = Path(tempfile.mkdtemp(prefix="lab-bench-"))
    # Records, locks and the queue of this run are its own: nobody's record gets a line of it.
    own: dict[str, str | None] = {
        "LAB_STATE": str(folder / "state"),
        "LAB_DATA": str(folder / "data"),
        "LAB_DATABASE_URL": None,
        "LAB_MAX_SESSIONS": None,
        "LAB_PATH": str(HOUSE),
    }
    try:
        with alone(f"{there.id[:12]}-bench", lambda: say("another benchmark runs; waiting")):
            before = {name: os.environ.get(name) for name in own}
            _set(own)
            try:
                yield from _made(there, plan, folder, say)
            finally:
                _set(before)
    finally:
        there.close()
        shutil.rmtree(folder, ignore_errors=True)


def _made(there: Engine, plan: Plan, folder: Path, say: Callable[[str], None]) -> Iterator[Bench]:
    token = secrets.token_hex(3)
    key = new_identity()
    needed = {name for code in (PLAIN, BOOTED, REAL, *plan.labs) for name in lab(code).images}
    say("making images, systemd and the fence ready")
    ready = images.ensure(there, sorted(needed))
    bench = Bench(there, plan, token, folder, key, ready, say)
    probe.systemd_recipe(there, ready["base"])
    fence.ensure(there)
    bench.key_file.write_text(key.client_private, encoding="utf-8")
    bench.key_file.chmod(0o600)
    try:
        yield bench
    finally:
        say("removing what is left of the run")
        clear(bench)


def clear(bench: Bench) -> None:
    """Remove everything of this run: the program's worlds, the floor's and the peers'."""
    api = bench.engine.api
    no_worlds(bench)
    filters = {"label": [f"{MARK}={bench.token}"]}
    found = api.containers(all=True, filters=filters)
    with suppress(Exception):  # the image may never have been made
        found += api.containers(all=True, filters={"ancestor": bench.host_image})
    for one_id in {one["Id"] for one in found}:
        _quietly(partial(api.remove_container, one_id, v=True, force=True))
    for network in api.networks(filters=filters):
        _quietly(partial(api.remove_network, network["Id"]))
    _quietly(lambda: api.remove_image(bench.host_image, force=True))


def no_worlds(bench: Bench) -> None:
    """Remove the program's worlds of this run, and those that wait in a pool to be measured."""
    for one in session.find_all(bench.engine):
        ahead = one.tag.pooled and one.tag.code in {PLAIN, BOOTED}
        if ahead or one.tag.apprentice.startswith(f"bench-{bench.token}-"):
            session.remove(bench.engine, one)


def _quietly(removal: Callable[[], object]) -> None:
    with suppress(LabError), engine.translating("remove what the benchmark made"):
        removal()


def _set(variables: Mapping[str, str | None]) -> None:
    """Set environment variables, and remove those that have no value."""
    for name, value in variables.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value
