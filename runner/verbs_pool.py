"""The verb that builds worlds ahead: pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from runner.errors import Exit
from runner.voice import Voice
from runner.words import (
    Whole,
    as_text,
    code_argument,
    connected,
    json_option,
    lab_of,
    plain_option,
    quiet,
    verb,
)

if TYPE_CHECKING:
    from runner.catalogue import Lab
    from runner.engine import Engine
    from runner.practical import Say

_LOOK = 2.0
"""Seconds between two looks of `--watch`."""


@verb("pool", "./lab pool 4c --size 5\n./lab pool 4c --size 5 --watch\n./lab pool --json")
@code_argument
@click.option("--size", type=Whole(500, least=0), help="Have so many wait; 0 removes them.")
@click.option("--watch", is_flag=True, help="Stay, and build anew what was taken, until Ctrl-C.")
@json_option
@plain_option
def pool(
    voice: Voice, code: str | None, size: int | None, *, watch: bool, as_json: bool, plain: bool
) -> int:
    """Build worlds ahead, so that whoever starts that lab gets one at once.

    They stand still (paused) until then, which takes memory and no time. Each is drawn from a seed
    of its own. Without --size, says what waits.
    """
    from runner.progress import progress

    if size is not None and code is None:
        raise click.UsageError("--size wants a CODE: ./lab pool 4c --size 5")
    if watch and size is None:
        raise click.UsageError("--watch wants a --size to keep up.")
    voice = quiet(voice) if as_json else voice.plainly(plain)
    lab = lab_of(code) if code else None
    engine = connected()
    if lab is not None and size is not None:
        with progress(voice) as telling:
            _kept_up(engine, lab, size, telling.say, watch=watch)
    _tell(voice, engine, lab, as_json=as_json)
    return Exit.DEMONSTRATED


def _kept_up(engine: Engine, lab: Lab, size: int, say: Say, *, watch: bool) -> None:
    from runner.waiting import tries

    _fill(engine, lab, size, say)
    while watch:
        say(f"{size} of {lab.code} wait; Ctrl-C ends the watch, and they wait on")
        for _ in tries(_LOOK, lambda: _LOOK):
            pass
        _fill(engine, lab, size, say)


def _fill(engine: Engine, lab: Lab, size: int, say: Say) -> None:
    """Build what is missing; remove what is too many, or no longer what would be built now."""
    from runner import leftovers, life, pool
    from runner.session import in_parallel

    waiting = pool.waiting(engine, lab.code)
    usable = [one for one in waiting if pool.usable(one, lab)]
    others = [one for one in waiting if one not in usable]
    # What is not finished may be at work, in another call of this verb.
    old = [one for one in others if one.complete or leftovers.abandoned(one)]
    for found in (*old, *usable[size:]):
        if pool.discard(engine, found):
            say(f"removed a world of {lab.code}")
    in_parallel(lambda _: life.prepare(engine, lab, say), range(size - len(usable)))


def _tell(voice: Voice, engine: Engine, lab: Lab | None, *, as_json: bool) -> None:
    from dataclasses import asdict

    from runner import pool
    from runner.tables import drawn, table

    found = pool.waiting(engine, lab.code if lab else None)
    labs = [lab] if lab else [lab_of(code) for code in sorted({one.tag.code for one in found})]
    stock = pool.stock(found, labs)
    if as_json:
        voice.answer(as_text({"pool": [asdict(one) for one in stock]}))
    elif stock:
        rows = [(one.code, str(one.ready), str(one.waiting - one.ready)) for one in stock]
        voice.answer(drawn(table(("Lab", "Ready", "Outdated or unfinished"), rows), voice.style))
    else:
        voice.answer("Nothing waits in the pool.")
