"""The floor of grading as a whole process: one connection and one batch for each host.

Its arguments: the files of the private key and of the script, and the hosts' addresses.
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bench.ssh import batch, login

key, script = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])


def graded(address: str) -> str:
    """What the host answers to all questions."""
    transport = login(address, key)
    try:
        return batch(transport, script)
    finally:
        transport.close()


with ThreadPoolExecutor(len(sys.argv[3:])) as pool:
    sys.stdout.write("".join(pool.map(graded, sys.argv[3:])))
