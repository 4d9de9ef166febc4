"""What a run brought: a table of rows by section, and the same as plain data, to be kept."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bench.figures import Found, Row, rows
from bench.ground import Bench, Plan
from bench.sections import SECTIONS
from runner import places


class Mixed(Exception):
    """Sections that were not measured on the same machine, engine and version, or not alike."""


@dataclass(frozen=True)
class Piece:
    """What was found in one section, and by which plan."""

    plan: Plan
    found: Found


@dataclass(frozen=True)
class Results:
    """What was found by section, and where: the machine, the engine, versions."""

    where: Mapping[str, str]
    pieces: Mapping[str, Piece]

    @property
    def rows(self) -> tuple[Row, ...]:
        """The whole table; sections that were not measured are not in it."""
        return tuple(
            row
            for section in SECTIONS
            if (piece := self.pieces.get(section.name))
            for row in rows(section.title, section.lines(piece.plan), piece.found)
        )

    @property
    def surroundings(self) -> Mapping[str, str]:
        """Where it was measured, and the versions of the peers that took part."""
        peers = (one.found.versions for one in self.pieces.values())
        return {**self.where, **{name: of for each in peers for name, of in each.items()}}


def here(bench: Bench) -> dict[str, str]:
    """The machine, the engine and what runs on them."""
    engine = bench.engine.api.info()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "engine": f"Docker {engine['ServerVersion']}, {engine['Driver']}, "
        f"cgroup v{engine.get('CgroupVersion', '1')}",
        "python": platform.python_version(),
        "lab": places.version(),
    }


def begun(where: Mapping[str, str], kept: Path, *, quick: bool) -> Results:
    """The results in a file, to be added to; none where there is no file yet.

    Raises Mixed where what is measured now does not go with them.
    """
    if not kept.exists():
        return Results(where, {})
    before = read(kept)
    if before.where != where or any(one.plan.quick != quick for one in before.pieces.values()):
        raise Mixed(
            f"what {kept} holds was measured on another machine, engine or version, or not as "
            "quickly; remove it to begin anew"
        )
    return before


def with_piece(before: Results, name: str, piece: Piece) -> Results:
    """The results with a section measured anew."""
    return replace(before, pieces={**before.pieces, name: piece})


def data(results: Results) -> dict[str, Any]:
    """The results as plain data; docs/benchmarks/README.md names the fields."""
    return {
        "where": dict(results.where),
        "sections": [
            {
                "name": section.name,
                "title": section.title,
                "plan": asdict(piece.plan),
                "lines": [
                    _line(row)
                    for row in rows(section.title, section.lines(piece.plan), piece.found)
                ],
                "profile": {
                    title: [[name, _rounded(seconds)] for name, seconds in part]
                    for title, part in piece.found.profile.items()
                },
                "versions": dict(piece.found.versions),
            }
            for section in SECTIONS
            if (piece := results.pieces.get(section.name))
        ],
    }


def read(path: Path) -> Results:
    """Results that were written down."""
    there = json.loads(path.read_text(encoding="utf-8"))
    pieces = {}
    for one in there["sections"]:
        plan = one["plan"] | {name: tuple(one["plan"][name]) for name in ("sizes", "labs")}
        pieces[one["name"]] = Piece(Plan(**plan), _found(one))
    return Results(there["where"], pieces)


def write(results: Results, path: Path) -> None:
    """Keep them in a file."""
    path.write_text(json.dumps(data(results), indent=1) + "\n", encoding="utf-8")


def _line(row: Row) -> dict[str, Any]:
    line = row.line
    return {
        "key": line.key,
        "what": line.what,
        "who": line.who,
        "unit": line.unit,
        "median": _rounded(row.median),
        "p95": _rounded(row.p95),
        "ratio": _rounded(row.ratio),
        "base": line.base,
        "targets": [
            {"target": one.goal, "found": _rounded(one.found), "met": one.met} for one in row.judged
        ],
        "samples": [_rounded(one) for one in row.samples],
        "note": row.note,
    }


def _found(section: Mapping[str, Any]) -> Found:
    lines: Sequence[Mapping[str, Any]] = section["lines"]
    return Found(
        samples={line["key"]: line["samples"] for line in lines if line["samples"]},
        notes={line["key"]: line["note"] for line in lines if line["note"]},
        profile={
            title: [(str(name), float(seconds)) for name, seconds in part]
            for title, part in section["profile"].items()
        },
        versions=section["versions"],
    )


def _rounded(value: float | None) -> float | None:
    """To a tenth of a thousandth: below that nothing is measured here."""
    return None if value is None else round(value, 4)


def _processor() -> str:
    try:
        said = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or sys.platform
    named = [line.partition(":")[2].strip() for line in said.splitlines() if "model name" in line]
    return named[0] if named else platform.machine()
