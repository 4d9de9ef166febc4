"""An evidence bundle: all that a grading rests on, as plain data, and the grading of it anew.

Where a value is kept secret, its name between angle quotes stands for it, as in recorded cases.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from runner import canonical, recorded, scenario
from runner.case import Case, Exchange, Judged, Standing, differences
from runner.catalogue import Lab
from runner.entry import GRADINGS, Entry
from runner.errors import UsageError
from runner.forms import ValueForm
from runner.printable import one_line
from runner.record import Attempt, body_of
from runner.values import Person, Values

WHOLE = 2**22
"""Characters of all questions and answers of a bundle together; what comes after is cut."""
TEXT = recorded.ANSWER_LIMIT
"""The same of a single one."""

_SHORTEST = 6
"""Characters below which a text stands anywhere by chance; validation refuses such a secret."""
_NAMED = re.compile(r"«([a-z0-9_.]+)»")
_TASK = ("lab.yaml", "brief.md", "hints.md")


def body(attempt: Attempt, case: Case, lab: Lab, world: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry of a grading says: the attempt, how it was judged and of what world."""
    hidden = _Hidden(lab, lab.values(attempt.seed))
    found = body_of(attempt)
    judged = {one.check: one for one in case.checks}
    left = WHOLE
    for check in found["checks"]:
        check["reason"], check["hint"] = hidden(check["reason"]), hidden(check["hint"])
        exchanges, cut = [], False
        for exchange in judged[check["check"]].exchanges if check["check"] in judged else ():
            told, whole = _told(exchange, hidden, left)
            left -= sum(len(text) for text in told.values() if isinstance(text, str))
            cut = cut or not whole
            exchanges.append(told)
        check["exchanges"] = exchanges
        if cut:
            check["cut"] = True
    return {
        **found,
        "hosts": [one.model_dump(mode="json") for one in case.hosts],
        "digests": digests(lab),
        "world": dict(world),
    }


def digests(lab: Lab) -> dict[str, str]:
    """SHA-256 of the lab (task, values, own files), its grader with the facts, and its scenario."""
    below = lab.folder / "files"
    files = sorted(path for path in below.rglob("*") if path.is_file()) if below.is_dir() else []
    facts = sorted((lab.grader_file.parents[1] / "facts").glob("*.py"))
    return {
        "lab": _digest(lab.folder, [*(lab.folder / name for name in _TASK), *files]),
        "grader": _digest(lab.grader_file.parents[1], [lab.grader_file, *facts]),
        "scenario": scenario.digest(lab.scenario_folder_of(lab.form)),
    }


def cut_checks(entry: Entry) -> list[str]:
    """The checks whose answers were too long to be kept whole."""
    return [str(one.get("check")) for one in entry.body.get("checks", ()) if one.get("cut")]


def replayed(entry: Entry, lab: Lab) -> tuple[str, ...]:
    """What the grader of today says otherwise of the recorded answers, a line for each check.

    UsageError where the entry holds none.
    """
    values = lab.values(_seed(entry))
    hidden = _Hidden(lab, values)
    case = _case(entry, lab, hidden)
    return tuple(hidden(line) for line in differences(case, recorded.replay(case, lab)))


class _Hidden:
    """Puts names in the places of values that are marked secret, and takes them back."""

    def __init__(self, lab: Lab, values: Values) -> None:
        marked = [
            (name, values[name])
            for name, form in lab.form.values.items()
            if isinstance(form, ValueForm) and form.secret
        ]
        self._texts = {
            name: text
            for value, drawn in marked
            for name, text in _texts(value, drawn)
            if len(text) >= _SHORTEST and text not in values.secrets
        }
        longest = sorted(set(self._texts.values()), key=len, reverse=True)
        self._any = re.compile("|".join(map(re.escape, longest)) or r"(?!)")
        self._names = {text: name for name, text in self._texts.items()}

    def __call__(self, text: str) -> str:
        return self._any.sub(lambda found: f"«{self._names[found[0]]}»", text)

    def shown(self, text: str) -> str:
        """The values in the places of their names."""
        return _NAMED.sub(lambda found: self._texts.get(found[1], found[0]), text)


