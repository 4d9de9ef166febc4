"""A new lab, complete and small, written for its author to rewrite."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from runner import catalogue, listing, places, schemas
from runner.errors import StageError, UsageError
from runner.forms import CODE
from runner.printable import one_line

LONGEST_TITLE = 80
_NAME = 32
"""Characters that the name of a folder has at most."""
_SHORT = frozenset(
    ("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "the", "to")
)
_DRAFT = Path(__file__).resolve().parent / "draft"
_FUNCTION = re.compile(r"^jf([1-9][0-9]?)_[a-z0-9_]+$")


@dataclass(frozen=True, slots=True)
class Draft:
    """Where a new lab is to stand: all of it is below `root`."""

    code: str
    title: str
    root: Path
    function: str
    name: str

    @property
    def lab(self) -> Path:
        """The folder of the task."""
        return self.root / "labs" / self.function / f"{self.code[-1]}_{self.name}"

    @property
    def grader(self) -> Path:
        """The judgement."""
        return self.root / "graders" / self.function / f"{self.code[-1]}_{self.name}.py"

    @property
    def world(self) -> Path:
        """The folder of the scenario."""
        return self.root / "scenarios" / self.name

    @property
    def found(self) -> bool:
        """The program finds it without being told where it is."""
        return self.root in (root.resolve() for root in places.roots())


def plan(code: str, title: str, root: Path, function: str | None = None) -> Draft:
    """Where the lab would stand; UsageError where there can be none of that code or name.

    `function` names the job function where neither a folder nor a framework does.
    """
    code = code.strip().lower()
    if not CODE.match(code):
        raise UsageError(
            f"There can be no lab {one_line(code, 40)!r}.",
            remedy="A code is a job function's number and a letter, as in 8a.",
        )
    roots = tuple(dict.fromkeys((*places.roots(), root)))
    _refuse_taken(code, roots)
    title = _fit(title)
    name = _function(code, function, root, roots)
    draft = Draft(code, title, root, name, _slug(title))
    for path in (draft.lab, draft.grader, draft.world):
        if path.exists():
            raise UsageError(
                f"{path} is there already, and nothing is overwritten.",
                remedy="Give the lab another title, or move away what is there.",
            )
    return draft


def write(draft: Draft) -> tuple[Path, ...]:
    """Write the lab; what was written. Where it fails or is interrupted, nothing is."""
    made: list[Path] = []
    try:
        _make(draft.root, made)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=draft.root) as aside:
            for source, target in _parts(draft, Path(aside)):
                _make(target.parent, made)
                if not target.exists():
                    made.append(target)  # first, so that an interruption finds it
                    source.rename(target)
    except BaseException as error:
        for path in reversed(made):
            _remove(path)
        if isinstance(error, OSError):
            raise StageError(
                f"The lab cannot be written to {draft.root}: {error.strerror}.",
                remedy="Name a folder that you may write to: --in FOLDER.",
            ) from error
        raise
    return tuple(path for path in made if path in (draft.lab, draft.grader, draft.world))


def _refuse_taken(code: str, roots: Sequence[Path]) -> None:
    for root in roots:
        for lab in catalogue.labs(root):
            if lab.code == code:
                raise UsageError(
                    f"There is a lab {code} already: {lab.folder}.",
                    remedy="Take a code that is free; ./lab list shows what has a lab.",
                )


def _fit(title: str) -> str:
    fit = " ".join(title.split())
    wrong = ""
    if not fit or not _slug(fit):
        wrong = "words of which a folder's name can be made were expected"
    elif len(fit) > LONGEST_TITLE:
        wrong = f"it has {len(fit)} characters; at most {LONGEST_TITLE} were expected"
    elif not fit.isprintable() or any(mark in fit for mark in "{}"):
        wrong = "braces and characters that cannot be printed do not belong there"
    if wrong:
        raise UsageError(
            f"The title {one_line(title, 40)!r} is none: {wrong}.",
            remedy='A title is a line on a ticket, as in ./lab new 8a "Scans for accounting".',
        )
    return fit


def _function(code: str, given: str | None, root: Path, roots: Sequence[Path]) -> str:
    """The folder of the job function: as it is called already, else by its name."""
    number = int(code[:-1])
    there = {
        path.name
        for one in roots
        for path in (one / "labs").glob("jf*_*")
        if (match := _FUNCTION.match(path.name)) and int(match[1]) == number
    }
    named = _in_framework(code, number, roots)
    if there and given is None:
        # Of several, the one that the folder at hand has.
        own = [name for name in sorted(there) if (root / "labs" / name).is_dir()]
        return next(iter(own or sorted(there)))
    wanted = f"jf{number}_{_slug(given or named)}"
    if there and wanted not in there:
        raise UsageError(
            f"Job function {number} has a folder already: {', '.join(sorted(there))}.",
            remedy="Leave out --function.",
        )
    if not _FUNCTION.match(wanted):
        raise UsageError(
            f"Job function {number} stands in no framework and has no labs yet.",
            remedy='Name it: --function "Name of the job function".',
        )
    return wanted


def _in_framework(code: str, number: int, roots: Sequence[Path]) -> str:
    """The title of the job function, empty if no framework has it; its letters bind a new lab."""
    for _, framework in listing.frameworks(roots):
        for function in framework.functions:
            if function.number == number:
                framework.find(code)
                return function.title
    return ""


def _slug(text: str) -> str:
    """A name for a folder, of as many of the first words as fit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)
    words = [word for word in words if word not in _SHORT] or words
    slug = ""
    for word in words:
        longer = f"{slug}_{word}" if slug else word[:_NAME]
        if len(longer) > _NAME:
            break
        slug = longer
    return slug


def _parts(draft: Draft, aside: Path) -> Iterator[tuple[Path, Path]]:
    """Everything that has to stand somewhere, written aside, and where it belongs."""
    words = {
        "@title@": json.dumps(draft.title, ensure_ascii=False),  # is a text in YAML as well
        "@code@": draft.code,
        "@world@": draft.name,
    }
    package = aside / "package.py"
    _lay(package, f'"""Graders of job function {draft.code[:-1]}."""\n')
    yield package, draft.grader.parent / "__init__.py"
    for name in schemas.FORMS:
        schema = aside / schemas.file_name(name)
        _lay(schema, schemas.text(name))
        yield schema, schemas.folder(draft.root) / schema.name
    for source, target in (("scenario", draft.world), ("lab", draft.lab)):
        _fill(_DRAFT / source, aside / source, words)
        yield aside / source, target
    _fill(_DRAFT / "grader.txt", aside / "grader.py", words)
    yield aside / "grader.py", draft.grader


def _fill(source: Path, target: Path, words: Mapping[str, str]) -> None:
    if source.is_dir():
        target.mkdir()
        for one in sorted(source.iterdir()):
            _fill(one, target / one.name, words)
        return
    text = source.read_text(encoding="utf-8")
    for mark, word in words.items():
        text = text.replace(mark, word)
    _lay(target, text)


def _lay(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _make(folder: Path, made: list[Path]) -> None:
    """The folder and those above it, each noted."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        made.append(one)
        one.mkdir()


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not any(path.glob("lab.yaml")) and not any(path.glob("scenario.yaml")):
            path.rmdir()  # only where it is empty: somebody else may have begun to use it
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
