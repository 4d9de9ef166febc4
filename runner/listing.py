"""The framework and the labs there are for it, at a glance; and the lab for a code.

A list is asked for all the time, and reading the framework takes a quarter of a second: what was
read is kept, under the hash of everything it was read from.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runner import places
from runner.errors import AuthoringError, StageError, UnknownCode
from runner.printable import one_line

if TYPE_CHECKING:
    from runner.catalogue import Lab
    from runner.framework import Framework

_READ_BY = ("listing.py", "framework.py", "catalogue.py", "forms.py", "authored.py")
"""Modules that have a say in what the listing holds."""
_WORD = re.compile(r"[a-z]{4,}")
"""Shorter words (of, and, the) are in every title and tell none from another."""
_CODE = re.compile(r"(?P<number>[1-9][0-9]?)(?P<letter>[a-z])")


@dataclass(frozen=True, slots=True)
class Listed:
    """A competency and the lab for it.

    `lab` is the lab's title, None where there is none yet; `level` is None where the framework's
    text has none that can be read.
    """

    code: str
    function: int
    function_title: str
    title: str
    standing: str | None
    level: str | None
    lab: str | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """Every competency, by code; `problems` says which labs could not be read."""

    competencies: tuple[Listed, ...]
    problems: tuple[str, ...] = ()

    @property
    def with_lab(self) -> tuple[str, ...]:
        """The codes that have a lab."""
        return tuple(one.code for one in self.competencies if one.lab is not None)


def listing(roots: Sequence[Path]) -> Listing:
    """The frameworks and labs of `roots`, from what was kept if nothing has changed since."""
    made_of = _fingerprint(roots)
    kept = _kept(made_of)
    if kept is not None:
        return Listing(kept)
    found = _read(roots)
    if not found.problems:
        _keep(made_of, found.competencies)
    return found


def lab_for(code: str, roots: Sequence[Path]) -> Lab:
    """The lab for a competency; UnknownCode names the nearest, or says that there is none yet."""
    from runner import catalogue

    wanted = code.strip().lower()
    for root in roots:
        for lab in catalogue.labs(root):
            if lab.code == wanted:
                return lab
    found = listing(roots)
    there = f"There are labs for: {', '.join(found.with_lab) or 'none'}."
    if any(one.code == wanted for one in found.competencies):
        raise UnknownCode(f"{wanted} has no lab yet.", remedy=there)
    near = "".join(f"\n  {one.code}  {one.title}" for one in _nearest(wanted, found.competencies))
    raise UnknownCode(
        f"There is no competency {one_line(code, 40)!r}.",
        remedy=f"The nearest:{near}\n{there}" if near else f"{there} ./lab list shows all.",
    )


def frameworks(roots: Iterable[Path]) -> Iterator[tuple[Path, Framework]]:
    """The framework of each root that has one: an employer's holds the job functions from 8."""
    from runner.framework import read_framework

    for root in roots:
        path = root / "labs" / "framework.yaml"
        if path.is_file():
            yield root, read_framework(path)


def _nearest(wanted: str, among: Sequence[Listed]) -> list[Listed]:
    """At most three: those with a lab before others, by code or by words of either title."""
    import difflib

    by_code = {one.code: one for one in among}
    if any(c.isdigit() for c in wanted[:4]):
        near = difflib.get_close_matches(wanted[:8], by_code, n=len(by_code), cutoff=0.5)
        turned = [code for code in near if sorted(code) == sorted(wanted)]
        with_lab = sorted(near, key=lambda code: by_code[code].lab is None)
        return [by_code[code] for code in turned or with_lab[:3]]
    words = set(_WORD.findall(wanted[:100]))
    scored = [
        (len(words & set(_WORD.findall(f"{one.title} {one.lab or ''}".lower()))), one)
        for one in among
    ]
    best = sorted(scored, key=lambda pair: (-pair[0], pair[1].lab is None))[:3]
    return [one for score, one in best if score]


def _read(roots: Sequence[Path]) -> Listing:
    from runner import catalogue

    labs: dict[str, tuple[str, int]] = {}
    problems = []
    for root in roots:
        for lab in catalogue.labs(root):
            try:
                labs.setdefault(lab.code, (lab.title, lab.form.minutes))
            except AuthoringError as error:
                problems.append(str(error))
    rows = {}
    for _, framework in frameworks(roots):
        for function in framework.functions:
            for one in function.competencies:
                title, minutes = labs.get(one.code) or (None, None)
                rows[one.code] = Listed(
                    code=one.code,
                    function=function.number,
                    function_title=function.title,
                    title=one.title,
                    standing=one.standing,
                    level=one.level,
                    lab=title,
                    minutes=minutes,
                )
    for code, (title, minutes) in labs.items():
        # A lab whose competency stands in no framework: an employer has begun with the lab.
        own = Listed(code, _place(code)[0], "", title, None, None, title, minutes)
        rows.setdefault(code, own)
    return Listing(tuple(sorted(rows.values(), key=lambda one: _place(one.code))), tuple(problems))


def _place(code: str) -> tuple[int, str]:
    match = _CODE.fullmatch(code)
    return (int(match["number"]), match["letter"]) if match else (0, code)


def _fingerprint(roots: Sequence[Path]) -> str:
    found = hashlib.sha256()
    here = Path(__file__).parent
    for path in [here / name for name in _READ_BY]:
        found.update(path.read_bytes())
    for root in roots:
        labs = root / "labs"
        for path in [labs / "framework.yaml", *sorted(labs.glob("jf*_*/*_*/lab.yaml"))]:
            if path.is_file():
                found.update(f"\0{path}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()


def _kept(made_of: str) -> tuple[Listed, ...] | None:
    with suppress(OSError, ValueError, TypeError, KeyError, StageError):
        kept: dict[str, Any] = json.loads(_file().read_text(encoding="utf-8"))
        if kept["made_of"] == made_of:
            return tuple(Listed(**row) for row in kept["competencies"])
    return None


def _keep(made_of: str, competencies: tuple[Listed, ...]) -> None:
    rows = [asdict(one) for one in competencies]
    text = json.dumps({"made_of": made_of, "competencies": rows})
    with suppress(OSError, StageError):
        # Written aside first: another program may be reading.
        aside = _file().with_suffix(".new")
        aside.write_text(text, encoding="utf-8")
        aside.replace(_file())


def _file() -> Path:
    return places.state() / "listing.json"
