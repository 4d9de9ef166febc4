"""The verbs that enter something about a grading: dispute, override, cosign, revoke."""

from __future__ import annotations

import click

from runner.errors import Exit, UsageError
from runner.voice import Voice
from runner.words import (
    apprentice,
    as_option,
    by_option,
    lab_of,
    person,
    reason_option,
    stated,
    title_of,
    verb,
)


@verb("dispute", "./lab dispute 4c nothing_planted_is_left --reason 'it is the supplier'")
@click.argument("which", metavar="CODE|ENTRY")
@click.argument("check")
@as_option
@by_option
@reason_option
def dispute(
    voice: Voice, which: str, check: str, name: str | None, by: str | None, reason: str
) -> int:
    """Say that a check was wrong about your work.

    It is about the last grading, unless an entry is named by its number. What was asked and
    answered is in the ledger already; if the world still stands, it is frozen first, as by `lab
    export-world`. An instructor answers with `lab override`.
    """
    from runner import freezing
    from runner.book import open_book
    from runner.entry import Kind
    from runner.progress import progress

    who = apprentice(name)
    said = stated("--reason", reason)
    doer = person(by) if by is not None else who
    with open_book() as book:
        graded = book.grading(which, who)
        names = [str(one.get("check")) for one in graded.body.get("checks", ())]
        if check not in names:
            raise UsageError(
                f"Entry {graded.sequence} has no check of that name.",
                remedy=f"Its checks are: {', '.join(names)}.",
            )
        with progress(voice) as telling:
            world, frozen = freezing.for_dispute(graded, telling.say)
        body = {"entry": str(graded.id), "check": check, "by": doer, "reason": said}
        entry = book.enter(Kind.DISPUTED, graded, body | {"world": world})
    voice.answer(f"Entry {entry.sequence}: {doer} disputes {check} of {graded.code}.")
    if frozen is not None:
        voice.answer(freezing.told(frozen))
    if "unseen" in world:
        voice.note(
            f"What was asked and answered is kept, the world of now is not: {world['unseen']}"
        )
    return Exit.DEMONSTRATED


@verb(
    "override",
    "./lab override 4c --as ada --by 'M. Ito' --demonstrated --reason 'seen: it holds at the"
    " gateway'",
)
@click.argument("which", metavar="CODE|ENTRY")
@click.option(
    "--demonstrated/--not-demonstrated", "demonstrated", default=None, help="What holds instead."
)
@as_option
@by_option
@reason_option
def override(
    voice: Voice,
    which: str,
    demonstrated: bool | None,  # noqa: FBT001 - click hands it over by name
    name: str | None,
    by: str | None,
    reason: str,
) -> int:
    """Decide otherwise than the grader, as an instructor.

    It is about the last grading, unless an entry is named by its number. What the grader said
    stays beside it.
    """
    from runner.book import open_book
    from runner.entry import Kind

    if demonstrated is None:
        raise click.UsageError("--demonstrated or --not-demonstrated was expected.")
    who, doer, said = apprentice(name), person(by), stated("--reason", reason)
    _refuse_own(doer, who, "override")
    with open_book() as book:
        graded = book.in_force(which, who)
        body = {
            "entry": str(graded.id),
            "demonstrated": demonstrated,
            "automatic": graded.body.get("demonstrated") is True,
            "by": doer,
            "reason": said,
        }
        entry = book.enter(Kind.OVERRIDDEN, graded, body)
    counts = "counts" if demonstrated else "does not count"
    voice.answer(f"Entry {entry.sequence}: {graded.code} of {who} {counts} as demonstrated.")
    return Exit.DEMONSTRATED


@verb(
    "cosign",
    "./lab cosign 4c --as ada --by 'Grace H.'\n"
    "./lab cosign 2a --as ada --by 'Grace H.' --observed 'took twelve calls at the desk'",
)
@click.argument("which", metavar="CODE|ENTRY")
@click.option("--observed", metavar="TEXT", help="What you saw on the job, without a lab.")
@as_option
@by_option
@click.option("--reason", metavar="TEXT", default="", help="A remark, if there is one.")
def cosign(
    voice: Voice,
    which: str,
    observed: str | None,
    name: str | None,
    by: str | None,
    reason: str,
) -> int:
    """Vouch, as a mentor, for what was demonstrated, or for what you saw on the job.

    It is about the last grading that counts as demonstrated, unless an entry is named.
    """
    from runner.book import open_book
    from runner.entry import Kind

    who, doer = apprentice(name), person(by)
    said = stated("--reason", reason) if reason else ""
    _refuse_own(doer, who, "co-sign")
    with open_book() as book:
        if observed is not None:
            code = _competency(which)
            seen = stated("--observed", observed)
            entry = book.about(Kind.COSIGNED, who, code, {"observed": seen, "by": doer})
            voice.answer(f"Entry {entry.sequence}: {doer} saw {code} of {who} on the job.")
            return Exit.DEMONSTRATED
        graded = book.demonstrated(which, who)
        body = {"entry": str(graded.id), "by": doer} | ({"reason": said} if said else {})
        entry = book.enter(Kind.COSIGNED, graded, body)
    voice.answer(f"Entry {entry.sequence}: {doer} co-signs {graded.code} of {who}.")
    return Exit.DEMONSTRATED


@verb("revoke", "./lab revoke 12 --as ada --by 'M. Ito' --reason 'graded in the wrong world'")
@click.argument("which", metavar="ENTRY")
@as_option
@by_option
@reason_option
def revoke(voice: Voice, which: str, name: str | None, by: str | None, reason: str) -> int:
    """Take an entry out of force: a grading, or what was entered about one.

    ENTRY is its number, as `lab record` and the other verbs say it. It stays in the ledger.
    """
    from runner.book import open_book
    from runner.entry import Kind
    from runner.printable import one_line

    who, doer, said = apprentice(name), person(by), stated("--reason", reason)
    with open_book() as book:
        entry = book.entry(which, who)
        if entry.body.get("by") != doer:
            _refuse_own(doer, who, "revoke")
        body = {"entry": str(entry.id), "by": doer, "reason": said}
        made = book.enter(Kind.REVOKED, entry, body)
    kind = one_line(entry.kind, 40)
    voice.answer(f"Entry {made.sequence}: entry {entry.sequence} ({kind}) is no longer in force.")
    return Exit.DEMONSTRATED


def _competency(code: str) -> str:
    """A competency's code; UnknownCode where neither the framework nor a lab has it."""
    code = code.strip().lower()
    if not title_of(code):
        lab_of(code)
    return code


def _refuse_own(doer: str, who: str, what: str) -> None:
    if doer == who:
        raise UsageError(
            f"Nobody can {what} what stands in a record of their own, and both are {who}.",
            remedy="--by names who does it, --as whose record it is.",
        )
