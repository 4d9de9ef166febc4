"""The plot: drawn from kept results, in an environment that has what draws."""

from __future__ import annotations

from pathlib import Path

from bench import environments
from bench.ground import Bench
from bench.processes import run

_SCRIPT = Path(__file__).parent / "inside" / "drawing.py"


def draw(bench: Bench, kept: Path, image: Path) -> None:
    """Draw what the file of results holds; says so and goes on where nothing can draw here."""
    try:
        python = environments.python(bench, "bench")
    except environments.NotRun as error:
        bench.say(f"no plot: {error}")
        return
    run([python, "-I", _SCRIPT, kept, image], extra={"MPLCONFIGDIR": str(bench.folder)})
