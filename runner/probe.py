"""How this engine runs real systemd without privileges: tried once, remembered by engine.

systemd needs a cgroup tree in which it may make groups, and must get nothing else. There are three
ways to give it one, and which works depends on the engine and its machine:

    writable   docker >= 28 on cgroup v2: an option that makes the container's own tree writable
    nested     an empty group as the visible tree, the container's own group mounted inside it;
               cgroup v2, or the v2 part of a v1 machine (limits stay on v1, out of reach)
    slice      cgroup v2: the machine's tree visible read-only, the container's own slice writable
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from runner import places
from runner.engine import Engine, NotFound, translating
from runner.errors import EngineUnavailable, StageError
from runner.waiting import tries

Way = Literal["writable", "nested", "slice"]

# A quiet machine needs 1 s; one that builds images on both cores needs ten times as much.
PATIENCE = 20.0
WRITABLE_SINCE = 28
"""The first docker that knows the option `writable-cgroups`."""
PROBE_SLOT = 0
"""The slot of trial containers; sessions count theirs from 1."""

_CGROUPS = Path("/sys/fs/cgroup")
_OURS = re.compile(r"lab-(?:root-)?s(?P<slot>\d+)(?:-[a-z0-9_]+)?(?:\.slice)?")
_BOOTED = "timeout 15 systemctl is-system-running --wait; systemctl is-active systemd-journald"


@dataclass(frozen=True)
class SystemdRecipe:
    """What a container needs so that `/sbin/init` can be its first process."""

    way: Way
    tree: str
    """Where the machine has the cgroup v2 tree."""
    slices: bool
    """The engine names groups by systemd slices, not by paths."""
    remapped: bool
    """The engine's user remapping has to be left out for this container."""

    @property
    def environment(self) -> dict[str, str]:
        """Tells systemd that it is in a container."""
        return {"container": "docker"}

    @property
    def stop_signal(self) -> str:
        """What systemd takes as "shut down"."""
        return "SIGRTMIN+3"

    def host_config(self, slot: int, host: str) -> dict[str, Any]:
        """Fields for the engine's HostConfig, in the API's own names.

        Groups are named by slot and host, not by session, so that what stays behind on a machine
        is bounded. Two running containers must not share slot and host.
        """
        # /tmp is memory as on any Debian; executable, since apprentices try scripts there.
        fields: dict[str, Any] = {
            "Tmpfs": {"/run": "", "/run/lock": "", "/tmp": "exec"},  # noqa: S108
            # `reboot` ends with a failure (infra/images/base), `poweroff` with 0.
            "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 5},
        }
        if self.remapped:
            fields["UsernsMode"] = "host"
        if self.way == "writable":
            return fields | {"CgroupnsMode": "private", "SecurityOpt": ["writable-cgroups=true"]}
        parent, path = self._group(slot, host)
        binds = [f"{self.tree}/{path}:/sys/fs/cgroup/{path}:rw"]
        if self.way == "nested":
            binds.insert(0, f"{self.tree}/{_root(slot)}:/sys/fs/cgroup:rw")
        return fields | {"CgroupnsMode": "host", "CgroupParent": parent, "Binds": binds}

    def _group(self, slot: int, host: str) -> tuple[str, str]:
        """The parent as the engine wants to hear it, and the same as a path below the tree."""
        # In a slice's name each dash is one level down.
        name = re.sub(r"[^a-z0-9]", "_", host.lower())
        if self.slices:
            parent = f"lab-s{slot}-{name}.slice"
            return parent, f"lab.slice/lab-s{slot}.slice/{parent}"
        return f"/lab-s{slot}-{name}", f"lab-s{slot}-{name}"


