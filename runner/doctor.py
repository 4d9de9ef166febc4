"""What is wrong with this machine for the program; each finding says what mends it.

Looking changes nothing. What the engine is asked comes after it was found to answer.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from runner import exhibit, fence, images, leftovers, places, probe, watchers
from runner.engine import Engine, connect
from runner.errors import LabError, RecordUnavailable
from runner.imagebuild import present
from runner.imagespec import tag_of
from runner.installation import NEEDED_BYTES, ensure_engine
from runner.machine import Machine
from runner.printable import one_line
from runner.record import open_record

OLDEST = (20, 10)
"""The oldest docker that is known to run every lab."""
SPARE_BYTES = 1 << 30
"""What logs, worlds and the record need where all images are there."""
STATE_BYTES = 100 << 20
_BOOTED = "base"
"""The image that systemd is tried with: every other stands on it."""
_INDEX = re.compile(r"^'(https?://\S+?/InRelease)'", re.MULTILINE)
_HELPER = "/usr/lib/apt/apt-helper"
_MIRROR_SECONDS = 15
_LISTED = 8
_FIX = "./lab doctor --fix"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    `remedy` is the command that mends it; `fixable` says that `lab doctor --fix` does.
    """

    what: str
    ok: bool
    said: str
    remedy: str = ""
    fixable: bool = False


def examine(
    apprentice: str, machine: Machine, reach: Callable[[], str] | None = None
) -> Iterator[Finding]:
    """Every finding, as it is made. `reach` asks the package mirror: what is wrong, or nothing."""
    try:
        ensure_engine(lambda _: False, lambda _: None, machine)
        engine = connect()
    except LabError as error:
        yield _engine_missing(error)
    else:
        try:
            yield from _engine(engine, machine)
            yield from _images(engine, reach or mirror_problem)
            yield _unfinished(engine, apprentice)
        finally:
            engine.close()
    yield _room("room for logs and locks", str(places.state()), STATE_BYTES, machine)
    yield _record()
    yield from _expired()


def findings_data(findings: list[Finding]) -> dict[str, Any]:
    """The findings as plain data."""
    return {
        "ok": all(one.ok for one in findings),
        "findings": [
            {
                "what": one.what,
                "ok": one.ok,
                "said": one.said,
                "remedy": one.remedy or None,
                "fixable": one.fixable,
            }
            for one in findings
        ],
    }


def mirror_problem() -> str:
    """What is wrong with this machine's own package mirror, asked the way apt does.

    Nothing if it answers, and where there is no apt.
    """
    if not Path(_HELPER).exists():
        return ""
    environ = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        listed = _run(["apt-get", "update", "--print-uris"], environ)
        addresses = _INDEX.findall(listed.stdout)
        if not addresses:
            return "apt knows no mirror"
        with tempfile.TemporaryDirectory() as folder:
            asked = _run([_HELPER, "download-file", addresses[0], f"{folder}/index"], environ)
    except subprocess.TimeoutExpired:
        return f"it did not answer within {_MIRROR_SECONDS} s"
    except OSError as error:
        return f"apt cannot be asked: {error.strerror}"
    if asked.returncode == 0:
        return ""
    lines = [line for line in (asked.stdout + asked.stderr).splitlines() if line.strip()]
    return one_line(next((line for line in lines if line.startswith(("Err", "E:"))), lines[-1]))


def _fine(what: str, said: str, remedy: str = "") -> Finding:
    return Finding(what, ok=True, said=said, remedy=remedy)


def _wrong(what: str, said: str, remedy: str, *, fixable: bool = False) -> Finding:
    return Finding(what, ok=False, said=said, remedy=remedy, fixable=fixable)


def _engine_missing(error: LabError) -> Finding:
    return _wrong("container engine", str(error), error.remedy, fixable=True)


