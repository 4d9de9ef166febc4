"""The results for people: a table in the terminal, and a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bench.figures import Row, written
from bench.results import Results
from runner.tables import Cell, Table, table

COMMAND = "./lab --version && .venv/bin/python -m bench --write docs/benchmarks"
_QUOTED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Three plain hosts are up after": ("start-lab", {"start-floor": "the floor"}),
    "The world of 4c is up after": ("real-lab", {"real-floor": "the floor"}),
    "`lab start` of three hosts, whole process:": (
        "start-process",
        {"start-compose": "Docker Compose", "start-kathara": "Kathara"},
    ),
    "`lab grade` of 30 checks over 3 hosts, whole process:": (
        "again-lab-process",
        {
            "again-floor-process": "the floor",
            "again-goss": "goss",
            "again-testinfra-ssh": "pytest-testinfra by ssh",
            "again-testinfra-paramiko": "by paramiko",
            "again-testinfra-docker": "by docker",
        },
    ),
    "Reset of three hosts:": ("reset-lab", {"start-lab": "a fresh start"}),
    "Stop of three hosts:": ("stop-lab", {"stop-compose": "Docker Compose"}),
    "A world with systemd out of the pool:": ("pool-claim", {"pool-fresh": "building it"}),
    "A class of 40 that starts at once, until all 120 hosts are ready:": ("ready-40", {}),
    "Memory of an idle plain host:": ("memory-plain", {}),
    "Memory of an idle host with systemd:": ("memory-booted", {}),
}
"""What the README quotes: words, the line, and the lines that it is held against, by name."""
_LEAST = 0.001
"""Seconds below which a part of a profile is not told."""


def as_table(results: Results) -> Table:
    """Everything that was measured, by section."""
    titles = ("Measured", "Who", ">Median", ">p95", ">Ratio", ">Runs", "Target")
    shown: list[list[str | Cell]] = []
    before = ""
    for row in results.rows:
        if row.section != before:
            shown.append([Cell(row.section.upper(), "dim"), *[""] * (len(titles) - 1)])
            before = row.section
        *cells, target = _cells(row)
        shown.append([*cells, Cell(target, "" if _held(row) else "bold red")])
    return table(titles, shown)


def as_page(results: Results) -> str:
    """A Markdown page: where it was measured, the table, and what explains targets not met."""
    return "\n".join(_page(results)) + "\n"


def quoted(results: Results) -> str:
    """The lines that the README quotes, as far as they were measured."""
    medians = {row.line.key: row.median for row in results.rows if row.median is not None}
    units = {row.line.key: row.line.unit for row in results.rows}
    told = []
    for words, (key, against) in _QUOTED.items():
        if key not in medians:
            continue
        own = medians[key]
        ratios = ", ".join(
            f"{own / medians[other]:.2f} x {name}"
            for other, name in against.items()
            if other in medians
        )
        told.append(f"* {words} {written(own, units[key])}{f' ({ratios})' if ratios else ''}")
    return "\n".join(told) + "\n"


def _page(results: Results) -> Iterator[str]:
    yield "# What was measured"
    yield ""
    yield f"Written by `{COMMAND}`; [README.md](README.md) says how to read and repeat it."
    yield ""
    for name, value in results.surroundings.items():
        yield f"* {name}: {value}"
    yield ""
    yield "![How times grow with a class, and how starting and grading compare](plot.svg)"
    rows = results.rows
    for section in dict.fromkeys(row.section for row in rows):
        yield from _section(section, [row for row in rows if row.section == section])
    yield from _missed(rows)
    yield from _profiles(results)


def _section(title: str, rows: Sequence[Row]) -> Iterator[str]:
    yield f"\n## {title}\n"
    yield "| Measured | Who | Median | p95 | Ratio | Runs | Target |"
    yield "|---|---|--:|--:|--:|--:|---|"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in _cells(row))} |"


def _missed(rows: Sequence[Row]) -> Iterator[str]:
    yield "\n## Targets that are not met\n"
    missed = [(row, one) for row in rows for one in row.judged if not one.met]
    for row, one in missed:
        yield f"* {row.line.what}, {row.line.who}: {one.goal} was wanted, {one.shown} found"
    if not missed:
        yield "None."


def _profiles(results: Results) -> Iterator[str]:
    """Where the time goes, for all sections that kept account of it."""
    yield "\n## Where the time goes\n"
    yield "What is done side by side adds up to more than the time that passes meanwhile."
    for piece in results.pieces.values():
        for title, parts in piece.found.profile.items():
            yield f"\n{title[:1].upper()}{title[1:]}:\n"
            yield "| | |"
            yield "|---|--:|"
            for name, seconds in parts:
                if seconds >= _LEAST:
                    yield f"| {name} | {written(seconds, 's')} |"


def _cells(row: Row) -> list[str]:
    line = row.line
    ratio = "-" if row.ratio is None else f"{row.ratio:.2f}"
    target = "; ".join(
        f"{one.goal}: {one.shown}, {'met' if one.met else 'NOT MET'}" for one in row.judged
    )
    return [
        line.what,
        line.who,
        written(row.median, line.unit),
        written(row.p95, line.unit),
        ratio,
        str(len(row.samples)),
        "; ".join(part for part in (target, row.note) if part),
    ]


def _held(row: Row) -> bool:
    return all(one.met for one in row.judged) and not row.missing
