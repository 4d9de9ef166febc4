"""What a change is about: the files that changed, by git, and the labs that they can affect."""

from __future__ import annotations

import ast
import os
import subprocess
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from runner import imagespec, places
from runner.catalogue import Lab
from runner.errors import LabError, UsageError

_MACHINERY = ("runner", "pyproject.toml", "requirements.lock", "labs/names.yaml")
"""What every lab goes through, below the house."""
_DEFAULT_BRANCHES = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
_Imports = Callable[[Path, tuple[Path, ...]], frozenset[Path]]
_GIT_SECONDS = 60.0
_ELSEWHERE = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
"""In a hook these lead git to the hook's repository, whatever folder it is asked in."""


def affected(labs: Iterable[Lab], paths: Iterable[Path]) -> tuple[Lab, ...]:
    """The labs that a change of these files can affect, gone ones among them.

    A lab is affected by its folder, its scenario, its grader with all that this imports, its
    images with what they stand on; and by the machinery. One that cannot be read is affected: what
    it is made of is not known.
    """
    changed = tuple(path.resolve() for path in paths)
    # Labs share most of their facts: what a module imports, and where a file is, is asked once.
    imports, resolved = cache(_imports), cache(Path.resolve)
    return tuple(lab for lab in labs if _touched(lab, changed, imports, resolved))


def paths_changed(root: Path, since: str | None = None) -> tuple[Path, ...]:
    """The files that differ from where this line of work left the default branch, or `since`.

    Committed, staged, unstaged and not yet known to git; ignored ones are not looked at. Raises
    UsageError where git cannot say.
    """
    top = Path(_git(root, "rev-parse", "--show-toplevel", failing=_no_repository(root)).strip())
    base = _base(top, since)
    listed = (
        ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", base, "--"),
        ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", "--cached", base, "--"),
        ("ls-files", "--others", "--exclude-standard", "-z"),
    )
    names = {
        name
        for arguments in listed
        for name in _git(top, *arguments, failing=_gave_up).split("\0")
        if name
    }
    return tuple(top / name for name in sorted(names))


def _touched(
    lab: Lab, changed: tuple[Path, ...], imports: _Imports, resolved: Callable[[Path], Path]
) -> bool:
    if not changed:
        return False
    try:
        matters = {resolved(path) for path in _made_of(lab, imports)}
    except (LabError, OSError):
        return True
    return any(path in matters or not matters.isdisjoint(path.parents) for path in changed)


def _made_of(lab: Lab, imports: _Imports) -> Iterator[Path]:
    """Files and folders on which the lab depends."""
    house = places.house()
    yield from (house / name for name in _MACHINERY)
    yield lab.root / "labs" / "names.yaml"
    yield lab.folder
    yield lab.scenario_folder_of(lab.form)
    yield from (imagespec.shelf() / name for name in imagespec.needed(lab.images))
    package = lab.grader_file.parent
    yield from (package / "__init__.py", package.parent / "__init__.py")
    yield from _imported(lab.grader_file, (lab.root, house), imports)


def _imported(file: Path, roots: tuple[Path, ...], imports: _Imports) -> set[Path]:
    """The file and all modules of a `graders` folder that it imports, those that are gone too."""
    found: set[Path] = set()
    waiting = [file]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += imports(one, roots)
    return found


def _imports(file: Path, roots: tuple[Path, ...]) -> frozenset[Path]:
    """Where the modules that `file` names stand, or would stand, with their packages."""
    try:
        source = file.read_bytes()
    except OSError:
        return frozenset()
    found: set[Path] = set()
    for name, level in _statements(source):
        parts = tuple(part for part in name.split(".") if part)
        if level:
            found.update(_places(file.parents[min(level, len(file.parents)) - 1], parts))
        elif parts[0] == "graders":
            for root in roots:
                found.update(_places(root, parts))
    return frozenset(found)


@lru_cache(maxsize=1024)
def _statements(source: bytes) -> tuple[tuple[str, int], ...]:
    """What the text of a module imports; labs share most of their facts."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    return tuple(dict.fromkeys(found for node in ast.walk(tree) for found in _named(node)))


def _named(node: ast.AST) -> Iterator[tuple[str, int]]:
    """The modules that a statement imports; what is taken from one may be a module as well."""
    if isinstance(node, ast.Import):
        yield from ((name.name, 0) for name in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or "", node.level
        for name in node.names:
            yield f"{node.module or ''}.{name.name}", node.level


@lru_cache(maxsize=4096)
def _places(folder: Path, parts: tuple[str, ...]) -> tuple[Path, ...]:
    """`parts` as a module below `folder`, and the packages on the way to it."""
    packages = [folder.joinpath(*parts[:depth]) for depth in range(1, len(parts) + 1)]
    inside = tuple(package / "__init__.py" for package in packages)
    return (*inside, packages[-1].with_suffix(".py")) if packages else ()


def _base(top: Path, since: str | None) -> str:
    """The commit to compare with: where this line of work and `since` were still one."""
    tips = _DEFAULT_BRANCHES if since is None else (since,)
    tip = next((one for one in tips if _knows(top, one)), None)
    if tip is None and since is not None:
        raise UsageError(
            f"git knows no commit {since!r} in {top}",
            remedy="name a branch, a tag or a commit; `git log --oneline` shows some",
        )
    if tip is None:
        raise UsageError(
            f"{top} has no default branch to compare with: main or master was expected",
            remedy="name the labs instead",
        )
    apart = f"git finds no common history of this work and {tip}"
    fetch = "fetch all of it (git fetch --unshallow), or name the labs instead"
    return _git(
        top, "merge-base", "HEAD", tip, failing=lambda _: UsageError(apart, remedy=fetch)
    ).strip()


def _knows(top: Path, commit: str) -> bool:
    # After --end-of-options nothing that was typed can be an option.
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}")
    return _run(top, *words).returncode == 0


def _no_repository(root: Path) -> Callable[[str], UsageError]:
    def failing(said: str) -> UsageError:
        reason = "" if said.startswith("not a git repository") else f": {said}"
        return UsageError(f"{root} is in no git repository{reason}", remedy="name the labs instead")

    return failing


def _gave_up(said: str) -> UsageError:
    return UsageError(f"git cannot say what changed: {said}", remedy="name the labs instead")


def _git(folder: Path, *words: str, failing: Callable[[str], UsageError]) -> str:
    """What git answers; where it fails, the error made of its own words."""
    done = _run(folder, *words)
    if done.returncode:
        said = done.stderr.strip() or f"it ended with {done.returncode}"
        raise failing(said.splitlines()[0].removeprefix("fatal: "))
    return done.stdout


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if name not in _ELSEWHERE}
    try:
        return subprocess.run(
            ["git", "-C", str(folder), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            env={**environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"},
            timeout=_GIT_SECONDS,
            check=False,
        )
    except FileNotFoundError:
        raise UsageError("git is not installed", remedy="name the labs instead") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _gave_up(str(error)) from None
