"""Record the cases of graders anew: in worlds of their own, with the verbs that anybody has.

    .venv/bin/python -m tests.graders.record 4c nftables    one attempt, or `untouched`
    .venv/bin/python -m tests.graders.record 4c             all of the lab that there are
    .venv/bin/python -m tests.graders.record                all that there are

What differs is then read like any other change: `git diff tests/graders/cases`. What would be long
to read is packed.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from runner.case import read, write
from runner.cli import main
from runner.errors import Exit
from runner.findings import UNTOUCHED

CASES = Path(__file__).parent / "cases"
SEED = "3"
WHO = ("--as", "recorder")
LONG = 100_000
"""Bytes from which a case is packed."""


def record(code: str, name: str) -> None:
    """Start the lab, play the attempt, keep the case, stop."""
    file = CASES / code / f"{name}.json"
    packed = file.with_suffix(".json.gz")
    file.parent.mkdir(parents=True, exist_ok=True)
    verbs = [["start", code, "--seed", SEED]]
    verbs += [["attempt", code, name]] if name != UNTOUCHED else []
    verbs += [["grade", code, "--keep-evidence", str(file)]]
    try:
        for words in verbs:
            ended = main([*words, *WHO])
            if ended not in {Exit.DEMONSTRATED, Exit.NOT_YET}:
                sys.exit(f"./lab {' '.join(words)} ended with {ended}")
    finally:
        main(["stop", code, *WHO])
    packed.unlink(missing_ok=True)
    if file.stat().st_size > LONG:
        write(read(file), packed)
        file.unlink()


def wanted(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Code and name of each case that is asked for."""
    if len(words) > 1:
        yield from ((words[0], name) for name in words[1:])
        return
    for file in sorted(CASES.glob(f"{words[0] if words else '*'}/*.json*")):
        yield file.parent.name, file.name.partition(".")[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["LAB_DATA"] = folder  # these gradings are nobody's record
        for one in wanted(sys.argv[1:]):
            record(*one)
