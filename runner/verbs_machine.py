"""The verbs that look after the machine: doctor, images."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from runner.errors import Exit
from runner.voice import Voice
from runner.words import (
    apprentice,
    as_text,
    connected,
    json_option,
    plain_option,
    quiet,
    verb,
    yes_option,
)

if TYPE_CHECKING:
    from runner.images import ImageState


@verb("doctor", "./lab doctor\n./lab doctor --fix")
@click.option("--fix", is_flag=True, help="Install or start the engine, remove what was left over.")
@yes_option
@json_option
@plain_option
def doctor(voice: Voice, *, fix: bool, yes: bool, as_json: bool, plain: bool) -> int:
    """Look at all that a lab needs; say what mends what is wrong.

    Exit code 0: the machine is fit. 3: it is not.
    """
    from runner.doctor import examine, findings_data
    from runner.machine import ThisMachine
    from runner.tables import wrapped

    voice = quiet(voice) if as_json else voice.plainly(plain)
    who = apprentice(None)
    if fix:
        _mend(voice, who, yes=yes)
    findings = []
    for one in examine(who, ThisMachine()):
        findings.append(one)
        if not as_json:
            mark = "ok     " if one.ok else "PROBLEM"
            tone = None if one.ok else "red"
            head = click.style(mark, fg=tone, bold=not one.ok) if voice.style.colour else mark
            lines = wrapped(f"{one.what}: {one.said}", voice.style, " " * 9).strip()
            voice.answer(f"{head}  {lines}")
            if one.remedy:
                voice.answer(wrapped(one.remedy, voice.style, "         -> "))
    if as_json:
        voice.answer(as_text(findings_data(findings)))
    return Exit.DEMONSTRATED if all(one.ok for one in findings) else Exit.NOT_GRADED


def _mend(voice: Voice, who: str, *, yes: bool) -> None:
    from runner import leftovers
    from runner.installation import ensure_engine

    by_itself = yes or (voice.ask is None and os.geteuid() == 0)
    ensure_engine(None if by_itself else voice.ask or (lambda _: False), voice.note)
    engine = connected()
    gone = leftovers.clear(engine, leftovers.unfinished(engine, who), voice.note)
    gone += leftovers.remove(engine, leftovers.strays(engine))
    for one in gone:
        voice.note(f"Removed {one}.")


@click.group(
    "images",
    short_help="The images that hosts are made of: list, build, prune.",
    epilog="\b\nExample:\n  ./lab images list\n  ./lab images build base",
)
def images() -> None:
    """The images that hosts are made of: list them, build them ahead, remove old ones."""


@images.command("list", epilog="\b\nExample:\n  ./lab images list --json")
@json_option
@plain_option
@click.pass_obj
def list_images(voice: Voice, *, as_json: bool, plain: bool) -> int:
    """Show every image: built or not, and what is left of older recipes."""
    from runner import images as rooms
    from runner.tables import drawn, table

    found = rooms.list_images(connected())
    if as_json:
        voice.answer(as_text(images_data(found)))
        return Exit.DEMONSTRATED
    rows = [(one.name, _state(one), _size(one), one.tag, one.source) for one in found]
    titles = ("Image", "State", ">Size", "Tag", "From")
    voice.answer(drawn(table(titles, rows), voice.plainly(plain).style))
    return Exit.DEMONSTRATED


@images.command("build", epilog="\b\nExample:\n  ./lab images build\n  ./lab images build base")
@click.argument("names", nargs=-1)
@plain_option
@click.pass_obj
def build(voice: Voice, names: tuple[str, ...], *, plain: bool) -> int:
    """Build the images NAMES ahead of need, or all; what is built already is left alone."""
    from runner import images as rooms
    from runner import imagespec
    from runner.progress import progress

    voice = voice.plainly(plain)
    wanted = names or imagespec.names()
    imagespec.needed(wanted)  # a name that means nothing is said before anything is done
    engine = connected()
    with progress(voice) as telling:
        ready = rooms.ensure(engine, wanted, telling.say)
    for name, tag in ready.items():
        voice.answer(f"{name}: {tag}")
    return Exit.DEMONSTRATED


@images.command("prune", epilog="\b\nExample:\n  ./lab images prune")
@click.pass_obj
def prune(voice: Voice) -> int:
    """Remove the images of older recipes that no container uses. Not while images are built."""
    from runner import images as rooms

    gone = rooms.remove_old(connected())
    for tag in gone:
        voice.answer(f"Removed {tag}.")
    if not gone:
        voice.answer("There is nothing to remove.")
    return Exit.DEMONSTRATED


def images_data(found: tuple[ImageState, ...]) -> dict[str, object]:
    """The images as plain data."""
    return {
        "images": [
            {
                "name": one.name,
                "tag": one.tag,
                "current": one.current,
                "built": one.size is not None,
                "size": one.size,
                "source": one.source or None,
            }
            for one in found
        ]
    }


def _state(one: ImageState) -> str:
    if one.size is None:
        return "not built"
    return "built" if one.current else "old"


def _size(one: ImageState) -> str:
    return "" if one.size is None else f"{one.size / 1024**2:.0f} MiB"
