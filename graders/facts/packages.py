"""What apt and dpkg on a machine know, take and would do.

apt is asked with lists and a cache of the question's own: what the machine has fetched so far does
not count, and nothing of it changes.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from runner.errors import UnreadableOutput
from runner.host import Fact, Reply

PATIENCE = 25.0
"""Seconds for apt, which takes half of one on an idle machine."""

# Where one of its settings is the machine's own, as what it trusts and holds, it stays.
_OWN_STATE = r"""t=$(mktemp -d) && trap 'rm -rf "$t"' EXIT || exit 1
mkdir -p "$t/lists/partial" "$t/cache/archives/partial" "$t/none" || exit 1
apt() {
    program=$1; shift
    LC_ALL=C "$program" -o "Dir::State::lists=$t/lists" -o "Dir::Cache=$t/cache" \
        -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User=root \
        -o Acquire::Retries=0 -o Acquire::http::Timeout=10 "$@"
}"""
_COMPLAINT = re.compile(r"^E: (.*)$", re.MULTILINE)
_RELEASE = re.compile(r"^'(\S+)/InRelease' ", re.MULTILINE)
_OFFER = re.compile(r"^\s*(\S+) \| +(\S+) \| (\S+) .*Packages$", re.MULTILINE)
_STEP = re.compile(r"^Inst (\S+) (?:\[(\S+)\] )?\((\S+) ", re.MULTILINE)


@dataclass(frozen=True)
class AptSources(Fact[tuple[str, ...]]):
    """The addresses of the archives that apt takes packages from, in no particular order."""

    timeout: ClassVar[float] = PATIENCE

    def command(self) -> str:
        """What an update would fetch, without fetching it."""
        return f"( {_OWN_STATE}\napt apt-get --print-uris update )"

    def read(self, reply: Reply) -> tuple[str, ...]:
        """Each has a list of its own, which says what else there is."""
        if not reply.ok and not _COMPLAINT.search(reply.text):
            raise UnreadableOutput(f"apt does not say what its sources are: {reply.text[:200]}")
        places = _RELEASE.findall(reply.stdout)
        return tuple(sorted({place.split("/dists/")[0].rstrip("/.") for place in places}))


@dataclass(frozen=True, slots=True)
class Offers:
    """What sources offer that apt accepted: `versions` by package, each with where it is from.

    `complaint` is apt's own word on why it did not accept some; empty if it accepted all.
    """

    versions: Mapping[str, tuple[tuple[str, str], ...]]
    complaint: str = ""

    def of(self, package: str, source: str) -> tuple[str, ...]:
        """The versions of a package that the archive at `source` offers."""
        found = self.versions.get(package, ())
        return tuple(version for version, where in found if where == source)

    @property
    def sources(self) -> tuple[str, ...]:
        """The archives of which apt accepted anything."""
        return tuple(sorted({where for found in self.versions.values() for _, where in found}))


@dataclass(frozen=True)
class AptOffers(Fact[Offers]):
    """What apt accepts of these packages when it asks its sources anew.

    `proxy` is one through which it asks. `sources`, lines as in sources.list, are asked instead of
    the machine's own; what the machine trusts in general still counts.
    """

    timeout: ClassVar[float] = PATIENCE
    packages: tuple[str, ...]
    proxy: str = ""
    sources: tuple[str, ...] = ()

    def command(self) -> str:
        """An update, then a list of what came of it."""
        options, lines = "", ""
        if self.proxy:
            options += f" -o {shlex.quote(f'Acquire::http::Proxy={self.proxy}')}"
        if self.sources:
            options += ' -o "Dir::Etc::sourcelist=$t/list" -o "Dir::Etc::sourceparts=$t/none"'
            lines = f"printf '%s\\n' {shlex.join(self.sources)} > \"$t/list\"\n"
        return (
            f"( {_OWN_STATE}\n{lines}"
            f"apt apt-get{options} -qq update >&2; echo updated $?\n"
            f"apt apt-cache{options} madison {shlex.join(self.packages)} )"
        )

    def read(self, reply: Reply) -> Offers:
        """A line an offer: package, version, archive and list."""
        if not re.match(r"updated (0|100)\n", reply.stdout):
            raise UnreadableOutput(f"apt could not ask its sources: {reply.text[:300]}")
        versions: dict[str, list[tuple[str, str]]] = {}
        for package, version, source in _OFFER.findall(reply.stdout):
            versions.setdefault(package, []).append((version, source.rstrip("/")))
        complaint = _COMPLAINT.search(reply.stderr)
        return Offers(
            {package: tuple(found) for package, found in versions.items()},
            complaint[1] if complaint else "",
        )


@dataclass(frozen=True, slots=True)
class Upgrades:
    """To which version each package would go; `complaint` where apt cannot say."""

    to: Mapping[str, str]
    complaint: str = ""


@dataclass(frozen=True)
class AptUpgrades(Fact[Upgrades]):
    """What `upgrade` and `full-upgrade` would do after an update."""

    timeout: ClassVar[float] = PATIENCE

    def command(self) -> str:
        """Only simulated."""
        return (
            f"( {_OWN_STATE}\napt apt-get -qq update >&2; echo updated $?\n"
            "for how in upgrade full-upgrade; do apt apt-get -s -qq $how || exit; done )"
        )

    def read(self, reply: Reply) -> Upgrades:
        """A line for each that would be unpacked: name, version there is, version to come."""
        complaint = _COMPLAINT.search(reply.stderr)
        if not re.match(r"updated (0|100)\n", reply.stdout) or not (reply.ok or complaint):
            raise UnreadableOutput(f"apt could not say what it would do: {reply.text[:300]}")
        to = {name: new for name, _, new in _STEP.findall(reply.stdout)}
        return Upgrades(to, "" if reply.ok or complaint is None else complaint[1])


@dataclass(frozen=True, slots=True)
class Installation:
    """What dpkg knows of a package. `state` is dpkg's word: installed, config-files, ..."""

    state: str = "not-installed"
    version: str = ""

    @property
    def there(self) -> bool:
        """Unpacked, set up and ready for use."""
        return self.state == "installed"

    @property
    def gone(self) -> bool:
        """Nothing of it is left that dpkg knows of."""
        return self.state == "not-installed"


