"""No answers in the box: nothing that a host holds tells how it is judged or how it is done.

Looked for are words that nobody else uses (the checks' names and standards, the files of grader and
attempts), the text of the grader and of the attempts, and values that the lab keeps secret or lets
stand in one place. A word or a value is found by itself; a line of a script might stand in a file
of the system as well, so it takes several of the same script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from shlex import quote
from typing import Any

from runner import authored
from runner.engine import Engine, translating
from runner.errors import LookError
from runner.findings import Problem, Proof
from runner.forms import ValueForm
from runner.lines import Lines
from runner.practical import Practical
from runner.session import in_parallel
from runner.values import Person

SEARCH_LIMIT = 40.0
"""Seconds that searching one host may take; a few are usual."""
SHORTEST_SECRET = 6
"""Characters below which a value stands in any file by chance."""

_LINE = 30
"""Characters from which on a line of a script is looked for."""
_SEVERAL = 80
"""Characters of different lines of one script that do not stand in one file by chance."""
_NAME = 12
"""Characters from which on a name of several words belongs to nobody else."""
_WHOLE = 3
"""Lines from which on a script is recognised as a whole, however usual each of them is."""
_MEMORY = ("/proc/", "/run/", "/tmp/", "/dev/")  # noqa: S108 - where a host has them in memory
_NAMED = 4
"""Places that are named for each finding; the others are counted."""


@dataclass(frozen=True, slots=True)
class Needle:
    """A text that nobody else uses, and what it is; `places` are where it may stand."""

    text: str
    what: str
    places: tuple[str, ...] = ()

    def allowed(self, where: str) -> bool:
        """Whether it may stand in `host:/path`: in a file of its places, or in a folder of them."""
        return any(where == one or where.startswith(f"{one.rstrip('/')}/") for one in self.places)


@dataclass(frozen=True)
class Script:
    """A text that a host must not hold: the grader, or a step of an attempt, as it is run.

    `known` is what the hosts hold anyway and what the apprentice is told.
    """

    name: str
    text: str
    known: str

    @cached_property
    def lines(self) -> frozenset[str]:
        """The lines that are looked for."""
        lines = {line.strip() for line in self.text.splitlines()}
        # Other Python programs import the same things.
        return frozenset(one for one in lines if len(one) >= _LINE and " import " not in one)

    def stands(
        self, found: frozenset[str], usual: frozenset[str], content: Callable[[], str]
    ) -> bool:
        """Whether `found`, its lines in one file, say that the script is there."""
        if sum(len(line) for line in found - usual if line not in self.known) >= _SEVERAL:
            return True
        if found != self.lines:
            return False
        whole = {line.strip() for line in self.text.splitlines()} - {""}
        return len(whole) >= _WHOLE and whole <= {line.strip() for line in content().splitlines()}


@dataclass(frozen=True, slots=True)
class Sought:
    """Everything that is looked for in a world."""

    needles: tuple[Needle, ...]
    scripts: tuple[Script, ...]

    @property
    def patterns(self) -> bytes:
        """The texts to be found, one a line."""
        texts = {one.text for one in self.needles}.union(*(one.lines for one in self.scripts))
        return "\n".join(sorted(texts)).encode()


def search(engine: Engine, work: Practical, lines: Lines) -> list[Problem]:
    """Answers that stand in an untouched world, and secrets that cannot be looked for.

    Searched are the hosts that the apprentice gets into, which are the workstation and those that
    they administer, as root: all files and their names, the environment and the arguments of every
    process. Of all hosts, the labels and what the engine says of their images.
    """
    sought = everything(work)
    inside = [
        host.name
        for host in work.world.hosts
        if host.administered or host.name == work.lab.workstation
    ]

    def look(host: str) -> list[Problem]:
        try:
            line = lines.open(work.session, host)
            reply = line.run(_SEARCH, stdin=sought.patterns, timeout=SEARCH_LIMIT)
            if not reply.ok:
                return [_unsearched(host, reply.text)]
            hits = read_hits(reply.stdout)
            own = _own_files(engine, work, host)
            usual = frozenset().union(*(hits[path] for path in hits if not own(path)))
            return judge(
                sought,
                host,
                hits,
                usual,
                lambda path: line.run(f"head -c 100000 -- {quote(path)}").stdout,
            )
        except LookError as error:
            return [_unsearched(host, error)]

    found = [problem for problems in in_parallel(look, inside) for problem in problems]
    return [*_too_short(work), *found, *judge_words(sought, _words(engine, work))]


def everything(work: Practical) -> Sought:
    """What is looked for in this world."""
    lab, world = work.lab, work.world
    grader = f"graders/{lab.grader_file.parent.name}/{lab.grader_file.name}"
    known = _known(work)
    context = world.context(work.values)
    steps = {step.path: step for attempt in lab.attempts for step in attempt.steps}
    needles = [
        Needle(f"{lab.folder.parent.name}/{lab.folder.name}", "the path of the lab"),
        *(Needle(one.name, f"the name of check {one.name}") for one in lab.checks),
        *(Needle(one.standard, f"the standard of check {one.name}") for one in lab.checks),
        *(Needle(path.name, f"the name of step {path.name}") for path in steps),
    ]
    return Sought(
        needles=(*(one for one in needles if _own(one.text, known)), *_kept(work)),
        scripts=(
            Script(grader, authored.read_text(lab.grader_file), known),
            *(
                Script(f"attempts/{path.parent.name}/{path.name}", step.script(context), known)
                for path, step in steps.items()
            ),
        ),
    )


def read_hits(output: str) -> dict[str, frozenset[str]]:
    """The texts found, by path, in what the search printed: path, NUL, text."""
    found: dict[str, set[str]] = {}
    for line in output.split("\n"):
        path, _, text = line.partition("\0")
        if text:
            found.setdefault(path, set()).add(text)
    return {path: frozenset(texts) for path, texts in found.items()}


def judge(
    sought: Sought,
    host: str,
    hits: Mapping[str, frozenset[str]],
    usual: frozenset[str],
    content: Callable[[str], str],
) -> list[Problem]:
    """What the hits in one host mean.

    `usual` are texts that stand in the system's own files; `content` reads a file where that
    decides.
    """
    seen: dict[str, list[str]] = {}
    for path, texts in sorted(hits.items()):
        where = f"{host}:{path}"
        for needle in sought.needles:
            if any(needle.text in text for text in texts) and not needle.allowed(where):
                _add(seen, needle.what, where)
        for script in sought.scripts:
            own = script.lines & texts
            if own and script.stands(own, usual, lambda: content(path)):  # noqa: B023 - called at once
                _add(seen, f"lines of {script.name}", where)
    return _told(seen)


def judge_words(sought: Sought, words: Mapping[str, str]) -> list[Problem]:
    """What stands in the engine's words, by where they are from, that should not."""
    seen: dict[str, list[str]] = {}
    for where, text in words.items():
        for needle in sought.needles:
            if needle.text in text:
                _add(seen, needle.what, where)
        for script in sought.scripts:
            if script.stands(_among(script.lines, text), frozenset(), lambda: text):  # noqa: B023 - at once
                _add(seen, f"lines of {script.name}", where)
    return _told(seen)


