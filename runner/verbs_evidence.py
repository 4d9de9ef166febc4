"""The verbs of whoever has to believe a record: evidence, verify, replay, keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from runner.errors import Exit, UsageError
from runner.voice import Voice
from runner.words import apprentice, as_option, key_option, lab_of, verb

if TYPE_CHECKING:
    from runner.entry import Entry
    from runner.keys import PublicKey

_FILE = click.Path(dir_okay=False, path_type=Path)
_output_option = click.option(
    "--output", "output", metavar="FILE", type=_FILE, help="Where to write it."
)


@verb("evidence", "./lab evidence 4c\n./lab evidence 12 --output ada-4c.json")
@click.argument("which", metavar="[CODE|ENTRY]", required=False)
@as_option
@_output_option
def evidence(voice: Voice, which: str | None, name: str | None, output: Path | None) -> int:
    """Write an entry of the ledger, signed, to a file that others can verify.

    The last grading, of CODE if it is given; or the entry with this number or id. Without --output
    the file is evidence-CODE-NUMBER.json in this folder.
    """
    from runner import chain
    from runner.book import open_book
    from runner.outfile import write

    who = apprentice(name)
    with open_book() as book:
        entry = book.named(which or "", who)
    code = "".join(letter for letter in entry.code if letter.isalnum()) or "ledger"
    path = output or Path(f"evidence-{code}-{entry.sequence}.json")
    write(path, chain.written(entry))
    voice.answer(f"{chain.named(entry)} is in {path}: ./lab verify {path}")
    return Exit.DEMONSTRATED


@verb(
    "verify",
    "./lab verify evidence-4c-12.json\n./lab verify --ledger\n"
    "./lab verify badge-4c.json --key instructor.pem",
)
@click.argument("file", metavar="[FILE]", required=False, type=_FILE)
@click.option("--ledger", is_flag=True, help="The whole ledger; with FILE, that it has the entry.")
@key_option
def verify(voice: Voice, file: Path | None, *, ledger: bool, key_files: tuple[Path, ...]) -> int:
    """Say whether a bundle, a badge or the ledger is as it was signed.

    It takes no network and no engine, only public keys: those of this machine, or what --key
    names. Exit code 1: it is not; the first thing that is wrong is said.
    """
    from runner import chain
    from runner.verbs_exports import badge_told

    if file is None and not ledger:
        raise click.UsageError("FILE or --ledger was expected.")
    known = _known(key_files)
    entry = None
    if file is not None:
        data = chain.content(file)
        if (told := badge_told(file, data, known)) is not None:
            if ledger:
                raise click.UsageError("The ledger has entries, no badges: verify them apart.")
            voice.answer(told)
            return Exit.DEMONSTRATED
        entry = chain.entry_of(file, data)
        chain.verify(entry, known)
        voice.answer(_told(entry))
    if ledger:
        from runner.record import open_record

        with open_record() as record:
            if entry is not None and record.entry(id=entry.id) != entry:
                raise chain.Refused(
                    f"{chain.named(entry)} of {file} is not in the ledger: it was taken out, or"
                    " is of another one.",
                )
            held = record.audit(lambda audit: chain.walk(audit, known))
        for remark in held.remarks:
            voice.note(remark)
        last = f", the last with the digest {held.last.digest}" if held.last else ""
        voice.answer(f"The ledger holds: {held.entries} entries{last}.")
    return Exit.DEMONSTRATED


@verb("replay", "./lab replay evidence-4c-12.json")
@click.argument("file", metavar="FILE", type=_FILE)
@key_option
def replay(voice: Voice, file: Path, key_files: tuple[Path, ...]) -> int:
    """Grade the recorded answers of a bundle again, without a world.

    Exit code 1: the grader of today comes to another outcome, check by check.
    """
    from runner import chain
    from runner.evidence import cut_checks, digests, replayed
    from runner.printable import one_line

    entry = chain.read(file)
    chain.verify(entry, _known(key_files))
    lab = lab_of(entry.code)
    then = entry.body.get("digests")
    now = digests(lab)
    for name, what in _MADE_OF.items():
        if isinstance(then, dict) and then.get(name) != now[name]:
            voice.note(f"{what} is not the same as then.")
    for check in cut_checks(entry):
        voice.note(f"{one_line(check, 60)}: its answers were too long to be kept whole.")
    changed = replayed(entry, lab)
    for line in changed:
        voice.answer(one_line(line, 1000))
    if changed:
        return Exit.NOT_YET
    voice.answer(f"{chain.named(entry)} comes to the same outcome, check by check.")
    return Exit.DEMONSTRATED


_MADE_OF = {"lab": "The lab", "grader": "The grader", "scenario": "The scenario"}


@click.group(
    "keys",
    short_help="The keys that sign the ledger: show, export, rotate.",
    invoke_without_command=True,
    epilog="\b\nExample:\n  ./lab keys\n  ./lab keys export --output ours.pem",
)
@click.pass_context
def keys(context: click.Context) -> int:
    """The keys that sign the ledger: show their fingerprints, hand out a public one, change it.

    A fingerprint is the SHA-256 of the public key (DER). Read it out to whoever has to trust a key
    that was sent as a file.
    """
    if context.invoked_subcommand is not None:
        return Exit.DEMONSTRATED
    from runner import keys as there

    now = there.signing()
    for one in sorted(there.known().values(), key=lambda one: (one.id != now.id, one.id)):
        context.obj.answer(f"{one.id}  {'signs' if one.id == now.id else 'signed before'}")
    return Exit.DEMONSTRATED


@keys.command("export", epilog="\b\nExample:\n  ./lab keys export --output ours.pem")
@click.argument("begins", metavar="[FINGERPRINT]", default="")
@_output_option
@click.pass_obj
def export(voice: Voice, begins: str, output: Path | None) -> int:
    """Print the public key that signs, or the one whose fingerprint begins so."""
    from runner import keys as there
    from runner.outfile import write

    now = there.signing()
    begins = begins.strip().lower() or now.id
    found = [one for one in there.known().values() if one.id.startswith(begins)]
    if len(found) != 1:
        raise UsageError(
            f"There are {len(found)} keys whose fingerprint begins so.",
            remedy="./lab keys shows the fingerprints there are.",
        )
    if output is None:
        voice.answer(found[0].pem().rstrip("\n"))
    else:
        write(output, found[0].pem().encode())
        voice.answer(f"The public key {found[0].id} is in {output}.")
    return Exit.DEMONSTRATED


@keys.command("rotate", epilog="\b\nExample:\n  ./lab keys rotate")
@click.option("--lost", is_flag=True, help="The key that signed is gone: make one without it.")
@click.pass_obj
def rotate(voice: Voice, *, lost: bool) -> int:
    """Sign with a new key from now on.

    The old one signs the entry that names the new one, and is removed; its public key stays known.
    """
    from runner import keys as there

    if lost:
        voice.answer(f"{there.replace_lost().id} signs from now on; nothing vouches for it.")
        return Exit.DEMONSTRATED
    from runner.book import open_book

    with open_book() as book:
        entry, follower = book.record.rotate(book.key)
        there.follow(follower)
    voice.answer(f"Entry {entry.sequence}: {follower.id} signs from now on.")
    return Exit.DEMONSTRATED


def _known(files: tuple[Path, ...]) -> Mapping[str, PublicKey]:
    from runner import keys as there

    if not files:
        return there.known()
    found = [there.read_public(file) for file in files]
    return {one.id: one for one in found}


def _told(entry: Entry) -> str:
    """A bundle that holds, in words."""
    from runner import chain
    from runner.entry import GRADINGS
    from runner.printable import one_line

    said = ""
    if entry.kind in GRADINGS:
        outcome = "demonstrated" if entry.body.get("demonstrated") is True else "not yet"
        when = one_line(str(entry.body.get("graded_at")), 40)
        said = f" {outcome}, graded {when}."
    return (
        f"{chain.named(entry)} holds: signed with {entry.key_id}.{said} What was entered about it"
        " later stands in the ledger, not in this file."
    )