def systemd_recipe(engine: Engine, image: str) -> SystemdRecipe:
    """The way in which systemd runs on this engine; `image` must have it as `/sbin/init`.

    The first call for an engine boots a container or two (a second each); the answer is kept.
    Raises `EngineUnavailable` when no way works here.
    """
    kept = _memory(engine)
    for recipe in candidates(engine):
        if _remembered(kept) == recipe.way:
            return recipe
    _remove_stale(engine)
    tried = []
    for recipe in candidates(engine):
        wrong = _tried(engine, image, recipe)
        if wrong is None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps({"way": recipe.way}) + "\n", encoding="utf-8")
            return recipe
        tried.append(f"{recipe.way}: {wrong}")
    raise EngineUnavailable(
        f"The container engine (docker {engine.version}, cgroup v{engine.cgroup_version}) cannot "
        f"run systemd without privileges. Tried {'; '.join(tried) or 'nothing'}.",
        remedy="Engines that can: docker 28 or later on cgroup v2; docker 20.10 or later on a "
        "machine that mounts cgroup v2 (also beside v1, at /sys/fs/cgroup/unified).",
    )


def candidates(engine: Engine) -> tuple[SystemdRecipe, ...]:
    """The ways worth trying on this engine, the one that gives away least first."""
    modern = engine.cgroup_version > 1
    ways: list[Way] = ["nested"]
    if modern:
        ways.append("slice")
        # The engine refuses it to a remapped root, even where a container is left out of that.
        if engine.major >= WRITABLE_SINCE and not engine.remapped:
            ways.insert(0, "writable")
    return tuple(
        SystemdRecipe(
            way=way,
            tree=str(_CGROUPS if modern else _CGROUPS / "unified"),
            slices=engine.cgroup_driver == "systemd",
            remapped=engine.remapped,
        )
        for way in ways
    )


@contextmanager
def trial(engine: Engine, image: str, recipe: SystemdRecipe) -> Iterator[str]:
    """A container that boots systemd this way, removed when done."""
    config = recipe.host_config(PROBE_SLOT, "probe") | {
        "NetworkMode": "none",
        "Memory": 256 << 20,
        "PidsLimit": 200,
        "RestartPolicy": {"Name": "no"},
    }
    with translating("make a container that tries systemd"):
        container = engine.api.create_container(
            image,
            command=["/sbin/init"],
            name=f"lab-probe-{uuid.uuid4().hex[:6]}",
            labels={"lab.probe": recipe.way},
            environment=recipe.environment,
            stop_signal=recipe.stop_signal,
            host_config=config,
        )["Id"]
    try:
        with translating("start systemd in a container"):
            engine.api.start(container)
        yield container
    finally:
        with suppress(NotFound), translating("remove the container that tried systemd"):
            engine.api.remove_container(container, force=True, v=True)


def problem(engine: Engine, container: str) -> str | None:
    """What goes wrong while systemd boots in the container; None once it is up."""
    said = ""
    for _ in tries(PATIENCE):
        with translating("look whether systemd booted"):
            state = engine.api.inspect_container(container)["State"]
        if not state["Running"]:
            return f"it ended at once ({_last_words(engine, container, state)})"
        # Says nothing as long as systemd does not listen, then waits until all is started.
        said = _answer(engine, container)
        system, _, journal = said.partition("\n")
        if system in {"running", "degraded"}:
            return None if journal.strip() == "active" else "it runs, but its journal does not"
    return f"it was not up after {PATIENCE:.0f} s (systemctl said {said.strip() or 'nothing'!r})"


def leftover_cgroups(engine: Engine, slot: int | None = None) -> tuple[Path, ...]:
    """Empty groups of ours, or of one slot, that no container needs; the deepest first.

    None for an engine on another machine: its groups are not to be seen from here.
    """
    if not engine.local:
        return ()
    used = _used(engine)
    found = []
    for number, path in _ours(_CGROUPS):
        # Unlike rglob, walk does not mind that a group goes while it is looked at.
        inside = [Path(folder) for folder, _, _ in os.walk(path)]
        idle = number not in used and not any(map(_populated, inside))
        if idle and slot in {None, number}:
            found += inside
    return tuple(sorted(set(found), key=lambda path: (-len(path.parts), path)))


