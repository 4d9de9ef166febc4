"""The verbs with which a lab begins: new, schema."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

from runner.errors import Exit
from runner.voice import Voice
from runner.words import verb

_FOLDER = click.Path(file_okay=False, path_type=Path)


@verb("new", './lab new 4d "A second name server"\n./lab new 8a "Scans" --in ~/our-labs')
@click.argument("code")
@click.argument("title")
@click.option("--in", "folder", type=_FOLDER, help="Write it to this folder of labs of your own.")
@click.option("--function", metavar="NAME", help="What a job function that is new is called.")
def new(voice: Voice, code: str, title: str, folder: Path | None, function: str | None) -> int:
    """Write a small lab that validates, to be rewritten.

    It has everything that a lab needs, in the right places: brief, hints, a world, right and wrong
    attempts, and a grader. docs/authoring.md walks through it.
    """
    from runner import drafting, places

    root = (folder or _first_writable(places.roots())).expanduser().resolve()
    draft = drafting.plan(code, title, root, function)
    for path in drafting.write(draft):
        voice.answer(f"Written: {path}")
    if not draft.found:
        others = os.environ.get("LAB_PATH", "")
        search = f"{others}{os.pathsep}{root}" if others else str(root)
        voice.answer(f"Next: export LAB_PATH={shlex.quote(search)}")
    voice.answer(f"Next: ./lab validate {draft.code}    it stands that as it is")
    voice.answer(f"      ./lab start {draft.code}       and look at what you are to rewrite")
    return Exit.DEMONSTRATED


@verb("schema", "./lab schema scenario\n./lab schema --write")
@click.argument("name", required=False)
@click.option("--write", is_flag=True, help="Write all to the folder `schemas` instead.")
@click.option("--in", "folder", type=_FOLDER, help="With --write: below this folder.")
def schema(voice: Voice, name: str | None, folder: Path | None, *, write: bool) -> int:
    """Print the JSON Schema of a YAML file that authors write.

    NAME is lab, scenario, attempt, framework or names; editors complete and check them by it.
    """
    from runner import places, schemas

    if bool(name) is write or (folder and not write):
        listed = ", ".join(schemas.FORMS)
        raise click.UsageError(f"Name one schema ({listed}), or say --write.")
    if name:
        voice.answer(schemas.text(name).rstrip())
        return Exit.DEMONSTRATED
    root = (folder or places.house()).expanduser().resolve()
    for path in schemas.write(root):
        voice.answer(f"Written: {path}")
    return Exit.DEMONSTRATED


def _first_writable(roots: tuple[Path, ...]) -> Path:
    return next((root for root in roots if os.access(root, os.W_OK)), roots[0])
