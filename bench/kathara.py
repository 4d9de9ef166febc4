"""The peer Kathara: three hosts by its API, in an environment of its own, as a whole process."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import environments, raw, ssh
from bench.contest import timed
from bench.ground import MARK, Bench
from bench.processes import Words, run

_SCRIPT = Path(__file__).parent / "inside" / "kathara_world.py"


def ready(bench: Bench) -> tuple[Callable[[], Mapping[str, float]], str]:
    """One turn of Kathara, once it is installed, and its version; NotRun where it cannot be."""
    python = environments.python(bench, "kathara")
    image = raw.host_image(bench)

    def call(verb: str, subnet: str) -> str:
        label = f"{MARK}={bench.token}"
        words: Words = [python, "-I", _SCRIPT, verb, f"bench-{bench.token}", image, subnet, label]
        # It keeps its settings in the home folder: the person's own stay as they are.
        return run(words, extra={"HOME": str(bench.folder)}, folder=bench.folder).output

    def turn() -> Mapping[str, float]:
        subnet = str(raw.free_subnet())

        def up() -> None:
            addresses = json.loads(call("up", subnet).splitlines()[-1])
            ssh.answer(addresses, bench.key.client_private)

        try:
            started = timed(up)
        finally:
            stopped = timed(lambda: call("down", subnet))
        return {"start-kathara": started, "stop-kathara": stopped}

    return turn, environments.version(python, "kathara")
