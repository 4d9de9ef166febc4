"""`python -m bench`: measure, print the table, and write the page where one is wanted."""

from __future__ import annotations

import json
import signal
from collections.abc import Sequence
from pathlib import Path

import click

from bench import page, plot, results
from bench.environments import NotRun
from bench.ground import PLAIN, Bench, Plan, opened
from bench.processes import ProgramFailed
from bench.results import Mixed, Piece, Results
from bench.sections import SECTIONS, Section
from runner import catalogue, places
from runner.errors import LabError
from runner.tables import drawn
from runner.voice import Style

KEPT = "results.json"


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--quick", is_flag=True, help="Everything once and small: whether it works at all.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice([one.name for one in SECTIONS]),
    help="Measure only this section; may be given again.",
)
@click.option("--lab", "labs", multiple=True, help="Validate only this lab; may be given again.")
@click.option(
    "--size",
    "sizes",
    multiple=True,
    type=click.IntRange(1),
    help="Measure a class of so many; may be given again. 1, 10, 20 and 40 unless said.",
)
@click.option("--rounds", type=click.IntRange(1), help="How often everybody has their turn.")
@click.option("--no-fetch", is_flag=True, help="Install no peers: only those there are take part.")
@click.option("--json", "as_json", is_flag=True, help="The results as data instead of a table.")
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also write results, page and plot there. Sections that stand there already are kept, "
    "so a run can be made in pieces with --only.",
)
def bench(  # noqa: PLR0913 - one parameter for each word
    *,
    quick: bool,
    only: tuple[str, ...],
    labs: tuple[str, ...],
    sizes: tuple[int, ...],
    rounds: int | None,
    no_fetch: bool,
    as_json: bool,
    folder: Path | None,
) -> None:
    """Measure the program beside the floor and its peers, in one interleaved run.

    Exit code 1 where something that should be measured was not; targets that are not met are told
    and do not count.
    """
    # Whoever ends us, what was made is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    plan = Plan(
        quick=quick,
        fetch=not no_fetch and not quick,
        rounds=rounds or (1 if quick else 10),
        sizes=sizes or ((1, 2) if quick else (1, 10, 20, 40)),
        labs=labs or ((PLAIN,) if quick else _every_lab()),
    )
    chosen = [one for one in SECTIONS if not only or one.name in only]
    try:
        with opened(plan, _say) as ground:
            found = _measured(ground, chosen, folder)
            if folder:
                # From what is kept, which is rounded: the page is to be made of that again.
                kept = results.read(folder / KEPT)
                (folder / "results.md").write_text(page.as_page(kept), encoding="utf-8")
                plot.draw(ground, folder / KEPT, folder / "plot.svg")
    except (LabError, Mixed, NotRun, ProgramFailed) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(results.data(found), indent=1))
    else:
        for name, value in found.surroundings.items():
            click.echo(f"{name}: {value}")
        click.echo(drawn(page.as_table(found), Style()))
    if missing := [row.line for row in found.rows if row.missing]:
        names = ", ".join(f"{line.what} ({line.who})" for line in missing)
        raise click.ClickException(f"not everything was measured: {names}")


def _measured(ground: Bench, chosen: Sequence[Section], folder: Path | None) -> Results:
    """Section after section; each is kept in the folder as soon as it is measured."""
    where = results.here(ground)
    there = Results(where, {})
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        there = results.begun(where, folder / KEPT, quick=ground.plan.quick)
    for section in chosen:
        _say(f"== {section.title}")
        piece = Piece(ground.plan, section.measure(ground))
        there = results.with_piece(there, section.name, piece)
        if folder:
            results.write(there, folder / KEPT)
    return there


def _every_lab() -> tuple[str, ...]:
    return tuple(one.code for one in catalogue.labs(places.house()))


def _say(text: str) -> None:
    click.echo(text, err=True)


if __name__ == "__main__":
    bench()
