"""Jobs of the night started by day: in the folder as it was on the evening before, and put back."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from runner.errors import UnreadableOutput
from runner.host import Fact, Host, Reply

# Beside the folder, so that no look into it finds what was set aside, and to be moved, not copied.
_PLACES = 'real=$(readlink -f -- {folder}) && aside="$real.set-aside-by-a-grading" || exit; '
_KEPT = (
    '[ ! -d "$real" ] || find "$real" -mindepth 1 -maxdepth 1 '
    '-exec mv -n -t "$aside" -- {} + || :; '
)
"""What has come since the folder was set aside goes to it, but in nobody's place."""


@dataclass(frozen=True)
class SetAside(Fact[None]):
    """The folder set aside; in its place is a copy without the backups of `day` and of later days.

    So a job finds none that it would have to make first, whoever has made one today. Nothing is
    done where there is no folder. What an interrupted grading left is put back before.
    """

    folder: str
    name: str
    day: str

    timeout = 25.0

    def command(self) -> str:
        """The folder itself is moved, so that it has its owners, modes and times afterwards."""
        pattern = f"{shlex.quote(self.name)}-????-??-??.tar.gz"
        return (
            f"{PutBack(self.folder, keeps_new=True).command()}; "
            '[ -d "$real" ] || exit 0; mv -T -- "$real" "$aside" || exit; '
            'if ! cp -a -- "$aside" "$real"; then '
            'rm -rf -- "$real"; mv -T -- "$aside" "$real"; exit 1; fi; '
            f'cd -- "$real" && for file in {pattern}; do '
            f"made=${{file#{shlex.quote(self.name)}-}}; made=${{made%.tar.gz}}; "
            f'[ "$made" \\< {self.day} ] || rm -f -- "$file" || exit; done'
        )

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.folder} cannot be set aside: {reply.text[:200]!r}")


@dataclass(frozen=True)
class PutBack(Fact[None]):
    """The folder as it was before `SetAside`; nothing is done if it was not set aside.

    What was made in the copy goes with it; where `keeps_new`, what has a name of its own stays,
    since it may be somebody's who worked on after a grading was interrupted.
    """

    folder: str
    keeps_new: bool = False

    timeout = 25.0

    def command(self) -> str:
        """At no moment are the originals anywhere but in one of the two places."""
        places = _PLACES.format(folder=shlex.quote(self.folder))
        kept = _KEPT if self.keeps_new else ""
        return (
            f'{places}if [ -d "$aside" ]; then {kept}'
            'rm -rf -- "$real" && mv -T -- "$aside" "$real" || exit; fi'
        )

    def read(self, reply: Reply) -> None:
        """Only a complaint matters."""
        if not reply.ok:
            raise UnreadableOutput(f"{self.folder} cannot be put back: {reply.text[:200]!r}")


@contextmanager
def rehearsal(host: Host, folder: str, name: str, day: str) -> Iterator[None]:
    """Within the block the folder is as it was before `day`; afterwards it is what it is now."""
    host.ask(SetAside(folder, name, day))
    try:
        yield
    finally:
        host.ask(PutBack(folder))
