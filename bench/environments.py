"""Where peers come from: packages of their own, in folders of their own, outside the repository."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from bench.ground import Bench
from bench.processes import ProgramFailed, Words, run

LOCKS = Path(__file__).parent / "locks"
_LIMIT = 600.0
_SUITE = "trixie"
"""The release of Debian whose programs are measured: the one that hosts are made of."""
_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class NotRun(Exception):
    """A peer cannot take part; the message says why."""


def python(bench: Bench, name: str) -> Path:
    """The Python of an environment with what `locks/<name>.lock` pins; made once."""
    lock = LOCKS / f"{name}.lock"
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    fingerprint = hashlib.sha256(lock.read_bytes()).hexdigest()[:12]
    folder = _cache() / f"{name}-{version}-{fingerprint}"
    found = folder / "bin" / "python"
    if (folder / "complete").exists():
        return found
    _refuse_unless_fetching(bench, name)
    bench.say(f"installing {name} into an environment of its own")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        run([sys.executable, "-I", "-m", "venv", folder], limit=_LIMIT)
        pip: Words = [found, "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        pinned: Words = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", lock]
        run([*pip, *pinned], limit=_LIMIT)
    except (ProgramFailed, OSError) as error:
        raise NotRun(f"{name} could not be installed: {error}") from error
    (folder / "complete").touch()
    return found


def version(python_of: Path, package: str) -> str:
    """The version of a package in an environment."""
    code = f"from importlib.metadata import version; print(version({package!r}))"
    return run([python_of, "-I", "-c", code]).output.strip()


def debian(bench: Bench, package: str, program: str) -> tuple[Path, str]:
    """A program out of Debian's package, and the package's version.

    It is unpacked and not installed, and comes from this machine's mirror.
    """
    folder = _cache() / f"{package}-{_SUITE}"
    found = folder / program
    kept = folder / "version"
    if kept.exists():
        return found, kept.read_text(encoding="utf-8")
    _refuse_unless_fetching(bench, package)
    if not shutil.which("apt-get"):
        raise NotRun(f"{package} comes from Debian's packages, and there is no apt here")
    bench.say(f"unpacking {package} from Debian {_SUITE}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        version_of = _fetch(folder, package)
    except (ProgramFailed, OSError) as error:
        raise NotRun(f"{package} could not be had from Debian {_SUITE}: {error}") from error
    if not found.exists():
        raise NotRun(f"{package} of Debian {_SUITE} has no {program}")
    kept.write_text(version_of, encoding="utf-8")  # last: it says that all is there
    return found, version_of


def _fetch(folder: Path, package: str) -> str:
    """Unpack a package into a folder; its version."""
    apt = folder / "apt"
    for part in ("lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True, exist_ok=True)
    sources = apt / "sources.list"
    sources.write_text(f"deb [signed-by={_KEYRING}] {_mirror()} {_SUITE} main\n", encoding="utf-8")
    private = [
        word
        for setting in (
            f"Dir::Etc::SourceList={sources}",
            "Dir::Etc::SourceParts=/dev/null",
            f"Dir::State::Lists={apt / 'lists'}",
            f"Dir::Cache={apt / 'cache'}",
            "Acquire::Languages=none",
        )
        for word in ("-o", setting)
    ]
    run(["apt-get", "-q", *private, "update"], limit=_LIMIT)
    run(["apt-get", "-q", *private, "download", package], limit=_LIMIT, folder=folder)
    (archive,) = folder.glob(f"{package}_*.deb")
    run(["dpkg-deb", "-x", archive, folder], limit=_LIMIT)
    version_of = run(["dpkg-deb", "-f", archive, "Version"]).output.strip()
    archive.unlink()
    shutil.rmtree(apt)
    return version_of


def _mirror() -> str:
    """Where this machine's own apt gets Debian from."""
    form = "$(ORIGIN) $(CODENAME) $(REPO_URI)"
    words = ["apt-get", "indextargets", "--format", form, "Identifier: Packages"]
    for line in run(words).output.splitlines():
        origin, codename, *address = line.split()
        if origin == "Debian" and "-" not in codename and address:
            return address[0]
    raise ProgramFailed("this machine's apt knows no mirror of Debian; `apt-get update` may help")


def _refuse_unless_fetching(bench: Bench, name: str) -> None:
    if not bench.plan.fetch:
        raise NotRun(f"--no-fetch, and {name} is not installed yet")


def _cache() -> Path:
    from platformdirs import user_cache_path

    folder = user_cache_path("itg-labs", appauthor=False) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