@dataclass(frozen=True)
class Installed(Fact[Installation]):
    """What dpkg knows of a package."""

    package: str

    def command(self) -> str:
        """A package of which it never heard is no error."""
        shown = "${db:Status-Status} ${Version}\\n"
        return (
            f"dpkg-query -W -f '{shown}' {shlex.quote(self.package)} 2>&1 || "
            "[ $? -eq 1 ] && echo end"
        )

    def read(self, reply: Reply) -> Installation:
        """State and version."""
        first, *rest = reply.stdout.splitlines() or [""]
        if reply.ok and first.startswith("dpkg-query: no packages found"):
            return Installation()
        words = first.split()
        if not reply.ok or rest != ["end"] or not words:
            raise UnreadableOutput(f"dpkg does not say how {self.package} is: {reply.text[:200]}")
        return Installation(words[0], words[1] if len(words) > 1 else "")


@dataclass(frozen=True)
class FilesOf(Fact[Mapping[str, str]]):
    """The SHA-256 of each file of an installed package, without its settings.

    A file is found wherever the machine has it put; one that is not there has no digest.
    """

    package: str

    def command(self) -> str:
        """Settings are left out: they are there to be changed."""
        name = shlex.quote(self.package)
        return (
            f"( settings=$(dpkg-query -W -f '${{Conffiles}}' {name}) || exit\n"
            f"dpkg -L {name} | while IFS= read -r path; do\n"
            '    case $settings in *" $path "*) continue ;; esac\n'
            '    [ ! -d "$path" ] || continue\n'
            '    found=$(sha256sum < "$(dpkg-divert --truename "$path")") || found=-\n'
            '    printf "%s %s\\n" "${found%% *}" "$path"\n'
            "done; echo end )"
        )

    def read(self, reply: Reply) -> Mapping[str, str]:
        """A line a file: digest, path."""
        return _digests(reply, self.package)