def _texts(name: str, value: object) -> Iterator[tuple[str, str]]:
    """The texts of a value, each with a name; a person's password is masked already."""
    if isinstance(value, Person):
        return
    if isinstance(value, tuple):
        for number, one in enumerate(value):
            yield from _texts(f"{name}.{number}", one)
        return
    lines = [line.strip() for line in str(value).splitlines() if line.strip()]
    for number, line in enumerate(lines):
        yield (name if len(lines) == 1 else f"{name}.{number}"), line


def _told(exchange: Exchange, hidden: _Hidden, left: int) -> tuple[dict[str, Any], bool]:
    """One question with its answer, and whether it is whole."""
    told = exchange.model_dump(mode="json", exclude_defaults=True)
    whole = True
    for name, value in told.items():
        if isinstance(value, str):
            # Hidden before it is cut, which could leave half a secret. Half a surrogate pair has no
            # form in UTF-8.
            text = hidden(value).encode("utf-8", "replace").decode()
            told[name] = text[: min(TEXT, max(left, 64))]
            whole = whole and len(told[name]) == len(text) < TEXT
    return told, whole


def _case(entry: Entry, lab: Lab, hidden: _Hidden) -> Case:
    """The recorded case in a bundle."""
    body = entry.body
    if entry.kind not in GRADINGS:
        raise UsageError(
            f"Entry {entry.sequence} is of the kind {one_line(entry.kind, 40)}: there is nothing to"
            " be graded again.",
            remedy="./lab evidence CODE writes the bundle of a grading.",
        )
    if "hosts" not in body:
        raise UsageError(
            f"Entry {entry.sequence} holds no recorded answers, so it cannot be graded again.",
            remedy="Its verdicts stand as they are.",
        )
    try:
        return Case(
            format=1,
            code=lab.code,
            seed=_seed(entry),
            revision=str(body.get("lab_revision")),
            grader_revision=str(body.get("grader_revision")),
            hosts=tuple(Standing.model_validate_json(_json(one)) for one in body["hosts"]),
            checks=tuple(_judged(one, hidden) for one in body["checks"]),
        )
    except (ValidationError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(
            f"Entry {entry.sequence} was written in another form than this version reads:"
            f" {one_line(str(error), 120)}",
            remedy="Use the version that wrote it: program_version in the bundle says which.",
        ) from error


def _judged(check: Mapping[str, Any], hidden: _Hidden) -> Judged:
    exchanges = tuple(
        Exchange.model_validate_json(
            _json({k: hidden.shown(v) if isinstance(v, str) else v for k, v in one.items()})
        )
        for one in check["exchanges"]
    )
    return Judged.model_validate_json(
        _json(
            {
                "check": check["check"],
                "outcome": check["outcome"],
                "reason": hidden.shown(check["reason"]),
                "after_restart": check["after_restart"],
            }
        )
    ).model_copy(update={"exchanges": exchanges})


def _seed(entry: Entry) -> int:
    digits = str(entry.body.get("seed", ""))
    if not re.fullmatch(r"[0-9]{1,10}", digits, re.ASCII):
        raise UsageError(f"Entry {entry.sequence} names no seed.", remedy="It is no grading.")
    return int(digits)


def _json(value: object) -> bytes:
    # By way of JSON, since the forms are strict: they take a list for a tuple only there.
    return canonical.dumps(value)


def _digest(root: Path, paths: Iterable[Path]) -> str:
    """Over names and contents, each with its length: nothing can be moved from one to another."""
    lines = [f"{path.relative_to(root)}\0{canonical.digest(path.read_bytes())}\n" for path in paths]
    return canonical.digest("".join(lines).encode())