def _engine(engine: Engine, machine: Machine) -> Iterator[Finding]:
    said = f"docker {engine.version} ({engine.arch}) at {engine.url}"
    yield _fine("container engine", said)
    numbers = tuple(int(n) for n in re.findall(r"\d+", engine.version)[:2])
    if numbers and numbers < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        said = f"docker {engine.version} is older than {wanted}: labs may not start"
        yield _wrong("engine version", said, "Update the engine from your distribution.")
    yield _systemd(engine)
    filtered = "passes the engine's firewall rules; worlds are built to suit that"
    said = filtered if engine.bridge_filter else "is not touched by the engine's firewall rules"
    yield _fine("traffic between hosts", said)
    if fence.ensure(engine):
        yield _fine("fence round the labs", "nothing leaves a lab's network by this machine")
    else:
        said = "missing: a packet that wants no answer can leave a lab's network by this machine"
        yield _fine("fence round the labs", said, "./lab images build vpn, then ./lab doctor again")
    allowed = watchers.ensure(engine)
    if allowed is not None:
        said = f"{allowed} watchers of files allowed; each host with systemd takes three"
        few = allowed < watchers.ENOUGH
        yield _fine("hosts side by side", said, watchers.REMEDY if few else "")
    if engine.local:
        built = [one for one in images.list_images(engine) if one.current and one.size]
        needed = SPARE_BYTES if built else NEEDED_BYTES
        yield _room("room for the engine", engine.root, needed, machine)


def _systemd(engine: Engine) -> Finding:
    what = f"systemd, cgroup v{engine.cgroup_version}"
    try:
        tag = tag_of(_BOOTED)
        if not present(engine, tag):
            return _fine(what, "will be tried when the first image is built")
        recipe = probe.systemd_recipe(engine, tag)
    except LabError as error:
        return _wrong(what, str(error), error.remedy)
    return _fine(what, f"boots unprivileged ({recipe.way})")


def _images(engine: Engine, reach: Callable[[], str]) -> Iterator[Finding]:
    try:
        found = images.list_images(engine)
    except LabError as error:
        yield _wrong("images", str(error), error.remedy)
        return
    there = [one for one in found if one.current and one.size is not None]
    missing = [one.name for one in found if one.size is None]
    old = [one for one in found if not one.current]
    said = f"{len(there)} built"
    if missing:
        said += (
            f", {len(missing)} not built yet ({', '.join(missing)}): built when a lab needs them"
        )
    if old:
        size = sum(one.size or 0 for one in old) / 1024**2
        said += f", {len(old)} of older recipes (up to {size:.0f} MiB)"
    yield _fine("images", said, "./lab images prune" if old else "")
    if missing:
        problem = reach()
        if problem:
            said = f"does not give packages: {problem}"
            yield _wrong("package mirror", said, "See network and proxy: sudo apt-get update")
        else:
            yield _fine("package mirror", "answers")


def _unfinished(engine: Engine, apprentice: str) -> Finding:
    worlds = leftovers.unfinished(engine, apprentice)
    listed = [
        *(f"unfinished {one.tag.code} of {one.tag.owner}" for one in worlds),
        *map(str, leftovers.strays(engine)),
    ]
    groups = len(probe.leftover_cgroups(engine))
    if groups:
        listed.append(f"{groups} empty control groups")
    if not listed:
        return _fine("leftovers", "none")
    said = ", ".join(listed[:_LISTED]) + (", ..." if len(listed) > _LISTED else "")
    if groups and len(listed) == 1:
        # They cost nothing, and every stopped world leaves some.
        return _fine("leftovers", said, _FIX)
    return _wrong("leftovers", said, _FIX, fixable=True)


def _room(what: str, folder: str, needed: int, machine: Machine) -> Finding:
    try:
        free = machine.free(folder)
    except OSError as error:
        said = f"{folder} cannot be looked at: {error.strerror}"
        return _wrong(what, said, "Is the disk mounted? See: df -h")
    said = f"{free / 1024**3:.1f} GiB free in {folder}"
    if free >= needed:
        return _fine(what, said)
    said += f"; {needed / 1024**3:.1f} GiB are needed"
    return _wrong(what, said, f"Make room: ./lab images prune; df -h {folder}")


def _record() -> Finding:
    try:
        with open_record() as record:
            # A row that nobody reads would stay for good: that it opens and answers has to do.
            record.hints_used("")
    except RecordUnavailable as error:
        return _wrong("record", str(error), error.remedy)
    kept = "a database server" if os.environ.get("LAB_DATABASE_URL") else str(places.data())
    return _fine("record", f"can be opened ({kept})")


def _expired() -> Iterator[Finding]:
    """Frozen worlds that were to be kept until now; nothing where there are none."""
    if found := exhibit.expired(datetime.now(UTC)):
        names = ", ".join(one_line(one.name, 120) for one in found[:_LISTED])
        more = ", ..." if len(found) > _LISTED else ""
        said = f"{len(found)} to be kept no longer ({names}{more})"
        yield _fine("frozen worlds", said, "./lab export-world --prune")


def _run(command: list[str], environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_MIRROR_SECONDS,
        env=environ,
        stdin=subprocess.DEVNULL,
    )