def remove_leftovers(engine: Engine, slot: int | None = None) -> tuple[Path, ...]:
    """Remove `leftover_cgroups` and say which went.

    Not to be called while worlds are started in these slots. Raises `StageError` without the right
    to remove them.
    """
    gone = []
    for path in leftover_cgroups(engine, slot):
        try:
            path.rmdir()
        except PermissionError as error:
            raise StageError(
                f"The empty control group {path} cannot be removed: permission denied.",
                remedy="sudo ./lab doctor --fix (or leave it: it costs nothing)",
            ) from error
        except OSError:
            continue  # used again, or gone, since it was listed
        gone.append(path)
    return tuple(gone)


def _root(slot: int) -> str:
    return f"lab-root-s{slot}"


def _memory(engine: Engine) -> Path:
    """The file that remembers the answer; anything that could change it is in the name."""
    asked = (
        engine.id,
        engine.root,
        engine.version,
        engine.cgroup_version,
        engine.cgroup_driver,
        engine.remapped,
    )
    name = hashlib.sha256(repr(asked).encode()).hexdigest()[:16]
    return places.state() / "engines" / f"{name}.json"


def _remembered(kept: Path) -> str | None:
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads(kept.read_text(encoding="utf-8"))["way"])
    return None


def _tried(engine: Engine, image: str, recipe: SystemdRecipe) -> str | None:
    try:
        with trial(engine, image, recipe) as container:
            return problem(engine, container)
    except (NotFound, EngineUnavailable):
        raise  # no image, no engine: that says nothing about the way
    except StageError as error:
        return str(error)


def _answer(engine: Engine, container: str) -> str:
    """What systemctl says inside; nothing as long as it cannot be asked."""
    with suppress(StageError), translating("ask systemd how it is"):
        asked = engine.api.exec_create(container, ["sh", "-c", f"{_BOOTED} 2>/dev/null"])
        return bytes(engine.api.exec_start(asked["Id"])).decode(errors="replace")
    return ""


def _last_words(engine: Engine, container: str, state: dict[str, Any]) -> str:
    with suppress(StageError), translating("read its log"):
        log = engine.api.logs(container, tail=3).decode(errors="replace")
        lines = [line.strip() for line in log.splitlines() if line.strip()]
        return " / ".join(lines)[-200:] or f"exit code {state['ExitCode']}"
    return f"exit code {state['ExitCode']}"


def _remove_stale(engine: Engine) -> None:
    """Remove trial containers that a killed program left; younger ones may be at work."""
    with translating("list trial containers"):
        found = engine.api.containers(all=True, filters={"label": "lab.probe"})
    for container in found:
        if container["Created"] < time.time() - 2 * PATIENCE:
            with suppress(NotFound), translating("remove a trial container"):
                engine.api.remove_container(container["Id"], force=True, v=True)


def _used(engine: Engine) -> set[int]:
    """The slots whose groups belong to a container, running or not."""
    with translating("list its containers"):
        every = engine.api.containers(all=True)
    slots = set()
    for container in every:
        with suppress(NotFound), translating("look at a container"):
            config = engine.api.inspect_container(container["Id"])["HostConfig"]
            if found := re.match(r"/?lab-s(\d+)-", config.get("CgroupParent") or ""):
                slots.add(int(found[1]))
    return slots


def _ours(tree: Path) -> Iterator[tuple[int, Path]]:
    """Slot and path of groups named by this module: atop each hierarchy, or in lab.slice."""
    tops = [tree, *(path for path in tree.glob("*") if path.is_dir() and not path.is_symlink())]
    for top in tops:
        for path in top.glob("lab-*"):
            if (found := _OURS.fullmatch(path.name)) and path.is_dir():
                yield int(found["slot"]), path


def _populated(group: Path) -> bool:
    try:
        return bool((group / "cgroup.procs").read_text(encoding="ascii").strip())
    except OSError:
        return True  # cannot be told: leave it alone
