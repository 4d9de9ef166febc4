"""What other systems read: badges, the framework as CASE, the record as statements of xAPI."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from runner.errors import Exit, UsageError
from runner.printable import one_line, printable
from runner.voice import Voice, counted
from runner.words import apprentice, as_option, as_text, code_argument, lab_of, verb

if TYPE_CHECKING:
    from runner.badges import Holder
    from runner.book import Book
    from runner.endpoint import Store
    from runner.keys import PublicKey, SigningKey
    from runner.ledger import Force
    from runner.record import Attempt
    from runner.transcript import Result

_KEY = "--key FILE names a public key; whoever signed hands it out by ./lab keys export."
_MAIL = re.compile(r"[^\s@]{1,120}@[^\s@]{1,120}")
_HOME_PAGE = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]{1,250}(/[!#-;=?-\[\]_a-z~]{0,250})?")


@verb("badges", "./lab badges --output badges\n./lab badges 4c --as ada --email ada@example.org")
@code_argument
@as_option
@click.option(
    "--output",
    "output",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where to put badge-CODE.json of each; this folder unless said.",
)
@click.option("--issuer", metavar="NAME", help="Who issues them, as it is to stand on them.")
@click.option(
    "--email", metavar="ADDRESS", help="Whose they are, in place of the apprentice's name here."
)
@click.option(
    "--identity",
    type=click.Choice(["hashed", "plain"]),
    default="hashed",
    help="Whether that can be read, or only be compared: hashed unless said.",
)
def badges(  # noqa: PLR0913 - one parameter for each word
    voice: Voice,
    code: str | None,
    name: str | None,
    *,
    output: Path,
    issuer: str | None,
    email: str | None,
    identity: str,
) -> int:
    """Write a badge, signed, for each competency that is demonstrated.

    They are credentials of Open Badges 3.0 that name the framework's competencies, the standards
    and the entries of the ledger behind them. `lab verify FILE` says whether one holds.
    """
    from runner import outfile
    from runner.book import open_book
    from runner.words import stated

    who = apprentice(name)
    holder = _holder(who, email, hashed=identity == "hashed")
    called = stated("--issuer", issuer, 300) if issuer is not None else ""
    if not output.is_dir():
        raise UsageError(
            f"There is no folder {one_line(str(output))}.",
            remedy="--output takes a folder that is there: each badge is a file of its own.",
        )
    at_code = code.strip().lower() if code else None
    with open_book() as book:
        done, force = _demonstrated(book, who, at_code)
        key = book.key
    issued = _issued(done, force, holder, called, key)
    for one in done:
        if one.code not in issued:
            voice.note(f"No badge for {one.code}: the ledger has no entry of its grading.")
    if not issued:
        what = at_code or "anything"
        why = "" if done else f": {who} has not demonstrated {what} so far"
        voice.answer(f"No badge{why}. ./lab record shows what there is.")
        return Exit.NOT_YET
    files = {output / f"badge-{code}.json": content for code, content in issued.items()}
    for file, content in files.items():
        outfile.write(file, content)
    names = ", ".join(one_line(str(file)) for file in files)
    voice.answer(f"{counted(len(files), 'badge')} of {who}: {names}")
    return Exit.DEMONSTRATED


def framework_as_case() -> bytes:
    """The framework with its performance standards as a package of CASE."""
    from runner import places
    from runner.standards import all_standards
    from runner.taxonomy import case_package
    from runner.verbs_pages import occupation

    sections = all_standards(places.roots())
    return _json(
        case_package(sections, occupation(), at=datetime.now(UTC), version=places.version())
    )


def home_page_stated(address: str) -> str:
    """The address, if it is one of a web page; else UsageError."""
    if not _HOME_PAGE.fullmatch(address):
        raise UsageError(
            f"--home-page {one_line(address, 80)!r} is no address of a web page.",
            remedy="Such as https://lab.example/: it and a name say in every system who is meant.",
        )
    return address


def receiver_stated(
    file: Path | None, endpoint: str | None, home_page: str | None, *, insecure: bool
) -> tuple[str, Store | None]:
    """The home page of statements, if any are asked for, and the store to send them to, likewise.

    UsageError where the words do not fit each other.
    """
    if (home_page is None) != (file is None and endpoint is None):
        raise click.UsageError(
            "--home-page URL belongs to --xapi FILE or --xapi-endpoint URL, and they to it."
        )
    if insecure and endpoint is None:
        raise click.UsageError("--xapi-insecure is about --xapi-endpoint URL.")
    address = home_page_stated(home_page) if home_page is not None else ""
    if endpoint is None:
        return address, None
    from runner.endpoint import store

    return address, store(endpoint, insecure=insecure)


def record_as_statements(attempts: Sequence[Attempt], force: Force, home_page: str) -> bytes:
    """The record as statements of xAPI."""
    return _json(_statements(attempts, force, home_page))


def record_sent(
    voice: Voice, attempts: Sequence[Attempt], force: Force, home_page: str, store: Store
) -> int:
    """Send the record as statements of xAPI to a store, and say what came of it."""
    from runner import lrs

    found = _statements(attempts, force, home_page)
    voice.note(f"sending {counted(len(found), 'statement')} to {store.endpoint}")
    known = lrs.send(store, found)
    had = f", {known} of which it had already" if known else ""
    voice.answer(f"{store.endpoint} has {counted(len(found), 'statement')}{had}.")
    return Exit.DEMONSTRATED


def _statements(
    attempts: Sequence[Attempt], force: Force, home_page: str
) -> list[Mapping[str, Any]]:
    from runner import places
    from runner.listing import listing
    from runner.taxonomy import framework_name
    from runner.verbs_pages import occupation
    from runner.xapi import Source, statements

    titles = {one.code: one.title for one in listing(places.roots()).competencies}
    source = Source(home_page, framework_name(occupation()), titles)
    return list(statements(attempts, force, source))


def badge_told(file: Path, data: bytes, known: Mapping[str, PublicKey]) -> str | None:
    """A badge that holds, in words; Refused where it does not, None where it is no badge at all."""
    from runner import canonical, credential
    from runner.chain import Refused

    try:
        found = canonical.loads(data.removesuffix(b"\n"), exact=False)
    except canonical.NotCanonical:
        return None  # whoever reads bundles says what is wrong with it
    if not credential.is_one(found):
        return None
    if wrong := credential.fault(found, known):
        raise Refused(f"The badge {one_line(str(file))}: {wrong}.", remedy=_KEY)
    name = one_line(printable(str(found.get("name"))), 200)
    return (
        f"The badge {name!r} holds: issued by {credential.issuer(found)}. What was entered about"
        " its grading later stands in the ledger, not in this file."
    )


def _demonstrated(book: Book, who: str, code: str | None) -> tuple[list[Result], Force]:
    """What counts as demonstrated of the competencies that the framework has today."""
    from runner import places
    from runner.ledger import in_force
    from runner.listing import listing
    from runner.rules import roster
    from runner.transcript import State
    from runner.verbs_pages import transcripts_of

    known = {one.code for one in listing(places.roots()).competencies}
    if code and code not in known:
        lab_of(code)  # says what there is
    force = in_force(book.record.about(who, code), practice_counts=roster().practice_counts)
    (found,) = transcripts_of(book.record.attempts(who, code), force, who, code)
    # What has left the framework has no place there that a badge could name.
    done = [one for one in found.results if one.state is State.DEMONSTRATED and one.code in known]
    return done, force


def _issued(
    done: Sequence[Result], force: Force, holder: Holder, called: str, key: SigningKey
) -> dict[str, bytes]:
    """The badges by code, signed."""
    from runner import canonical
    from runner.badges import Issuer, badge
    from runner.credential import did, proven
    from runner.taxonomy import framework_name
    from runner.verbs_pages import occupation

    framework, now = framework_name(occupation()), datetime.now(UTC)
    by = Issuer(did(key.public), called)
    made = ((one.code, badge(one, force, holder, by, framework)) for one in done)
    return {code: canonical.dumps(proven(found, key, now)) + b"\n" for code, found in made if found}


def _holder(who: str, email: str | None, *, hashed: bool) -> Holder:
    import secrets

    from runner.badges import Holder

    if email is not None and not (_MAIL.fullmatch(email) and email.isprintable()):
        raise UsageError(
            f"--email {one_line(email, 80)!r} is no mail address.",
            remedy="An address such as ada@example.org was expected.",
        )
    salt = secrets.token_hex(16) if hashed else ""
    return Holder("emailAddress", email, salt) if email else Holder("userName", who, salt)


def _json(data: object) -> bytes:
    return (as_text(data) + "\n").encode("utf-8", "replace")
