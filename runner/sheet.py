"""Quality sheets told: a page for each lab, a table of all, plain data for a program."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from runner import budgets, quality
from runner.budgets import MIB, Spread
from runner.catalogue import Lab
from runner.findings import Proof
from runner.printable import one_line
from runner.quality import Flakes, Sheet
from runner.tables import Cell, columns, table
from runner.voice import Style, counted

_TITLES = (
    "Lab",
    "Validated",
    ">Problems",
    ">Checks",
    ">Steps",
    ">Wrong",
    ">Flakes",
    ">Start",
    ">Memory",
    "Title",
)
_SHORT = 8
"""So many digits of a revision are shown."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A lab and what is known of it: `sheet` is None where it was never validated.

    `changed` names what is no longer as it was validated.
    """

    code: str
    title: str
    sheet: Sheet | None = None
    changed: tuple[str, ...] = ()
    page: Path | None = None

    @property
    def current(self) -> bool:
        """The lab was validated as it is now."""
        return self.sheet is not None and not self.changed


def standing(lab: Lab) -> Standing:
    """What is known of a lab; AuthoringError where it cannot be read."""
    kept = quality.latest(lab.code)
    if kept is None:
        return Standing(lab.code, lab.title)
    changed = kept.revisions.changed(quality.revisions_of(lab))
    return Standing(lab.code, lab.title, kept, changed, quality.page_of(lab.code))


def standings_text(labs: Sequence[Standing], style: Style) -> str:
    """All labs in a table, and where their pages are."""
    if not labs:
        return "No lab yet."
    # Without boxes: these many columns would be cut in a narrow terminal.
    parts = [columns(table(_TITLES, [_row(one) for one in labs]), style)]
    if pages := [one.page for one in labs if one.page]:
        parts.append(f"One page for each lab: {pages[0].parent}/CODE.md")
    if stale := [one.code for one in labs if not one.current]:
        parts.append(
            f"Not validated in the present state: {', '.join(stale)}. "
            f"./lab validate {' '.join(stale)} does it."
        )
    return "\n\n".join(parts)


def standings_data(labs: Iterable[Standing]) -> dict[str, Any]:
    """All labs as plain data."""
    return {
        "labs": [
            {
                "code": one.code,
                "title": one.title,
                "current": one.current,
                "changed": list(one.changed),
                "page": str(one.page) if one.page else None,
                "sheet": sheet_data(one.sheet) if one.sheet else None,
            }
            for one in labs
        ]
    }


def sheet_data(sheet: Sheet) -> dict[str, Any]:
    """A sheet as plain data."""
    data: dict[str, Any] = TypeAdapter(Sheet).dump_python(sheet, mode="json")
    data["steps_killed"] = sheet.steps_killed
    data["checks_killed"] = sheet.checks_killed
    data["flakes"]["rate"] = sheet.flakes.rate
    return data


def page(sheet: Sheet) -> str:
    """A lab's sheet as a page, in Markdown."""
    revisions = sheet.revisions
    took = sheet.spent
    fingerprints = f"lab {revisions.lab}, grader {revisions.grader}"
    fingerprints += f", attempts {revisions.attempts}, images {revisions.images}"
    facts = (
        ("Validated", f"{sheet.at:%Y-%m-%d %H:%M %Z}".strip()),
        ("Revisions", fingerprints),
        ("Seeds", ", ".join(map(str, sheet.seeds)) or "none"),
        ("Solutions", f"{len(sheet.solutions)}: {', '.join(sheet.solutions)}"),
        ("Wrong attempts", f"{len(sheet.wrong)}: {', '.join(sheet.wrong)}"),
        ("Checks that can fail", f"{sheet.checks_killed} of {len(sheet.checks)}"),
        ("Steps that matter", f"{sheet.steps_killed} of {len(sheet.steps)}"),
        ("Flakes", _flakes_text(sheet.flakes)),
        ("Memory of a world", f"{_mib(took.memory)}; {_mib(budgets.MEMORY)} at most"),
    )
    times = (
        ("start", took.start, f"{budgets.START:g} s"),
        ("grade", took.grade, f"{budgets.GRADE:g} s beside declared waits"),
        ("reset", took.reset, "-"),
        ("stop", took.stop, f"{budgets.STOP:g} s"),
    )
    many = len(sheet.problems)
    parts = [
        f"# {sheet.code}  {_cell(sheet.title)}",
        f"**{counted(many, 'problem')}**, see below." if many else "No problem was found.",
        _lines(("", ""), facts),
        "## Times",
        _lines(
            ("", "p50", "p95", "timed", "p95 at most"),
            ((name, *_shown(spread), budget) for name, spread, budget in times),
        ),
        "## Checks, and what made them fail",
        _lines(
            ("check", "standard", "failed by"),
            ((c.check, c.standard, ", ".join(c.killers) or "nothing") for c in sheet.checks),
        ),
        "## Steps, and what does not pass without them",
        _lines(
            ("solution", "step", "does not pass"),
            ((s.solution, s.step, ", ".join(s.flips) or "nothing seen") for s in sheet.steps),
        ),
        "## Images",
        _lines(("image", "size"), ((one.image, _mib(one.size)) for one in sheet.images)),
        "## Problems",
    ]
    for proof in Proof:
        own = [f"- {_cell(one.text)}" for one in sheet.problems if one.proof is proof]
        parts += [f"### {str(proof).capitalize()}", "\n".join(own)] if own else []
    parts += [] if many else ["None."]
    return "\n\n".join(parts) + "\n"


def _row(one: Standing) -> tuple[str | Cell, ...]:
    sheet = one.sheet
    if sheet is None:
        return (one.code, Cell("never", "yellow"), *["-"] * (len(_TITLES) - 3), one.title)
    state = f"changed: {', '.join(one.changed)}" if one.changed else "current"
    validated = f"{sheet.at:%Y-%m-%d}  {sheet.revisions.lab[:_SHORT]}\n{state}"
    problems = len(sheet.problems)
    rate = sheet.flakes.rate
    return (
        one.code,
        Cell(validated, "green" if one.current else "yellow"),
        Cell(str(problems), "bold red" if problems else "green"),
        f"{sheet.checks_killed}/{len(sheet.checks)}",
        f"{sheet.steps_killed}/{len(sheet.steps)}",
        str(len(sheet.wrong)),
        "-" if rate is None else f"{rate:.0%}",
        _shown(sheet.spent.start)[1],
        _mib(sheet.spent.memory),
        one.title,
    )


def _flakes_text(found: Flakes) -> str:
    if found.rate is None:
        return "not known: no trial was repeated with nothing changed"
    named = f": {', '.join(found.flaky)}" if found.flaky else ""
    return (
        f"{found.rate:.0%} ({len(found.flaky)} of {counted(found.repeated, 'trial')} repeated "
        f"in {counted(found.runs, 'run')}{named})"
    )


def _shown(spread: Spread) -> tuple[str, str, str]:
    if not spread.timed:
        return "-", "-", "0"
    return f"{spread.p50:.1f} s", f"{spread.p95:.1f} s", str(spread.timed)


def _mib(size: int) -> str:
    return f"{size / MIB:.0f} MiB" if size else "-"


def _lines(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    lines = [list(titles), ["---"] * len(titles), *(map(_cell, row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    """Text that is no markup."""
    safe = one_line(text, 2000).replace("\\", "\\\\").replace("|", "\\|")
    # An underscore within a word is none to Markdown, and names are full of them.
    return safe.replace("<", "&lt;").replace("*", "\\*").replace("`", "\\`")