# The patterns come by stdin and stay in the shell's memory: no file, no argument, no environment
# holds them, so the search does not find itself. /proc, /sys and /dev are no files; what a process
# was started with is looked at by itself.
_SEARCH = r"""
LC_ALL=C; export LC_ALL
sought=$(cat)
find_in() { printf '%s\n' "$sought" | grep -aF -D skip -f - "$@" 2>/dev/null; }
set -- /dev/shm
for top in /* /.[!.]*; do
    case $top in /proc | /sys | /dev) continue ;; esac
    [ -L "$top" ] || [ ! -e "$top" ] || set -- "$@" "$top"
done
# To say which files hold anything takes half as long as to say at once what they hold.
found=$(find_in -rl -- "$@")
[ $? -le 2 ] || { echo 'the search was ended' >&2; exit 1; }
found=$(printf '%s\n' "$found" | head -n 2000)
{
    printf '%s\n' "$sought" | {
        find "$@" -name '*[a-z]*' -print 2>/dev/null | grep -aF -f /dev/fd/3
    } 3<&0 | while IFS= read -r path; do printf '%s\0%s\n' "$path" "$path"; done
    set -f; IFS='
'
    find_in -oHZ -- /dev/null $found
    set +f
    find_in -oHZ -- /proc/[0-9]*/environ /proc/[0-9]*/cmdline
} | sort -u | head -c 1000000
"""


