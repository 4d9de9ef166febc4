"""The lowest image where no registry answers: Debian from the packages of this machine's mirror.

mmdebstrap writes the new system as one stream and the engine imports it as it comes: 30 s for the
packages of a host. It uses the mirror, the proxy and the settings of this machine's own apt.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from threading import Thread
from typing import IO

from runner.engine import Engine, translating
from runner.errors import ImageMissing

SUITE = "trixie"
PHASES = (
    "running apt-get update",
    "downloading packages",
    "extracting archives",
    "installing essential packages",
    "installing remaining packages",
    "cleaning package lists",
    "creating tarball",
)
"""What mmdebstrap says, one after the other, as its work goes on."""

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# The settings of this machine's apt without which it might not get at its packages.
_OPTIONS = re.compile(
    r"^Acquire::(https?::(Proxy|ProxyAutoDetect|Proxy-Auto-Detect|Timeout|Verify-Peer|CaInfo)"
    r"|Check-Valid-Until|Check-Date|ForceIPv[46]|Retries)\b"
)
_PROXY = re.compile(r'^Acquire::(https?)::Proxy "(https?://[^"]+)"')
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
_INDEX = re.compile(r"^'(https?://[^']+?)/?/dists/([^/']+)/(?:[^']*/)?InRelease'")
_BLOCK = 1 << 16

Said = Callable[[str], None]


def bootstrap(
    engine: Engine, tag: str, packages: Sequence[str], labels: dict[str, str], said: Said
) -> None:
    """Make the image `tag`: minimal Debian with the packages; each line of progress is `said`.

    Raises `ImageMissing` when this machine lacks the tool or its mirror does not give the packages.
    """
    for needed in (shutil.which("mmdebstrap"), KEYRING.exists()):
        if not needed:
            raise ImageMissing(
                "The base image cannot be made: no registry answers, and this machine lacks the "
                "tools to make it from packages.",
                remedy="sudo apt-get install mmdebstrap debian-archive-keyring",
            )
    own = sources(_output(["apt-get", "update", "--print-uris"]), _distribution())
    try:
        _stream(engine, tag, _command(packages, own), labels, said)
    except _Failed:
        if not own:
            raise
        # A mirror of this machine's release need not carry the next one.
        said("This machine's own mirror did not give it; trying the distribution's.")
        _stream(engine, tag, _command(packages, ()), labels, said)


def sources(printed: str, distribution: str) -> tuple[str, ...]:
    """Lines for sources.list: SUITE on the mirrors that this machine uses for its own release.

    `printed` is what `apt-get update --print-uris` says. Empty when it says nothing useful: then
    mmdebstrap knows the distribution's own addresses.
    """
    found = [match.groups() for match in map(_INDEX.match, printed.splitlines()) if match]
    # Third parties publish under Debian's release names, but only the archive has updates.
    archive = next((uri for uri, suite in found if suite.endswith("-updates")), None)
    if distribution != "debian" or archive is None:
        return ()
    security = next((uri for uri, suite in found if suite.endswith("-security")), None)
    lines = [f"deb {archive} {SUITE} main", f"deb {archive} {SUITE}-updates main"]
    if security:
        lines.append(f"deb {security} {SUITE}-security main")
    return tuple(lines)


def options(dumped: str) -> tuple[str, ...]:
    """Those of this machine's apt settings (`apt-config dump`) that decide how it downloads."""
    return tuple(line.strip() for line in dumped.splitlines() if _OPTIONS.match(line))


def proxies() -> dict[str, str]:
    """The proxies through which this machine gets packages, as environment variables."""
    found = {name: os.environ[name] for name in _PROXIES if os.environ.get(name)}
    for line in () if found else options(_output(["apt-config", "dump"])):
        if match := _PROXY.match(line):
            found[f"{match[1]}_proxy"] = match[2]
    return found


class _Failed(ImageMissing):
    """mmdebstrap gave up; its lines have been said."""


def _command(packages: Sequence[str], lines: Sequence[str]) -> list[str]:
    passed = [f"--aptopt={option}" for option in options(_output(["apt-config", "dump"]))]
    if not lines:
        # Whose addresses are the distribution's own must show its keys, and a machine of another
        # distribution does not trust them yet.
        passed.append(f"--keyring={KEYRING}")
    return [
        "mmdebstrap",
        "--variant=minbase",
        f"--include={','.join(packages)}",
        *passed,
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-include=/usr/share/locale/locale.alias",
        "--dpkgopt=path-exclude=/usr/share/man/??/*",
        "--dpkgopt=path-exclude=/usr/share/man/??_*/*",
        # A proxy may carry a password, and means nothing inside a lab.
        '--customize-hook=sed -i /Proxy/d "$1/etc/apt/apt.conf.d/99mmdebstrap"',
        SUITE,
        "-",
        *lines,
    ]


def _stream(
    engine: Engine, tag: str, command: Sequence[str], labels: dict[str, str], said: Said
) -> None:
    repository, _, version = tag.partition(":")
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None  # noqa: S101 - both were asked for in the call above
        assert process.stderr is not None  # noqa: S101
        # Its messages have to be read all the time, or it stops when the pipe is full.
        listener = Thread(target=_repeat, args=(process.stderr, said), daemon=True)
        listener.start()
        try:
            blocks = _blocks(process, process.stdout)
            # Half a minute goes by before the first block: the engine is called when it is there.
            first = next(blocks)
            with translating("import the base image"):
                answer = engine.api.import_image_from_stream(
                    chain((first,), blocks),
                    repository=repository,
                    tag=version,
                    changes=[f'LABEL "{key}"="{value}"' for key, value in labels.items()],
                )
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            listener.join()
    # The engine reports what goes wrong half-way inside an answer that begins as a success.
    if '"error"' in str(answer):
        raise ImageMissing(f"The base image could not be imported: {str(answer).strip()[-300:]}")


def _blocks(process: subprocess.Popen[bytes], stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(_BLOCK):
        yield block
    if process.wait():
        # Raised while the engine reads: it sees a broken stream and imports nothing.
        raise _Failed("The base image could not be made from packages.")


def _repeat(stream: IO[bytes], said: Said) -> None:
    for line in stream:
        said(line.decode(errors="replace").rstrip())


def _output(command: Sequence[str]) -> str:
    """What a command prints; nothing where it is missing or fails, for all of this is optional."""
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, timeout=30, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout


def _distribution() -> str:
    with suppress(OSError):
        return platform.freedesktop_os_release().get("ID", "")
    return ""