@dataclass(frozen=True)
class TrueName(Fact[str]):
    """Where the machine has put the file that a package holds at `path`."""

    path: str

    def command(self) -> str:
        """Most often it is that very place."""
        return f"dpkg-divert --truename {shlex.quote(self.path)}"

    def read(self, reply: Reply) -> str:
        """One path."""
        if not reply.ok or not reply.stdout.startswith("/"):
            raise UnreadableOutput(f"dpkg does not say where {self.path} is: {reply.text[:200]}")
        return reply.stdout.strip()


@dataclass(frozen=True)
class FilesInside(Fact[Mapping[str, str]]):
    """The SHA-256 of each file in the package file at `path`, without settings."""

    path: str

    def command(self) -> str:
        """Taken out of the package into a folder that is removed again."""
        return (
            "( t=$(mktemp -d) && trap 'rm -rf \"$t\"' EXIT || exit\n"
            f'dpkg-deb --raw-extract {shlex.quote(self.path)} "$t" && cd "$t" || exit\n'
            "touch DEBIAN/conffiles\n"
            "find . -type f ! -path './DEBIAN/*' | while IFS= read -r path; do\n"
            '    grep -qxF "${path#.}" DEBIAN/conffiles && continue\n'
            '    found=$(sha256sum < "$path") || exit\n'
            '    printf "%s %s\\n" "${found%% *}" "${path#.}"\n'
            "done; echo end )"
        )

    def read(self, reply: Reply) -> Mapping[str, str]:
        """A line a file: digest, path."""
        found = _digests(reply, self.path)
        if not found or "-" in found.values():
            raise UnreadableOutput(f"{self.path} has no readable files: {reply.text[:200]}")
        return found


@dataclass(frozen=True)
class Reinstalled(Fact[str]):
    """Install a package anew in the version it has, from the machine's sources, as an update would.

    The answer is apt's complaint, empty if it went through. Settings stay as they are.
    """

    timeout: ClassVar[float] = 2 * PATIENCE
    package: str
    version: str

    def command(self) -> str:
        """With all that the machine does around an installation; only the lists are our own.

        Being told to change what is held, apt forgets that it was: it is held again afterwards.
        """
        name, wanted = shlex.quote(self.package), shlex.quote(f"{self.package}={self.version}")
        return (
            f"( {_OWN_STATE}\nheld=$(apt-mark showhold {name}) || exit\n"
            'trap \'rm -rf "$t"; [ -z "$held" ] || apt-mark -qq hold "$held"\' EXIT\n'
            "apt apt-get -qq update && DEBIAN_FRONTEND=noninteractive "
            "apt apt-get -qq -y --reinstall --allow-change-held-packages "
            "-o DPkg::Lock::Timeout=10 -o Dpkg::Options::=--force-confold "
            f"-o Dpkg::Options::=--force-unsafe-io install {wanted}; echo ended $? )"
        )

    def read(self, reply: Reply) -> str:
        """The first error, if there is one."""
        ended = re.search(r"^ended (\d+)$", reply.stdout, re.MULTILINE)
        if ended is None or "Could not get lock" in reply.text:
            raise UnreadableOutput(f"apt did not get to install anything: {reply.text[:200]}")
        complaint = _COMPLAINT.search(reply.text)
        return "" if ended[1] == "0" else complaint[1] if complaint else "it did not say why"


def _digests(reply: Reply, what: str) -> Mapping[str, str]:
    *lines, last = reply.stdout.splitlines() or [""]
    rows = [line.split(" ", 1) for line in lines]
    if not reply.ok or last != "end" or any(len(row) != 2 for row in rows):  # noqa: PLR2004
        raise UnreadableOutput(f"the files of {what} could not be read: {reply.text[:200]}")
    return {path: digest for digest, path in rows}
