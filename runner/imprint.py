"""A fingerprint of a graded world: its images, its containers, and what was changed in its hosts.

Two alike are of alike worlds. Two that differ may be of one world: programs go on writing.
"""

# `runner.fingerprint`, which compares two looks thing by thing, takes 0.8 s for a world of five
# hosts, and the engine's own list of changed files 2 s, since it walks both layers. So each host
# that the apprentice administers hashes what is newer than its start, in 0.1 s. The others cannot
# be changed by an apprentice: their images and configuration say all.

from __future__ import annotations

import json
import re
from typing import Any

from runner import canonical
from runner.engine import Engine, translating
from runner.errors import LabError, UnreadableOutput
from runner.lines import Lines
from runner.practical import Practical
from runner.session import Container, in_parallel

_LOOK_LIMIT = 10.0
_SAID = re.compile(r"(?:[0-9a-f]{64}  -\n){2}")

# Left out is what programs write to all the time, and a third of all files, which only tell people
# things. One walk; names and contents go two ways and are hashed apart, the names first. A folder's
# time is that of the last name put in or taken out, so what is gone leaves a trace.
_LOOK = r"""
LC_ALL=C; export LC_ALL
{ {
find / -xdev \( -path /run -o -path /tmp -o -path /var/tmp -o -path /var/log \
    -o -path /var/cache -o -path /var/lib/systemd -o -path /usr/share/doc -o -path /usr/share/man \
    -o -path /usr/share/bash-completion -o -path /usr/share/zoneinfo \) -prune \
    -o -newerct "@$since" \( -type f -o -type l -o -type d \) \
    -printf '%y %m %U:%G %l\t%p\0' -type f -size -2048k -fprint0 /dev/fd/3 2>/dev/null |
    sort -z | sha256sum >&4
} 3>&1 | sort -z | xargs -0r sha256sum -- 2>/dev/null | sha256sum; } 4>&1
"""


def take(engine: Engine, work: Practical, lines: Lines) -> dict[str, Any]:
    """The fingerprint of the world as it stands, as plain data; LabError if a host is mute."""
    since = int(work.session.tag.started.timestamp())

    def one(container: Container) -> dict[str, Any]:
        with translating(f"look at host {container.host}"):
            found = engine.api.inspect_container(container.id)
        made_of = {name: found.get(name) for name in ("Config", "HostConfig")}
        told = json.dumps(made_of, sort_keys=True, separators=(",", ":")).encode()
        return {
            "host": container.host,
            "image": str(found.get("Config", {}).get("Image", "")),
            "image_id": str(found.get("Image", "")),
            "configuration": canonical.digest(told),
            **(_changed(work, lines, container, since) if container.administered else {}),
        }

    hosts = sorted(in_parallel(one, work.session.containers), key=lambda found: found["host"])
    return {"digest": canonical.digest(canonical.dumps(hosts)), "hosts": hosts}


def _changed(work: Practical, lines: Lines, container: Container, since: int) -> dict[str, Any]:
    reply = lines.open(work.session, container.host).run(
        f"since={since}\n{_LOOK}", timeout=_LOOK_LIMIT
    )
    if not _SAID.fullmatch(reply.stdout):
        raise UnreadableOutput(f"host {container.host} could not say what was changed in it")
    return {"files": canonical.digest(reply.stdout.encode())}


def unseen(error: LabError) -> dict[str, Any]:
    """What stands for the fingerprint where it could not be taken."""
    return {"unseen": str(error)}
