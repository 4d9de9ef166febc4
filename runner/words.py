"""Words that several verbs understand, and what they mean: whose world, which lab, which engine."""

from __future__ import annotations

import getpass
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from runner.errors import Exit, NoSession, UsageError
from runner.printable import one_line
from runner.voice import Voice

if TYPE_CHECKING:
    from runner.catalogue import Lab
    from runner.engine import Engine
    from runner.practical import Practical
    from runner.session import Session

F = TypeVar("F", bound=Callable[..., Any])

_NAME = 120
"""Characters of a person's name."""

HIGHEST_SEED = 2**31 - 1
"""Stated here as well as in `runner.values`, which takes time to read; a test compares them."""


class Whole(click.ParamType[int]):
    """A whole number from `least` to `most`."""

    name = "number"

    def __init__(self, most: int, *, least: int = 1) -> None:
        self.most = most
        self.least = least

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """The number that was written."""
        text = str(value).strip()
        if (
            not re.fullmatch(r"[0-9]{1,12}", text, re.ASCII)
            or not self.least <= int(text) <= self.most
        ):
            expected = f"a whole number from {self.least} to {self.most} was expected."
            self.fail(expected, param, ctx)
        return int(text)


def verb(name: str, example: str) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function a verb of the program; its docstring is the help, the example ends it."""

    def decorate(function: Callable[..., Any]) -> click.Command:
        lines = "\n".join(f"  {line}" for line in example.splitlines())
        # Said here, or click would cut the line short in the list of verbs.
        brief = (function.__doc__ or "").partition("\n")[0]
        epilog = f"\b\nExample:\n{lines}"
        return click.command(name, short_help=brief, epilog=epilog)(click.pass_obj(function))

    return decorate


code_argument = click.argument("code", required=False)
as_option = click.option(
    "--as", "name", metavar="NAME", help="Whose world it is; your login name unless said."
)
json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, as docs/json.md describes it."
)
plain_option = click.option(
    "--plain", is_flag=True, help="No boxes, colours or moving lines: fit for a screen reader."
)
html_option = click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a page instead, complete in itself and fit to be printed.",
)
csv_option = click.option(
    "--csv",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write a table instead, as docs/records.md describes it.",
)
full_name_option = click.option(
    "--full-name", metavar="TEXT", help="The apprentice's name as it is to stand on the page."
)
by_option = click.option(
    "--by", "by", metavar="NAME", help="Who does it; your login name unless said."
)
reason_option = click.option(
    "--reason", required=True, metavar="TEXT", help="Why; it stands in the ledger for good."
)
key_option = click.option(
    "--key",
    "key_files",
    multiple=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A public key to verify with, in place of this machine's.",
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
seed_option = click.option(
    "--seed",
    type=Whole(HIGHEST_SEED),
    help="What names, addresses and faults are drawn from; drawn anew unless said.",
)


def apprentice(name: str | None) -> str:
    """The apprentice that is meant; UsageError where `name` cannot be one."""
    from runner.session import apprentice_name

    if name is not None:
        return apprentice_name(name)
    try:
        login = getpass.getuser()
    except (KeyError, OSError):
        login = "apprentice"  # an account without a name, as containers have them
    # An account may be called DOMAIN\Somebody; nobody can be asked to change that.
    fit = re.sub(r"[^a-z0-9]+", "-", login.lower()).strip("-")[:32]
    return apprentice_name(fit or "apprentice")


def person(name: str | None) -> str:
    """Who does something, in any script; the login name unless it is said."""
    return stated("--by", name, _NAME) if name is not None else apprentice(None)


def stated(option: str, text: str, limit: int = 2000) -> str:
    """A text that is to stand in the ledger; UsageError where it is empty or too long."""
    from runner.printable import printable

    text = printable(text.strip(), limit * 10)
    if not text or len(text) > limit:
        raise UsageError(
            f"{option} has {len(text)} characters; from 1 to {limit} were expected.",
            remedy="Say it in short; what needs more room belongs into a document of its own.",
        )
    return text


def lab_of(code: str) -> Lab:
    """The lab for a competency; UnknownCode names the nearest."""
    from runner import places
    from runner.listing import lab_for

    return lab_for(code, places.roots())


def title_of(code: str) -> str:
    """The competency's official title; empty where it stands in no framework."""
    from runner import places
    from runner.listing import listing

    found = listing(places.roots()).competencies
    return next((one.title for one in found if one.code == code), "")


def title_for(lab: Lab) -> str:
    """The official title of a lab's competency, or its own where it stands in no framework."""
    return title_of(lab.code) or lab.title


def connected() -> Engine:
    """The container engine."""
    from runner import engine

    return engine.connect()


def world_of(engine: Engine, name: str | None, code: str | None) -> Session:
    """The apprentice's world of the lab, or the only one; NoSession or UnknownCode otherwise."""
    from runner import session

    try:
        return session.find(engine, apprentice(name), code.strip().lower() if code else None)
    except NoSession:
        if code:
            lab_of(code)  # a code that means nothing is the better thing to say
        raise


def running(engine: Engine, name: str | None, code: str | None) -> Practical:
    """The apprentice's running practical."""
    from runner import practical

    tag = world_of(engine, name, code).tag
    return practical.running(engine, lab_of(tag.code).root, tag.apprentice, tag.code)


def quiet(voice: Voice) -> Voice:
    """The same voice that says nothing on the way: for programs."""
    return replace(voice, note=unheard, draw=unheard, moving=False)


def as_text(data: object) -> str:
    """Plain data as JSON."""
    return json.dumps(data, indent=2, ensure_ascii=False)


def unheard(_: str) -> None:
    """Nobody listens."""


def written(voice: Voice, file: Path, content: bytes) -> int:
    """Write what was asked for into a file, and say so."""
    from runner import outfile

    outfile.write(file, content)
    voice.answer(f"Written: {one_line(str(file))}")
    return Exit.DEMONSTRATED


def one_form(**asked: object) -> None:
    """Refuse an answer in several forms at once; `asked` has the options by their names."""
    names = (name.removeprefix("as_").replace("_", "-") for name, value in asked.items() if value)
    given = [f"--{name}" for name in names]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)}: one form at a time.")


def code_and_name(words: tuple[str, ...], usage: str) -> tuple[str | None, str]:
    """`[CODE] NAME` as it was written; wrong use is answered with `usage`."""
    match words:
        case (name,):
            return None, name
        case (code, name):
            return code, name
        case _:
            raise click.UsageError(usage)