def _kept(work: Practical) -> Iterator[Needle]:
    """The values that may stand nowhere, or in a few places only."""
    for name, form in _marked(work):
        only = f"may stand only in {', '.join(form.found_in)}"
        what = f"value {name}, which {only if form.found_in else 'is secret'}"
        for text in _texts(work.values[name]):
            if len(text) >= SHORTEST_SECRET:
                yield Needle(text, what, tuple(form.found_in))


def _too_short(work: Practical) -> list[Problem]:
    return [
        _problem(
            f"value {name} is to be kept, but {len(text)} characters stand anywhere by chance; "
            f"at least {SHORTEST_SECRET} were expected"
        )
        for name, form in _marked(work)
        for text in _texts(work.values[name])
        if len(text) < SHORTEST_SECRET
    ]


def _marked(work: Practical) -> Iterator[tuple[str, ValueForm]]:
    for name, form in work.lab.form.values.items():
        if isinstance(form, ValueForm) and (form.secret or form.found_in):
            yield name, form


def _texts(value: object) -> Iterator[str]:
    """The forms in which a value can stand in a file; of a person it is the password."""
    if isinstance(value, Person):
        yield value.password
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    else:
        yield from (line.strip() for line in str(value).splitlines() if line.strip())


def _own(text: str, known: str) -> bool:
    """Whether nobody else would say this: long, of several words, and not what hosts hold."""
    several = sum(not one.isalnum() for one in text) > 1
    return len(text) >= _NAME and several and text not in known


def _known(work: Practical) -> str:
    """What the hosts are made of and what the apprentice reads: it is no secret."""
    parts = [work.brief, *work.hints]
    for host in work.world.hosts:
        parts += [host.title, host.command, host.setup, host.ready]
        parts += [file.content.decode("utf-8", "replace") for file in host.files]
    return "\n".join(parts)


def _words(engine: Engine, work: Practical) -> dict[str, str]:
    """What the engine says of the containers and of their images, by where it stands."""
    words: dict[str, str] = {}
    images: dict[str, str] = {}
    with translating("look at the hosts' labels and images"):
        for one in work.session.containers:
            seen: dict[str, Any] = engine.api.inspect_container(one.id)
            words[f"the labels of host {one.host}"] = _flat(seen["Config"]["Labels"])
            images[seen["Image"]] = work.world.host(one.host).image
        for made, name in images.items():
            seen = engine.api.inspect_image(made)  # type: ignore[no-untyped-call]
            words[f"image {name}"] = _flat((seen["Config"], seen.get("Comment")))
            made_by: object = engine.api.history(made)  # type: ignore[no-untyped-call]
            words[f"the history of image {name}"] = _flat(made_by)
    return words


def _own_files(engine: Engine, work: Practical, host: str) -> Callable[[str], bool]:
    """Whether a path is of this world, rather than of the image that many are made from."""
    container = work.session.container(host).id
    with translating(f"list what was changed on host {host}"):
        changed = {one["Path"] for one in engine.api.diff(container) or ()}
    return lambda path: path in changed or path.startswith(_MEMORY)


def _flat(found: object) -> str:
    """All texts in an answer of the engine."""
    if isinstance(found, dict):
        return "\n".join(f"{key} {_flat(one)}" for key, one in found.items())
    if isinstance(found, list | tuple):
        return "\n".join(map(_flat, found))
    return str(found)


def _among(lines: frozenset[str], text: str) -> frozenset[str]:
    return frozenset(line for line in lines if line in text)


def _add(seen: dict[str, list[str]], what: str, where: str) -> None:
    if where not in seen.setdefault(what, []):
        seen[what].append(where)


def _told(seen: Mapping[str, list[str]]) -> list[Problem]:
    found = []
    for what, places in seen.items():
        more = len(places) - _NAMED
        listed = ", ".join(places[:_NAMED]) + (f" and {more} more" if more > 0 else "")
        found.append(_problem(f"{listed}: {what}"))
    return found


def _unsearched(host: str, why: object) -> Problem:
    return _problem(f"host {host} could not be searched: {why}")


def _problem(text: str) -> Problem:
    return Problem(Proof.ANSWER, text)
